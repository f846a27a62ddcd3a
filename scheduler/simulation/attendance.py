"""Attendance: who of a roster is at the queue, given the shrinkage the requirement was raised for.

What is planned is taken out of the roster before anything is played: it is known beforehand, so it is no
chance, and every path meets the same.  What is not planned falls on agents at random, a local day at a time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from forecasting.grid import IntervalGrid
from scheduler.simulation.staffed import StaffedTime
from scheduler.staffing.shrinkage import ShrinkagePlan

__all__ = ["Attendance", "attendance"]

Floats = NDArray[np.float64]
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendance:
    """``staffed``: the roster without what is planned away.  ``absence``: probability that an agent misses
    a local day of it, in [0, 1), for every day with staffed time."""

    staffed: tuple[StaffedTime, ...]
    absence: Mapping[date, float]


def attendance(staffed: Sequence[StaffedTime], plan: ShrinkagePlan, grid: IntervalGrid) -> Attendance:
    """``staffed`` with the causes of ``plan`` at work, on the planning intervals of ``grid``.

    Planned: in each clock hour of its windows a cause owes its share of the staffed time of each queue.
    Whole people sit out the hour (the part of it in the window), those who lost least of their time so far
    first; what is left over, less than half of somebody's hour, is owed in the next.  Unplanned: the
    probability of a day is the mean share over its staffed time, divided by the share that planned causes
    leave, because both are shares of the same rostered time.

    >>> from datetime import UTC, time
    >>> from scheduler.staffing.shrinkage import ShrinkageCause
    >>> nine = datetime(2026, 11, 24, 9, tzinfo=UTC)
    >>> grid = IntervalGrid(start=nine, interval=timedelta(minutes=30), count=16, zone="UTC")
    >>> team = [StaffedTime(agent=a, queue="chat", start=nine, end=nine + timedelta(hours=8)) for a in "abcd"]
    >>> meeting = ShrinkageCause(name="meeting", share=0.5, planned=True, hours=(time(13), time(14)))
    >>> sick = ShrinkageCause(name="sickness", share=0.06)
    >>> found = attendance(team, ShrinkagePlan(causes=(meeting, sick)), grid)
    >>> [(row.agent, row.start.hour, row.end.hour) for row in found.staffed if row.agent in "ac"]
    [('a', 9, 13), ('a', 14, 17), ('c', 9, 17)]
    >>> round(found.absence[date(2026, 11, 24)], 4)
    0.064
    """
    left = _without_planned(staffed, plan.planned, grid)
    return Attendance(staffed=left, absence=_absence(left, plan, grid))


def _without_planned(
    staffed: Sequence[StaffedTime], plan: ShrinkagePlan, grid: IntervalGrid
) -> tuple[StaffedTime, ...]:
    share = plan.per_interval(grid)
    if not np.any(share > 0.0) or not staffed:
        return tuple(staffed)
    start = np.array([(row.start - grid.start).total_seconds() for row in staffed])
    end = np.array([(row.end - grid.start).total_seconds() for row in staffed])
    rostered: dict[str, float] = defaultdict(float)
    for row in staffed:
        rostered[row.agent] += (row.end - row.start).total_seconds()
    owed: dict[str, float] = defaultdict(float)
    lost: dict[str, float] = defaultdict(float)
    away: dict[tuple[str, str], list[tuple[datetime, datetime]]] = defaultdict(list)
    for part, of_time in _hours(share, grid):
        first, last = part.start * grid.interval_seconds, part.stop * grid.interval_seconds
        overlap = np.minimum(end, last) - np.maximum(start, first)
        there: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        for i in map(int, np.flatnonzero(overlap > 0.0)):
            there[staffed[i].queue][staffed[i].agent] += float(overlap[i])
        for queue, seconds in sorted(there.items()):
            owed[queue] += of_time * sum(seconds.values())
            for agent in sorted(seconds, key=lambda a: (lost[a] / rostered[a], a)):
                if owed[queue] >= seconds[agent] / 2.0:
                    owed[queue] -= seconds[agent]
                    lost[agent] += seconds[agent]
                    away[agent, queue].append((grid.start_of(part.start), grid.start_of(part.stop)))
    return tuple(piece for row in staffed for piece in _cut(row, away[row.agent, row.queue]))


def _hours(share: Floats, grid: IntervalGrid) -> Iterator[tuple[slice, float]]:
    """Runs of intervals of one local hour that lose the same share, with that share; those that lose none
    are left out."""
    hours = grid.minutes_of_day() // 60
    first = 0
    for i in range(1, grid.count + 1):
        if i == grid.count or hours[i] != hours[first] or abs(share[i] - share[first]) > 1e-12:
            if share[first] > 0.0:
                yield slice(first, i), float(share[first])
            first = i


def _cut(row: StaffedTime, away: Sequence[tuple[datetime, datetime]]) -> Iterator[StaffedTime]:
    """What is left of ``row``; ``away`` is in order of time, without overlaps."""
    at = row.start
    for start, end in away:
        if end <= at or start >= row.end:
            continue
        if start > at:
            yield replace(row, start=at, end=start)
        at = max(at, end)
    if at < row.end:
        yield replace(row, start=at)


def _absence(left: Sequence[StaffedTime], plan: ShrinkagePlan, grid: IntervalGrid) -> dict[date, float]:
    """Per local day on which a stretch begins: the mean of unplanned / (1 - planned) over its time."""
    # A shift may begin on the evening before the grid and end on the morning after it.
    around = IntervalGrid(
        start=grid.start - DAY,
        interval=grid.interval,
        count=grid.count + 2 * (DAY // grid.interval),
        zone=grid.zone,
    )
    chance = plan.unplanned.per_interval(around) / (1.0 - plan.planned.per_interval(around))
    edges = np.arange(around.count + 1) * around.interval_seconds
    summed = np.concatenate(([0.0], np.cumsum(chance * around.interval_seconds)))
    zone = ZoneInfo(grid.zone)
    missed: dict[date, float] = defaultdict(float)
    total: dict[date, float] = defaultdict(float)
    for row in left:
        day = row.start.astimezone(zone).date()
        begin, end = (
            float(np.interp((t - around.start).total_seconds(), edges, summed)) for t in (row.start, row.end)
        )
        missed[day] += end - begin
        total[day] += (row.end - row.start).total_seconds()
    return {day: missed[day] / seconds for day, seconds in total.items() if seconds > 0.0}
