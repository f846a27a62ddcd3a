"""What a model sees and what it must give: the Forecaster protocol.

A model fits on one queue's ``TrainingData`` and predicts whole local days.  It never sees a grid, a
clock change or a closed interval; those are handled once, here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import Enum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from forecasting.calendars import ForecastCalendar
from forecasting.cleaning import Cleaning, FindingKind, clean
from forecasting.day_table import DayTable, cells_of, open_cells
from forecasting.effects import entered_effect
from forecasting.events import known_events
from forecasting.grid import IntervalGrid
from forecasting.profiles import fill_unseen

Floats = NDArray[np.float64]


class EffectKind(Enum):
    WEEKDAY = "weekday"  # number: Monday 0
    AFTER_CLOSURE = "after_closure"  # number: 1 the first open day, 2 the second
    BEFORE_CLOSURE = "before_closure"
    WORKING_DAY_OF_MONTH = "working_day_of_month"  # number: 1 the first
    WORKING_DAY_TO_MONTH_END = "working_day_to_month_end"  # number: 1 the last
    MID_MONTH = "mid_month"  # the first working day from the 15th
    DAY_OF_MONTH = "day_of_month"  # a smooth wave through the month, number: harmonic
    PUBLIC_HOLIDAY = "public_holiday"  # the queue is open on it
    BEFORE_PUBLIC_HOLIDAY = "before_public_holiday"
    AFTER_PUBLIC_HOLIDAY = "after_public_holiday"
    MAKE_UP_WORKDAY = "make_up_workday"
    EVENT = "event"  # number: open days from the event to where it acts most


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedEffect:
    """A multiplier on the day's volume with its 80 % range, and the days it was learned from.

    ``event``: the kind of event, where ``kind`` is EVENT.
    """

    kind: EffectKind
    number: int
    factor: float
    low: float
    high: float
    days: int
    event: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainingData:
    """One queue's cleaned history; everything a model may learn from.

    ``calendar`` holds past closures found in the history as well as declared ones.  ``fits``: what was fitted
    on it so far (``fit_once``).
    """

    queue: str
    table: DayTable
    cleaning: Cleaning
    calendar: ForecastCalendar
    fits: dict[Forecaster, FittedForecaster] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def prepare(cls, queue: str, table: DayTable, calendar: ForecastCalendar) -> TrainingData:
        """Clean the table; days without contacts join the calendar as closures, and outages that nobody
        could know of when the table ends leave it."""
        if calendar.events:
            end = table.first_day + timedelta(days=table.day_count)
            calendar = replace(calendar, events=known_events(calendar.events, end))
        cleaning = clean(table, calendar)
        closed: set[date] = set()
        for found in cleaning.findings:
            if found.kind is FindingKind.CLOSURE and not found.declared:
                first = found.local_start.date().toordinal()
                closed |= {date.fromordinal(first + i) for i in range(found.days)}
        known = calendar.with_closures(closed) if closed else calendar
        return cls(queue=queue, table=table, cleaning=cleaning, calendar=known)

    @property
    def learn(self) -> NDArray[np.bool_]:
        return self.cleaning.learn

    def like(self) -> NDArray[np.int64]:
        """The weekday whose pattern each day follows, shape (days,)."""
        return weekday_pattern(self.calendar, self.table.days())


class FittedForecaster(Protocol):
    """Lifts entered by hand are not the model's: they are put on what it says (``predict_open``)."""

    def predict_days(self, days: Sequence[date]) -> Floats:
        """Expected contacts per interval had every interval been open, shape (len(days), columns)."""
        ...

    def effects(self) -> tuple[LearnedEffect, ...]:
        """What was learned, as data; empty where the model has nothing to tell."""
        ...

    def day_variance(self, days: Sequence[date]) -> Floats:
        """What is not known of the effect of learned events on the days: relative variance, 0 on all
        other days and in models that know no events, shape (len(days),)."""
        ...


class Forecaster(Protocol):
    """A model with its settings; ``fit`` must not change it.  Hashable: equal settings are one model."""

    @property
    def name(self) -> str: ...

    def fit(self, training: TrainingData) -> FittedForecaster: ...


def fit_once(model: Forecaster, training: TrainingData) -> FittedForecaster:
    """The model fitted on the training; the same object where that was done before.

    So a model made of others costs nothing more where those compete as well.  Raises what ``fit`` raises.
    """
    if model not in training.fits:
        training.fits[model] = model.fit(training)
    return training.fits[model]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WeekdayTableForecast:
    """A fitted model that is one table: weekday by column; shared by the simple models."""

    values: Floats
    seen: NDArray[np.bool_]
    calendar: ForecastCalendar

    def predict_days(self, days: Sequence[date]) -> Floats:
        filled = fill_unseen(self.values, self.seen)
        return np.asarray(filled[weekday_pattern(self.calendar, days)])

    def effects(self) -> tuple[LearnedEffect, ...]:
        return ()

    def day_variance(self, days: Sequence[date]) -> Floats:
        return np.zeros(len(days))


def weekday_pattern(calendar: ForecastCalendar, days: Sequence[date]) -> NDArray[np.int64]:
    if not calendar.make_up_workdays:
        return np.fromiter(map(date.weekday, days), dtype=np.int64, count=len(days))
    return np.fromiter((calendar.weekday_like(day) for day in days), dtype=np.int64, count=len(days))


def predict_open(
    fitted: FittedForecaster, days: Sequence[date], calendar: ForecastCalendar, table: DayTable
) -> Floats:
    """Predictions with closed cells at zero and lifts entered by hand, shape (len(days), columns)."""
    cells = _lifted(fitted, days, calendar)
    mask = open_cells(calendar, tuple(days), table.minutes, table.interval)
    return np.where(mask, np.maximum(cells, 0.0), 0.0)


def predict_grid(fitted: FittedForecaster, grid: IntervalGrid, calendar: ForecastCalendar) -> Floats:
    """Expected contacts on a grid, zero where closed, lifts entered by hand put on, shape (grid.count,)."""
    if grid.count == 0:
        return np.zeros(0)
    first, count, rows, columns = cells_of(grid)
    days = [date.fromordinal(first.toordinal() + i) for i in range(count)]
    cells = np.maximum(_lifted(fitted, days, calendar), 0.0)
    return np.where(calendar.open_mask(grid), cells[rows, columns], 0.0)


def event_variance(fitted: FittedForecaster, days: Sequence[date], calendar: ForecastCalendar) -> Floats:
    """Relative variance that events add to the days, learned and entered by hand, shape (len(days),)."""
    return fitted.day_variance(days) + entered_effect(calendar, days)[1]


def _lifted(fitted: FittedForecaster, days: Sequence[date], calendar: ForecastCalendar) -> Floats:
    cells = fitted.predict_days(days)
    if not calendar.events:
        return cells
    return np.asarray(cells * np.exp(entered_effect(calendar, days)[0])[:, None])
