"""When contacts arrive: from counts per interval, or from rates that counts are drawn from."""

from __future__ import annotations

from enum import Enum

import numpy as np
from numpy.typing import NDArray

from scheduler.errors import SimulationError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class PathsHold(Enum):
    """What the numbers of a sample path are."""

    RATES = "rates"
    """Expected contacts per interval; the count is drawn from a Poisson distribution."""
    COUNTS = "counts"
    """The contacts themselves."""


def counts_of(path: NDArray[np.generic], holds: PathsHold, rng: np.random.Generator) -> Ints:
    """Contacts per interval [count] of one path, shape (count,)."""
    values = np.asarray(path, dtype=np.float64)
    if not np.all(np.isfinite(values)) or np.any(values < 0):
        raise SimulationError("a path must hold finite numbers that are not negative")
    if holds is PathsHold.RATES:
        return rng.poisson(values).astype(np.int64)
    if np.any(values != np.floor(values)):
        raise SimulationError("a path of counts must hold whole numbers; pass rates as PathsHold.RATES")
    return values.astype(np.int64)


def uniform_arrivals(counts: Ints, interval_seconds: float, rng: np.random.Generator) -> tuple[Floats, Ints]:
    """Instants [s after the first interval's start] in order, and the interval of each; shape (sum,).

    Within an interval arrivals are uniform, which is what a Poisson process is, given its count.

    >>> at, interval = uniform_arrivals(np.array([2, 0, 1]), 60.0, np.random.default_rng(1))
    >>> interval.tolist(), bool(np.all(np.diff(at) >= 0)), bool(at[2] >= 120)
    ([0, 0, 2], True, True)
    """
    interval = np.repeat(np.arange(counts.size, dtype=np.int64), counts)
    at = rng.random(interval.size)
    at += interval
    at.sort()
    at *= interval_seconds
    return at, interval
