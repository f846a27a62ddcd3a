"""The same weekday and interval of the last week: the yardstick of the field."""

from __future__ import annotations

from dataclasses import dataclass

from forecasting.models.base import FittedForecaster, TrainingData
from forecasting.models.mean_of_weeks import last_values


@dataclass(frozen=True, slots=True, kw_only=True)
class SeasonalNaive:
    """The last learnable value of the same weekday and interval (Hyndman and Athanasopoulos 2021, 5.2)."""

    @property
    def name(self) -> str:
        return "seasonal_naive"

    def fit(self, training: TrainingData) -> FittedForecaster:
        return last_values(training, 1)
