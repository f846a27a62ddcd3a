"""How a day departs from its forecast, and for how long: learned from the days of the backtest.

On day d at time t the contacts are the forecast times a factor exp(g) that every interval shares with its
neighbours, the more the nearer they lie (Ornstein-Uhlenbeck: it returns to 1, at a rate that is learned):

    Cov(g(s), g(t)) = variance x exp(-|s - t| / memory),    an interval's own: own_variance + 1 / mean

A long memory is a day that runs high as a whole, a short one a profile that drifts.  This is the dynamic
penalised least squares of Shen and Huang ("Interday forecasting and intraday updating of call center
arrivals", 2008) with the penalty given by a covariance: late intervals say more about the next ones than
early ones do.
Updating the scores of a singular value decomposition, as they do, was worse on both real sets.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from forecasting.backtest import WeekResult
from forecasting.errors import ForecastingError

Floats = NDArray[np.float64]

__all__ = ["FEWEST_DAYS", "DayDrift", "assumed_drift", "learn_drift"]

FEWEST_DAYS = 8
"""Tested days from which a drift is learned rather than assumed."""
MOST_DAYS = 70
BLOCK_MINUTES = 30
"""Learning looks at stretches of half an hour at least, and of `ENOUGH` contacts."""
ENOUGH = 4.0
"""Expected contacts from which log(N + 1/2) is nearly normal around log m with variance 1 / m."""
EVIDENCE = 0.25
"""Days are less alike than the model has them: a quarter of what they say counts."""
USUAL_MEMORY = 600.0
"""Minutes; ten hours, about a working day."""
CUTS = (0.2, 0.35, 0.5, 0.65, 0.8)
"""Shares of a day's contacts after which the band of the rest is looked at."""
BAND = 0.80
HALF_WIDTH = 1.2815515655446004
"""Standard normal quantile of 0.9."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayDrift:
    """What is known of a queue's days before today's begins.

    ``variance``, ``own_variance``: of the log factor, shared and of an interval alone.  ``memory_minutes``:
    after so long the shared part has lost all but 1 / e.  ``narrowing``: how much of the variance that a
    morning explains may be taken off the band [0 to 1], so that it still covers.  ``days``: tested days
    behind it; 0: assumed.
    """

    variance: float
    own_variance: float
    memory_minutes: float
    narrowing: float
    days: int

    def __post_init__(self) -> None:
        if self.variance < 0 or self.own_variance < 0 or not self.memory_minutes > 0:
            raise ForecastingError("variances must not be negative, and a memory is longer than nothing")
        if not 0 <= self.narrowing <= 1:
            raise ForecastingError(f"narrowing is a share of 0 to 1, got {self.narrowing}")

    def as_numbers(self) -> dict[str, float]:
        """Plain numbers, for a store."""
        return asdict(self)

    @classmethod
    def from_numbers(cls, numbers: Mapping[str, float]) -> DayDrift:
        """The drift again; raises ForecastingError where a number is missing or makes no sense."""
        try:
            return cls(
                variance=float(numbers["variance"]),
                own_variance=float(numbers["own_variance"]),
                memory_minutes=float(numbers["memory_minutes"]),
                narrowing=float(numbers["narrowing"]),
                days=int(numbers["days"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ForecastingError(f"no drift can be read from {dict(numbers)!r}") from error


def assumed_drift(excess: float, shared: float) -> DayDrift:
    """Without tested days: the forecast's own excess variance, and the part of it that days share.

    >>> assumed_drift(0.05, 0.6).variance
    0.03
    """
    return DayDrift(
        variance=excess * shared,
        own_variance=excess * max(0.0, 1.0 - shared),
        memory_minutes=USUAL_MEMORY,
        narrowing=1.0,
        days=0,
    )


def learn_drift(weeks: Sequence[WeekResult]) -> DayDrift | None:
    """The drift of one model's tested days, by their marginal likelihood; None for fewer than eight.

    The nearest horizon's weeks are used.  Parameters are averaged (log scale) over a grid with the weights
    of their posterior: likelihood to the power `EVIDENCE`, a lognormal prior of ten hours on the memory.
    """
    days = _days(weeks)
    if days is None:
        return None
    grid = _grid()
    score = EVIDENCE * _likelihood(days, grid) + _prior(grid)
    weight = np.exp(score - score.max())
    weight /= weight.sum()
    memory, variance, own = np.exp((weight[:, None] * np.log(grid)).sum(axis=0)).tolist()
    return DayDrift(
        variance=variance,
        own_variance=own,
        memory_minutes=memory,
        narrowing=_narrowing(days, memory, variance, own),
        days=days.mean.shape[0],
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Days:
    """Stretches of tested days, shape (days, stretches); nothing is known of one where ``mean`` is 0.

    ``parts``: how many intervals' own errors are averaged in it.  ``minutes``: length of a stretch.
    """

    actual: Floats
    mean: Floats
    parts: Floats
    minutes: float

    @property
    def seen(self) -> NDArray[np.bool_]:
        return self.mean >= 1.0

    def log_error(self) -> Floats:
        held = np.maximum(self.mean, 1e-9)
        return np.where(self.seen, np.log((self.actual + 0.5) / held), 0.0)


def _days(weeks: Sequence[WeekResult]) -> _Days | None:
    nearest = min((week.horizon for week in weeks), default=0)
    held = [week for week in weeks if week.horizon == nearest and week.minute is not None and week.day.size]
    if not held:
        return None
    minute = np.concatenate([week.minute for week in held if week.minute is not None])
    starts = np.unique(minute)
    if starts.size < 2:
        return None
    interval = int(np.diff(starts).min())
    forecast = np.concatenate([week.forecast for week in held])
    actual = np.concatenate([week.actual for week in held])
    day = np.concatenate([week.first_day.toordinal() + week.day for week in held])
    usual = float(np.median(forecast[forecast > 0])) if (forecast > 0).any() else 0.0
    if usual <= 0:
        return None
    together = max(1, math.ceil(BLOCK_MINUTES / interval), math.ceil(ENOUGH / usual))
    length = min(24 * 60, together * interval)
    days, row = np.unique(day, return_inverse=True)
    column = minute // length
    shape = (days.size, int(column.max()) + 1)
    sums = np.zeros((3, *shape))
    for total, values in zip(sums, (actual, forecast, forecast**2), strict=True):
        np.add.at(total, (row, column), values)
    # A day of which nothing was expected says nothing.
    useful = np.flatnonzero(sums[1].max(axis=1) >= 1.0)[-MOST_DAYS:]
    if useful.size < FEWEST_DAYS:
        return None
    first = int(np.flatnonzero((sums[1][useful] > 0).any(axis=0))[0])
    actual, mean, squares = sums[:, useful, first:]
    parts = np.divide(mean**2, squares, out=np.ones_like(mean), where=squares > 0)
    return _Days(actual=actual, mean=mean, parts=parts, minutes=float(length))


@cache
def _grid() -> Floats:
    """Combinations of (memory [minutes], variance, own variance), shape (combinations, 3)."""
    memory = np.array([120.0, 240.0, 480.0, 960.0, 1920.0])
    variance = np.geomspace(0.0005, 0.256, 10)
    own = np.concatenate([[1e-5], np.geomspace(0.0003, 0.1, 6)])
    axes = np.meshgrid(memory, variance, own, indexing="ij")
    return np.stack([axis.ravel() for axis in axes], axis=1)


def _prior(grid: Floats) -> Floats:
    away = np.log(grid / np.array([USUAL_MEMORY, 0.01, 0.001])) / np.array([0.5, 2.0, 3.0])
    return np.asarray(-0.5 * (away**2).sum(axis=1))


def _likelihood(days: _Days, grid: Floats) -> Floats:
    """Log likelihood of every combination, by a Kalman filter through all days at once."""
    memory, variance, own = grid.T
    kept = np.exp(-days.minutes / memory)
    level = np.zeros((days.mean.shape[0], variance.size))
    spread = np.tile(variance, (days.mean.shape[0], 1))
    found = np.zeros(variance.size)
    error, seen = days.log_error(), days.seen
    for column in range(days.mean.shape[1]):
        at = np.flatnonzero(seen[:, column])
        if at.size:
            noise = own / days.parts[at, column, None] + 1 / days.mean[at, column, None]
            total = spread[at] + noise
            surprise = error[at, column, None] - level[at]
            found -= 0.5 * (np.log(total) + surprise**2 / total).sum(axis=0)
            gain = spread[at] / total
            level[at] += gain * surprise
            spread[at] *= 1 - gain
        level *= kept
        spread = variance + (spread - variance) * kept**2
    return found


def _narrowing(days: _Days, memory: float, variance: float, own: float) -> float:
    """The largest share at which the band of the rest covers as many as the frozen band does."""
    count, stretches = days.mean.shape
    error, seen = days.log_error(), days.seen
    done = np.cumsum(days.mean, axis=1) / np.maximum(days.mean.sum(axis=1, keepdims=True), 1e-9)
    cuts = {int(np.argmax(np.median(done, axis=0) >= cut)) for cut in CUTS}
    level, spread = np.zeros(count), np.full(count, variance)
    kept = math.exp(-days.minutes / memory)
    whole = variance + own
    parts: list[tuple[Floats, Floats, Floats, Floats]] = []
    for column in range(stretches):
        at = np.flatnonzero(seen[:, column])
        noise = own / days.parts[at, column] + 1 / days.mean[at, column]
        gain = spread[at] / (spread[at] + noise)
        level[at] += gain * (error[at, column] - level[at])
        spread[at] *= 1 - gain
        if column in cuts and column + 1 < stretches:
            ahead = kept ** np.arange(1, stretches - column)
            rest = days.mean[:, column + 1 :]
            updated = rest * np.exp(level[:, None] * ahead)
            left = (variance + (spread[:, None] - variance) * ahead**2 + own) / whole
            use = rest >= 1.0
            parts.append((days.actual[:, column + 1 :][use], rest[use], updated[use], left[use]))
        level *= kept
        spread = variance + (spread - variance) * kept**2
    if not parts:
        return 1.0
    actual, frozen, updated, left = (np.concatenate(held) for held in zip(*parts, strict=True))
    if not actual.size:
        return 1.0
    # The band that covers by itself: v so that the frozen forecast's holds its share.
    needed = (np.abs(actual - frozen) / HALF_WIDTH) ** 2 - frozen
    v = max(0.0, float(np.quantile(needed / frozen**2, BAND)))
    for narrowing in np.linspace(1.0, 0.0, 11).tolist():
        spread_of = updated + v * (1 - narrowing * (1 - left)) * updated**2
        if np.mean(np.abs(actual - updated) <= HALF_WIDTH * np.sqrt(spread_of)) >= BAND:
            return float(narrowing)
    return 0.0
