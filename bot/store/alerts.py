"""Alerts: one per contact, opened once, taken once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Table, bindparam, case, func, select, update
from sqlalchemy.orm import Session

from bot.core.alerts import UNANSWERED, Alert, AlertState, Concern, ConcernKind, Ending, Told
from bot.core.courses import Measure
from bot.core.ids import AgentId, AlertId, ContactRef, QueueId, StormId, TeamId
from bot.core.messages import Recipient, RecipientKind
from bot.store.bulk import batches, insert_fresh
from bot.store.tables import AlertRow, ContactRow

BATCH = 500


class Alerts:
    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, alert: AlertId) -> Alert | None:
        found = self._session.execute(_query().where(AlertRow.id == alert)).one_or_none()
        return None if found is None else _alert(*found)

    def of(self, ref: ContactRef) -> Alert | None:
        """The alert of a case; None where it never had one."""
        return self._of([ref], locked=False).get(ref)

    def for_update(self, refs: Collection[ContactRef]) -> dict[ContactRef, Alert]:
        """The alerts of these cases that have one, locked until the end of the unit, in one order."""
        return self._of(refs, locked=True)

    def lock(self, alert: AlertId) -> Alert | None:
        """One alert, locked until the end of the unit."""
        query = _query().where(AlertRow.id == alert).with_for_update(of=AlertRow)
        found = self._session.execute(query).one_or_none()
        return None if found is None else _alert(*found)

    def lock_free(self, alerts: Collection[AlertId]) -> list[Alert]:
        """Those of these alerts that nobody else works on, locked until the end of the unit."""
        query = _query().where(AlertRow.id.in_(sorted(alerts))).order_by(AlertRow.id)
        found = self._session.execute(query.with_for_update(of=AlertRow, skip_locked=True))
        return [_alert(*row) for row in found]

    def members(self, storm: StormId) -> list[tuple[Alert, str, str]]:
        """The alerts of a storm that are not over, with priority and type of their cases."""
        query = (
            _query()
            .add_columns(ContactRow.priority, ContactRow.type)
            .where(AlertRow.storm_id == storm, AlertRow.state != AlertState.RESOLVED.value)
            .order_by(AlertRow.id)
        )
        return [(_alert(row, ref, agent), p, t) for row, ref, agent, p, t in self._session.execute(query)]

    def member_counts(self, storms: Collection[StormId]) -> dict[StormId, tuple[int, int, int]]:
        """Members of each storm, those not over, and of these those nobody has."""
        over, free = AlertState.RESOLVED.value, [s.value for s in UNANSWERED]
        query = (
            select(
                AlertRow.storm_id,
                func.count(),
                func.sum(case((AlertRow.state != over, 1), else_=0)),
                func.sum(case((AlertRow.state.in_(free), 1), else_=0)),
            )
            .where(AlertRow.storm_id.in_(sorted(storms)))
            .group_by(AlertRow.storm_id)
        )
        return {StormId(s): (n, o, f) for s, n, o, f in self._session.execute(query) if s is not None}

    def take_members(self, storm: StormId, *, by: str, at: datetime) -> list[AlertId]:
        """Everything of a storm that nobody has is this person's; returns the alerts."""
        taken = self._session.scalars(
            update(AlertRow)
            .where(AlertRow.storm_id == storm, AlertRow.state.in_([s.value for s in UNANSWERED]))
            .values(
                state=AlertState.ACKNOWLEDGED.value,
                answered_by=by,
                answered_at=at,
                snoozed_until=None,
                next_step_at=None,
                revision=AlertRow.revision + 1,
            )
            .returning(AlertRow.id),
            execution_options={"synchronize_session": False},
        )
        return [AlertId(number) for number in taken]

    def add(self, alerts: Sequence[Alert]) -> dict[ContactRef, Alert]:
        """Store new alerts; returns them with their numbers.

        A case that is missing from the answer was given its alert by somebody else meanwhile.
        """
        keys: dict[str, tuple[int, str | None]] = {}
        for part in batches(sorted({a.ref for a in alerts}), BATCH):
            query = select(ContactRow.ref, ContactRow.id, ContactRow.agent).where(ContactRow.ref.in_(part))
            keys |= {ref: (key, agent) for ref, key, agent in self._session.execute(query)}
        held = {keys[a.ref][0]: a for a in alerts if a.ref in keys}
        rows = [{"contact_id": key, **_values(held[key])} for key in sorted(held)]
        numbers = insert_fresh(
            self._session, AlertRow, rows, keys=("contact_id",), returning=("contact_id", "id")
        )
        found: dict[ContactRef, Alert] = {}
        for key, number in numbers:
            alert = held[key]
            agent = keys[alert.ref][1]
            owner = None if agent is None else AgentId(agent)
            found[alert.ref] = replace(alert, alert=AlertId(number), owner=owner)
        return found

    def save(self, alerts: Iterable[Alert]) -> None:
        """Write alerts that this unit has locked."""
        rows = [{"key": a.alert, **_values(a)} for a in alerts]
        if not rows:
            return
        table = AlertRow.__table__
        assert isinstance(table, Table)
        statement = update(table).where(table.c.id == bindparam("key"))
        self._session.connection().execute(
            statement.values({name: bindparam(name) for name in rows[0] if name != "key"}), rows
        )

    def due(self, now: datetime, limit: int) -> list[Alert]:
        """Alerts with something to be done that nobody has taken, the earliest first, locked."""
        query = (
            _query()
            .where(AlertRow.next_step_at <= now, AlertRow.state.in_([s.value for s in UNANSWERED]))
            .order_by(AlertRow.next_step_at, AlertRow.id)
            .limit(limit)
            .with_for_update(of=AlertRow, skip_locked=True)
        )
        return [_alert(*found) for found in self._session.execute(query)]

    def postpone(self, alert: Alert, until: datetime) -> None:
        """Look at an alert again later."""
        self._change(alert.alert, next_step_at=until)

    def open_count(self, queues: Collection[QueueId] | None = None) -> int:
        query = select(func.count()).where(AlertRow.state == AlertState.OPEN.value)
        if queues is not None:
            query = query.where(AlertRow.queue.in_(sorted(queues)))
        return self._session.scalar(query) or 0

    def next_due(self) -> datetime | None:
        """When something is next to be done."""
        return self._session.scalar(
            select(func.min(AlertRow.next_step_at)).where(AlertRow.next_step_at.is_not(None))
        )

    def _of(self, refs: Collection[ContactRef], *, locked: bool) -> dict[ContactRef, Alert]:
        found: dict[ContactRef, Alert] = {}
        for part in batches(sorted(refs), BATCH):
            query = _query().where(ContactRow.ref.in_(part)).order_by(ContactRow.ref)
            if locked:
                query = query.with_for_update(of=AlertRow)
            for row in self._session.execute(query):
                alert = _alert(*row)
                found[alert.ref] = alert
        return found

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
        ref=ContactRef(ref),
        queue=QueueId(row.queue),
        team=TeamId(row.team),
        state=AlertState(row.state),
        concerns=tuple(_concern(c) for c in row.concerns),
        opened_at=row.opened_at,
        posted_at=row.posted_at,
        step=row.step,
        next_step_at=row.next_step_at,
        repeats=row.repeats,
        answered_by=row.answered_by,
        answered_at=row.answered_at,
        snoozed_until=row.snoozed_until,
        posts=row.posts,
        revision=row.revision,
        storm=None if row.storm_id is None else StormId(row.storm_id),
        passed_over=tuple(row.passed_over),
        told=tuple(told_of(t) for t in row.told),
        owner=None if owner is None else AgentId(owner),
    )


def _values(alert: Alert) -> dict[str, Any]:
    return {
        "queue": alert.queue,
        "team": alert.team,
        "state": alert.state.value,
        "concerns": [_plain_concern(c) for c in alert.concerns],
        "opened_at": alert.opened_at,
        "posted_at": alert.posted_at,
        "step": alert.step,
        "next_step_at": alert.next_step_at,
        "repeats": alert.repeats,
        "answered_by": alert.answered_by,
        "answered_at": alert.answered_at,
        "snoozed_until": alert.snoozed_until,
        "posts": alert.posts,
        "revision": alert.revision,
        "storm_id": alert.storm,
        "passed_over": list(alert.passed_over),
        "told": [plain_told(t) for t in alert.told],
    }


def _plain_concern(concern: Concern) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "kind": concern.kind.value,
        "key": concern.key,
        "since": concern.since.isoformat(),
        "measure": None if concern.measure is None else concern.measure.value,
        "due_at": _text(concern.due_at),
        "fraction": concern.fraction,
        "over_at": _text(concern.over_at),
        "over_by": concern.over_by,
        "ending": None if concern.ending is None else concern.ending.value,
        "excused": concern.excused,
        "noticed_at": _text(concern.noticed_at),
    }
    return {name: value for name, value in plain.items() if value is not None}


def _concern(plain: Mapping[str, Any]) -> Concern:
    measure = plain.get("measure")
    return Concern(
        kind=ConcernKind(plain["kind"]),
        key=plain["key"],
        since=datetime.fromisoformat(plain["since"]),
        measure=None if measure is None else Measure(measure),
        due_at=_instant(plain.get("due_at")),
        fraction=plain.get("fraction"),
        over_at=_instant(plain.get("over_at")),
        over_by=plain.get("over_by"),
        ending=None if plain.get("ending") is None else Ending(plain["ending"]),
        excused=plain.get("excused"),
        noticed_at=_instant(plain.get("noticed_at")),
    )


def plain_told(told: Told) -> dict[str, Any]:
    recipient = told.recipient
    return {
        "level": told.level,
        "kind": recipient.kind.value,
        "name": recipient.name,
        "team": recipient.team,
        "at": told.at.isoformat(),
        "step": told.step,
    }


def told_of(plain: Mapping[str, Any]) -> Told:
    kind = RecipientKind(plain["kind"])
    return Told(
        level=plain["level"],
        recipient=Recipient(kind=kind, name=plain["name"], team=plain["team"]),
        at=datetime.fromisoformat(plain["at"]),
        step=plain.get("step", 0),
    )


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
