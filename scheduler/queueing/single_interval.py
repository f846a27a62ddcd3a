"""How likely a single interval meets its target, and how many agents make it as likely as is asked for.

A target met on average is missed in every second interval: in half an hour the share in time scatters, and
the load is not what was forecast.  Two layers, both in closed form but for one sum:

- Given the load, the share in time among an interval's contacts has the mean of Erlang A (or C) and the
  variance of the central limit theorem for its birth-death chain (W. Whitt, "Asymptotic formulas for Markov
  processes with applications to simulation", Operations Research 40, 1992).  It is taken as beta distributed.
- The load is lognormal about its forecast with the relative variance of the forecast's error
  (arrival rates as random variables: G. Jongbloed, G. Koole, "Managing uncertainty in call centers using
  Poisson mixtures", 2001; the lognormal is ours, as in ``forecasting.uncertainty.sample_paths``).

Against simulation the chance is within 0.03 from 1.5 to 200 erlangs (tests).  An interval is taken in steady
state; see ``offered_load`` for loads that change faster than contacts are finished.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scheduler.errors import QueueingError
from scheduler.queueing import interval_kernels
from scheduler.queueing.measures import broadcast, whole
from scheduler.queueing.search import SEARCH_LIMIT
from scheduler.queueing.targets import ServiceTarget

Floats = NDArray[np.float64]


def chance_met(
    agents: ArrayLike,
    erlangs: ArrayLike,
    *,
    aht_seconds: ArrayLike,
    target: ServiceTarget,
    interval_seconds: ArrayLike,
    patience_seconds: float | None = None,
    load_excess: ArrayLike = 0.0,
) -> Floats:
    """Chance that the share in time of one interval reaches ``target.share``; shapes broadcast.

    ``load_excess``: relative variance of the load about ``erlangs``.  Without load nothing fails: 1.

    Staffed exactly as Erlang C says, the target holds in four of five half-hours only:

    >>> target = ServiceTarget(share=0.8, within_seconds=20.0)
    >>> float(chance_met(14, 10.0, aht_seconds=180.0, target=target, interval_seconds=1800.0).round(2))
    0.8
    """
    return _over_loads(
        agents, erlangs, aht_seconds, target, interval_seconds, patience_seconds, load_excess, expected=False
    )


def expected_share(
    agents: ArrayLike,
    erlangs: ArrayLike,
    *,
    aht_seconds: ArrayLike,
    target: ServiceTarget,
    patience_seconds: float | None = None,
    load_excess: ArrayLike = 0.0,
) -> Floats:
    """Share of all contacts answered in time when the load is uncertain, as ``chance_met`` has it.

    Lower than at the expected load: more contacts come in the busy intervals, in which fewer are in time.

    >>> target = ServiceTarget(share=0.8, within_seconds=20.0)
    >>> [float(expected_share(14, 10.0, aht_seconds=180.0, target=target, load_excess=v).round(3))
    ...  for v in (0.0, 0.04)]
    [0.888, 0.761]
    """
    return _over_loads(
        agents, erlangs, aht_seconds, target, 1.0, patience_seconds, load_excess, expected=True
    )


def least_agents_for_chance(
    erlangs: ArrayLike,
    *,
    aht_seconds: ArrayLike,
    target: ServiceTarget,
    interval_seconds: ArrayLike,
    probability: ArrayLike,
    patience_seconds: float | None = None,
    load_excess: ArrayLike = 0.0,
) -> NDArray[np.int64]:
    """Fewest agents with which ``chance_met`` reaches ``probability``; shapes broadcast; 0 without load.

    Of ``target`` only share and seconds count.  Raises QueueingError beyond ``SEARCH_LIMIT``.

    >>> target = ServiceTarget(share=0.8, within_seconds=20.0)
    >>> [int(least_agents_for_chance(10.0, aht_seconds=180.0, target=target, interval_seconds=1800.0,
    ...                              probability=0.9, load_excess=v)) for v in (0.0, 0.01)]
    [15, 16]
    """
    return _least(
        erlangs,
        aht_seconds,
        target,
        interval_seconds,
        probability,
        patience_seconds,
        load_excess,
        expected=False,
    )


def least_agents_expected(
    erlangs: ArrayLike,
    *,
    aht_seconds: ArrayLike,
    target: ServiceTarget,
    patience_seconds: float | None = None,
    load_excess: ArrayLike = 0.0,
) -> NDArray[np.int64]:
    """Fewest agents with which ``expected_share`` reaches the target's share; without excess: Erlang A or C.

    >>> target = ServiceTarget(share=0.8, within_seconds=20.0)
    >>> int(least_agents_expected(10.0, aht_seconds=180.0, target=target))
    14
    """
    return _least(
        erlangs, aht_seconds, target, 1.0, target.share, patience_seconds, load_excess, expected=True
    )


def _patience(patience_seconds: float | None) -> float:
    if patience_seconds is None:
        return math.inf
    if not (math.isfinite(patience_seconds) and patience_seconds > 0):
        raise QueueingError(f"patience_seconds must be positive and finite, got {patience_seconds}")
    return float(patience_seconds)


def _over_loads(
    agents: ArrayLike,
    erlangs: ArrayLike,
    aht_seconds: ArrayLike,
    target: ServiceTarget,
    interval_seconds: ArrayLike,
    patience_seconds: float | None,
    load_excess: ArrayLike,
    *,
    expected: bool,
) -> Floats:
    shape, (n, a, aht, length, excess) = broadcast(
        agents=agents,
        erlangs=erlangs,
        aht_seconds=aht_seconds,
        interval_seconds=interval_seconds,
        load_excess=load_excess,
    )
    _refuse(a, aht, length)
    out = np.empty(n.size)
    interval_kernels.over_loads_array(
        whole(n),
        a,
        np.sqrt(np.log1p(excess)),
        aht,
        _patience(patience_seconds),
        target.within_seconds,
        target.share,
        length,
        expected,
        out,
    )
    return out.reshape(shape)


def _least(
    erlangs: ArrayLike,
    aht_seconds: ArrayLike,
    target: ServiceTarget,
    interval_seconds: ArrayLike,
    wanted: ArrayLike,
    patience_seconds: float | None,
    load_excess: ArrayLike,
    *,
    expected: bool,
) -> NDArray[np.int64]:
    shape, (a, aht, length, chance, excess) = broadcast(
        erlangs=erlangs,
        aht_seconds=aht_seconds,
        interval_seconds=interval_seconds,
        probability=wanted,
        load_excess=load_excess,
    )
    _refuse(a, aht, length)
    if np.any(chance >= 1.0):
        raise QueueingError("a probability must lie below 1: nothing is certain")
    out = np.empty(a.size, dtype=np.int64)
    interval_kernels.least_over_loads_array(
        a,
        np.sqrt(np.log1p(excess)),
        aht,
        _patience(patience_seconds),
        target.within_seconds,
        target.share,
        length,
        chance,
        expected,
        SEARCH_LIMIT,
        out,
    )
    if np.any(out < 0):
        worst = float(a[out < 0].max())
        raise QueueingError(
            f"more than {SEARCH_LIMIT} agents would be needed for a load of {worst:.1f} erlangs"
        )
    return out.reshape(shape)


def _refuse(erlangs: Floats, aht: Floats, length: Floats) -> None:
    if np.any(np.isinf(erlangs)):
        raise QueueingError("erlangs must be finite")
    if np.any((aht <= 0) & (erlangs > 0)):
        raise QueueingError("aht_seconds must be positive where there is load")
    if np.any(length <= 0):
        raise QueueingError("interval_seconds must be positive")
