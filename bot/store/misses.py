"""Broken promises, each with its cause where somebody named one."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from bot.core.causes import Miss, NamedCause
from bot.core.courses import Measure
from bot.core.ids import AgentId, ContactRef, QueueId
from bot.core.sla import ClockState
from bot.store.bulk import upsert
from bot.store.contacts import in_queues
from bot.store.tables import ContactRow, MissCauseRow, SlaClockRow

__all__ = ["Misses"]


class Misses:
    def __init__(self, session: Session) -> None:
        self._session = session

    def between(
        self, queues: Collection[QueueId], start: datetime, end: datetime, now: datetime
    ) -> list[Miss]:
        """Promises of these queues that fell due in [start, end) and are broken at ``now``, the first first.

        Judged as `Clocks.judged_between` judges.
        """
        due = and_(SlaClockRow.due_at >= start, SlaClockRow.due_at < end, in_queues(queues))
        return self._found(due, now)

    def of_case(self, ref: ContactRef, now: datetime) -> list[Miss]:
        """Every broken promise of a case; empty for a case nobody knows."""
        return self._found(ContactRow.ref == ref, now)

    def judged(
        self, queues: Collection[QueueId], start: datetime, end: datetime
    ) -> tuple[int, datetime | None]:
        """How many promises of these queues fell due in [start, end) and are judged, and the first time."""
        over = or_(SlaClockRow.stopped_at.is_not(None), SlaClockRow.due_at < end)
        query = (
            select(func.count(), func.min(SlaClockRow.due_at))
            .join(ContactRow, ContactRow.id == SlaClockRow.contact_id)
            .where(
                SlaClockRow.due_at >= start,
                SlaClockRow.due_at < end,
                in_queues(queues),
                _JUDGED,
                over,
            )
        )
        count, first = self._session.execute(query).one()
        return count, first

    def name(self, misses: Iterable[Miss], named: NamedCause) -> None:
        """Give them all the one cause, in the place of what stood there."""
        held = list(misses)
        refs = {miss.ref for miss in held}
        keys = dict(
            self._session.execute(select(ContactRow.ref, ContactRow.id).where(ContactRow.ref.in_(refs))).all()
        )
        rows = (
            {
                "contact_id": keys[miss.ref],
                "measure": miss.measure.value,
                "cycle": miss.cycle,
                "cause": named.cause,
                "note": named.note,
                "named_by": named.by,
                "named_at": named.at,
            }
            for miss in held
        )
        upsert(self._session, MissCauseRow, rows, keys=("contact_id", "measure", "cycle"))

    def _found(self, where: ColumnElement[bool], now: datetime) -> list[Miss]:
        broken = or_(
            and_(SlaClockRow.stopped_at.is_(None), SlaClockRow.due_at < now),
            SlaClockRow.stopped_at > SlaClockRow.due_at,
        )
        query = _MISSES.where(where, _JUDGED, broken).order_by(SlaClockRow.due_at, SlaClockRow.id)
        return [_miss(row) for row in self._session.execute(query)]


_JUDGED: Final = SlaClockRow.state.not_in((ClockState.CANCELLED.value, ClockState.PAUSED.value))
_MISSES: Final = (
    select(
        ContactRow.ref,
        ContactRow.queue,
        ContactRow.type,
        ContactRow.agent,
        SlaClockRow.measure,
        SlaClockRow.cycle,
        SlaClockRow.due_at,
        SlaClockRow.stopped_at,
        MissCauseRow.cause,
        MissCauseRow.note,
        MissCauseRow.named_by,
        MissCauseRow.named_at,
    )
    .join(ContactRow, ContactRow.id == SlaClockRow.contact_id)
    .outerjoin(
        MissCauseRow,
        and_(
            MissCauseRow.contact_id == SlaClockRow.contact_id,
            MissCauseRow.measure == SlaClockRow.measure,
            MissCauseRow.cycle == SlaClockRow.cycle,
        ),
    )
)


def _miss(row: Any) -> Miss:
    named = row.cause and NamedCause(cause=row.cause, note=row.note, by=row.named_by, at=row.named_at)
    return Miss(
        ref=ContactRef(row.ref),
        measure=Measure(row.measure),
        cycle=row.cycle,
        queue=QueueId(row.queue),
        type=row.type,
        owner=None if row.agent is None else AgentId(row.agent),
        due_at=row.due_at,
        stopped_at=row.stopped_at,
        named=named or None,
    )
