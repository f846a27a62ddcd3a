"""What day-level regressions tell of their calendar columns, whatever scale and estimator they use."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from forecasting.calendars import ForecastCalendar
from forecasting.effects import ALL_KINDS, CURVES, EIGHTY_PERCENT
from forecasting.events import EventNature
from forecasting.models.base import EffectKind, LearnedEffect
from forecasting.models.calendar_columns import CalendarColumn, day_columns

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ColumnEffects:
    """Posterior of the columns' effects on the model's own scale, on which they add.

    ``mean``, shape (columns,); ``covariance``, shape (columns, columns); ``times``: days on which each column
    acted in what was learned from.  ``day_noise``: standard deviation of one day.  ``factor`` makes a
    multiplier on the day's volume of a number on that scale, strictly increasing.
    """

    columns: tuple[CalendarColumn, ...]
    times: NDArray[np.int64]
    mean: Floats
    covariance: Floats
    day_noise: float
    factor: Callable[[float], float] = math.exp

    def learned(self) -> tuple[LearnedEffect, ...]:
        """Factors relative to an ordinary day; weekdays relative to the mean of the weekdays seen."""
        weekdays = [i for i, c in enumerate(self.columns) if c.kind is EffectKind.WEEKDAY and self.times[i]]
        centre = float(self.mean[weekdays].mean()) if weekdays else 0.0
        told: list[LearnedEffect] = []
        for i, column in enumerate(self.columns):
            if column.kind in (EffectKind.DAY_OF_MONTH, EffectKind.EVENT) or not self.times[i]:
                continue
            middle = float(self.mean[i])
            width = EIGHTY_PERCENT * float(np.sqrt(self.covariance[i, i]))
            if column.kind is EffectKind.WEEKDAY:
                # The common level is the intercept's; what differs between weekdays is known far better.
                middle -= centre
                width = EIGHTY_PERCENT * self.day_noise / float(np.sqrt(self.times[i]))
            told.append(self._told(column.kind, column.number, middle, width, int(self.times[i])))
        return (*told, *self._of_events())

    def event_variance(self, calendar: ForecastCalendar, days: Sequence[date]) -> Floats:
        """Posterior variance of the events' curves on the days, on the model's scale, shape (len(days),)."""
        events = np.array([column.event is not None for column in self.columns])
        if not events.any():
            return np.zeros(len(days))
        matrix = day_columns(calendar, days, known=self.columns).matrix[:, events]
        covariance = self.covariance[np.ix_(events, events)]
        return np.asarray(np.einsum("ij,jk,ik->i", matrix, covariance, matrix, optimize=True))

    def _of_events(self) -> list[LearnedEffect]:
        """Each kind of event that was seen, where its curve departs most from no effect."""
        parts: dict[tuple[EventNature, str], list[int]] = {}
        for i, column in enumerate(self.columns):
            if column.event is not None:
                parts.setdefault((column.event.nature, column.event.event), []).append(i)
        told: list[LearnedEffect] = []
        for (nature, kind), own in parts.items():
            days = int(self.times[own].max())
            if kind == ALL_KINDS or not days:
                continue
            curve = CURVES[nature]
            lags = curve.lags()
            basis = curve.values(lags)
            basis = np.hstack([basis, basis])
            both = [*parts[nature, ALL_KINDS], *own]
            mean = basis @ self.mean[both]
            most = int(np.abs(mean).argmax())
            covariance = self.covariance[np.ix_(both, both)]
            width = EIGHTY_PERCENT * float(np.sqrt(basis[most] @ covariance @ basis[most]))
            told.append(
                self._told(EffectKind.EVENT, int(lags[most]), float(mean[most]), width, days, event=kind)
            )
        return told

    def _told(
        self, kind: EffectKind, number: int, middle: float, width: float, days: int, *, event: str = ""
    ) -> LearnedEffect:
        return LearnedEffect(
            kind=kind,
            number=number,
            factor=self.factor(middle),
            low=self.factor(middle - width),
            high=self.factor(middle + width),
            days=days,
            event=event,
        )
