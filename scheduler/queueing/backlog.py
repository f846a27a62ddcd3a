"""Deferrable work: nobody waits on the line, so work may be spread over the time to respond within.

A fluid model: work is an amount of agent-seconds, served first in, first out.  The period is taken to
repeat, so that work left at its end is found again at its start and nothing appears or is lost.

Source of the idea: backlog staffing as in N. Gans, G. Koole, A. Mandelbaum, "Telephone call centers:
tutorial, review, and research prospects", M&SOM 5 (2003), section 4 (deferred work); the even spread is ours.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from scheduler.errors import QueueingError

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

USUAL_OCCUPANCY = 0.90
"""Highest share of their time agents work on deferrable contacts where the target names none."""


def _ranks(open_: Flags, index: NDArray[np.int64]) -> NDArray[np.int64]:
    """Open intervals before ``index``, which may run over the end: the period repeats."""
    before = np.concatenate(([0], np.cumsum(open_))).astype(np.int64)
    cycles, rest = np.divmod(index, open_.size)
    return np.asarray(cycles * before[-1] + before[rest], dtype=np.int64)


def _windows(
    open_: Flags, *, interval_seconds: float, within_seconds: float, count_closed_time: bool
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For work of each interval: first open interval for it and how many (1 or more), as open ranks.

    The window is that of a contact arriving at the interval's start, the earliest to be late.
    """
    whole = max(1, int(within_seconds / interval_seconds + 1e-9))
    index = np.arange(open_.size, dtype=np.int64)
    first = _ranks(open_, index)
    if count_closed_time:
        length = np.maximum(_ranks(open_, index + whole) - first, 1)
    else:
        length = np.full(open_.size, whole, dtype=np.int64)
    return first, length


def spread(
    work_seconds: Floats,
    open_: Flags,
    *,
    interval_seconds: float,
    within_seconds: float,
    count_closed_time: bool = False,
) -> Floats:
    """Each interval's work spread evenly over the open intervals in which it has to be done.

    ``work_seconds``: arriving work [agent-seconds], shape (count,); ``open_``: same shape; the result has
    the same shape and sum and is zero where closed.  Work that arrives while the queue is closed starts
    at the next opening.  Work that cannot be done in time goes into the first open interval.

    >>> spread(np.array([600.0, 0.0, 0.0, 0.0]), np.array([True, True, True, False]),
    ...        interval_seconds=1800.0, within_seconds=3600.0).tolist()
    [300.0, 300.0, 0.0, 0.0]
    """
    if work_seconds.shape != open_.shape:
        raise QueueingError(f"work has shape {work_seconds.shape}, open has {open_.shape}")
    opened = int(np.count_nonzero(open_))
    if opened == 0:
        if np.any(work_seconds > 0):
            raise QueueingError(
                "there is deferrable work, but the queue is never open; give it opening hours"
            )
        return np.zeros(work_seconds.shape)
    first, length = _windows(
        open_,
        interval_seconds=interval_seconds,
        within_seconds=within_seconds,
        count_closed_time=count_closed_time,
    )
    # A window longer than the period is the whole period: every open interval the same.
    length = np.minimum(length, opened)
    first = first % opened
    each = work_seconds / length
    change = np.zeros(2 * opened + 1)
    np.add.at(change, first, each)
    np.add.at(change, first + length, -each)
    running = np.cumsum(change)[: 2 * opened]
    planned = np.zeros(work_seconds.shape)
    # Differences of sums leave crumbs of 1e-13 where there is nothing.
    folded = running[:opened] + running[opened:]
    planned[open_] = np.where(folded > 1e-12 * float(work_seconds.sum()), folded, 0.0)
    return planned


def least_agents(
    planned_seconds: Floats, *, interval_seconds: float, max_occupancy: float | None = None
) -> NDArray[np.int64]:
    """Agents per interval who do the planned work while busy at most ``max_occupancy`` of the time.

    >>> least_agents(np.array([1700.0, 1600.0, 0.0]), interval_seconds=1800.0).tolist()
    [2, 1, 0]
    """
    cap = USUAL_OCCUPANCY if max_occupancy is None else max_occupancy
    return np.asarray(np.ceil(planned_seconds / (interval_seconds * cap) - 1e-9), dtype=np.int64)


def share_in_time(
    work_seconds: Floats,
    agents: NDArray[np.int64],
    open_: Flags,
    *,
    interval_seconds: float,
    within_seconds: float,
    count_closed_time: bool = False,
) -> Floats:
    """Share of each interval's work that is done in time, first in, first out; NaN where none arrives.

    All arrays have shape (count,).  Played over three periods and judged in the second, so the backlog at
    its start is the one its end leaves behind; where the agents cannot do the work at all, it only grows.
    """
    count = work_seconds.size
    capacity = np.tile(agents * interval_seconds, 3).astype(np.float64)
    arriving = np.tile(work_seconds, 3).astype(np.float64)
    arrived = np.cumsum(arriving)
    # Lindley: served(t) = min over s <= t of arrived(s) + capacity(s, t], never above arrived.
    could = np.cumsum(capacity)
    slack = np.minimum.accumulate(np.concatenate(([0.0], arrived[:-1] - could[:-1])))
    done = np.minimum(arrived, could + slack)
    index = np.arange(count, 2 * count)
    whole = max(1, math.floor(within_seconds / interval_seconds + 1e-9))
    if count_closed_time or not np.any(open_):
        last = index + whole - 1
    else:
        # The interval in which the last open one of the window lies.
        places = np.flatnonzero(np.tile(open_, 3))
        rank = np.searchsorted(places, index) + whole - 1
        last = places[np.minimum(rank, places.size - 1)]
    last = np.minimum(last, 3 * count - 1)
    before = arrived[index] - arriving[index]
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.clip(done[last] - before, 0.0, arriving[index]) / arriving[index]
    return np.where(arriving[index] > 0, np.clip(share, 0.0, 1.0), np.nan)
