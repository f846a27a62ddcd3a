"""SLA clocks.  What is due is found by a partial index: the cost follows what is due, not what is open."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table, and_, bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from bot.core.courses import Measure
from bot.core.ids import ContactRef, QueueId
from bot.core.sla import ClockState, SlaClock
from bot.store.bulk import batches, upsert
from bot.store.tables import ContactRow, SlaClockRow

BATCH = 500
_CLOCKS = select(SlaClockRow.__table__, ContactRow.ref).join(
    ContactRow, ContactRow.id == SlaClockRow.contact_id
)

ClockKey = tuple[Measure, int]
"""Measure and cycle: unique within a case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedClock:
    """One promise that was kept or broken; ``stopped_at`` None while it is broken and still open."""

    measure: Measure
    policy: str
    queue: QueueId
    started_at: datetime
    due_at: datetime
    stopped_at: datetime | None


class Clocks:
    def __init__(self, session: Session) -> None:
        self._session = session

    def of(self, refs: Collection[ContactRef]) -> dict[ContactRef, dict[ClockKey, SlaClock]]:
        """The clocks of these contacts, by measure and cycle; contacts without one are absent."""
        return self._of(refs, locked=False)

    def for_update(self, refs: Collection[ContactRef]) -> dict[ContactRef, dict[ClockKey, SlaClock]]:
        """As ``of``, locked until the end of the unit: nobody judges them meanwhile."""
        return self._of(refs, locked=True)

    def _of(
        self, refs: Collection[ContactRef], *, locked: bool
    ) -> dict[ContactRef, dict[ClockKey, SlaClock]]:
        found: dict[ContactRef, dict[ClockKey, SlaClock]] = {}
        for part in batches(sorted(refs), BATCH):
            query = _CLOCKS.where(ContactRow.ref.in_(part)).order_by(SlaClockRow.id)
            if locked:
                query = query.with_for_update(of=SlaClockRow)
            for row in self._session.execute(query):
                clock = _clock(row)
                found.setdefault(clock.ref, {})[clock.key] = clock
        return found

    def save(self, clocks: Iterable[SlaClock]) -> None:
        """Write clocks, new or known; their contacts must be there."""
        held = list(clocks)
        ids: dict[str, int] = {}
        for part in batches(sorted({c.ref for c in held}), BATCH):
            query = select(ContactRow.ref, ContactRow.id).where(ContactRow.ref.in_(part))
            ids.update((ref, key) for ref, key in self._session.execute(query))
        rows = (
            {
                "contact_id": ids[c.ref],
                "measure": c.measure.value,
                "cycle": c.cycle,
                "policy": c.policy,
                "started_at": c.started_at,
                "due_at": c.due_at,
                "state": c.state.value,
                "next_check_at": c.next_check_at,
                "warnings": [[fraction, at.isoformat()] for fraction, at in c.warnings],
                "warned": list(c.warned),
                "stopped_at": c.stopped_at,
                "paused_since": c.paused_since,
            }
            for c in held
        )
        upsert(self._session, SlaClockRow, rows, keys=("contact_id", "measure", "cycle"))

    def due(self, now: datetime, limit: int) -> list[SlaClock]:
        """Clocks with something to say, the earliest first."""
        query = (
            _CLOCKS.where(SlaClockRow.next_check_at <= now)
            .order_by(SlaClockRow.next_check_at, SlaClockRow.id)
            .limit(limit)
            .with_for_update(of=SlaClockRow, skip_locked=True)
        )
        return [_clock(row) for row in self._session.execute(query)]

    def claim(self, clock: SlaClock, judged: SlaClock) -> bool:
        """Put ``judged`` in the place of ``clock``; False where somebody else was faster."""
        contact = select(ContactRow.id).where(ContactRow.ref == clock.ref).scalar_subquery()
        moved = self._session.scalars(
            update(SlaClockRow)
            .where(
                SlaClockRow.contact_id == contact,
                SlaClockRow.measure == clock.measure.value,
                SlaClockRow.cycle == clock.cycle,
                SlaClockRow.next_check_at == clock.next_check_at,
                SlaClockRow.state == clock.state.value,
                SlaClockRow.due_at == clock.due_at,
            )
            .values(state=judged.state.value, next_check_at=judged.next_check_at, warned=list(judged.warned))
            .returning(SlaClockRow.id),
            execution_options={"synchronize_session": False},
        )
        return moved.one_or_none() is not None

    def judged(self, pairs: Sequence[tuple[SlaClock, SlaClock]]) -> None:
        """Put each second clock in the place of the first; ``due`` of this unit must have found them."""
        rows = [
            {
                "ref": clock.ref,
                "of_measure": clock.measure.value,
                "of_cycle": clock.cycle,
                "to_state": judged.state.value,
                "to_check": judged.next_check_at,
                "to_warned": list(judged.warned),
            }
            for clock, judged in pairs
        ]
        if not rows:
            return
        contact = select(ContactRow.id).where(ContactRow.ref == bindparam("ref")).scalar_subquery()
        table = SlaClockRow.__table__
        assert isinstance(table, Table)
        self._session.connection().execute(
            update(table)
            .where(
                table.c.contact_id == contact,
                table.c.measure == bindparam("of_measure"),
                table.c.cycle == bindparam("of_cycle"),
            )
            .values(
                state=bindparam("to_state"),
                next_check_at=bindparam("to_check"),
                warned=bindparam("to_warned"),
            ),
            rows,
        )

    def postpone(self, clock: SlaClock, until: datetime) -> None:
        """Look at a clock again later."""
        contact = select(ContactRow.id).where(ContactRow.ref == clock.ref).scalar_subquery()
        self._session.execute(
            update(SlaClockRow)
            .where(
                SlaClockRow.contact_id == contact,
                SlaClockRow.measure == clock.measure.value,
                SlaClockRow.cycle == clock.cycle,
            )
            .values(next_check_at=until),
            execution_options={"synchronize_session": False},
        )

    def judged_between(self, start: datetime, end: datetime, now: datetime) -> Iterator[JudgedClock]:
        """Promises that fell due in [start, end) or were stopped before: kept ones and broken ones.

        A clock still running or paused whose due time lies ahead of ``now`` is judged later.
        """
        broken = and_(SlaClockRow.stopped_at.is_(None), SlaClockRow.due_at < now)
        query = (
            select(
                SlaClockRow.measure,
                SlaClockRow.policy,
                SlaClockRow.started_at,
                SlaClockRow.due_at,
                SlaClockRow.stopped_at,
                ContactRow.queue,
            )
            .join(ContactRow, ContactRow.id == SlaClockRow.contact_id)
            .where(
                SlaClockRow.due_at >= start,
                SlaClockRow.due_at < end,
                SlaClockRow.state.not_in((ClockState.CANCELLED.value, ClockState.PAUSED.value)),
                or_(SlaClockRow.stopped_at.is_not(None), broken),
            )
            .execution_options(yield_per=5_000)
        )
        for row in self._session.execute(query):
            yield JudgedClock(
                measure=Measure(row.measure),
                policy=row.policy,
                queue=QueueId(row.queue),
                started_at=row.started_at,
                due_at=row.due_at,
                stopped_at=row.stopped_at,
            )

    def next_due(self) -> datetime | None:
        """When the next clock has something to say."""
        return self._session.scalar(
            select(func.min(SlaClockRow.next_check_at)).where(SlaClockRow.next_check_at.is_not(None))
        )


def _clock(row: Any) -> SlaClock:
    return SlaClock(
        ref=ContactRef(row.ref),
        measure=Measure(row.measure),
        cycle=row.cycle,
        policy=row.policy,
        started_at=row.started_at,
        due_at=row.due_at,
        state=ClockState(row.state),
        next_check_at=row.next_check_at,
        warnings=tuple((float(f), datetime.fromisoformat(at)) for f, at in row.warnings),
        warned=tuple(float(f) for f in row.warned),
        stopped_at=row.stopped_at,
        paused_since=row.paused_since,
    )
