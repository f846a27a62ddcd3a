"""Today against its forecast: how unusual what came is.

A count N with mean m is negative binomial with Var N = m + v m^2, as in `forecasting.uncertainty`; v is read
off the forecast's own quantiles.  What the day so far says about the hours ahead: `rest_of_day`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecasting.day_table import cells_of
from forecasting.errors import ForecastingError
from forecasting.forecast import VolumeForecast
from forecasting.uncertainty import cdf, excess_by_day

Floats = NDArray[np.float64]

__all__ = ["Stretch", "chance_of_none", "stretch", "tails"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Some intervals together: ``mean`` contacts [count], ``excess`` relative variance beyond Poisson."""

    mean: float
    excess: float


def stretch(forecast: VolumeForecast, share: Floats | slice) -> Stretch:
    """The part of a forecast that ``share`` picks: a slice, or the share of each interval [0 to 1].

    What an interval has of its own evens out over several; what the day shares does not.
    """
    if isinstance(share, slice):
        weight = np.zeros(forecast.grid.count)
        weight[share] = 1.0
    else:
        weight = np.asarray(share, dtype=np.float64)
    return together(
        forecast.mean * weight, excess_of(forecast), forecast.shared_by_week + forecast.shared_by_day
    )


def together(mean: Floats, excess: Floats, shared: float) -> Stretch:
    """Intervals as one: what they share of their excess stays, what each has of its own evens out.

    >>> halves = np.array([10.0, 10.0]), np.array([0.04, 0.04])
    >>> together(*halves, 1.0).excess, together(*halves, 0.0).excess
    (0.04, 0.02)
    """
    total = float(mean.sum())
    if total <= 0:
        return Stretch(mean=0.0, excess=0.0)
    common = float((mean * np.sqrt(excess)).sum()) ** 2 * shared
    own = float((mean**2 * excess).sum()) * max(0.0, 1.0 - shared)
    return Stretch(mean=total, excess=(common + own) / total**2)


def excess_of(forecast: VolumeForecast) -> Floats:
    """The relative variance beyond Poisson of every interval, as the forecast's quantiles tell it."""
    _, days, rows, _ = cells_of(forecast.grid)
    return excess_by_day(forecast, rows, days)[rows]


def tails(contacts: int, expected: Stretch) -> tuple[float, float]:
    """(P(N <= contacts), P(N >= contacts)) of the stretch.

    >>> low, high = tails(10, Stretch(mean=4.0, excess=0.0))
    >>> round(low, 3), round(high, 4)
    (0.997, 0.0081)
    """
    if contacts < 0:
        raise ForecastingError(f"contacts must not be negative, got {contacts}")
    if expected.mean <= 0:
        return 1.0, 1.0 if contacts == 0 else 0.0
    mean, excess = np.array([expected.mean]), np.array([expected.excess])
    low = float(cdf(np.array([float(contacts)]), mean, excess)[0])
    below = 0.0 if contacts == 0 else float(cdf(np.array([contacts - 1.0]), mean, excess)[0])
    return low, 1.0 - below


def chance_of_none(expected: Stretch) -> float:
    """P(nobody comes) in the stretch: (1 + v m)^(-1/v), e^-m without excess.

    >>> round(chance_of_none(Stretch(mean=7.0, excess=0.0)), 5)
    0.00091
    >>> round(chance_of_none(Stretch(mean=7.0, excess=0.1)), 5)
    0.00496
    """
    if expected.excess < 1e-9:
        return math.exp(-expected.mean)
    return math.exp(-math.log1p(expected.excess * expected.mean) / expected.excess)
