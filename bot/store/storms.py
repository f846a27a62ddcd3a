"""Storms: groups of alerts told as one, and the lines of breaches they come from."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from bot.core.alert_messages import FoldedAlert
from bot.core.alerts import AlertState
from bot.core.ids import AlertId, QueueId, StormId, TeamId
from bot.core.messages import Recipient
from bot.core.storms import BreachLine, Recent, Storm
from bot.store.alerts import plain_told, told_of
from bot.store.bulk import insert_new
from bot.store.tables import BreachLineRow, FoldRow, StormRow


class Storms:
    def __init__(self, session: Session) -> None:
        self._session = session

    def lock_lines(self, wanted: Collection[tuple[TeamId, QueueId]]) -> list[BreachLine]:
        """What broke lately in these queues, locked until the end of the unit, in one order."""
        keys = sorted(wanted)
        rows: list[dict[str, Any]] = [
            {"team": team, "queue": queue, "recent": [], "storm_id": None, "last_at": None}
            for team, queue in keys
        ]
        insert_new(self._session, BreachLineRow, rows, keys=("team", "queue"), returning="team")
        query = select(BreachLineRow).order_by(BreachLineRow.team, BreachLineRow.queue)
        query = query.where(BreachLineRow.team.in_([t for t, _ in keys]))
        query = query.where(BreachLineRow.queue.in_([q for _, q in keys])).with_for_update()
        found = self._session.scalars(query.execution_options(populate_existing=True))
        return [_line(row) for row in found if (row.team, row.queue) in set(keys)]

    def save_lines(self, lines: Iterable[BreachLine]) -> None:
        """Write lines that this unit has locked."""
        for line in lines:
            self._session.execute(
                update(BreachLineRow)
                .where(BreachLineRow.team == line.team, BreachLineRow.queue == line.queue)
                .values(
                    recent=[[r.alert, r.at.isoformat()] for r in line.recent],
                    storm_id=line.storm,
                    last_at=line.last_at,
                ),
                execution_options={"synchronize_session": False},
            )

    def last_joined(self, storm: Storm) -> datetime | None:
        """When a breach joined the storm last; None where its queue has another one by now."""
        return self._session.scalar(
            select(BreachLineRow.last_at).where(
                BreachLineRow.team == storm.team,
                BreachLineRow.queue == storm.queue,
                BreachLineRow.storm_id == storm.storm,
            )
        )

    def open(self, team: TeamId, queue: QueueId, now: datetime) -> Storm:
        """A new storm, to be told at once."""
        number = self._session.scalar(
            insert(StormRow)
            .values(
                team=team,
                queue=queue,
                state=AlertState.OPEN.value,
                opened_at=now,
                step=-1,
                next_step_at=now,
                repeats=0,
                revision=0,
                counted=[0, 0],
                passed_over=[],
                told=[],
            )
            .returning(StormRow.id)
        )
        assert number is not None
        return Storm(
            storm=StormId(number),
            team=team,
            queue=queue,
            state=AlertState.OPEN,
            opened_at=now,
            next_step_at=now,
        )

    def live(self) -> list[Storm]:
        """Storms that are not over and that nobody else works on, locked until the end of the unit."""
        query = (
            select(StormRow)
            .where(StormRow.state != AlertState.RESOLVED.value)
            .order_by(StormRow.id)
            .with_for_update(skip_locked=True)
            .execution_options(populate_existing=True)
        )
        return [_storm(row) for row in self._session.scalars(query)]

    def any_live(self) -> bool:
        query = select(StormRow.id).where(StormRow.state != AlertState.RESOLVED.value).limit(1)
        return self._session.scalar(query) is not None

    def get(self, storm: StormId) -> Storm | None:
        row = self._session.get(StormRow, storm, populate_existing=True)
        return None if row is None else _storm(row)

    def lock(self, storm: StormId) -> Storm | None:
        """One storm, locked until the end of the unit."""
        query = select(StormRow).where(StormRow.id == storm).with_for_update()
        row = self._session.scalar(query.execution_options(populate_existing=True))
        return None if row is None else _storm(row)

    def save(self, storm: Storm) -> None:
        """Write a storm that this unit has locked."""
        self._session.execute(
            update(StormRow)
            .where(StormRow.id == storm.storm)
            .values(
                state=storm.state.value,
                step=storm.step,
                next_step_at=storm.next_step_at,
                repeats=storm.repeats,
                answered_by=storm.answered_by,
                answered_at=storm.answered_at,
                revision=storm.revision,
                counted=list(storm.counted),
                passed_over=list(storm.passed_over),
                told=[plain_told(t) for t in storm.told],
            ),
            execution_options={"synchronize_session": False},
        )


class Folds:
    """What goes beyond a reader's noise budget, and since when."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def lock(self, recipient: Recipient) -> tuple[datetime | None, int, int, list[FoldedAlert]]:
        """Since when, revision, how many, the oldest and the newest; locked until the end of the unit."""
        kind, name = recipient.kind.value, recipient.name
        rows: list[dict[str, Any]] = [
            {
                "recipient_kind": kind,
                "recipient": name,
                "began_at": None,
                "revision": 0,
                "count": 0,
                "alerts": [],
            }
        ]
        insert_new(self._session, FoldRow, rows, keys=("recipient_kind", "recipient"), returning="recipient")
        query = select(FoldRow).where(FoldRow.recipient_kind == kind, FoldRow.recipient == name)
        row = self._session.scalars(query.with_for_update().execution_options(populate_existing=True)).one()
        return row.began_at, row.revision, row.count, [_folded(a) for a in row.alerts]

    def save(
        self,
        recipient: Recipient,
        *,
        began_at: datetime,
        revision: int,
        count: int,
        alerts: Iterable[FoldedAlert],
    ) -> None:
        plain = [
            [a.alert, a.ref, a.queue, None if a.due_at is None else a.due_at.isoformat()] for a in alerts
        ]
        self._session.execute(
            update(FoldRow)
            .where(FoldRow.recipient_kind == recipient.kind.value, FoldRow.recipient == recipient.name)
            .values(began_at=began_at, revision=revision, count=count, alerts=plain),
            execution_options={"synchronize_session": False},
        )


def _line(row: BreachLineRow) -> BreachLine:
    return BreachLine(
        team=TeamId(row.team),
        queue=QueueId(row.queue),
        recent=tuple(Recent(alert=AlertId(a), at=datetime.fromisoformat(at)) for a, at in row.recent),
        storm=None if row.storm_id is None else StormId(row.storm_id),
        last_at=row.last_at,
    )


def _storm(row: StormRow) -> Storm:
    members, open_ = row.counted
    return Storm(
        storm=StormId(row.id),
        team=TeamId(row.team),
        queue=QueueId(row.queue),
        state=AlertState(row.state),
        opened_at=row.opened_at,
        step=row.step,
        next_step_at=row.next_step_at,
        repeats=row.repeats,
        answered_by=row.answered_by,
        answered_at=row.answered_at,
        revision=row.revision,
        counted=(members, open_),
        passed_over=tuple(row.passed_over),
        told=tuple(told_of(t) for t in row.told),
    )


def _folded(plain: list[Any]) -> FoldedAlert:
    alert, ref, queue, due = plain
    return FoldedAlert(
        alert=alert, ref=ref, queue=queue, due_at=None if due is None else datetime.fromisoformat(due)
    )
