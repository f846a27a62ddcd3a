"""ForecastCalendar: when a queue accepts contacts, as data.

Hours are minutes on the local clock, so they hold on days of 23 and 25 hours too.  Which day it is for
the model (working day, first of the month, after a closure) is decided here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from forecasting.errors import ForecastingError
from forecasting.events import DatedEvent
from forecasting.grid import IntervalGrid

DAY_MINUTES = 24 * 60
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class OpenPeriod:
    """Open from ``from_minute`` (inclusive) to ``to_minute`` (exclusive) after local midnight.

    A period over midnight is two periods, one on each day.
    """

    from_minute: int
    to_minute: int

    def __post_init__(self) -> None:
        if not 0 <= self.from_minute < self.to_minute <= DAY_MINUTES:
            raise ForecastingError(
                f"an open period needs 0 <= from < to <= {DAY_MINUTES} minutes, "
                f"got {self.from_minute} to {self.to_minute}; split a period over midnight in two"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialDay:
    """A day with its own hours; no periods means closed."""

    name: str
    periods: tuple[OpenPeriod, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastCalendar:
    """Opening of one queue, and what is special about its days.

    ``weekly``: weekday (Monday 0) to open periods; an absent weekday is closed.
    ``holidays``: closed days with their names.
    ``special_days``: days with own hours or closed; they win over everything else.
    ``make_up_workdays``: a weekend day worked in exchange (调休) to the weekday it is worked like;
    wins over ``holidays``.
    ``closures``: days closed without a name (absent from the source, or known to be absent).
    ``public_holidays``: days that are public holidays, whether the queue is open on them or not.
    ``events``: campaigns, deadlines and outages that act on the volume; they open and close nothing.
    """

    zone: str
    weekly: Mapping[int, tuple[OpenPeriod, ...]]
    holidays: Mapping[date, str] = field(default_factory=dict)
    special_days: Mapping[date, SpecialDay] = field(default_factory=dict)
    make_up_workdays: Mapping[date, int] = field(default_factory=dict)
    closures: frozenset[date] = frozenset()
    public_holidays: Mapping[date, str] = field(default_factory=dict)
    events: tuple[DatedEvent, ...] = ()

    def __hash__(self) -> int:
        # Its mappings have no hash; these tell calendars apart well enough, and equality does the rest.
        return hash((self.zone, len(self.holidays), len(self.closures), self.events))

    def __post_init__(self) -> None:
        for weekday in (*self.weekly, *self.make_up_workdays.values()):
            if not 0 <= weekday <= 6:
                raise ForecastingError(f"a weekday is 0 (Monday) to 6 (Sunday), got {weekday}")

    @classmethod
    def always_open(cls, zone: str) -> ForecastCalendar:
        """Every minute of every day."""
        whole = (OpenPeriod(from_minute=0, to_minute=DAY_MINUTES),)
        return cls(zone=zone, weekly=dict.fromkeys(range(7), whole))

    def weekday_like(self, day: date) -> int:
        """The weekday whose pattern the day follows (differs on make-up workdays)."""
        return self.make_up_workdays.get(day, day.weekday())

    def periods_on(self, day: date) -> tuple[OpenPeriod, ...]:
        """Open periods of the day, in order; empty where closed."""
        special = self.special_days.get(day)
        if special is not None:
            return tuple(sorted(special.periods))
        if day in self.closures:
            return ()
        if day in self.holidays and day not in self.make_up_workdays:
            return ()
        return tuple(sorted(self.weekly.get(self.weekday_like(day), ())))

    def is_open(self, day: date) -> bool:
        return bool(self.periods_on(day))

    def is_regular(self, day: date) -> bool:
        """True where the weekly hours alone would open the day."""
        return bool(self.weekly.get(self.weekday_like(day)))

    def is_closure(self, day: date) -> bool:
        """True where the weekly hours would open the day but it is closed (holiday, special day)."""
        return self.is_regular(day) and not self.is_open(day)

    def is_open_holiday(self, day: date) -> bool:
        """True on a public holiday on which the queue is open; a make-up workday is none."""
        return day in self.public_holidays and day not in self.make_up_workdays and self.is_open(day)

    def with_closures(self, days: Iterable[date]) -> ForecastCalendar:
        """The same calendar with more closed days."""
        return replace(self, closures=self.closures | frozenset(days))

    def open_mask(self, grid: IntervalGrid) -> NDArray[np.bool_]:
        """True where the *whole* interval lies inside opening hours, shape (grid.count,).

        Raises ForecastingError for a grid in another zone.

        >>> hours = {0: (OpenPeriod(from_minute=540, to_minute=1065),)}
        >>> grid = IntervalGrid.for_days(
        ...     first=date(2026, 3, 2), days=1, interval=timedelta(minutes=30), zone="Asia/Shanghai"
        ... )
        >>> int(ForecastCalendar(zone="Asia/Shanghai", weekly=hours).open_mask(grid).sum())
        17
        """
        if grid.zone != self.zone:
            raise ForecastingError(f"the calendar is in {self.zone}, the grid in {grid.zone}; use one zone")
        return _open_mask(self, grid).copy()


@lru_cache(maxsize=64)
def _open_mask(calendar: ForecastCalendar, grid: IntervalGrid) -> NDArray[np.bool_]:
    """Held: models that compete predict the same grid, and so do queues of one calendar."""
    length = int(grid.interval_seconds // 60)
    minutes = grid.minutes_of_day()
    mask = np.zeros(grid.count, dtype=np.bool_)
    for day, part in grid.days().items():
        mask[part] = open_minutes(calendar.periods_on(day), minutes[part], length)
    return mask


def open_minutes(
    periods: tuple[OpenPeriod, ...], minutes: NDArray[np.int64], length: int
) -> NDArray[np.bool_]:
    """True for every interval of ``length`` minutes that begins at ``minutes`` and lies in one period.

    Periods that touch count as one.
    """
    found = np.zeros(minutes.shape, dtype=np.bool_)
    joined: list[list[int]] = []
    for period in sorted(periods):
        if joined and period.from_minute <= joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], period.to_minute)
        else:
            joined.append([period.from_minute, period.to_minute])
    for begin, end in joined:
        found |= (minutes >= begin) & (minutes + length <= end)
    return found
