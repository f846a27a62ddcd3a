"""IntervalGrid: the one notion of a time axis for forecasting and scheduling.

A grid is a run of equally long intervals in UTC.  Local time is only a view of it: on the day clocks
go forward a local day has 23 hours of intervals, on the day they go back 25, and no interval is ever
missing or doubled.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from forecasting.errors import GridError

DAY = timedelta(days=1)


def local_midnight(day: date, zone: str) -> datetime:
    """The first instant of a local day, in UTC.

    Where midnight does not exist (some zones change their clocks then) it is the first instant that
    does; where it exists twice it is the earlier one.

    >>> local_midnight(date(2026, 3, 29), "Europe/Lisbon").isoformat()
    '2026-03-29T00:00:00+00:00'
    >>> local_midnight(date(2026, 11, 22), "Asia/Shanghai").isoformat()
    '2026-11-21T16:00:00+00:00'
    """
    return datetime.combine(day, time(0), tzinfo=ZoneInfo(zone)).astimezone(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalGrid:
    """Consecutive intervals of one length, starting at a UTC instant, seen in one zone.

    ``interval`` is between 1 and 60 minutes and divides an hour.  ``count`` may be zero.
    """

    start: datetime
    interval: timedelta
    count: int
    zone: str

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.start.utcoffset() != timedelta(0):
            raise GridError(f"grid start must be aware and in UTC, got {self.start!r}")
        if self.interval <= timedelta(0) or timedelta(hours=1) % self.interval != timedelta(0):
            raise GridError(f"interval must divide one hour, got {self.interval}")
        if self.count < 0:
            raise GridError(f"count must not be negative, got {self.count}")
        ZoneInfo(self.zone)

    @classmethod
    def for_days(cls, *, first: date, days: int, interval: timedelta, zone: str) -> IntervalGrid:
        """The grid of ``days`` whole local days from ``first``; 23- and 25-hour days included.

        Where the clock moves by less than an interval (Lord Howe: 30 minutes) and the interval does not
        divide that, the part interval left at the end is not in the grid.

        >>> IntervalGrid.for_days(
        ...     first=date(2026, 3, 29), days=1, interval=timedelta(minutes=30), zone="Europe/Lisbon"
        ... ).count
        46
        """
        start = local_midnight(first, zone)
        end = local_midnight(first + days * DAY, zone)
        return cls(start=start, interval=interval, count=(end - start) // interval, zone=zone)

    @property
    def end(self) -> datetime:
        """The end of the last interval (exclusive), UTC."""
        return self.start + self.interval * self.count

    @property
    def interval_seconds(self) -> float:
        return self.interval.total_seconds()

    def __len__(self) -> int:
        return self.count

    def start_of(self, index: int) -> datetime:
        """Start of interval ``index``, UTC; an index outside the grid is allowed and extrapolates."""
        return self.start + self.interval * index

    def starts(self) -> Iterator[datetime]:
        """Every interval's start, UTC, in order."""
        return (self.start_of(i) for i in range(self.count))

    def local_starts(self) -> list[datetime]:
        """Every interval's start as an aware local time."""
        tz = ZoneInfo(self.zone)
        return [s.astimezone(tz) for s in self.starts()]

    def index_of(self, instant: datetime) -> int:
        """Index of the interval that contains ``instant``; raises GridError outside the grid."""
        index = (instant - self.start) // self.interval
        if not 0 <= index < self.count:
            raise GridError(f"{instant.isoformat()} is outside the grid {self.describe()}")
        return int(index)

    def slice_between(self, start: datetime, end: datetime) -> slice:
        """Indices of the intervals that lie wholly inside [start, end), clipped to the grid."""
        first = -((self.start - start) // self.interval)
        last = (end - self.start) // self.interval
        return slice(max(0, min(first, self.count)), max(0, min(last, self.count)))

    def edges(self, start: datetime, end: datetime) -> tuple[int, int]:
        """Indices of the intervals ``start`` and ``end`` lie in or begin; outside the grid they extrapolate.

        >>> grid = IntervalGrid.for_days(
        ...     first=date(2026, 11, 2), days=1, interval=timedelta(minutes=15), zone="UTC"
        ... )
        >>> grid.edges(grid.start + timedelta(hours=1), grid.start + timedelta(hours=2))
        (4, 8)
        """
        return (start - self.start) // self.interval, (end - self.start) // self.interval

    def sub(self, part: slice) -> IntervalGrid:
        """The grid of a contiguous part (step 1)."""
        first, last, step = part.indices(self.count)
        if step != 1:
            raise GridError("a part of a grid must be contiguous")
        return IntervalGrid(
            start=self.start_of(first), interval=self.interval, count=max(0, last - first), zone=self.zone
        )

    def local_dates(self) -> list[date]:
        """Local date of every interval's start."""
        return [d for d, _, _ in _local_view(self)]

    def weekdays(self) -> NDArray[np.int64]:
        """Local weekday of every interval, Monday 0 to Sunday 6, shape (count,)."""
        return np.fromiter((d.weekday() for d, _, _ in _local_view(self)), dtype=np.int64, count=self.count)

    def minutes_of_day(self) -> NDArray[np.int64]:
        """Minutes after local midnight *on the clock*, shape (count,).

        On a 25-hour day two intervals share a value; on a 23-hour day some values are absent.
        """
        return np.fromiter((m for _, m, _ in _local_view(self)), dtype=np.int64, count=self.count)

    def days(self) -> dict[date, slice]:
        """Local date to the slice of its intervals, in order."""
        found: dict[date, slice] = {}
        for i, (day, _, _) in enumerate(_local_view(self)):
            held = found.get(day)
            found[day] = slice(i, i + 1) if held is None else slice(held.start, i + 1)
        return found

    def describe(self) -> str:
        minutes = self.interval.total_seconds() / 60
        return f"{self.start.isoformat()} + {self.count} x {minutes:g} min ({self.zone})"


@lru_cache(maxsize=32)
def _local_view(grid: IntervalGrid) -> tuple[tuple[date, int, int], ...]:
    """(local date, minutes on the clock, UTC offset in seconds) of every interval."""
    view: list[tuple[date, int, int]] = []
    for local in grid.local_starts():
        offset = local.utcoffset() or timedelta(0)
        view.append((local.date(), local.hour * 60 + local.minute, int(offset.total_seconds())))
    return tuple(view)
