"""MSTL of statsforecast as a model of the product; needs the extra ``statsforecast``.

Multiple seasonal-trend decomposition by loess with the day's and the week's season (Bandara, Hyndman and
Bergmeir, "MSTL", International Journal of Operational Research, 2024), its trend forecast by exponential
smoothing: the published defaults.  It knows no calendar: what is closed is cut out beforehand
(``regular_series``), and what follows a holiday is a surprise to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecasting.models.base import FittedForecaster, LearnedEffect, TrainingData
from forecasting.models.regular_series import RegularSeries

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mstl:
    """``max_days``: only so many of the latest days are used [days]."""

    max_days: int = 420

    @property
    def name(self) -> str:
        return "mstl"

    def fit(self, training: TrainingData) -> FittedForecaster:
        """Raises HistoryError with fewer than two weeks of days."""
        from statsforecast.models import MSTL

        series = RegularSeries.from_table(training.table, training.learn, training.calendar)
        values = series.values[-self.max_days * series.day_length :]
        fitted = MSTL(season_length=series.season_lengths).fit(np.ascontiguousarray(values))
        return FittedMstl(series=series, fitted=fitted)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FittedMstl:
    series: RegularSeries
    fitted: Any
    held: dict[int, Floats] = field(default_factory=dict)

    def predict_days(self, days: Sequence[date]) -> Floats:
        last = max(max(days), self.series.next_day + timedelta(days=6))
        steps = len(self.series.days_until(last)) * self.series.day_length
        if steps not in self.held:
            self.held[steps] = np.maximum(np.asarray(self.fitted.predict(h=steps)["mean"], dtype=float), 0.0)
        return self.series.on_days(self.held[steps], days)

    def effects(self) -> tuple[LearnedEffect, ...]:
        return ()

    def day_variance(self, days: Sequence[date]) -> Floats:
        return np.zeros(len(days))
