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
from forecasting.effects import ALL_KINDS, CURVES, EIGHTY_PERCENT, entered_effect
from forecasting.errors import HistoryError
from forecasting.events import EventNature
from forecasting.models.base import EffectKind, FittedForecaster, LearnedEffect, TrainingData, weekday_pattern
from forecasting.models.calendar_columns import CalendarColumn, day_columns
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
        position = np.array([(day - self.first_day).days for day in days], dtype=np.float64)
        known = day_columns(self.calendar, days, known=self.columns)
        mean = self.model.predict(position, known.matrix)
        level = np.maximum(np.exp(mean) - LOG_OFFSET, 0.0)
        share = fill_unseen(self.profiles.share, self.profiles.seen)
        return np.asarray(level[:, None] * share[weekday_pattern(self.calendar, days)])

    def effects(self) -> tuple[LearnedEffect, ...]:
        """Factors relative to an ordinary day; weekdays relative to the mean of the weekdays seen."""
        mean, sd, times = self.model.effect, self.model.effect_sd, self.times
        weekdays = [i for i, c in enumerate(self.columns) if c.kind is EffectKind.WEEKDAY and times[i]]
        centre = float(mean[weekdays].mean()) if weekdays else 0.0
        learned: list[LearnedEffect] = []
        for i, column in enumerate(self.columns):
            if column.kind in (EffectKind.DAY_OF_MONTH, EffectKind.EVENT) or not times[i]:
                continue
            middle = mean[i] - (centre if column.kind is EffectKind.WEEKDAY else 0.0)
            width = EIGHTY_PERCENT * sd[i]
            if column.kind is EffectKind.WEEKDAY:
                # The common level is the intercept's; what differs between weekdays is known far better.
                width = EIGHTY_PERCENT * self.model.spread.noise / float(np.sqrt(times[i]))
            learned.append(
                LearnedEffect(
                    kind=column.kind,
                    number=column.number,
                    factor=float(np.exp(middle)),
                    low=float(np.exp(middle - width)),
                    high=float(np.exp(middle + width)),
                    days=int(times[i]),
                )
            )
        return (*learned, *self._event_effects())

    def day_variance(self, days: Sequence[date]) -> Floats:
        """The posterior variance of the events' curves on the days."""
        events = np.array([column.event is not None for column in self.columns])
        if not events.any():
            return np.zeros(len(days))
        matrix = day_columns(self.calendar, days, known=self.columns).matrix[:, events]
        covariance = self.model.effect_covariance[np.ix_(events, events)]
        return np.asarray(np.einsum("ij,jk,ik->i", matrix, covariance, matrix, optimize=True))

    def _event_effects(self) -> list[LearnedEffect]:
        """Each kind of event that was seen, where its curve departs most from no effect."""
        parts: dict[tuple[EventNature, str], list[int]] = {}
        for i, column in enumerate(self.columns):
            if column.event is not None:
                parts.setdefault((column.event.nature, column.event.event), []).append(i)
        learned: list[LearnedEffect] = []
        for (nature, kind), own in parts.items():
            days = int(self.times[own].max())
            if kind == ALL_KINDS or not days:
                continue
            curve = CURVES[nature]
            lags = curve.lags()
            basis = curve.values(lags)
            basis = np.hstack([basis, basis])
            both = [*parts[nature, ALL_KINDS], *own]
            mean = basis @ self.model.effect[both]
            most = int(np.abs(mean).argmax())
            covariance = self.model.effect_covariance[np.ix_(both, both)]
            width = EIGHTY_PERCENT * float(np.sqrt(basis[most] @ covariance @ basis[most]))
            learned.append(
                LearnedEffect(
                    kind=EffectKind.EVENT,
                    number=int(lags[most]),
                    factor=float(np.exp(mean[most])),
                    low=float(np.exp(mean[most] - width)),
                    high=float(np.exp(mean[most] + width)),
                    days=days,
                    event=kind,
                )
            )
        return learned
