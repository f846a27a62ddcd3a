"""Level times profile on the square-root scale, where Poisson noise is the same at every level.

    sqrt(N(day) + 1/4) = u0 (1 + y(day) / 2),   y = x b + moving level + noise of variance 1 / u0^2 and more
    forecast(day, interval) = (u(day)^2 - 1/4) x share(weekday, interval)

Brown, Gans, Mandelbaum and others, "Statistical analysis of a telephone call center", JASA 100 (2005), 6:
root-transformed volumes, the day's level autoregressive beside its weekday's effect, times the share of the
interval.  Two things are added: the columns of the calendar, and days without rows between days with rows,
which turn the autoregression into its continuous form (``mixed_model``).

Against the logarithm of ``regression`` a day far below the others weighs less, a quiet queue needs no
offset, and effects add up instead of multiplying.
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

ROOT_OFFSET = 0.25
"""With it the root of a Poisson count has variance 1/4 and mean sqrt(m), nearly, from m = 1 on."""
LEAST_ROOT = 0.25
"""Share of the median day's root below which uncertainty is not scaled up any further."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelProfile:
    """``max_days``: only so many of the latest days are used [days]."""

    max_days: int = 420

    @property
    def name(self) -> str:
        return "level_profile"

    def fit(self, training: TrainingData) -> FittedForecaster:
        """Raises HistoryError where no day was seen well enough to give a level."""
        profiles = fit_profiles(training.table, training.learn, training.like())
        rows = np.flatnonzero(np.isfinite(profiles.level))[-self.max_days :]
        if rows.size == 0:
            raise HistoryError("no day was observed for at least half of its usual contacts")
        days = training.table.days()
        held_days = [days[row] for row in rows]
        held = day_columns(training.calendar, held_days)
        lift = np.exp(entered_effect(training.calendar, held_days)[0])
        root = np.sqrt(profiles.level[rows] / lift + ROOT_OFFSET)
        unit = float(np.median(root))
        model = fit_mixed_model(
            days=rows.astype(np.float64),
            # Near the median day this is the logarithm of the level, so the priors of the columns hold.
            values=2 * (root / unit - 1),
            columns=held.matrix,
            column_sd=held.prior_sd,
            floor=np.full(rows.size, 1 / unit**2),
        )
        return FittedLevelProfile(
            model=model,
            unit=unit,
            profiles=profiles,
            calendar=training.calendar,
            first_day=training.table.first_day,
            columns=held.columns,
            times=(held.matrix != 0).sum(axis=0),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FittedLevelProfile:
    """``unit``: the root of the median day's contacts."""

    model: MixedModel
    unit: float
    profiles: DayProfiles
    calendar: ForecastCalendar
    first_day: date
    columns: tuple[CalendarColumn, ...]
    times: NDArray[np.int64]

    def predict_days(self, days: Sequence[date]) -> Floats:
        root = self.unit * np.maximum(self._relative_root(days), 0.0)
        level = np.maximum(root**2 - ROOT_OFFSET, 0.0)
        share = fill_unseen(self.profiles.share, self.profiles.seen)
        return np.asarray(level[:, None] * share[weekday_pattern(self.calendar, days)])

    def effects(self) -> tuple[LearnedEffect, ...]:
        """Factors on the median day: effects add on the root scale, so they are larger on quieter days."""
        return self._column_effects().learned()

    def day_variance(self, days: Sequence[date]) -> Floats:
        """The posterior variance of the events' curves, relative to the days' own level."""
        root = np.maximum(self._relative_root(days), LEAST_ROOT)
        return np.asarray(self._column_effects().event_variance(self.calendar, days) / root**2)

    def _relative_root(self, days: Sequence[date]) -> Floats:
        position = np.array([(day - self.first_day).days for day in days], dtype=np.float64)
        known = day_columns(self.calendar, days, known=self.columns)
        return np.asarray(1 + self.model.predict(position, known.matrix) / 2)

    def _column_effects(self) -> ColumnEffects:
        return ColumnEffects(
            columns=self.columns,
            times=self.times,
            mean=self.model.effect,
            covariance=self.model.effect_covariance,
            day_noise=self.model.spread.noise,
            factor=_factor_on_the_median_day,
        )


def _factor_on_the_median_day(effect: float) -> float:
    return max(0.0, 1 + effect / 2) ** 2
