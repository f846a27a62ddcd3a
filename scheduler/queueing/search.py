"""The least number of agents that meets a ServiceTarget, for whole arrays of intervals at once."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scheduler.errors import QueueingError
from scheduler.queueing import kernels
from scheduler.queueing.measures import broadcast
from scheduler.queueing.targets import ServiceTarget

SEARCH_LIMIT = 1_000_000
"""No search looks beyond this many agents."""


def least_agents(
    erlangs: ArrayLike,
    *,
    aht_seconds: ArrayLike,
    target: ServiceTarget,
    patience_seconds: float | None = None,
    limit: int = SEARCH_LIMIT,
) -> NDArray[np.int64]:
    """Fewest agents per element that meet share, occupancy and abandonment of ``target`` together.

    Erlang A with ``patience_seconds``, else Erlang C (which has no abandonment to limit).  Shapes
    broadcast; no load needs nobody.  Raises QueueingError where more than ``limit`` would be needed.

    >>> int(least_agents(10.0, aht_seconds=180.0, target=ServiceTarget(share=0.8, within_seconds=20.0)))
    14
    """
    shape, (a, aht) = broadcast(erlangs=erlangs, aht_seconds=aht_seconds)
    if np.any((aht <= 0) & (a > 0)):
        raise QueueingError("aht_seconds must be positive where there is load")
    if np.any(np.isinf(a)):
        raise QueueingError("erlangs must be finite")
    out = np.empty(a.size, dtype=np.int64)
    occupancy = 1.0 if target.max_occupancy is None else float(target.max_occupancy)
    if patience_seconds is None:
        kernels.least_c_array(a, aht, target.within_seconds, target.share, occupancy, limit, out)
    else:
        if not (math.isfinite(patience_seconds) and patience_seconds > 0):
            raise QueueingError(f"patience_seconds must be positive and finite, got {patience_seconds}")
        abandonment = 1.0 if target.max_abandonment is None else float(target.max_abandonment)
        patience = float(patience_seconds)
        kernels.least_a_array(
            a, aht, patience, target.within_seconds, target.share, occupancy, abandonment, limit, out
        )
    if np.any(out < 0):
        worst = float(a[out < 0].max())
        raise QueueingError(f"more than {limit} agents would be needed for a load of {worst:.1f} erlangs")
    return out.reshape(shape)
