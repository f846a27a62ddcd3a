"""Percentiles of the wait: within how long a share of the contacts is answered."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scheduler.errors import QueueingError
from scheduler.queueing import erlang_a, erlang_c
from scheduler.queueing.measures import broadcast

LONGEST_SECONDS = 1e7
"""No percentile looks beyond this wait."""


def answered_within(
    agents: ArrayLike,
    erlangs: ArrayLike,
    *,
    aht_seconds: ArrayLike,
    share: ArrayLike,
    patience_seconds: float | None = None,
) -> NDArray[np.float64]:
    """The least time [s] within which ``share`` (0 to below 1) of the *offered* contacts are answered.

    Shapes broadcast.  0 where so many do not wait at all; inf where so many are never answered, because they
    hang up before, or because the queue grows without end.  The service level rises with the time, so it is
    bisected, to a thousandth of a second.

    100 calls in 30 minutes at 180 s and 14 agents: 80 % are answered at once, 95 % within 56 s.

    >>> answered_within(14, 10.0, aht_seconds=180.0, share=[0.8, 0.95]).round(0).tolist()
    [0.0, 56.0]
    """
    shape, (n, a, aht, wanted) = broadcast(
        agents=agents, erlangs=erlangs, aht_seconds=aht_seconds, share=share
    )
    if np.any(wanted >= 1.0):
        raise QueueingError("a share must lie below 1: the last contact may wait for ever")

    def level(within: NDArray[np.float64]) -> NDArray[np.float64]:
        if patience_seconds is None:
            return erlang_c.service_level(n, a, aht_seconds=aht, within_seconds=within)
        return erlang_a.measures(
            n, a, aht_seconds=aht, patience_seconds=patience_seconds, within_seconds=within
        ).service_level

    low, high = np.zeros(n.size), np.full(n.size, LONGEST_SECONDS)
    at_once, ever = level(low) >= wanted, level(high) >= wanted
    # Doubling first would save steps where waits are short; 34 halvings of 1e7 s reach a thousandth.
    for _ in range(34):
        middle = (low + high) / 2
        enough = level(middle) >= wanted
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    found = np.where(at_once, 0.0, np.where(ever, high, np.inf))
    return found.reshape(shape)
