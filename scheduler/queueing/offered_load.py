"""Load over time: contacts in progress when the arrival rate changes faster than contacts are finished.

The modified offered load m(t) is the number of busy agents if there were always one free, with arrival rate
r(t) and mean handling time h:   m'(t) = r(t) - m(t) / h.   With r constant inside an interval it is

    m(t) = r h + (m(0) - r h) e^(-t/h)

Staffing each interval for its own arrivals alone is wrong at long handling times: in a rising morning too
many people come too early, and after a peak the contacts begun in it are still being handled.

Sources: S. Eick, W. Massey, W. Whitt, "The physics of the M_t/G/infinity queue", Operations Research 41
(1993); O. Jennings, A. Mandelbaum, W. Massey, W. Whitt, "Server staffing to meet time-varying demand",
Management Science 42 (1996).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from scheduler.errors import QueueingError
from scheduler.queueing import erlang_a, erlang_c, interval_kernels
from scheduler.queueing.search import least_agents
from scheduler.queueing.targets import ServiceTarget

Floats = NDArray[np.float64]

STEPS = 6
"""Moments per interval at which the load is looked at, each the middle of its sixth."""

PASSES = 2
"""How often agents and load are brought into line with each other."""

CORRECTIONS = 20
CORRECTION = 1.01
"""An interval that still fails at the end has its load raised by this factor, at most so many times."""

SLOW = 0.2
"""A handling time of this share of the interval is long: what one interval begins weighs on the next."""

FOLLOWED_UP_TO = 300.0
"""Loads above this [erlang] are not followed: it takes minutes, and large groups swing less."""


def load_within(
    erlangs: Floats, aht_seconds: Floats, open_: NDArray[np.bool_], *, interval_seconds: float
) -> Floats:
    """m(t) at the middles of the sixths of every interval [erlang], shape (count, 6).

    ``erlangs``: load arriving in each interval; ``aht_seconds`` where it is positive; both (count,).  A queue
    starts empty when it opens; one that is open at the start of the first interval is taken to have been as
    busy before.  What is in progress at closing time is finished in closed intervals.

    20-minute contacts, 10 erlangs from the opening on: after the first half-hour 7.8 are in progress.

    >>> is_open = np.array([False, True, True])
    >>> m = load_within(np.array([0.0, 10, 10]), np.full(3, 1200.0), is_open, interval_seconds=1800)
    >>> m.round(1)[1:, [0, 5]].tolist()
    [[1.2, 7.5], [8.0, 9.4]]
    """
    if not erlangs.shape == aht_seconds.shape == open_.shape:
        raise QueueingError(
            f"shapes differ: erlangs {erlangs.shape}, aht {aht_seconds.shape}, open {open_.shape}"
        )
    out = np.zeros((erlangs.size, STEPS))
    middles = (np.arange(STEPS) + 0.5) * (interval_seconds / STEPS)
    begun = float(erlangs[0]) if erlangs.size and open_[0] else 0.0
    aht = 1.0
    for i in range(erlangs.size):
        rate_load = float(erlangs[i]) if open_[i] else 0.0
        # Contacts in progress keep the handling time they came with.
        if rate_load > 0:
            aht = float(aht_seconds[i])
        elif begun <= 0.0:
            continue
        out[i] = rate_load + (begun - rate_load) * np.exp(-middles / aht)
        begun = rate_load + (begun - rate_load) * float(np.exp(-interval_seconds / aht))
        if rate_load <= 0 and begun < 1e-9:
            begun = 0.0
    return out


def level_load(
    erlangs: Floats,
    aht_seconds: Floats,
    open_: NDArray[np.bool_],
    *,
    interval_seconds: float,
    target: ServiceTarget,
    patience_seconds: float | None,
) -> Floats:
    """Per interval the constant load that does to the service what the moving one does, shape (count,).

    In a rising interval it lies above the mean of ``load_within``: the high half does more harm than the low
    one does good, and what the interval before left waiting comes on top.  Found thus: staff for the mean,
    see what share that gives over the moving load, and take the load at which that many agents give the same
    share in steady state; then again with the agents that load asks for.  0 where the queue is closed.

    Contacts long against the interval (a fifth of it): the queue is followed from interval to interval, and
    whoever leaves finishes the contact he has.  Shorter ones are forgotten by the interval's end, so each of
    its moments is taken in steady state.
    """
    within = load_within(erlangs, aht_seconds, open_, interval_seconds=interval_seconds)
    mean = np.where(open_, within.mean(axis=1), 0.0)
    aht = np.where(aht_seconds > 0, aht_seconds, 1.0)
    arriving = np.where(open_, erlangs, 0.0)
    slow = bool(np.any(aht_seconds[arriving > 0] >= SLOW * interval_seconds))
    slow = slow and float(mean.max(initial=0.0)) <= FOLLOWED_UP_TO
    level = mean
    for _ in range(PASSES):
        agents = _agents(level, aht, target, patience_seconds)
        if slow:
            wanted = _followed(arriving, aht, open_, agents, target, interval_seconds, patience_seconds)
        else:
            wanted = _share(agents[:, None], within, aht[:, None], target, patience_seconds).mean(axis=1)
        level = _load_with_share(wanted, agents, aht, mean, target, patience_seconds)
    # People come whole, so the passes may end in going to and fro between two neighbours, one of which fails.
    for _ in range(CORRECTIONS if slow else 0):
        agents = _agents(level, aht, target, patience_seconds)
        share = _followed(arriving, aht, open_, agents, target, interval_seconds, patience_seconds)
        failing = share < target.share
        if not failing.any():
            break
        level = np.where(failing, level * CORRECTION, level)
    return level


def _agents(
    level: Floats, aht: Floats, target: ServiceTarget, patience_seconds: float | None
) -> NDArray[np.int64]:
    by_share = ServiceTarget(share=target.share, within_seconds=target.within_seconds)
    return least_agents(level, aht_seconds=aht, target=by_share, patience_seconds=patience_seconds)


def _followed(
    erlangs: Floats,
    aht: Floats,
    open_: NDArray[np.bool_],
    agents: NDArray[np.int64],
    target: ServiceTarget,
    interval_seconds: float,
    patience_seconds: float | None,
) -> Floats:
    most = float(agents.max(initial=0))
    # Longer queues than these are not met by whoever is staffed for a share in time.
    patient = 10.0 if patience_seconds is None else patience_seconds / float(aht.min())
    size = int(most + min(20.0, 6.0 * (1.0 + math.sqrt(patient))) * math.sqrt(most)) + 50
    out = np.empty(erlangs.size)
    interval_kernels.shares_in_turn(
        np.ascontiguousarray(erlangs),
        aht,
        open_,
        agents,
        math.inf if patience_seconds is None else float(patience_seconds),
        target.within_seconds,
        interval_seconds,
        np.empty(size),
        np.empty(size),
        np.empty(size),
        out,
    )
    return out


def _load_with_share(
    wanted: Floats,
    agents: NDArray[np.int64],
    aht: Floats,
    mean: Floats,
    target: ServiceTarget,
    patience_seconds: float | None,
) -> Floats:
    low, high = 0.5 * mean, 2.0 * mean
    for _ in range(30):
        middle = (low + high) / 2
        enough = _share(agents, middle, aht, target, patience_seconds) >= wanted
        low, high = np.where(enough, middle, low), np.where(enough, high, middle)
    return np.where(mean > 0, (low + high) / 2, 0.0)


def _share(
    agents: NDArray[np.int64],
    erlangs: Floats,
    aht: Floats,
    target: ServiceTarget,
    patience_seconds: float | None,
) -> Floats:
    within = target.within_seconds
    if patience_seconds is None:
        return erlang_c.service_level(agents, erlangs, aht_seconds=aht, within_seconds=within)
    return erlang_a.measures(
        agents, erlangs, aht_seconds=aht, patience_seconds=patience_seconds, within_seconds=within
    ).service_level
