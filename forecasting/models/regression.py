"""Calendar regression: the day's level from the calendar and the recent level, times an intraday profile.

    log level(day) = weekday + closure, month and mid-month effects + moving level
    forecast(day, interval) = exp(log level(day)) x share(weekday, interval)

The level of a day is its volume had it been seen whole, so half an outage does not lose the day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from forecasting.calendars import ForecastCalendar
from forecasting.effects import entered_effect
from forecasting.errors import HistoryError
from forecasting.models.base import FittedForecaster, LearnedEffect, TrainingData, weekday_pattern
from forecasting.models.calendar_columns import CalendarColumn, day_columns
from forecasting.models.learned_effects import ColumnEffects
from forecasting.models.mixed_model import MixedModel, fit_mixed_model
from forecasting.profiles import DayProfiles, fill_unseen, fit_profiles

Floats = NDArray[np.float64]

LOG_OFFSET = 0.5
"""Added to counts before the logarithm, so that a day without contacts is low and not minus infinity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarRegression:
    """Mixed model of day levels on calendar columns; see ``mixed_model`` and ``calendar_columns``.

    ``max_days``: only so many of the latest days are used [days]; older ones say little about
    the coming weeks.
    """

    max_days: int = 420

    @property
    def name(self) -> str:
        return "calendar_regression"

    def fit(self, training: TrainingData) -> FittedForecaster:
        """Raises HistoryError where no day was seen well enough to give a level."""
        like = training.like()
        profiles = fit_profiles(training.table, training.learn, like)
        rows = np.flatnonzero(np.isfinite(profiles.level))[-self.max_days :]
        if rows.size == 0:
            raise HistoryError("no day was observed for at least half of its usual contacts")
        days = training.table.days()
        level = profiles.level[rows]
        held_days = [days[row] for row in rows]
        held = day_columns(training.calendar, held_days)
        model = fit_mixed_model(
            days=rows.astype(np.float64),
            values=np.log(level + LOG_OFFSET) - entered_effect(training.calendar, held_days)[0],
            columns=held.matrix,
            column_sd=held.prior_sd,
            # Var log N is about 1 / N for a Poisson count.
            floor=1 / np.maximum(level, 1.0),
        )
        return FittedCalendarRegression(
            model=model,
            profiles=profiles,
            calendar=training.calendar,
            first_day=training.table.first_day,
            columns=held.columns,
            times=(held.matrix != 0).sum(axis=0),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FittedCalendarRegression:
    model: MixedModel
    profiles: DayProfiles
    calendar: ForecastCalendar
    first_day: date
    columns: tuple[CalendarColumn, ...]
    times: NDArray[np.int64]

    def predict_days(self, days: Sequence[date]) -> Floats:
        share = fill_unseen(self.profiles.share, self.profiles.seen)
        return np.asarray(self.levels(days)[:, None] * share[weekday_pattern(self.calendar, days)])

    def levels(self, days: Sequence[date]) -> Floats:
        """Expected contacts of the whole regular day [count], shape (len(days),)."""
        position = np.array([(day - self.first_day).days for day in days], dtype=np.float64)
        known = day_columns(self.calendar, days, known=self.columns)
        mean = self.model.predict(position, known.matrix)
        return np.asarray(np.maximum(np.exp(mean) - LOG_OFFSET, 0.0))

    def effects(self) -> tuple[LearnedEffect, ...]:
        """Factors relative to an ordinary day; weekdays relative to the mean of the weekdays seen."""
        return self._column_effects().learned()

    def day_variance(self, days: Sequence[date]) -> Floats:
        """The posterior variance of the events' curves on the days."""
        return self._column_effects().event_variance(self.calendar, days)

    def _column_effects(self) -> ColumnEffects:
        return ColumnEffects(
            columns=self.columns,
            times=self.times,
            mean=self.model.effect,
            covariance=self.model.effect_covariance,
            day_noise=self.model.spread.noise,
        )
