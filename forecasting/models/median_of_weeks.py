"""The median of the last weeks, same weekday and interval: a mean that one odd week cannot move."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.models.base import FittedForecaster, TrainingData, WeekdayTableForecast


@dataclass(frozen=True, slots=True, kw_only=True)
class MedianOfWeeks:
    """Median of the last ``weeks`` learnable values of the same weekday and interval.

    Up to half of the weeks may be anything whatever without moving it beyond the others (breakdown point
    1/2: Huber, "Robust Statistics", 1981, 3.2); on Poisson noise alone it needs half as many weeks more
    than the mean for the same error.  Closed days, outages and one-off days are skipped as by the mean.
    """

    weeks: int = 6

    @property
    def name(self) -> str:
        return "median_of_weeks"

    def fit(self, training: TrainingData) -> FittedForecaster:
        like, counts = training.like(), training.table.counts
        values = np.zeros((7, counts.shape[1]))
        seen = np.zeros((7, counts.shape[1]), dtype=np.bool_)
        for weekday in range(7):
            rows = np.flatnonzero(like == weekday)[::-1]
            if rows.size == 0:
                continue
            learn = training.learn[rows]
            used = learn & (np.cumsum(learn, axis=0) <= self.weeks)
            seen[weekday] = used.any(axis=0)
            held = np.where(used, counts[rows], np.nan)[:, seen[weekday]]
            values[weekday, seen[weekday]] = np.nanmedian(held, axis=0)
        return WeekdayTableForecast(values=values, seen=seen, calendar=training.calendar)
