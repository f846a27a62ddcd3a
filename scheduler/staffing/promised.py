"""Promised work: return calls and follow-ups that are due at a time of their own.

It is deferred work, but it has neither the arrivals of a forecast nor the window of its queue's target: each
piece has its own due time.  So it is neither added to the contacts (they would be spread over the target's
window, past the due time, and raised by the margin for a forecast's error) nor a queue of its own (which
would need a whole person in every interval for a tenth of one).  It is load in the intervals in which it
will be worked on, added to that of the queue before people are counted: whole people are rounded once.

For live queues that is cautious: somebody who calls a customer back is as busy as with any contact, but a
return call can wait for a quiet minute, and the formula does not know it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from forecasting.grid import IntervalGrid
from scheduler.errors import StaffingError

__all__ = ["BEFORE", "PromisedWork", "intervals_for", "promised_erlangs"]

BEFORE = timedelta(hours=2)
"""Promised work is done within this time before it is due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromisedWork:
    """One piece of work promised for a time.

    ``kind``: what it is, in the caller's words.  ``made_at``, ``due_at``: aware; it is not begun before it
    was promised.  ``handling_seconds``: how long it takes one person [s].
    """

    kind: str
    made_at: datetime
    due_at: datetime
    handling_seconds: float

    def __post_init__(self) -> None:
        if not (np.isfinite(self.handling_seconds) and self.handling_seconds > 0):
            raise StaffingError(f"promised work must take some time, got {self.handling_seconds} s")


def intervals_for(work: PromisedWork, grid: IntervalGrid, open_: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Indices of the intervals in which ``work`` is done; empty where it is not due within the grid.

    The open intervals that lie in the two hours before it is due and after it was promised; where there are
    none, the last open one that ends by then, else the next open one, else the one in which it is due.

    >>> from datetime import UTC
    >>> ten = datetime(2026, 11, 24, 10, tzinfo=UTC)
    >>> grid = IntervalGrid(start=ten, interval=timedelta(minutes=30), count=6, zone="UTC")
    >>> call = PromisedWork(kind="call", made_at=ten, due_at=ten + timedelta(hours=1), handling_seconds=300.0)
    >>> intervals_for(call, grid, np.ones(6, dtype=bool)).tolist()
    [0, 1]
    """
    if not grid.start < work.due_at <= grid.end:
        return np.zeros(0, dtype=np.int64)
    last = int((work.due_at - grid.start) // grid.interval)  # intervals that end by then
    begun = max(work.made_at, work.due_at - BEFORE, grid.start)
    first = int(-((grid.start - begun) // grid.interval))
    fitting = first + np.flatnonzero(open_[first:last]) if first < last else np.zeros(0, dtype=np.int64)
    if fitting.size:
        return fitting.astype(np.int64)
    due = min(last, grid.count - 1)
    # Promised for the interval it is due in: "in ten minutes".
    if last < grid.count and open_[last] and work.due_at > grid.start_of(last):
        return np.array([last], dtype=np.int64)
    before, after = np.flatnonzero(open_[:last]), last + np.flatnonzero(open_[last:])
    found = before[-1] if before.size else after[0] if after.size else due
    return np.array([found], dtype=np.int64)


def promised_erlangs(
    promised: Sequence[PromisedWork], grid: IntervalGrid, open_: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Load of promised work [erlang], shape (grid.count,): each piece spread evenly over its intervals."""
    load = np.zeros(grid.count)
    for work in promised:
        at = intervals_for(work, grid, open_)
        if at.size:
            load[at] += work.handling_seconds / at.size / grid.interval_seconds
    return load
