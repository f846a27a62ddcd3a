"""What the board counts: open cases by queue, stage and promise, each in a few statements."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session

from bot.core.board import SOON, PromiseLine, QueueLine, Stage, StageLine
from bot.core.contacts import ContactStatus, WaitingFor
from bot.core.courses import Measure
from bot.core.ids import QueueId
from bot.core.sla import ClockState
from bot.store.tables import ContactRow, SlaClockRow

OPEN = tuple(s.value for s in (ContactStatus.NEW, ContactStatus.RESPONDED, ContactStatus.PENDING))
_UNANSWERED = ContactRow.responded_at.is_(None)


class BoardCounts:
    def __init__(self, session: Session) -> None:
        self._session = session

    def queues(self, queues: Collection[QueueId], now: datetime) -> list[QueueLine]:
        """A line for each queue, in the order given."""
        query = (
            select(
                ContactRow.queue,
                func.count(),
                func.sum(case((_UNANSWERED, 1), else_=0)),
                func.min(case((_UNANSWERED, None), else_=ContactRow.opened_at)),
            )
            .where(*_open(queues))
            .group_by(ContactRow.queue)
        )
        counted = {queue: (total, new or 0, oldest) for queue, total, new, oldest in self._rows(query)}
        late = dict(
            self._rows(
                select(ContactRow.queue, func.count())
                .join(SlaClockRow, SlaClockRow.contact_id == ContactRow.id)
                .where(
                    *_open(queues),
                    SlaClockRow.measure == Measure.FIRST_RESPONSE.value,
                    SlaClockRow.stopped_at.is_(None),
                    SlaClockRow.due_at < now,
                )
                .group_by(ContactRow.queue)
            )
        )
        lines = []
        for queue in queues:
            total, new, oldest = counted.get(queue, (0, 0, None))
            worked = total - new
            lines.append(
                QueueLine(
                    queue=queue,
                    pending=total,
                    unanswered=new,
                    late=late.get(queue, 0),
                    in_resolution=worked,
                    median_age=self._median_age(queue, worked, now),
                    oldest_age=None if oldest is None else (now - oldest).total_seconds(),
                )
            )
        return lines

    def stages(self, queues: Collection[QueueId]) -> list[StageLine]:
        """A line for each stage.  A wait counts from the moment the case's resolution stood still."""
        stage = case(
            (
                and_(
                    ContactRow.status == ContactStatus.PENDING.value,
                    ContactRow.waiting_for == WaitingFor.CUSTOMER.value,
                ),
                Stage.CUSTOMER.value,
            ),
            (
                or_(
                    ContactRow.department.is_not(None),
                    ContactRow.blocked_by.is_not(None),
                    ContactRow.status == ContactStatus.PENDING.value,
                ),
                Stage.DEPARTMENT.value,
            ),
            (_UNANSWERED, Stage.NEW.value),
            else_=Stage.IN_WORK.value,
        ).label("stage")
        since = func.coalesce(ContactRow.responded_at, ContactRow.opened_at)
        query = select(stage, func.count(), func.min(since)).where(*_open(queues)).group_by(stage)
        found = {Stage(name): (count, oldest) for name, count, oldest in self._rows(query)}
        paused = self._session.scalar(
            select(func.min(SlaClockRow.paused_since))
            .join(ContactRow, ContactRow.id == SlaClockRow.contact_id)
            .where(*_open(queues), SlaClockRow.paused_since.is_not(None), SlaClockRow.stopped_at.is_(None))
        )
        lines = []
        for one in Stage:
            count, oldest = found.get(one, (0, None))
            if one is Stage.CUSTOMER and paused is not None:
                oldest = paused
            lines.append(StageLine(stage=one, cases=count, oldest_at=oldest))
        return lines

    def promises(self, queues: Collection[QueueId], now: datetime) -> list[PromiseLine]:
        """A line for each measure with a clock that has not ended."""
        paused = SlaClockRow.state == ClockState.PAUSED.value
        overdue = and_(~paused, SlaClockRow.due_at < now)
        soon = and_(~paused, SlaClockRow.due_at >= now, SlaClockRow.due_at < now + SOON)
        query = (
            select(
                SlaClockRow.measure,
                func.sum(case((paused, 0), else_=1)),
                func.sum(case((overdue, 1), else_=0)),
                func.sum(case((soon, 1), else_=0)),
                func.sum(case((paused, 1), else_=0)),
            )
            .join(ContactRow, ContactRow.id == SlaClockRow.contact_id)
            .where(*_open(queues), SlaClockRow.stopped_at.is_(None))
            .group_by(SlaClockRow.measure)
        )
        found = {
            Measure(measure): PromiseLine(
                measure=Measure(measure), running=running, overdue=late, soon=near, paused=still
            )
            for measure, running, late, near, still in self._rows(query)
        }
        return [found[measure] for measure in Measure if measure in found]

    def _median_age(self, queue: QueueId, count: int, now: datetime) -> float | None:
        """Of the cases answered and not solved; the older of the middle two."""
        if not count:
            return None
        opened = self._session.scalar(
            select(ContactRow.opened_at)
            .where(*_open([queue]), ContactRow.responded_at.is_not(None))
            .order_by(ContactRow.opened_at)
            .offset((count - 1) // 2)
            .limit(1)
        )
        return None if opened is None else (now - opened).total_seconds()

    def _rows(self, query: Any) -> list[Any]:
        return [tuple(row) for row in self._session.execute(query)]


def _open(queues: Collection[QueueId]) -> tuple[ColumnElement[bool], ...]:
    return (ContactRow.queue.in_(sorted(queues)), ContactRow.status.in_(OPEN))
