"""Plays the next hour of one queue from where it stands: who waits, who is busy, who is rostered until when.

Places (an agent has ``concurrency`` of them) take the waiting contact that is due first; nobody takes
anything after the end of a stretch of staffed time, but finishes what he has.  Busy places become free after
an exponential time of the mean handling time: what is left of an exponential time is as long as the whole.
Unlike `engine`, which plays weeks from an empty queue, this begins with a backlog and counts promises that
fall due in a window.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scheduler.errors import SimulationError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

__all__ = ["Ahead", "LiveQueue", "Stretch", "play_ahead"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """``agent`` is at the queue from ``start`` to ``end`` [s after now]; a start below 0 is now."""

    agent: str
    start: float
    end: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LiveQueue:
    """A queue as it stands; all times in seconds after now.

    ``waiting_due``: when each waiting contact's answer is due (below 0: overdue already; inf: promised
    nothing).  ``in_hand``: contacts being worked on.  ``means``: expected arrivals per interval of
    ``interval_seconds`` from now on, ``own_excess`` their relative variance beyond Poisson.
    ``level``: shape and rate of the gamma factor common to all intervals, None where it is 1.
    ``promises``: seconds from arrival until due, one drawn per arrival.  ``absence``: probability that a
    rostered agent is not there.  ``answered_at_end``: a letter is answered when it is done, a call when it
    is taken.
    """

    waiting_due: Floats
    in_hand: int
    means: Floats
    interval_seconds: float
    own_excess: float
    level: tuple[float, float] | None
    promises: Floats
    aht_seconds: float
    concurrency: int = 1
    patience_seconds: float | None = None
    absence: float = 0.0
    answered_at_end: bool = False

    def __post_init__(self) -> None:
        if self.promises.size == 0:
            raise SimulationError("there must be at least one promise to draw from (inf: none)")
        if not self.aht_seconds > 0 or self.concurrency < 1 or self.interval_seconds <= 0:
            raise SimulationError("handling time, places and interval must be positive")
        if not 0.0 <= self.absence < 1.0:
            raise SimulationError(f"absence must lie in [0, 1), got {self.absence}")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ahead:
    """``broken``: promises broken in the window, shape (paths,)."""

    broken: Ints

    @property
    def expected(self) -> float:
        """Mean number of broken promises."""
        return float(self.broken.mean())

    def chance(self, least: int) -> float:
        """Share of the paths with at least so many broken."""
        return float(np.mean(self.broken >= least))


def play_ahead(
    queue: LiveQueue,
    staffed: Sequence[Stretch],
    *,
    window: tuple[float, float],
    paths: int,
    seed: int,
) -> Ahead:
    """Play ``paths`` futures and count the promises that are due in ``window`` [s after now) and broken.

    A contact that leaves before its promise is due breaks none.  The same seed plays the same contacts
    whatever is staffed, so two rosters differ by the roster alone.
    """
    # numba takes a second to load, and the dataclasses of this module are wanted without it.
    from scheduler.simulation.ahead_kernel import play_once

    if paths < 1 or not 0 <= window[0] < window[1]:
        raise SimulationError("there must be at least one path, and a window that lies ahead")
    horizon = window[1]
    intervals = min(queue.means.size, int(np.ceil(horizon / queue.interval_seconds)))
    backlog = np.sort(queue.waiting_due)
    agents = {name: i for i, name in enumerate(dict.fromkeys(s.agent for s in staffed))}
    rows = sorted((s for s in staffed if s.end > 0 and s.start < horizon), key=lambda s: (s.start, s.agent))
    start = np.repeat(np.array([max(0.0, s.start) for s in rows], dtype=np.float64), queue.concurrency)
    end = np.repeat(np.array([s.end for s in rows], dtype=np.float64), queue.concurrency)
    owner = np.repeat(np.array([agents[s.agent] for s in rows], dtype=np.int64), queue.concurrency)
    broken = np.empty(paths, dtype=np.int64)
    for p in range(paths):
        # Streams of their own: another roster leaves arrivals and handling as they were.
        arrivals_rng, people_rng = (np.random.default_rng([seed, p, stream]) for stream in (0, 1))
        arrival = _arrivals(queue, intervals, arrivals_rng)
        arrival = arrival[arrival < horizon]
        due = arrival + arrivals_rng.choice(queue.promises, arrival.size)
        total = backlog.size + arrival.size
        service = arrivals_rng.standard_exponential(total) * queue.aht_seconds
        leaves = np.full(total, np.inf)
        if queue.patience_seconds is not None:
            leaves = arrivals_rng.standard_exponential(total) * queue.patience_seconds
            leaves[backlog.size :] += arrival
        there = people_rng.random(len(agents)) >= queue.absence
        busy = people_rng.standard_exponential(start.size) * queue.aht_seconds
        broken[p] = play_once(
            start,
            end,
            there[owner] if start.size else np.zeros(0, dtype=np.bool_),
            busy,
            queue.in_hand,
            backlog,
            arrival,
            due,
            service,
            leaves,
            queue.answered_at_end,
            window[0],
            window[1],
        )
    return Ahead(broken=broken)


def _arrivals(queue: LiveQueue, intervals: int, rng: np.random.Generator) -> Floats:
    """Arrival times of one path, in order."""
    means = queue.means[:intervals]
    level = 1.0 if queue.level is None else rng.gamma(queue.level[0]) / queue.level[1]
    own = np.ones(intervals)
    if queue.own_excess > 0 and intervals:
        own = rng.gamma(1.0 / queue.own_excess, size=intervals) * queue.own_excess
    counts = rng.poisson(means * level * own)
    at = rng.random(int(counts.sum())) + np.repeat(np.arange(intervals), counts)
    at.sort()
    return np.asarray(at * queue.interval_seconds, dtype=np.float64)
