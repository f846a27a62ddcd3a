"""The forecast of today as it stands: moved by what came, wherever it is asked for (FP6).  Inside a unit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from bot.core.ids import QueueId
from bot.core.settings import Settings
from bot.store.forecasts import StoredForecast
from bot.store.unit_of_work import ReadUnit
from bot.usecases.count_contacts import mark_of
from forecasting.day_drift import DayDrift, assumed_drift
from forecasting.errors import ForecastingError
from forecasting.forecast import share_between
from forecasting.grid import local_midnight
from forecasting.intraday import excess_of
from forecasting.rest_of_day import RestOfDay, update_day

__all__ = ["LATE_WORDS", "SILENCE", "Today", "today"]

SILENCE = "silence"
"""Kind of an episode in which nothing is known of a queue."""
LATE_WORDS = timedelta(minutes=2)
"""How late a contact may be told and still counts in its interval."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Today:
    """``number``: of the stored forecast behind it.  ``known``: what of today is known, somebody tells live
    or by counts; where nothing does, the day stands as it was forecast."""

    queue: QueueId
    day: date
    number: int
    rest: RestOfDay
    known: bool


def today(
    uow: ReadUnit, settings: Settings, queue: QueueId, now: datetime, *, seen_until: datetime | None = None
) -> Today | None:
    """The queue's local day at ``now``; None where no stored forecast covers it from now on.

    What came up to ``seen_until`` is used (now where None, contacts until two minutes ago: words may be
    late), without the times in which the source was silent.
    """
    zone = settings.calendars[settings.queues[queue].calendar].zone
    day = now.astimezone(ZoneInfo(zone)).date()
    midnight, end = (local_midnight(d, zone) for d in (day, day + timedelta(days=1)))
    stored = uow.forecasts.stored_around(queue, now, end, back_to=midnight)
    if stored is None or not stored.forecast.grid.count:
        return None
    forecast = stored.forecast
    grid = forecast.grid
    until, late = (now, LATE_WORDS) if seen_until is None else (min(seen_until, now), timedelta(0))
    counts, seen = uow.volumes.came_on_grid(queue, grid, max(until, grid.start), late=late)
    told = uow.volumes.last_told(queue, now)
    live = uow.count_marks.get(mark_of(queue)) is not None
    known = bool((seen > 0).any()) and (live or (told is not None and told > grid.start))
    if not known:
        counts, seen = np.zeros_like(counts), np.zeros_like(seen)
    for episode in uow.episodes.touching(SILENCE, queue, grid.start, now):
        silent = share_between(forecast, episode.since, episode.ended_at or now)
        # What came in the rest of such an interval is not told apart from it.
        counts, seen = np.where(silent > 0, 0.0, counts), np.where(silent > 0, 0.0, seen)
    rest = update_day(forecast, _drift(stored), counts=counts, seen=seen, now=now)
    return Today(queue=queue, day=day, number=stored.id, rest=rest, known=known)


def _drift(stored: StoredForecast) -> DayDrift:
    """How such days drift: kept with the forecast; of one without it, by its own variance."""
    try:
        return DayDrift.from_numbers(stored.report.get("drift") or {})
    except ForecastingError:
        forecast = stored.forecast
        weight = float(forecast.mean.sum())
        v = float((excess_of(forecast) * forecast.mean).sum()) / weight if weight > 0 else 0.0
        return assumed_drift(v, forecast.shared_by_week + forecast.shared_by_day)
