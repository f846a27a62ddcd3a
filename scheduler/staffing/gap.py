"""Gap: the requirement against the agents on the roster, per interval."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from forecasting.grid import IntervalGrid
from scheduler.errors import StaffingError
from scheduler.staffing.requirement import Requirement

Floats = NDArray[np.float64]


def agents_per_interval(grid: IntervalGrid, spans: Iterable[tuple[datetime, datetime]]) -> Floats:
    """Mean number of agents present in each interval, shape (grid.count,), from spans of presence [UTC).

    Somebody there for 10 of 30 minutes is a third of an agent.  Parts outside the grid are left out.
    """
    length = grid.interval_seconds
    edges = np.zeros(grid.count + 2)
    part = np.zeros(grid.count + 2)
    for start, end in spans:
        if end < start:
            raise StaffingError(
                f"a span of presence ends at {end.isoformat()}, before its start {start.isoformat()}"
            )
        for instant, sign in ((start, 1.0), (end, -1.0)):
            at = min(max((instant - grid.start).total_seconds() / length, 0.0), float(grid.count))
            index = int(at)
            # The interval of the edge gets the part after it, all later ones the whole.
            part[index] += sign * (1.0 - (at - index))
            edges[index + 1] += sign
    return np.asarray((np.cumsum(edges) + part)[: grid.count], dtype=np.float64)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Gap:
    """Required and rostered agents of one queue; all arrays have shape (grid.count,).

    ``required``: scheduled agents [count].
    ``rostered``: agents on the roster, mean over the interval [agents].
    """

    queue: str
    grid: IntervalGrid
    required: NDArray[np.int64]
    rostered: Floats

    @property
    def difference(self) -> Floats:
        """Rostered minus required [agents]; negative where people are missing."""
        return np.asarray(self.rostered - self.required, dtype=np.float64)

    @property
    def understaffed(self) -> Floats:
        """Missing agents, zero where enough are there."""
        return np.maximum(-self.difference, 0.0)

    @property
    def overstaffed(self) -> Floats:
        """Agents beyond the need, zero where none are."""
        return np.maximum(self.difference, 0.0)

    @property
    def hours_short(self) -> float:
        """Agent-hours missing over the whole grid [h]."""
        return float(self.understaffed.sum()) * self.grid.interval_seconds / 3600.0

    @property
    def hours_over(self) -> float:
        """Agent-hours beyond the need over the whole grid [h]."""
        return float(self.overstaffed.sum()) * self.grid.interval_seconds / 3600.0


def gap(requirement: Requirement, rostered_agents: Floats) -> Gap:
    """``requirement`` against ``rostered_agents`` [agents], shape (grid.count,)."""
    if rostered_agents.shape != (requirement.grid.count,):
        raise StaffingError(
            f"rostered agents must have shape ({requirement.grid.count},), got {rostered_agents.shape}"
        )
    return Gap(
        queue=requirement.queue,
        grid=requirement.grid,
        required=requirement.scheduled_agents,
        rostered=np.asarray(rostered_agents, dtype=np.float64),
    )
