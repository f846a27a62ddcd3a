"""From a queue and its forecast to the workload the scheduler staffs for and plays against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from bot.core.errors import RefusedError
from bot.core.ids import QueueId
from bot.core.queues import Channel, Queue
from bot.core.settings import Settings
from bot.store.forecasts import StoredForecast
from bot.store.unit_of_work import ReadUnit
from forecasting.day_table import cells_of
from forecasting.grid import IntervalGrid
from forecasting.uncertainty import excess_by_day, widened
from scheduler.queueing.targets import ServiceTarget, WorkKind
from scheduler.roster.roster import RosterPeriod
from scheduler.staffing.assurance import Assurance
from scheduler.staffing.peaks import peak_intervals
from scheduler.staffing.workload import Workload

__all__ = ["KINDS", "QueueLoad", "assurance_of", "grid_of", "load_of", "loads"]

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
    """A queue through a period: what is expected and what was promised.

    ``peak``: the operator's windows, else the busiest quarter of each week's forecast; shape (grid.count,).
    """

    queue: Queue
    workload: Workload
    target: ServiceTarget
    stored: StoredForecast
    peak: NDArray[np.bool_]


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
    """The load of one queue, its forecast as unsure as ``staffing.volume_error`` says at least.

    Raises RefusedError where the forecast is on other intervals than the grid.
    """
    queue = settings.queues[name]
    stored = replace(stored, forecast=widened(stored.forecast, settings.staffing.volume_error))
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
        queue=queue,
        workload=workload,
        target=settings.staffing.targets[queue.target],
        stored=stored,
        peak=_peaks(queue, workload, settings.calendars[queue.calendar].zone),
    )


def _peaks(queue: Queue, workload: Workload, zone: str) -> NDArray[np.bool_]:
    if not queue.peaks:
        return peak_intervals(workload.contacts, workload.open, workload.grid)
    local = [start.astimezone(ZoneInfo(zone)) for start in workload.grid.starts()]
    inside = [
        any(
            first <= start.time() and (last == time(0) or start.time() < last)
            for first, last in queue.peaks.get(start.weekday(), ())
        )
        for start in local
    ]
    # Nothing is expected in a closed or empty interval, so nothing can peak there.
    return np.array(inside, dtype=np.bool_) & workload.open & (workload.contacts > 0)


def assurance_of(load: QueueLoad, probability: float) -> Assurance:
    """How surely the target is to hold, and how far the forecast's own bands say it may be off."""
    forecast = load.stored.forecast.part(slice(0, load.workload.grid.count))
    _, days, rows, _ = cells_of(forecast.grid)
    return Assurance(
        probability=probability,
        peak=load.peak,
        load_excess=excess_by_day(forecast, rows, days)[rows],
    )


def _minutes(interval: timedelta) -> str:
    return f"{interval.total_seconds() / 60:g}"
