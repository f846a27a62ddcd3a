"""Every model against every other on the last weeks of one history: the backtest as a table to look at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from forecasting.backtest import WEEK, BacktestResult, WeekResult, run_backtest, weeks_to_test
from forecasting.calendars import ForecastCalendar
from forecasting.grid import IntervalGrid
from forecasting.history import VolumeHistory
from forecasting.metrics import bias, coverage, wape
from forecasting.models.registry import make_models
from forecasting.pipeline import MIN_TRAINING_DAYS, prepare_training, scored_cells
from forecasting.selection import Selection, select_model
from forecasting.uncertainty import count_quantiles, spread_from_backtest

MIN_COVER_WEEKS = 3
"""Fewer tested weeks teach no band that could be held against one more."""
LOW, HIGH = 0.10, 0.90


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelScore:
    """One model at one horizon [weeks], pooled over ``weeks`` tested weeks.

    ``wape`` and ``bias`` [ratio]; ``cover80``: share of the actuals inside an 80 % band whose width was
    learned from the *other* tested weeks [ratio], NaN with fewer than three.  ``best_weeks``: weeks in which
    no other model had a lower WAPE.
    """

    model: str
    horizon: int
    wape: float
    bias: float
    cover80: float
    weeks: int
    best_weeks: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ModelComparison:
    """``origins``: moments a backtest would pretend to be at, of which ``origins_tested`` were.

    ``weeks``: first days of the weeks with any result, oldest first.
    """

    queue: str
    selection: Selection
    scores: tuple[ModelScore, ...]
    weeks: tuple[date, ...]
    origins: int
    origins_tested: int
    result: BacktestResult = field(repr=False)

    @property
    def stopped(self) -> bool:
        return self.origins_tested < self.origins


def compare_models(
    history: VolumeHistory,
    calendar: ForecastCalendar | None,
    target_grid: IntervalGrid,
    *,
    weeks: int,
    horizons: Sequence[int],
    models: Sequence[str] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
    should_stop: Callable[[], bool] = lambda: False,
) -> ModelComparison:
    """Backtest every model on the last ``weeks`` whole weeks before ``target_grid`` begins.

    The models, the weeks and the scored intervals are those by which ``make_forecast`` chooses.  A run that
    was stopped compares what was tested until then.  Raises HistoryError as ``make_forecast`` does.
    """
    _, training, _ = prepare_training(history, calendar, target_grid)
    tested = weeks_to_test(training.table, weeks, min_training_days=MIN_TRAINING_DAYS)
    steps = _Counted(on_progress)
    result = run_backtest(
        history.queue,
        training.table,
        training.calendar,
        make_models(models),
        weeks=tested,
        horizons=horizons,
        scored=scored_cells(training),
        min_training_days=MIN_TRAINING_DAYS,
        on_progress=steps,
        should_stop=should_stop,
    )
    return ModelComparison(
        queue=history.queue,
        selection=select_model(result),
        scores=model_scores(result),
        weeks=tuple(sorted({week.first_day for week in result.weeks})),
        origins=len({first - WEEK * (horizon - 1) for first in tested for horizon in horizons}),
        origins_tested=steps.done,
        result=result,
    )


def model_scores(result: BacktestResult) -> tuple[ModelScore, ...]:
    """One row per model and horizon with anything to score, by horizon and then by WAPE."""
    best = _best_weeks(result)
    rows = []
    for horizon in sorted({week.horizon for week in result.weeks}):
        for model in dict.fromkeys(week.model for week in result.weeks):
            held = [week for week in result.of(model, horizon) if week.actual.sum() > 0]
            if not held:
                continue
            actual = np.concatenate([week.actual for week in held])
            forecast = np.concatenate([week.forecast for week in held])
            rows.append(
                ModelScore(
                    model=model,
                    horizon=horizon,
                    wape=wape(actual, forecast),
                    bias=bias(actual, forecast),
                    cover80=_cover(held),
                    weeks=len(held),
                    best_weeks=best.get((model, horizon), 0),
                )
            )
    return tuple(sorted(rows, key=lambda row: (row.horizon, row.wape)))


def _best_weeks(result: BacktestResult) -> dict[tuple[str, int], int]:
    errors: dict[tuple[date, int], dict[str, float]] = {}
    for week in result.weeks:
        if week.actual.sum() > 0:
            key = (week.first_day, week.horizon)
            errors.setdefault(key, {})[week.model] = wape(week.actual, week.forecast)
    found: dict[tuple[str, int], int] = {}
    for (_, horizon), by_model in errors.items():
        least = min(by_model.values())
        for model, error in by_model.items():
            if error == least:
                found[model, horizon] = found.get((model, horizon), 0) + 1
    return found


def _cover(weeks: Sequence[WeekResult]) -> float:
    """Each week's actuals against a band learned from the other weeks, pooled."""
    if len(weeks) < MIN_COVER_WEEKS:
        return float("nan")
    inside: list[float] = []
    sizes: list[int] = []
    for left_out in weeks:
        spread = spread_from_backtest([week for week in weeks if week is not left_out])
        excess = np.full(left_out.forecast.shape, spread.at(left_out.horizon))
        if left_out.event_variance is not None:
            excess = excess + left_out.event_variance
        band = count_quantiles(left_out.forecast, excess, (LOW, HIGH))
        inside.append(coverage(left_out.actual, band[LOW], band[HIGH]))
        sizes.append(left_out.actual.size)
    return float(np.average(inside, weights=sizes))


class _Counted:
    """Remembers how far the backtest got and passes it on."""

    def __init__(self, report: Callable[[int, int], None] | None) -> None:
        self._report = report
        self.done = 0

    def __call__(self, done: int, of: int) -> None:
        self.done = done
        if self._report is not None:
            self._report(done, of)
