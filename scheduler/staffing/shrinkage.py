"""Shrinkage: the share of rostered time in which people are not available for contacts.

Lunch and short breaks stand in the roster as segments of their own and are *not* shrinkage here; what
is left is what no roster shows: sickness, coaching at short notice, system failures.  A cause that is known
beforehand (training, a team meeting) is planned; both kinds raise the requirement, but only what is not
planned falls on a roster at random (`scheduler.simulation.attendance`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time

import numpy as np
from numpy.typing import NDArray

from forecasting.grid import IntervalGrid
from scheduler.errors import StaffingError

DAY_MINUTES = 24 * 60
EVERY_DAY = frozenset(range(7))
UNNAMED = "shrinkage"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShrinkageCause:
    """One reason, as a share of rostered time in [0, 1); ``planned`` when it is known beforehand.

    ``days``: local weekdays on which it acts, Monday 0.  ``hours``: local times [start, end) in which it
    acts, None for all day; an end of 00:00 is midnight, an end before the start is on the day after, which
    then counts as the day of the start.
    """

    name: str
    share: float
    planned: bool = False
    days: frozenset[int] = EVERY_DAY
    hours: tuple[time, time] | None = None

    def __post_init__(self) -> None:
        if not 0.0 <= self.share < 1.0:
            raise StaffingError(f"shrinkage {self.name!r} must be in [0, 1), got {self.share}")
        if not self.days or not self.days <= EVERY_DAY:
            raise StaffingError(f"shrinkage {self.name!r} needs weekdays from 0 to 6, got {set(self.days)}")
        if self.hours is not None and self.hours[0] == self.hours[1]:
            raise StaffingError(f"shrinkage {self.name!r} ends when it begins, at {self.hours[0]}")

    @property
    def all_week(self) -> bool:
        """Whether it acts at every hour of every day."""
        return self.hours is None and self.days == EVERY_DAY

    def minutes(self) -> tuple[int, int]:
        """[start, end) in minutes after the midnight at which its day begins; the end may pass 24 h."""
        if self.hours is None:
            return 0, DAY_MINUTES
        start, end = (t.hour * 60 + t.minute for t in self.hours)
        return start, end if end > start else end + DAY_MINUTES

    def part_of(
        self, weekdays: NDArray[np.int64], minutes: NDArray[np.int64], length: float
    ) -> NDArray[np.float64]:
        """Share of each interval of ``length`` minutes in which it acts, in [0, 1], same shape.

        ``weekdays`` and ``minutes``: local weekday and minutes after midnight of the intervals' starts.
        """
        start, end = self.minutes()
        acts = np.array([day in self.days for day in range(7)])
        found = np.zeros(weekdays.shape)
        # An interval may lie in the window of its own day, run into that of the next (1), or be reached by
        # that of the day before (-1).
        for shift in (-1, 0, 1):
            begin = minutes - shift * DAY_MINUTES
            overlap = np.minimum(begin + length, end) - np.maximum(begin, start)
            found += np.where(acts[(weekdays + shift) % 7], np.clip(overlap, 0.0, length), 0.0)
        return np.asarray(np.minimum(found / length, 1.0), dtype=np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShrinkagePlan:
    """All causes together; their shares are of the same rostered time and add up.

    >>> plan = ShrinkagePlan(causes=(
    ...     ShrinkageCause(name="absence", share=0.06),
    ...     ShrinkageCause(
    ...         name="coaching", share=0.10, planned=True, days=frozenset({1}), hours=(time(13), time(15))
    ...     ),
    ... ))
    >>> [round(part.greatest, 2) for part in (plan, plan.planned, plan.unplanned)]
    [0.16, 0.1, 0.06]
    """

    causes: tuple[ShrinkageCause, ...] = ()

    def __post_init__(self) -> None:
        if self.greatest >= 1.0 - 1e-9:
            raise StaffingError(
                f"the causes of shrinkage add up to {self.greatest:.0%}; nobody would be left"
            )

    @classmethod
    def flat(cls, share: float, name: str = UNNAMED) -> ShrinkagePlan:
        """One unplanned cause at every hour."""
        return cls(causes=(ShrinkageCause(name=name, share=share),))

    @property
    def planned(self) -> ShrinkagePlan:
        """The causes known beforehand."""
        return ShrinkagePlan(causes=tuple(cause for cause in self.causes if cause.planned))

    @property
    def unplanned(self) -> ShrinkagePlan:
        """The causes that come as they come."""
        return ShrinkagePlan(causes=tuple(cause for cause in self.causes if not cause.planned))

    @property
    def is_one_share(self) -> bool:
        """Whether it is nothing more than a share without a reason, at every hour."""
        return all(cause.name == UNNAMED and cause.all_week for cause in self.causes)

    @property
    def greatest(self) -> float:
        """The most that is lost at any moment of a week."""
        return max((self._at(day, minute) for day, minute in self._beginnings()), default=0.0)

    def per_interval(self, grid: IntervalGrid) -> NDArray[np.float64]:
        """Share of rostered time lost, shape (grid.count,); of a cause that acts in a part of an interval,
        that part."""
        return np.asarray(self.by_cause(grid).sum(axis=0), dtype=np.float64)

    def by_cause(self, grid: IntervalGrid) -> NDArray[np.float64]:
        """The same for each cause, shape (number of causes, grid.count)."""
        length = grid.interval_seconds / 60.0
        weekdays, minutes = grid.weekdays(), grid.minutes_of_day()
        found = [cause.share * cause.part_of(weekdays, minutes, length) for cause in self.causes]
        return np.array(found, dtype=np.float64).reshape(len(self.causes), grid.count)

    def _beginnings(self) -> Iterator[tuple[int, int]]:
        """Where the sum can be greatest: the cause that began last of those that act has just begun."""
        for cause in self.causes:
            for day in cause.days:
                yield day, cause.minutes()[0]

    def _at(self, day: int, minute: int) -> float:
        weekdays, minutes = np.array([day]), np.array([minute])
        return float(sum(c.share * c.part_of(weekdays, minutes, 1.0)[0] for c in self.causes))


def scheduled_agents(base_agents: NDArray[np.int64], shrinkage: NDArray[np.float64]) -> NDArray[np.int64]:
    """Agents to roster so that ``base_agents`` are there on average: ceil(base / (1 - s)).

    Dividing by (1 - s), not multiplying by (1 + s): 10 agents at 30 % need 15, not 13.

    >>> scheduled_agents(np.array([10, 9, 0]), np.array([0.3, 0.1, 0.3])).tolist()
    [15, 10, 0]
    """
    exact = base_agents / (1.0 - shrinkage)
    # 9 / (1 - 0.1) is 10.000000000000002 in floating point; that is still ten people.
    return np.asarray(np.ceil(exact - 1e-9), dtype=np.int64)
