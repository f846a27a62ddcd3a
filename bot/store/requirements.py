"""The staffing requirement per queue and interval; only the latest is kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from bot.core.ids import QueueId
from bot.core.requirements import RequirementInterval
from bot.store.bulk import upsert
from bot.store.tables import RequirementRow


class Requirements:
    def __init__(self, session: Session) -> None:
        self._session = session

    def between(self, queue: QueueId, start: datetime, end: datetime) -> list[RequirementInterval]:
        """Intervals that begin in [start, end), in order."""
        query = (
            select(RequirementRow)
            .where(RequirementRow.queue == queue, RequirementRow.start >= start, RequirementRow.start < end)
            .order_by(RequirementRow.start)
        )
        return [_interval(row) for row in self._session.scalars(query)]

    def at(self, queue: QueueId, instant: datetime) -> RequirementInterval | None:
        """The interval that contains an instant."""
        row = self._session.scalar(
            select(RequirementRow)
            .where(RequirementRow.queue == queue, RequirementRow.start <= instant)
            .order_by(RequirementRow.start.desc())
            .limit(1)
        )
        if row is None:
            return None
        found = _interval(row)
        return found if instant < found.end else None

    def made_at(self, queue: QueueId, start: datetime, end: datetime) -> datetime | None:
        """When the requirement of these intervals was made; None where there is none."""
        return self._session.scalar(
            select(func.max(RequirementRow.made_at)).where(
                RequirementRow.queue == queue, RequirementRow.start >= start, RequirementRow.start < end
            )
        )

    def replace(
        self,
        queue: QueueId,
        start: datetime,
        end: datetime,
        intervals: Sequence[RequirementInterval],
        *,
        made_at: datetime,
        forecast: int | None,
    ) -> None:
        """Put ``intervals`` in the place of whatever stood in [start, end)."""
        self._session.execute(
            delete(RequirementRow).where(
                RequirementRow.queue == queue, RequirementRow.start >= start, RequirementRow.start < end
            )
        )
        upsert(
            self._session,
            RequirementRow,
            (
                {
                    "queue": i.queue,
                    "start": i.start,
                    "interval_seconds": int(i.interval.total_seconds()),
                    "base_agents": i.base_agents,
                    "scheduled_agents": i.scheduled_agents,
                    "shrinkage": i.shrinkage,
                    "made_at": made_at,
                    "forecast_id": forecast,
                }
                for i in intervals
            ),
            keys=("queue", "start"),
        )


def _interval(row: RequirementRow) -> RequirementInterval:
    return RequirementInterval(
        queue=QueueId(row.queue),
        start=row.start,
        interval=timedelta(seconds=row.interval_seconds),
        base_agents=row.base_agents,
        scheduled_agents=row.scheduled_agents,
        shrinkage=row.shrinkage,
        forecast=row.forecast_id,
    )
