"""The mean of the last weeks, same weekday and interval: the default every other model must beat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.models.base import FittedForecaster, TrainingData, WeekdayTableForecast


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanOfWeeks:
    """Mean of the last ``weeks`` learnable values of the same weekday and interval.

    Closed days, outages and one-off days are skipped, so the mean may reach further back; with fewer
    weeks it is the mean of what there is.
    """

    weeks: int = 6

    @property
    def name(self) -> str:
        return "mean_of_weeks"

    def fit(self, training: TrainingData) -> FittedForecaster:
        return last_values(training, self.weeks)


def last_values(training: TrainingData, weeks: int) -> WeekdayTableForecast:
    """Weekday by column: the mean of the last ``weeks`` learnable values."""
    like = training.like()
    columns = training.table.counts.shape[1]
    values = np.zeros((7, columns))
    seen = np.zeros((7, columns), dtype=np.bool_)
    for weekday in range(7):
        rows = np.flatnonzero(like == weekday)[::-1]
        if rows.size == 0:
            continue
        learn = training.learn[rows]
        used = learn & (np.cumsum(learn, axis=0) <= weeks)
        times = used.sum(axis=0)
        seen[weekday] = times > 0
        values[weekday] = (training.table.counts[rows] * used).sum(axis=0) / np.maximum(times, 1)
    return WeekdayTableForecast(values=values, seen=seen, calendar=training.calendar)
