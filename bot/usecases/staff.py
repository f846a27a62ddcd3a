"""Turn the newest forecasts into the staffing requirement, and store it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.core.errors import RefusedError
from bot.core.ids import QueueId
from bot.core.requirements import RequirementInterval
from bot.core.settings import Settings
from bot.store.unit_of_work import Store
from bot.usecases.week_loads import WeekLoads, week_loads
from bot.usecases.workloads import QueueLoad, assurance_of
from forecasting.grid import IntervalGrid
from scheduler.staffing.explanation import StaffingExplanation
from scheduler.staffing.explanation import explain as explain_interval
from scheduler.staffing.requirement import Requirement, requirement

__all__ = ["QueueStaffing", "StaffingMade", "explain", "make", "staffed"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class QueueStaffing:
    """One queue's requirement and what it was made from.  ``agents``: people with the skill."""

    load: QueueLoad
    requirement: Requirement
    agents: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StaffingMade:
    """``missing``: queues without a forecast of these days; nothing was stored for them."""

    grid: IntervalGrid
    queues: tuple[QueueStaffing, ...]
    missing: tuple[QueueId, ...]


def make(
    store: Store,
    settings: Settings,
    *,
    queues: Sequence[QueueId] | None = None,
    first: date,
    days: int,
    now: datetime,
) -> StaffingMade:
    """Staff ``days`` local days from ``first`` and replace the stored requirement of these days.

    Raises RefusedError for an unknown queue, and where no queue has a forecast that covers the days.
    """
    week = week_loads(store, settings, queues=queues, first=first, days=days)
    grid, made = week.grid, staffed(week, settings)
    with store.unit() as uow:
        for staffing in made:
            uow.requirements.replace(
                staffing.load.queue.queue,
                grid.start,
                grid.end,
                _intervals(staffing.requirement, staffing.load.queue.queue),
                made_at=now,
                forecast=staffing.load.stored.id,
            )
        uow.commit()
    return StaffingMade(grid=grid, queues=made, missing=week.missing)


def staffed(week: WeekLoads, settings: Settings) -> tuple[QueueStaffing, ...]:
    """The requirement of every load of a week; nothing is stored."""
    made = []
    for load in week.found:
        skilled = week.agents_for(load.queue.queue)
        made.append(
            QueueStaffing(
                load=load,
                requirement=requirement(
                    load.workload,
                    load.target,
                    settings.staffing.shrinkage,
                    assurance=assurance_of(load, settings.staffing.probability),
                    minimum_agents=settings.staffing.minimum_agents,
                    max_agents=skilled,
                ),
                agents=skilled or 0,
            )
        )
    return tuple(made)


def explain(
    store: Store, settings: Settings, *, queue: QueueId, first: date, days: int, at: datetime
) -> StaffingExplanation:
    """The arithmetic of the interval that contains ``at`` (aware).

    Raises RefusedError where no forecast covers the days, or ``at`` is outside of them.
    """
    week = week_loads(store, settings, queues=[queue], first=first, days=days)
    grid, load = week.grid, week.found[0]
    if not grid.start <= at < grid.end:
        local = at.astimezone(ZoneInfo(settings.zone))
        raise RefusedError(
            "outside_period",
            f"{local:%Y-%m-%d %H:%M} is not between {first} and {week.period.dates[-1]}.",
            moment=f"{local:%Y-%m-%d %H:%M}",
            first=first.isoformat(),
            last=week.period.dates[-1].isoformat(),
        )
    return explain_interval(
        load.workload,
        load.target,
        settings.staffing.shrinkage,
        grid.index_of(at),
        assurance=assurance_of(load, settings.staffing.probability),
        minimum_agents=settings.staffing.minimum_agents,
        max_agents=week.agents_for(queue),
    )


def _intervals(made: Requirement, queue: QueueId) -> list[RequirementInterval]:
    grid = made.grid
    return [
        RequirementInterval(
            queue=queue,
            start=start,
            interval=grid.interval,
            base_agents=int(made.base_agents[i]),
            scheduled_agents=int(made.scheduled_agents[i]),
            shrinkage=float(made.shrinkage[i]),
        )
        for i, start in enumerate(grid.starts())
    ]
