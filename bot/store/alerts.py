"""Alerts: one per contact and measure, opened once, taken once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from bot.core.alerts import Alert, AlertKind, AlertState
from bot.core.courses import Measure
from bot.core.ids import AgentId, AlertId, ContactRef, QueueId, TeamId
from bot.store.bulk import batches, insert_new
from bot.store.tables import AlertRow, ContactRow

BATCH = 500


class Alerts:
    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, alert: AlertId) -> Alert | None:
        found = self._session.execute(_query().where(AlertRow.id == alert)).one_or_none()
        return None if found is None else _alert(*found)

    def of(self, ref: ContactRef, measure: Measure) -> Alert | None:
        query = _query().where(ContactRow.ref == ref, AlertRow.measure == measure.value)
        found = self._session.execute(query).one_or_none()
        return None if found is None else _alert(*found)

    def of_contacts(self, refs: Collection[ContactRef]) -> dict[tuple[ContactRef, Measure], Alert]:
        """Every alert of these contacts."""
        found: dict[tuple[ContactRef, Measure], Alert] = {}
        for part in batches(sorted(refs), BATCH):
            for row in self._session.execute(_query().where(ContactRow.ref.in_(part))):
                alert = _alert(*row)
                found[(alert.ref, alert.measure)] = alert
        return found

    def unresolved_of(self, refs: Collection[ContactRef]) -> list[Alert]:
        """Alerts of these contacts that are not over."""
        found: list[Alert] = []
        for part in batches(sorted(refs), BATCH):
            query = _query().where(ContactRow.ref.in_(part), AlertRow.state != AlertState.RESOLVED.value)
            found += [_alert(*row) for row in self._session.execute(query.order_by(AlertRow.id))]
        return found

    def open(
        self,
        *,
        kind: AlertKind,
        ref: ContactRef,
        queue: QueueId,
        team: TeamId,
        measure: Measure,
        opened_at: datetime,
        due_at: datetime,
        step: int,
        next_step_at: datetime | None,
    ) -> Alert:
        """Open the alert of a contact and measure.

        One that exists becomes this one: a warning that turns into a breach is open again, for whoever
        took the warning has not answered the customer.
        """
        values: dict[str, Any] = {
            "kind": kind.value,
            "queue": queue,
            "team": team,
            "state": AlertState.OPEN.value,
            "opened_at": opened_at,
            "due_at": due_at,
            "step": step,
            "next_step_at": next_step_at,
            "acknowledged_by": None,
            "acknowledged_at": None,
        }
        contact, owner = self._session.execute(
            select(ContactRow.id, ContactRow.agent).where(ContactRow.ref == ref)
        ).one()
        row = {"contact_id": contact, "measure": measure.value, **values}
        keys = ("contact_id", "measure")
        numbers = insert_new(self._session, AlertRow, [row], keys=keys, returning="id")
        if not numbers:
            changed = (
                update(AlertRow)
                .where(AlertRow.contact_id == contact, AlertRow.measure == measure.value)
                .values(**values)
                .returning(AlertRow.id)
            )
            options = {"synchronize_session": False}
            numbers = list(self._session.scalars(changed, execution_options=options))
        return Alert(
            alert=AlertId(numbers[0]),
            kind=kind,
            ref=ref,
            queue=queue,
            team=team,
            measure=measure,
            state=AlertState.OPEN,
            opened_at=opened_at,
            due_at=due_at,
            step=step,
            next_step_at=next_step_at,
            owner=None if owner is None else AgentId(owner),
        )

    def due_for_escalation(self, now: datetime, limit: int) -> list[Alert]:
        """Open alerts whose next step is due, the earliest first."""
        query = (
            _query()
            .where(AlertRow.next_step_at <= now, AlertRow.state == AlertState.OPEN.value)
            .order_by(AlertRow.next_step_at, AlertRow.id)
            .limit(limit)
            .with_for_update(of=AlertRow, skip_locked=True)
        )
        return [_alert(*found) for found in self._session.execute(query)]

    def claim_step(self, alert: Alert, *, step: int, next_step_at: datetime | None) -> bool:
        """Move an open alert to ``step``; False where it was taken, resolved or moved meanwhile."""
        return self._change(
            alert.alert,
            AlertRow.state == AlertState.OPEN.value,
            AlertRow.step == alert.step,
            AlertRow.next_step_at == alert.next_step_at,
            step=step,
            next_step_at=next_step_at,
        )

    def postpone(self, alert: Alert, until: datetime) -> None:
        """Look at an alert again later."""
        self._change(alert.alert, next_step_at=until)

    def acknowledge(self, alert: AlertId, *, actor: str, now: datetime) -> bool:
        """True for exactly one actor: the one who found the alert open."""
        return self._change(
            alert,
            AlertRow.state == AlertState.OPEN.value,
            state=AlertState.ACKNOWLEDGED.value,
            acknowledged_by=actor,
            acknowledged_at=now,
            next_step_at=None,
        )

    def resolve(self, alert: AlertId) -> bool:
        """The contact was answered or solved; False where the alert was over before."""
        return self._change(
            alert,
            AlertRow.state != AlertState.RESOLVED.value,
            state=AlertState.RESOLVED.value,
            next_step_at=None,
        )

    def open_count(self, queues: Collection[QueueId] | None = None) -> int:
        query = select(func.count()).where(AlertRow.state == AlertState.OPEN.value)
        if queues is not None:
            query = query.where(AlertRow.queue.in_(sorted(queues)))
        return self._session.scalar(query) or 0

    def next_due(self) -> datetime | None:
        """When the next escalation step is due."""
        return self._session.scalar(
            select(func.min(AlertRow.next_step_at)).where(AlertRow.next_step_at.is_not(None))
        )

    def _change(self, alert: AlertId, *conditions: Any, **values: Any) -> bool:
        changed = self._session.scalars(
            update(AlertRow).where(AlertRow.id == alert, *conditions).values(**values).returning(AlertRow.id),
            execution_options={"synchronize_session": False},
        )
        return changed.one_or_none() is not None


def _query() -> Select[AlertRow, str, str | None]:
    query = select(AlertRow, ContactRow.ref, ContactRow.agent).join(
        ContactRow, ContactRow.id == AlertRow.contact_id
    )
    return query.execution_options(populate_existing=True)


def _alert(row: AlertRow, ref: str, owner: str | None) -> Alert:
    return Alert(
        alert=AlertId(row.id),
        kind=AlertKind(row.kind),
        ref=ContactRef(ref),
        queue=QueueId(row.queue),
        team=TeamId(row.team),
        measure=Measure(row.measure),
        state=AlertState(row.state),
        opened_at=row.opened_at,
        due_at=row.due_at,
        step=row.step,
        next_step_at=row.next_step_at,
        acknowledged_by=row.acknowledged_by,
        acknowledged_at=row.acknowledged_at,
        owner=None if owner is None else AgentId(owner),
    )
