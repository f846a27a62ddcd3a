"""Agents at work against agents required, per queue and interval."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from forecasting.grid import IntervalGrid
from scheduler.roster.problem import RosterProblem
from scheduler.roster.roster import Roster, UncoveredInterval

__all__ = ["QueueCoverage", "coverage", "joined_gaps", "uncovered"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class QueueCoverage:
    """One queue's cover; arrays of shape (grid.count,) [agents]; under = required above at work."""

    queue: str
    required: NDArray[np.int64]
    at_work: NDArray[np.int64]

    @property
    def under(self) -> NDArray[np.int64]:
        """Missing agents."""
        missing: NDArray[np.int64] = np.maximum(self.required - self.at_work, 0)
        return missing

    @property
    def over(self) -> NDArray[np.int64]:
        """Agents beyond the requirement."""
        spare: NDArray[np.int64] = np.maximum(self.at_work - self.required, 0)
        return spare


def coverage(problem: RosterProblem, roster: Roster) -> tuple[QueueCoverage, ...]:
    """Cover of every queue of the problem, in its order.

    An agent counts in an interval that a segment of work on the queue fills wholly.
    """
    at_work = {q: np.zeros(problem.grid.count, dtype=np.int64) for q in problem.queues}
    for assignment in roster.assignments:
        for segment in assignment.shift.segments:
            if segment.activity in at_work:
                at_work[segment.activity][problem.grid.slice_between(segment.start, segment.end)] += 1
    return tuple(
        QueueCoverage(queue=q, required=problem.required(q), at_work=at_work[q]) for q in problem.queues
    )


def uncovered(problem: RosterProblem, roster: Roster) -> tuple[UncoveredInterval, ...]:
    """Spans with too few agents, by queue and time; neighbours with the same gap are one span."""
    found: list[UncoveredInterval] = []
    for cover in coverage(problem, roster):
        found += joined_gaps(problem.grid, cover.queue, cover.under)
    return tuple(found)


def joined_gaps(grid: IntervalGrid, name: str, gaps: NDArray[np.int64]) -> list[UncoveredInterval]:
    """Spans of ``gaps`` above 0, shape (grid.count,), under a name; neighbours alike are one span."""
    found: list[UncoveredInterval] = []
    start: datetime | None = None
    missing = 0
    for i, gap in enumerate((*gaps.tolist(), 0)):
        if gap == missing:
            continue
        here = grid.start_of(i)
        if start is not None and missing:
            found.append(UncoveredInterval(queue=name, start=start, end=here, missing=missing))
        start, missing = here, gap
    return found
