"""From a queue and its forecast to the workload the scheduler staffs for and plays against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from bot.core.errors import RefusedError
from bot.core.ids import QueueId
from bot.core.queues import Channel, Queue
from bot.core.settings import Settings
from bot.store.forecasts import StoredForecast
from bot.store.unit_of_work import ReadUnit
from forecasting.grid import IntervalGrid
from scheduler.queueing.targets import ServiceTarget, WorkKind
from scheduler.roster.roster import RosterPeriod
from scheduler.staffing.workload import Workload

__all__ = ["KINDS", "QueueLoad", "grid_of", "load_of", "loads"]

KINDS: Mapping[Channel, WorkKind] = {
    Channel.PHONE: WorkKind.LIVE,
    Channel.CHAT: WorkKind.CONCURRENT,
    Channel.APP: WorkKind.CONCURRENT,
    Channel.EMAIL: WorkKind.DEFERRABLE,
    Channel.WEB: WorkKind.DEFERRABLE,
    Channel.SOCIAL: WorkKind.DEFERRABLE,
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class QueueLoad:
    """A queue through a period: what is expected and what was promised."""

    queue: Queue
    workload: Workload
    target: ServiceTarget
    stored: StoredForecast


def grid_of(settings: Settings, period: RosterPeriod) -> IntervalGrid:
    """The planning grid of a period."""
    return IntervalGrid.for_days(
        first=period.first, days=period.days, interval=settings.staffing.interval, zone=period.zone
    )


def loads(
    uow: ReadUnit, settings: Settings, grid: IntervalGrid, queues: list[QueueId]
) -> tuple[list[QueueLoad], list[QueueId]]:
    """The loads of the queues whose newest forecast covers the grid, and the queues that have none."""
    found, missing = [], []
    for queue in queues:
        stored = uow.forecasts.latest_stored(queue, grid.start, grid.end)
        if stored is None:
            missing.append(queue)
        else:
            found.append(load_of(settings, queue, stored, grid))
    return found, missing


def load_of(settings: Settings, name: QueueId, stored: StoredForecast, grid: IntervalGrid) -> QueueLoad:
    """Raises RefusedError where the forecast is on other intervals than the grid."""
    queue = settings.queues[name]
    forecast = stored.forecast
    if forecast.grid.start != grid.start or forecast.grid.interval != grid.interval:
        raise RefusedError(
            "forecast_interval",
            f"The forecast of {name!r} has intervals of {_minutes(forecast.grid.interval)} minutes, planning "
            f"{_minutes(grid.interval)}; nothing was staffed. Run muster forecast again.",
            queue=name,
            forecast=_minutes(forecast.grid.interval),
            planning=_minutes(grid.interval),
        )
    kind = KINDS[queue.channel]
    workload = Workload(
        queue=name,
        skill=queue.skill,
        kind=kind,
        grid=grid,
        contacts=np.where(forecast.open, forecast.mean, 0.0)
        if kind is not WorkKind.DEFERRABLE
        else forecast.mean,
        aht_seconds=forecast.aht_seconds,
        open=forecast.open,
        patience_seconds=None if kind is WorkKind.DEFERRABLE else queue.patience_seconds,
        concurrency=queue.concurrency if kind is WorkKind.CONCURRENT else 1,
    )
    return QueueLoad(
        queue=queue, workload=workload, target=settings.staffing.targets[queue.target], stored=stored
    )


def _minutes(interval: timedelta) -> str:
    return f"{interval.total_seconds() / 60:g}"
