"""Rolling origin: what each model would have said, week by week, with only the data of that day.

Week t is forecast at horizon h from an origin that lies h - 1 weeks before it, so that only data before
week t - h + 1 are used.  The calendar is taken as known in advance, as a planner knows the holidays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from forecasting.calendars import ForecastCalendar
from forecasting.day_table import DayTable
from forecasting.errors import ForecastingError, HistoryError
from forecasting.metrics import bias, wape
from forecasting.models.base import Forecaster, TrainingData, event_variance, fit_once, predict_open

Floats = NDArray[np.float64]
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WeekResult:
    """One model, one week, one horizon; scored cells only, in order of time.

    ``day``: the index of the cell's day in the week (0 to 6); all arrays of one shape.
    ``minute``: the first minute of the cell's interval in the local day; None where that is not kept.
    ``event_variance``: what was not known of the effect of events on the cell, relative; None is 0.
    """

    model: str
    horizon: int
    first_day: date
    forecast: Floats
    actual: Floats
    day: NDArray[np.int64]
    minute: NDArray[np.int64] | None = None
    event_variance: Floats | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestScore:
    """Pooled over all tested weeks: WAPE and bias [ratio], and how much there was to score."""

    model: str
    horizon: int
    wape: float
    bias: float
    weeks: int
    intervals: int
    contacts: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BacktestResult:
    weeks: tuple[WeekResult, ...]

    def of(self, model: str, horizon: int | None = None) -> tuple[WeekResult, ...]:
        return tuple(
            week
            for week in self.weeks
            if week.model == model and (horizon is None or week.horizon == horizon)
        )

    def scores(self) -> tuple[BacktestScore, ...]:
        """One row per model and horizon that had anything to score."""
        pairs = dict.fromkeys((week.model, week.horizon) for week in self.weeks)
        rows: list[BacktestScore] = []
        for model, horizon in pairs:
            held = self.of(model, horizon)
            actual = np.concatenate([week.actual for week in held])
            forecast = np.concatenate([week.forecast for week in held])
            if actual.sum() > 0:
                rows.append(
                    BacktestScore(
                        model=model,
                        horizon=horizon,
                        wape=wape(actual, forecast),
                        bias=bias(actual, forecast),
                        weeks=len(held),
                        intervals=actual.size,
                        contacts=float(actual.sum()),
                    )
                )
        return tuple(rows)


def weeks_to_test(table: DayTable, weeks: int, *, min_training_days: int = 14) -> tuple[date, ...]:
    """First days of the last ``weeks`` whole weeks that leave enough days before them, oldest first.

    Weeks end with the table's last day that has rows; fewer are returned where history is short.
    """
    present = np.flatnonzero(table.observed.any(axis=1))
    if present.size == 0:
        return ()
    end = table.first_day + timedelta(days=int(present[-1]) + 1)
    begin = table.first_day + timedelta(days=int(present[0]))
    firsts = [end - WEEK * (back + 1) for back in range(weeks)]
    return tuple(day for day in reversed(firsts) if (day - begin).days >= min_training_days)


def run_backtest(
    queue: str,
    table: DayTable,
    calendar: ForecastCalendar,
    models: Sequence[Forecaster],
    *,
    weeks: Sequence[date],
    horizons: Sequence[int] = (1,),
    scored: NDArray[np.bool_] | None = None,
    min_training_days: int = 14,
    on_progress: Callable[[int, int], None] | None = None,
    should_stop: Callable[[], bool] = lambda: False,
) -> BacktestResult:
    """Results for every model, tested week (by its first day) and horizon [weeks] that can be tested.

    ``scored``: the cells that count (days, columns); all observed open ones where None.  A week without
    such cells, or an origin with fewer than ``min_training_days`` before it, gives no row.
    ``on_progress(done, of)`` is called per origin.  Every origin is fitted once, whatever the horizons.
    ``should_stop`` is asked before each origin; what was tested until then is the result.
    """
    if any(h < 1 for h in horizons):
        raise ForecastingError("a horizon is at least 1 week")
    count = table.observed & table.open_by(calendar) if scored is None else scored
    wanted: dict[date, list[tuple[date, int]]] = {}
    for first in weeks:
        for horizon in horizons:
            wanted.setdefault(first - WEEK * (horizon - 1), []).append((first, horizon))
    results: list[WeekResult] = []
    for done, origin in enumerate(sorted(wanted), start=1):
        if should_stop():
            break
        known = table.before(origin)
        present = np.flatnonzero(known.observed.any(axis=1))
        if present.size and known.day_count - int(present[0]) >= min_training_days:
            training = TrainingData.prepare(queue, known, calendar)
            targets = wanted[origin]
            days = [first + timedelta(days=i) for first, _ in targets for i in range(7)]
            for model in models:
                try:
                    fitted = fit_once(model, training)
                except HistoryError:
                    continue
                cells = predict_open(fitted, days, calendar, table)
                unknown = event_variance(fitted, days, calendar)
                for place, (first, horizon) in enumerate(targets):
                    own = slice(7 * place, 7 * place + 7)
                    week = _week_result(model.name, horizon, first, table, count, cells[own], unknown[own])
                    if week is not None:
                        results.append(week)
        if on_progress is not None:
            on_progress(done, len(wanted))
    return BacktestResult(weeks=tuple(results))


def _week_result(
    model: str,
    horizon: int,
    first: date,
    table: DayTable,
    count: NDArray[np.bool_],
    cells: Floats,
    unknown: Floats,
) -> WeekResult | None:
    at = (first - table.first_day).days
    rows = slice(max(0, at), max(0, min(table.day_count, at + 7)))
    mask = count[rows]
    if not mask.any():
        return None
    day, column = np.nonzero(mask)
    offset = rows.start - at
    return WeekResult(
        model=model,
        horizon=horizon,
        first_day=first,
        forecast=cells[offset : offset + mask.shape[0]][mask],
        actual=table.counts[rows][mask],
        day=(day + offset).astype(np.int64),
        minute=table.minutes[column],
        event_variance=unknown[day + offset],
    )
