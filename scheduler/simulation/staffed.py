"""Who works on which queue when: the part of a roster that the simulation needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from forecasting.grid import IntervalGrid
from scheduler.errors import SimulationError
from scheduler.roster.roster import Roster

SHIFTS_APART = timedelta(hours=4)
"""No pause inside a shift is as long."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffedTime:
    """``agent`` works on ``queue`` from ``start`` to ``end`` (exclusive), aware datetimes.

    ``helps``: further queues whose contacts he takes.
    """

    agent: str
    queue: str
    start: datetime
    end: datetime
    helps: frozenset[str] = frozenset()


def staffed_time(
    roster: Roster, queues: Iterable[str], *, helps: Mapping[str, frozenset[str]] | None = None
) -> tuple[StaffedTime, ...]:
    """The stretches of ``roster`` in which somebody works on one of ``queues``; all others are absences.

    ``helps``: agent to all queues he can serve, where he is to help out beside his own.
    """
    wanted = frozenset(queues)
    able = helps or {}
    return tuple(
        StaffedTime(
            agent=assignment.agent,
            queue=segment.activity,
            start=segment.start,
            end=segment.end,
            helps=(able.get(assignment.agent, frozenset()) & wanted) - {segment.activity},
        )
        for assignment in roster.assignments
        for segment in assignment.shift.segments
        if segment.activity in wanted
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rows:
    """Staffed time as arrays in order of start, touching stretches of one agent on one queue joined."""

    start: Floats
    end: Floats
    agent: Ints
    queue: Ints
    day: Ints
    end_order: Ints
    agents: int
    serves: NDArray[np.bool_]
    """Whether the row takes contacts of each queue, shape (rows, queues)."""
    begins: NDArray[np.bool_]
    """Whether the row is the first of its agent's shift: after four hours or more without staffed time."""

    @classmethod
    def of(cls, staffed: Sequence[StaffedTime], queues: Mapping[str, int], grid: IntervalGrid) -> Rows:
        joined: list[StaffedTime] = []
        for row in sorted(staffed, key=lambda r: (r.agent, r.start, r.end)):
            if row.queue not in queues:
                raise SimulationError(
                    f"agent {row.agent} is staffed on queue {row.queue!r}, which is not among those played: "
                    + ", ".join(queues)
                )
            unknown = row.helps - queues.keys()
            if unknown:
                raise SimulationError(
                    f"agent {row.agent} helps in queue {min(unknown)!r}, which is not among those played: "
                    + ", ".join(queues)
                )
            if row.end <= row.start:
                raise SimulationError(f"agent {row.agent}: staffed time ends at {row.end}, before its start")
            before = joined[-1] if joined and joined[-1].agent == row.agent else None
            if before is not None and row.start < before.end:
                raise SimulationError(
                    f"agent {row.agent} is staffed twice at {row.start.isoformat()}: "
                    f"{before.queue!r} and {row.queue!r}"
                )
            same = before is not None and (before.queue, before.helps) == (row.queue, row.helps)
            if before is not None and same and before.end == row.start:
                row = replace(row, start=before.start)
                joined.pop()
            joined.append(row)
        begins = {
            id(row): before is None or before.agent != row.agent or row.start - before.end >= SHIFTS_APART
            for before, row in zip([None, *joined], joined, strict=False)
        }
        agents = {name: i for i, name in enumerate(dict.fromkeys(row.agent for row in joined))}
        joined.sort(key=lambda r: r.start)
        zone = ZoneInfo(grid.zone)
        end = np.array([(row.end - grid.start).total_seconds() for row in joined], dtype=np.float64)
        return cls(
            start=np.array([(row.start - grid.start).total_seconds() for row in joined], dtype=np.float64),
            end=end,
            agent=np.array([agents[row.agent] for row in joined], dtype=np.int64),
            queue=np.array([queues[row.queue] for row in joined], dtype=np.int64),
            day=np.array([row.start.astimezone(zone).toordinal() for row in joined], dtype=np.int64),
            end_order=np.argsort(end, kind="stable").astype(np.int64),
            agents=len(agents),
            serves=np.array(
                [[name == row.queue or name in row.helps for name in queues] for row in joined],
                dtype=np.bool_,
            ).reshape(len(joined), len(queues)),
            begins=np.array([begins[id(row)] for row in joined], dtype=np.bool_),
        )

    def without_absent(self, absence: float | Mapping[date, float], rng: np.random.Generator) -> Rows:
        """The rows that are left when each agent misses each local day with probability ``absence``; by
        day, where that is a mapping (days it does not have are missed by nobody)."""
        if self.start.size == 0:
            return self
        first = int(self.day.min())
        days = int(self.day.max()) - first + 1
        chance = (
            np.array([absence.get(date.fromordinal(first + i), 0.0) for i in range(days)])
            if isinstance(absence, Mapping)
            else absence
        )
        present = rng.random((self.agents, days)) >= chance
        keep = present[self.agent, self.day - first]
        end = self.end[keep]
        return Rows(
            start=self.start[keep],
            end=end,
            agent=self.agent[keep],
            queue=self.queue[keep],
            day=self.day[keep],
            end_order=np.argsort(end, kind="stable").astype(np.int64),
            agents=self.agents,
            serves=self.serves[keep],
            begins=self.begins[keep],
        )

    def with_late_starts(self, mean_seconds: float, rng: np.random.Generator) -> Rows:
        """Every shift begun late by an exponential time of this mean; who is later than his first stretch
        lasts misses it."""
        late = np.where(self.begins, rng.exponential(mean_seconds, self.start.size), 0.0)
        start = self.start + late
        there = np.flatnonzero(start < self.end)
        order = there[np.argsort(start[there], kind="stable")]
        end = self.end[order]
        return Rows(
            start=start[order],
            end=end,
            agent=self.agent[order],
            queue=self.queue[order],
            day=self.day[order],
            end_order=np.argsort(end, kind="stable").astype(np.int64),
            agents=self.agents,
            serves=self.serves[order],
            begins=self.begins[order],
        )
