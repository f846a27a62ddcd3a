"""VolumeForecast: a mean with quantiles per interval, and where it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from forecasting.errors import ForecastingError
from forecasting.grid import IntervalGrid

LEVELS: tuple[float, ...] = (0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95)
"""The quantile levels every forecast carries; the columns q05 to q95 of the forecast file."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VolumeForecast:
    """Expected contacts of one queue per interval; not a truth but a mean with quantiles.

    ``mean`` [count], shape (grid.count,), zero where the queue is closed.
    ``quantiles``: level to [count] of the same shape, non-decreasing in the level.
    ``aht_seconds``: expected handling time [s], same shape, never NaN.
    ``open``: True where contacts are accepted, same shape.
    ``shared_by_week``, ``shared_by_day``: the parts of the variance beyond Poisson that are common to a
    week and to a day [0 to 1, sum at most 1]; what ``uncertainty.sample_paths`` needs beside the quantiles.
    """

    queue: str
    grid: IntervalGrid
    mean: NDArray[np.float64]
    quantiles: Mapping[float, NDArray[np.float64]]
    aht_seconds: NDArray[np.float64]
    open: NDArray[np.bool_]
    model: str
    made_at: datetime
    trained_until: datetime
    shared_by_week: float = 0.3
    shared_by_day: float = 0.4

    def __post_init__(self) -> None:
        shape = (self.grid.count,)
        arrays = {"mean": self.mean, "aht_seconds": self.aht_seconds, "open": self.open}
        arrays |= {f"quantile {level}": values for level, values in self.quantiles.items()}
        for name, values in arrays.items():
            if values.shape != shape:
                raise ForecastingError(f"{name} must have shape {shape}, got {values.shape}")
        if np.any(self.mean < 0) or not np.all(np.isfinite(self.mean)):
            raise ForecastingError("mean must be finite and not negative")
        if np.any(self.aht_seconds < 0) or not np.all(np.isfinite(self.aht_seconds)):
            raise ForecastingError("aht_seconds must be finite and not negative in every interval")
        shared = (self.shared_by_week, self.shared_by_day)
        if min(shared) < 0 or sum(shared) > 1 + 1e-9:
            raise ForecastingError(f"shares of the error must be 0 to 1 and sum to at most 1, got {shared}")

    def part(self, part: slice) -> VolumeForecast:
        """Only some consecutive intervals of it."""
        return replace(
            self,
            grid=self.grid.sub(part),
            mean=self.mean[part],
            quantiles={level: values[part] for level, values in self.quantiles.items()},
            aht_seconds=self.aht_seconds[part],
            open=self.open[part],
        )


def share_between(forecast: VolumeForecast, start: datetime, end: datetime) -> NDArray[np.float64]:
    """The share of each interval that lies in [start, end), shape (grid.count,)."""
    edges = np.arange(forecast.grid.count + 1, dtype=np.float64)
    length = forecast.grid.interval_seconds
    first = (start - forecast.grid.start).total_seconds() / length
    last = (end - forecast.grid.start).total_seconds() / length
    share = np.minimum(edges[1:], last) - np.maximum(edges[:-1], first)
    return np.asarray(np.clip(share, 0.0, 1.0), dtype=np.float64)


def expected_between(forecast: VolumeForecast, start: datetime, end: datetime) -> float:
    """Contacts forecast for [start, end); part intervals by their share, what is outside counts nothing."""
    return float((share_between(forecast, start, end) * forecast.mean).sum())
