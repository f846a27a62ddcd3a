"""What a week asks of its queues: the loads behind every question about staffing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.core.errors import RefusedError
from bot.core.ids import QueueId
from bot.core.queues import check_queue
from bot.core.settings import Settings
from bot.store.unit_of_work import ReadUnit, Store
from bot.usecases.promised_work import with_promises
from bot.usecases.workloads import QueueLoad, grid_of, loads
from forecasting.grid import IntervalGrid
from scheduler.roster.roster import RosterPeriod

__all__ = ["WeekLoads", "week_loads", "week_loads_within"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WeekLoads:
    """``missing``: queues without a forecast of these days.  ``agents``: people with the skill, by queue;
    None before anybody with a skill is imported."""

    period: RosterPeriod
    grid: IntervalGrid
    found: tuple[QueueLoad, ...]
    missing: tuple[QueueId, ...]
    agents: Mapping[QueueId, int] | None

    def agents_for(self, queue: QueueId) -> int | None:
        """People with the skill of a queue; None before anybody with a skill is imported."""
        return None if self.agents is None else self.agents.get(queue, 0)


def week_loads(
    store: Store, settings: Settings, *, queues: Sequence[QueueId] | None, first: date, days: int
) -> WeekLoads:
    """The loads of ``days`` local days from ``first``, with what is promised for them; of all queues where
    none are named.

    Raises RefusedError for an unknown queue, and where no queue has a forecast that covers the days.
    """
    with store.read() as uow:
        return week_loads_within(uow, settings, queues=queues, first=first, days=days)


def week_loads_within(
    uow: ReadUnit, settings: Settings, *, queues: Sequence[QueueId] | None, first: date, days: int
) -> WeekLoads:
    """As ``week_loads``, inside a unit of work that is already open."""
    period = RosterPeriod(first=first, days=days, zone=settings.zone)
    grid = grid_of(settings, period)
    wanted = list(settings.queues) if queues is None else list(queues)
    for queue in wanted:
        check_queue(queue, settings.queues)
    forecast, missing = loads(uow, settings, grid, wanted)
    found = with_promises(uow, forecast)
    people = uow.people.all()
    if not found:
        raise RefusedError(
            "no_forecast",
            f"No forecast covers {first} to {period.dates[-1]}; nothing was staffed. First: muster forecast.",
            first=first.isoformat(),
            last=period.dates[-1].isoformat(),
        )
    return WeekLoads(
        period=period,
        grid=grid,
        found=tuple(found),
        missing=tuple(missing),
        agents=None
        if not any(agent.skills for agent in people)
        else {load.queue.queue: sum(load.queue.skill in agent.skills for agent in people) for load in found},
    )
