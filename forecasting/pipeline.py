"""make_forecast: one queue's history in, its forecast with everything a planner should know out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from forecasting.aggregate import resample
from forecasting.backtest import BacktestResult, run_backtest, weeks_to_test
from forecasting.calendars import ForecastCalendar
from forecasting.caveats import ForecastWarning, WarningCode
from forecasting.cleaning import Finding, FindingKind
from forecasting.day_drift import DayDrift, assumed_drift, learn_drift
from forecasting.day_table import DayTable, cells_of
from forecasting.errors import HistoryError
from forecasting.events import distinct_events
from forecasting.forecast import LEVELS, VolumeForecast
from forecasting.grid import IntervalGrid
from forecasting.handling_time import HandlingTime, fit_handling_time
from forecasting.history import VolumeHistory
from forecasting.models.base import (
    FittedForecaster,
    LearnedEffect,
    TrainingData,
    fit_once,
    predict_grid,
)
from forecasting.models.registry import make_models
from forecasting.opening_hours import calendar_from_history
from forecasting.selection import Selection, SelectionReason, select_model
from forecasting.standard_handling_time import ASSUMED_RELATIVE_SD
from forecasting.uncertainty import (
    ErrorSpread,
    assumed_spread,
    count_quantiles,
    excess_on_grid,
    spread_from_backtest,
)

Floats = NDArray[np.float64]

TEST_WEEKS = 10
MAX_TEST_HORIZON = 4
MIN_TRAINING_DAYS = 14
SHORT_DAYS = 84
"""Twelve weeks: three months are what month effects need to be seen more than twice."""
GAP_DAYS = 7
STALE_DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ForecastOutcome:
    """``calendar``: what was used, closures found in the history included.  ``seed`` is for sample paths.

    ``drift``: how such days depart from their forecast, for updating one while it goes on.
    """

    forecast: VolumeForecast
    selection: Selection
    spread: ErrorSpread
    handling_time: HandlingTime
    findings: tuple[Finding, ...]
    warnings: tuple[ForecastWarning, ...]
    effects: tuple[LearnedEffect, ...]
    calendar: ForecastCalendar
    backtest: BacktestResult = field(repr=False)
    drift: DayDrift
    seed: int


def make_forecast(
    history: VolumeHistory,
    calendar: ForecastCalendar | None,
    target_grid: IntervalGrid,
    *,
    made_at: datetime,
    seed: int,
    default_aht_seconds: float,
    default_aht_relative_sd: float = ASSUMED_RELATIVE_SD,
    levels: Sequence[float] = LEVELS,
    models: Sequence[str] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> ForecastOutcome:
    """Forecast one queue on ``target_grid``: clean, test the models, choose, predict, put bands round it.

    Only what was observed before the target begins is used.  ``calendar`` None: opening hours and
    closures are read off the history, with a warning.  A history finer than the target is aggregated.
    ``models``: names from the registry, all where None.  ``on_progress(done, of)`` counts steps.

    Raises HistoryError where nothing was observed, or the history is coarser than the target.
    """
    known, training, known_calendar = prepare_training(history, calendar, target_grid)
    table = training.table
    present = np.flatnonzero(table.observed.any(axis=1))
    first_row, last_row = int(present[0]), int(present[-1])
    days_of_history = last_row - first_row + 1
    origin = table.first_day + timedelta(days=last_row + 1)
    target_days = target_grid.local_dates()
    furthest = max(1, (target_days[-1] - origin).days // 7 + 1) if target_days else 1
    horizons = tuple(range(1, min(furthest, MAX_TEST_HORIZON) + 1))

    candidates = make_models(models)
    weeks = weeks_to_test(table, TEST_WEEKS, min_training_days=MIN_TRAINING_DAYS)
    progress = _Steps(on_progress)
    result = run_backtest(
        history.queue,
        table,
        training.calendar,
        candidates,
        weeks=weeks,
        horizons=horizons,
        scored=scored_cells(training),
        min_training_days=MIN_TRAINING_DAYS,
        on_progress=progress.of_backtest,
    )
    selection = select_model(result)
    chosen = next(model for model in candidates if model.name == selection.model)
    fitted = fit_once(chosen, training)
    mean = predict_grid(fitted, target_grid, training.calendar)

    tested = result.of(selection.model)
    measured = bool(tested) and selection.reason not in (
        SelectionReason.TOO_SHORT_TO_TEST,
        SelectionReason.NO_CONTACTS_TO_SCORE,
    )
    spread = spread_from_backtest(tested) if measured else assumed_spread(days_of_history)
    excess = excess_on_grid(spread, fitted, target_grid, training.calendar, origin)
    handling = fit_handling_time(
        known,
        training.calendar,
        default_seconds=default_aht_seconds,
        default_relative_sd=default_aht_relative_sd,
    )
    is_open = training.calendar.open_mask(target_grid)
    forecast = VolumeForecast(
        queue=history.queue,
        grid=target_grid,
        mean=mean,
        quantiles=count_quantiles(mean, excess, levels),
        aht_seconds=handling.on_grid(target_grid, training.calendar),
        open=is_open,
        model=selection.model,
        made_at=made_at,
        trained_until=known.grid.start_of(int(np.flatnonzero(known.observed)[-1]) + 1),
        shared_by_week=spread.week_share,
        shared_by_day=spread.day_share,
    )
    warnings = [
        *_history_warnings(training, days_of_history, present, origin, target_days),
        *_finding_warnings(training),
        *_forecast_warnings(training, forecast, spread, len(weeks), days_of_history),
    ]
    warnings += _event_warnings(fitted, training, target_days)
    if calendar is None:
        warnings.append(_warn(WarningCode.HOURS_INFERRED, weekdays=len(known_calendar.weekly)))
    if handling.assumed:
        warnings.append(_warn(WarningCode.AHT_ASSUMED, seconds=handling.mean_seconds))
    progress.finish()
    return ForecastOutcome(
        forecast=forecast,
        selection=selection,
        spread=spread,
        handling_time=handling,
        findings=training.cleaning.findings,
        warnings=tuple(warnings),
        effects=fitted.effects(),
        calendar=training.calendar,
        backtest=result,
        drift=(learn_drift(tested) if measured else None)
        or assumed_drift(spread.at(1), spread.week_share + spread.day_share),
        seed=seed,
    )


def prepare_training(
    history: VolumeHistory, calendar: ForecastCalendar | None, target: IntervalGrid
) -> tuple[VolumeHistory, TrainingData, ForecastCalendar]:
    """What was known before ``target`` begins: on its interval, cleaned, and the calendar that was used.

    Raises HistoryError as ``make_forecast`` does.
    """
    if history.grid.zone != target.zone:
        raise HistoryError(
            f"history is in {history.grid.zone}, the target in {target.zone}: "
            "local days would differ; use one zone"
        )
    if calendar is not None and calendar.zone != target.zone:
        raise HistoryError(
            f"the calendar is in {calendar.zone}, the target in {target.zone}: "
            "hours would shift; use one zone"
        )
    before = history.grid.slice_between(history.grid.start, target.start)
    known = resample(history.part(before), target.interval)
    if not known.observed.any():
        raise HistoryError(
            f"queue {history.queue!r}: nothing observed before {target.start.isoformat()}; "
            "import a history first"
        )
    known_calendar = calendar_from_history(known) if calendar is None else calendar
    training = TrainingData.prepare(history.queue, DayTable.from_history(known), known_calendar)
    if not training.learn.any():
        open_and_seen = training.cleaning.open & training.table.observed
        if not open_and_seen.any():
            raise HistoryError(
                f"queue {history.queue!r}: the calendar is closed in every observed interval; "
                "check the opening hours and the zone"
            )
    return known, training, known_calendar


def scored_cells(training: TrainingData) -> NDArray[np.bool_]:
    """Cells that count in the backtest: all observed ones but outages and doubled imports, which measure
    the recording and not the forecast; one-off days stay, they do happen."""
    learn = training.learn
    unusual = np.zeros(training.table.day_count, dtype=np.bool_)
    for found in training.cleaning.findings:
        if found.kind in (FindingKind.SPIKE, FindingKind.LOW_DAY):
            at = (found.local_start.date() - training.table.first_day).days
            unusual[at : at + found.days] = True
    seen = training.cleaning.open & training.table.observed
    return learn | (seen & unusual[:, None])


def _history_warnings(
    training: TrainingData,
    days: int,
    present: NDArray[np.intp],
    origin: date,
    target_days: Sequence[date],
) -> list[ForecastWarning]:
    warnings: list[ForecastWarning] = []
    if days < MIN_TRAINING_DAYS:
        samples = np.bincount(training.like()[present], minlength=7)
        held = samples[[weekday for weekday in range(7) if training.calendar.weekly.get(weekday)]]
        warnings.append(
            _warn(
                WarningCode.HISTORY_TOO_SHORT,
                days=days,
                needed_days=MIN_TRAINING_DAYS,
                fewest_samples=held.min() if held.size else 0,
                most_samples=held.max(initial=0),
            )
        )
    elif days < SHORT_DAYS:
        warnings.append(_warn(WarningCode.HISTORY_SHORT, days=days, needed_days=SHORT_DAYS))
    gaps = np.diff(present) - 1
    if gaps.size and gaps.max() >= GAP_DAYS:
        at = int(np.argmax(gaps))
        first = training.table.first_day + timedelta(days=int(present[at]) + 1)
        warnings.append(
            ForecastWarning(code=WarningCode.HISTORY_GAP, numbers={"days": float(gaps[at])}, first_day=first)
        )
    if target_days and (target_days[0] - origin).days >= STALE_DAYS:
        warnings.append(_warn(WarningCode.HISTORY_STALE, days=(target_days[0] - origin).days))
    return warnings


def _finding_warnings(training: TrainingData) -> list[ForecastWarning]:
    warnings: list[ForecastWarning] = []
    by_kind: dict[FindingKind, list[Finding]] = {}
    for found in training.cleaning.findings:
        by_kind.setdefault(found.kind, []).append(found)
    doubled = by_kind.get(FindingKind.DOUBLED_IMPORT, [])
    if doubled:
        warnings.append(_warn(WarningCode.DOUBLED_IMPORT, days=sum(found.days for found in doubled)))
    one_off = [
        found
        for kind in (FindingKind.SPIKE, FindingKind.LOW_DAY)
        for found in by_kind.get(kind, [])
        if not found.declared
    ]
    if one_off:
        warnings.append(_warn(WarningCode.UNUSUAL_DAYS, days=sum(found.days for found in one_off)))
    outages = by_kind.get(FindingKind.PARTIAL_OUTAGE, [])
    if outages:
        lost = sum(found.expected for found in outages)
        warnings.append(_warn(WarningCode.OUTAGES, runs=len(outages), contacts=lost))
    for found in by_kind.get(FindingKind.OUTSIDE_HOURS, []):
        every = float((training.table.counts * training.table.intervals).sum())
        warnings.append(
            _warn(WarningCode.OUTSIDE_HOURS, contacts=found.observed, share=found.observed / max(every, 1.0))
        )
    return warnings


def _event_warnings(
    fitted: FittedForecaster, training: TrainingData, target_days: Sequence[date]
) -> list[ForecastWarning]:
    """Events that begin in the target and of which the chosen model takes no notice."""
    if not target_days:
        return []
    ahead = [
        event
        for event in distinct_events(training.calendar.events)
        if event.lift is None and target_days[0] <= event.first_day <= target_days[-1]
    ]
    # Of an event a model knows, something is always unknown.
    if not ahead or fitted.day_variance([event.first_day for event in ahead]).any():
        return []
    numbers = {"events": float(len(ahead))}
    return [ForecastWarning(code=WarningCode.EVENTS_UNUSED, numbers=numbers, first_day=ahead[0].first_day)]


def _forecast_warnings(
    training: TrainingData, forecast: VolumeForecast, spread: ErrorSpread, weeks: int, days: int
) -> list[ForecastWarning]:
    warnings: list[ForecastWarning] = []
    if not (training.table.counts * training.learn).any():
        intervals = int((training.cleaning.open & training.table.observed).sum())
        warnings.append(_warn(WarningCode.ALL_ZERO, intervals=intervals))
    if spread.weeks == 0:
        warnings.append(_warn(WarningCode.NOT_TESTED, weeks=weeks, days=days))
        half_width = 1.2815515655446004 * float(np.sqrt(spread.at(1)))
        warnings.append(_warn(WarningCode.BAND_ASSUMED, half_width=half_width))
    if forecast.grid.count and not forecast.open.any():
        warnings.append(_warn(WarningCode.NO_OPEN_INTERVALS, intervals=forecast.grid.count))
    elif forecast.grid.count:
        like = training.like()
        seen = np.zeros((7, training.table.counts.shape[1]), dtype=np.bool_)
        for weekday in range(7):
            seen[weekday] = training.learn[like == weekday].any(axis=0)
        _, _, _, columns = cells_of(forecast.grid)
        pattern = np.array([training.calendar.weekday_like(day) for day in forecast.grid.local_dates()])
        unseen = forecast.open & ~seen[pattern, columns]
        if unseen.any():
            warnings.append(
                _warn(
                    WarningCode.UNSEEN_HOURS,
                    intervals=int(unseen.sum()),
                    contacts=float(forecast.mean[unseen].sum()),
                )
            )
    return warnings


def _warn(code: WarningCode, **numbers: float) -> ForecastWarning:
    return ForecastWarning(code=code, numbers={name: float(value) for name, value in numbers.items()})


class _Steps:
    """Progress over backtest origins and the final fit."""

    def __init__(self, report: Callable[[int, int], None] | None) -> None:
        self.report = report
        self.total = 1

    def of_backtest(self, done: int, of: int) -> None:
        self.total = of + 1
        if self.report is not None:
            self.report(done, self.total)

    def finish(self) -> None:
        if self.report is not None:
            self.report(self.total, self.total)


def next_grid(history: VolumeHistory, *, interval: timedelta, days: int) -> IntervalGrid:
    """The grid of whole local days that follows the history's last observed day."""
    seen = np.flatnonzero(history.observed)
    if seen.size == 0:
        raise HistoryError(f"queue {history.queue!r}: nothing observed, so nothing follows")
    last = history.grid.start_of(int(seen[-1])).astimezone(ZoneInfo(history.grid.zone)).date()
    return IntervalGrid.for_days(
        first=last + timedelta(days=1), days=days, interval=interval, zone=history.grid.zone
    )
