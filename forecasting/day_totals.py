"""Whole days of a forecast: their totals with a band, and when they are busiest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from forecasting.forecast import VolumeForecast
from forecasting.uncertainty import sample_paths

__all__ = ["PATHS", "DayTotal", "day_totals"]

PATHS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class DayTotal:
    """A local day's contacts: ``mean``, and ``low`` to ``high``, the central 80 % band [count].

    ``part``: its intervals in the forecast; ``peak``: index of the one with the highest mean.
    """

    day: date
    mean: float
    low: float
    high: float
    part: slice
    peak: int


def day_totals(forecast: VolumeForecast, seed: int) -> tuple[DayTotal, ...]:
    """Every day on which the queue opens, in order; the same seed gives the same bands.

    Quantiles of intervals do not add up to those of a day, so the band is read off ``sample_paths``.  Paths
    depend on where the forecast begins: take the totals of a whole forecast, then the days wanted.
    """
    paths = sample_paths(forecast, PATHS, seed)
    found = []
    for day, part in forecast.grid.days().items():
        if not forecast.open[part].any():
            continue
        low, high = np.quantile(paths[:, part].sum(axis=1), (0.1, 0.9))
        found.append(
            DayTotal(
                day=day,
                mean=float(forecast.mean[part].sum()),
                low=float(low),
                high=float(high),
                part=part,
                peak=part.start + int(np.argmax(forecast.mean[part])),
            )
        )
    return tuple(found)
