"""Look at stored forecasts: one as it was made, with what came; and how good all of them were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from bot.core.calendar import BusinessCalendar, open_periods
from bot.core.ids import QueueId
from bot.core.queue_events import acting_on
from bot.core.settings import Settings
from bot.store.forecasts import StoredForecast
from bot.store.unit_of_work import ReadUnit, Store
from bot.usecases.forecast import chosen_queues, forecast_calendar
from bot.usecases.todays_forecast import SILENCE
from forecasting.accuracy import (
    Actuals,
    FrozenForecast,
    Omission,
    QueueAccuracy,
    TrackingSignal,
    day_errors,
    known_actuals,
    score_frozen,
    track,
)
from forecasting.day_totals import DayTotal, day_totals
from forecasting.events import DatedEvent
from forecasting.forecast import VolumeForecast
from forecasting.grid import IntervalGrid, local_midnight

__all__ = ["DRIFT", "TRACKED", "ForecastShown", "QueueReview", "ShownDay", "came_and_said", "review", "show"]

DAY = timedelta(days=1)
CONTEXT = timedelta(weeks=13)
"""Read before what is judged, so that it is known what is unusual."""
DRIFT = "forecast_drift"
"""Kind of the episodes in which a forecast is wrong to one side (`bot.usecases.watch_drift`)."""
TRACKED = timedelta(weeks=8)
"""Back to where forecasts are compared to tell whether they drift."""


# -- one forecast ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownDay:
    """A local day of a forecast.  ``closed``: no contacts were expected, for the reason ``name``, if any.

    ``begins``: where the forecast begins after the queue has opened that day.  ``peak``: start of the
    interval with the highest mean, ``peak_mean`` [count].  ``actual`` [count]: None while it is not known of
    the whole day; ``omitted``: what was unusual about the data of the day.
    """

    day: date
    total: DayTotal | None
    peak: datetime | None = None
    peak_mean: float = 0.0
    name: str = ""
    begins: datetime | None = None
    actual: float | None = None
    omitted: tuple[Omission, ...] = ()

    @property
    def closed(self) -> bool:
        return self.total is None

    @property
    def outside(self) -> bool:
        """Whether what came lies outside of the day's 80 % band."""
        if self.actual is None or self.total is None:
            return False
        return not self.total.low <= self.actual <= self.total.high


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ForecastShown:
    """A stored forecast, cut to what was asked for.  ``problem``: ``no_forecast``, where there is none.

    ``actual`` [count], shape (grid.count,): NaN where nothing is known.  ``newer``: number of a forecast
    made since that begins inside of what is shown.  ``backdated``: made long after it begins.
    """

    queue: QueueId
    problem: str | None = None
    number: int | None = None
    forecast: VolumeForecast | None = None
    report: Mapping[str, Any]
    days: tuple[ShownDay, ...] = ()
    actual: NDArray[np.float64]
    newer: int | None = None
    backdated: bool = False


def show(
    store: Store,
    settings: Settings,
    *,
    queues: Sequence[QueueId] | None = None,
    week: date | None = None,
    as_of: date | None = None,
    now: datetime,
) -> list[ForecastShown]:
    """The newest forecast of each queue (all where None), or the one of a week, as it was made.

    ``week``: its Monday; the newest forecast that covers all of it, else the one that covers most.
    ``as_of``: only of forecasts that used nothing known after that local day.  Nothing is forecast anew.
    Raises RefusedError for an unknown queue.
    """
    shown = []
    with store.read() as uow:
        for queue in chosen_queues(settings, queues):
            zone = settings.calendars[settings.queues[queue].calendar].zone
            by = None if as_of is None else local_midnight(as_of + DAY, zone)
            if week is None:
                stored = uow.forecasts.newest(queue) if by is None else uow.forecasts.known_by(queue, by)
            else:
                start, end = _opened(settings, queue, week), local_midnight(week + 7 * DAY, zone)
                stored = uow.forecasts.of_period(queue, start, end, by=by)
            if stored is None:
                nothing = np.zeros(0)
                shown.append(ForecastShown(queue=queue, problem="no_forecast", report={}, actual=nothing))
                continue
            shown.append(_shown(uow, settings, queue, stored, week, now, newer=by is None))
    return shown


def _events(events: Sequence[DatedEvent], day: date) -> str:
    """What those are called that begin, or a lift of which acts, on the day."""
    acting = [e for e in events if e.first_day == day or (e.lift is not None and e.ramp(day) > 0)]
    return ", ".join(dict.fromkeys(e.name or e.kind for e in acting))


def _opened(settings: Settings, queue: QueueId, week: date) -> datetime:
    """When a queue opens first in a week: a forecast of Monday's early morning covers all of it."""
    calendar = settings.calendars[settings.queues[queue].calendar]
    periods = [p for i in range(7) for p in open_periods(calendar, week + i * DAY)]
    return periods[0][0] if periods else local_midnight(week, calendar.zone)


def _shown(
    uow: ReadUnit,
    settings: Settings,
    queue: QueueId,
    stored: StoredForecast,
    week: date | None,
    now: datetime,
    *,
    newer: bool,
) -> ForecastShown:
    whole = stored.forecast
    totals = {t.day: t for t in day_totals(whole, int(stored.report.get("seed", 0)))}
    actuals = _actuals(uow, settings, queue, whole.grid.zone, whole.grid.interval, whole.grid.start, now)
    actual = np.full(whole.grid.count, np.nan)
    omitted = {reason: np.zeros(whole.grid.count, dtype=np.bool_) for reason in Omission}
    if actuals is not None:
        offset = (whole.grid.start - actuals.grid.start) // whole.grid.interval
        count = max(0, min(whole.grid.count, actuals.grid.count - offset))
        if count and offset >= 0:
            held = actuals.part(slice(offset, offset + count))
            actual[:count] = np.where(held.omitted[Omission.NO_DATA], np.nan, held.contacts)
            for reason, mask in held.omitted.items():
                omitted[reason][:count] = mask
    calendar = settings.calendars[settings.queues[queue].calendar]
    events = acting_on(uow.queue_events.all(), queue)
    days = []
    for day, part in whole.grid.days().items():
        expected = whole.open[part] & (whole.mean[part] > 0)
        known = np.isfinite(actual[part]) | ~expected
        special = calendar.special_days.get(day)
        total = totals.get(day)
        days.append(
            ShownDay(
                day=day,
                total=total,
                peak=None if total is None else whole.grid.start_of(total.peak),
                peak_mean=0.0 if total is None else float(whole.mean[total.peak]),
                name=calendar.holidays.get(day)
                or (special.name if special is not None else _events(events, day)),
                begins=_begins(calendar, whole.grid, day, part),
                actual=float(np.nansum(actual[part])) if expected.any() and known.all() else None,
                omitted=_reasons({r: bool((mask[part] & expected).any()) for r, mask in omitted.items()}),
            )
        )
    shown = slice(0, whole.grid.count)
    if week is not None:
        last = week + 6 * DAY
        days = [d for d in days if week <= d.day <= last]
        parts = whole.grid.days()
        shown = slice(parts[days[0].day].start, parts[days[-1].day].stop)
    end = whole.grid.start_of(shown.stop)
    since = uow.forecasts.newest(queue) if newer else None
    is_newer = since is not None and since.id != stored.id and since.forecast.grid.start < end
    return ForecastShown(
        queue=queue,
        number=stored.id,
        forecast=whole.part(shown),
        report=stored.report,
        days=tuple(days),
        actual=actual[shown],
        newer=since.id if is_newer and since is not None else None,
        backdated=whole.made_at - whole.grid.start > DAY,
    )


def _begins(calendar: BusinessCalendar, grid: IntervalGrid, day: date, part: slice) -> datetime | None:
    """Where the forecast begins, if the queue has opened before on that day."""
    start = grid.start_of(part.start)
    if start == local_midnight(day, grid.zone):
        return None
    return start if any(opened < start for opened, _ in open_periods(calendar, day)) else None


def _reasons(found: Mapping[Omission, bool]) -> tuple[Omission, ...]:
    """What there is to say of a day: one without any contact need not be called one without data."""
    said = tuple(reason for reason, there in found.items() if there)
    return said if Omission.CLOSED not in said else (Omission.CLOSED,)


# -- all forecasts -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueReview:
    """How good the stored forecasts of a queue were in [``since``, ``until``).

    ``problem``: ``no_forecast``, ``no_actuals`` or ``nothing_judged`` (no forecast made in time).
    ``backdated``: forecasts left out because they were made long after they begin; ``other_interval``:
    because they have intervals of another length.  ``tracked``: None with too few days.
    """

    queue: QueueId
    since: datetime
    until: datetime | None = None
    zone: str
    problem: str | None = None
    accuracy: QueueAccuracy | None = None
    backdated: int = 0
    other_interval: int = 0
    tracked: TrackingSignal | None = None
    going_on: bool = False


def review(
    store: Store,
    settings: Settings,
    *,
    queues: Sequence[QueueId] | None = None,
    weeks: int,
    with_backdated: bool = False,
    now: datetime,
) -> list[QueueReview]:
    """Compare every stored forecast with what came in the last ``weeks`` weeks, per queue (all where None).

    ``with_backdated``: those made long after they begin (``--as-of``) count as well.  Raises RefusedError
    for an unknown queue.
    """
    found = []
    for queue in chosen_queues(settings, queues):
        with store.read() as uow:
            found.append(_review(uow, settings, queue, weeks, with_backdated, now))
    return found


def _review(
    uow: ReadUnit, settings: Settings, queue: QueueId, weeks: int, with_backdated: bool, now: datetime
) -> QueueReview:
    zone = settings.calendars[settings.queues[queue].calendar].zone
    today = now.astimezone(ZoneInfo(zone)).date()
    since = local_midnight(today - weeks * 7 * DAY, zone)
    frozen, actuals = came_and_said(uow, settings, queue, min(since, now - TRACKED), now)
    drifting = any(e.queue == queue for e in uow.episodes.going_on(DRIFT))
    if actuals is None or not frozen:
        problem = "no_actuals" if frozen else "no_forecast"
        return QueueReview(queue=queue, since=since, zone=zone, problem=problem, going_on=drifting)
    wanted = [f for f in frozen if f.grid.end > since]
    fitting = [f for f in wanted if f.grid.interval == actuals.grid.interval]
    counted = [f for f in fitting if with_backdated or not f.backdated]
    judged = actuals.part(actuals.grid.slice_between(since, actuals.grid.end))
    accuracy = score_frozen(counted, judged)
    return QueueReview(
        queue=queue,
        since=since,
        until=actuals.grid.end,
        zone=zone,
        problem=None if accuracy.scores else "nothing_judged",
        accuracy=accuracy,
        backdated=len(fitting) - len(counted),
        other_interval=len(wanted) - len(fitting),
        tracked=track(day_errors([f for f in frozen if not f.backdated], actuals)),
        going_on=drifting,
    )


def came_and_said(
    uow: ReadUnit, settings: Settings, queue: QueueId, since: datetime, now: datetime
) -> tuple[list[FrozenForecast], Actuals | None]:
    """Every frozen forecast of the days from ``since`` to the last of which anything is known, and what came.

    The actuals reach further back; None where nothing is known.  Times in which the queue's source was
    silent count as outages.
    """
    zone = settings.calendars[settings.queues[queue].calendar].zone
    actuals = _actuals(uow, settings, queue, zone, settings.staffing.interval, since, now)
    last = (now if actuals is None else actuals.grid.end) - timedelta(microseconds=1)
    end = local_midnight(last.astimezone(ZoneInfo(zone)).date() + DAY, zone)
    return uow.forecasts.frozen(queue, since, end), actuals


def _actuals(
    uow: ReadUnit,
    settings: Settings,
    queue: QueueId,
    zone: str,
    interval: timedelta,
    since: datetime,
    now: datetime,
) -> Actuals | None:
    """What came from CONTEXT before ``since`` to the last interval known; None where nothing is."""
    start = local_midnight((since - CONTEXT).astimezone(ZoneInfo(zone)).date(), zone)
    history = uow.volumes.history(queue, zone, interval, until=now, start=start)
    if history is None or not history.observed.any():
        return None
    known = history.part(slice(0, int(np.flatnonzero(history.observed)[-1]) + 1))
    calendar = forecast_calendar(settings.calendars[settings.queues[queue].calendar])
    actuals = known_actuals(known, calendar)
    silent = uow.episodes.touching(SILENCE, queue, known.grid.start, known.grid.end)
    return actuals.with_outages([(e.since, e.ended_at or now) for e in silent])
