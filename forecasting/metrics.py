"""How wrong a forecast was.  Every function takes arrays of one shape and returns one number.

Sources: Hyndman and Koehler, "Another look at measures of forecast accuracy", International Journal of
Forecasting 22 (2006); Gneiting and Raftery, "Strictly proper scoring rules", JASA 102 (2007).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from forecasting.errors import ForecastingError

Floats = NDArray[np.float64]


def wape(actual: Floats, forecast: Floats) -> float:
    """Weighted absolute percentage error, pooled: sum |a - f| / sum a [ratio]; NaN where sum a is 0.

    >>> wape(np.array([10.0, 0.0, 30.0]), np.array([12.0, 1.0, 27.0]))
    0.15
    """
    _same_shape(actual, forecast)
    total = float(np.sum(actual))
    return float(np.sum(np.abs(actual - forecast))) / total if total > 0 else float("nan")


def bias(actual: Floats, forecast: Floats) -> float:
    """Relative bias: sum (f - a) / sum a [ratio]; positive means too much was forecast.

    >>> bias(np.array([10.0, 30.0]), np.array([12.0, 30.0]))
    0.05
    """
    _same_shape(actual, forecast)
    total = float(np.sum(actual))
    return float(np.sum(forecast - actual)) / total if total > 0 else float("nan")


def mase(actual: Floats, forecast: Floats, training: Floats, season: int) -> float:
    """Mean absolute scaled error [ratio]: mean |a - f| / mean |y(t) - y(t - season)| over the training.

    1 is as good as the seasonal naive forecast was inside the training data.  ``season`` is in intervals.

    >>> mase(np.array([5.0, 7.0]), np.array([6.0, 6.0]), np.array([1.0, 2.0, 3.0, 4.0]), 2)
    0.5
    """
    _same_shape(actual, forecast)
    if season < 1 or training.size <= season:
        raise ForecastingError(f"the training needs more than one season of {season}, got {training.size}")
    scale = float(np.mean(np.abs(training[season:] - training[:-season])))
    return float(np.mean(np.abs(actual - forecast))) / scale if scale > 0 else float("nan")


def pinball(actual: Floats, quantile: Floats, level: float) -> float:
    """Mean pinball loss of one quantile [contacts]: level (a - q) where a >= q, else (1 - level)(q - a).

    >>> round(pinball(np.array([10.0, 10.0]), np.array([8.0, 13.0]), 0.9), 3)
    1.05
    """
    _same_shape(actual, quantile)
    if not 0 < level < 1:
        raise ForecastingError(f"a level lies between 0 and 1, got {level}")
    over = actual - quantile
    return float(np.mean(np.where(over >= 0, level * over, (level - 1) * over)))


def coverage(actual: Floats, low: Floats, high: Floats) -> float:
    """Share of actuals inside [low, high], both ends counted [ratio]; NaN for none.

    >>> coverage(np.array([1.0, 5.0, 9.0, 3.0]), np.full(4, 2.0), np.full(4, 5.0))
    0.5
    """
    _same_shape(actual, low)
    _same_shape(actual, high)
    return float(np.mean((actual >= low) & (actual <= high))) if actual.size else float("nan")


def _same_shape(first: Floats, second: Floats) -> None:
    if first.shape != second.shape:
        raise ForecastingError(f"shapes differ: {first.shape} and {second.shape}")
