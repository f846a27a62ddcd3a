"""DayTable: a history as local days by interval of day, the shape in which profiles and levels are learned.

On a 25-hour day two intervals fall into one cell, which then holds their mean; on a 23-hour day some cells
are empty.  So a cell is always *contacts per interval*.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from forecasting.calendars import DAY_MINUTES, ForecastCalendar, open_minutes
from forecasting.errors import HistoryError
from forecasting.grid import IntervalGrid
from forecasting.history import VolumeHistory


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DayTable:
    """Consecutive local days (rows) by interval of the local day (columns).

    ``counts``: mean contacts per interval of the cell [count], 0 where unobserved, shape (days, columns).
    ``observed``: True where every interval of the cell was observed, same shape.
    ``intervals``: grid intervals in the cell (0, 1 or 2), same shape.
    """

    zone: str
    interval: timedelta
    first_day: date
    counts: NDArray[np.float64]
    observed: NDArray[np.bool_]
    intervals: NDArray[np.int64]

    @classmethod
    def from_history(cls, history: VolumeHistory) -> DayTable:
        """Raises HistoryError for an empty grid."""
        grid = history.grid
        if grid.count == 0:
            raise HistoryError("the history has no intervals")
        first, days, rows, columns = cells_of(grid)
        shape = (days, DAY_MINUTES // int(grid.interval_seconds // 60))
        intervals = np.zeros(shape, dtype=np.int64)
        seen = np.zeros(shape, dtype=np.int64)
        total = np.zeros(shape)
        np.add.at(intervals, (rows, columns), 1)
        np.add.at(seen, (rows, columns), history.observed.astype(np.int64))
        np.add.at(total, (rows, columns), np.where(history.observed, history.offered, 0.0))
        observed = (intervals > 0) & (seen == intervals)
        return cls(
            zone=grid.zone,
            interval=grid.interval,
            first_day=first,
            counts=np.where(observed, total / np.maximum(intervals, 1), 0.0),
            observed=observed,
            intervals=intervals,
        )

    @property
    def day_count(self) -> int:
        return int(self.counts.shape[0])

    @property
    def minutes(self) -> NDArray[np.int64]:
        """First minute of every column."""
        length = int(self.interval.total_seconds() // 60)
        return np.arange(self.counts.shape[1], dtype=np.int64) * length

    def days(self) -> list[date]:
        return list(_days_from(self.first_day, self.day_count))

    def weekdays(self) -> NDArray[np.int64]:
        return (self.first_day.weekday() + np.arange(self.day_count, dtype=np.int64)) % 7

    def before(self, day: date) -> DayTable:
        """Only the days before ``day``."""
        keep = max(0, min(self.day_count, (day - self.first_day).days))
        return DayTable(
            zone=self.zone,
            interval=self.interval,
            first_day=self.first_day,
            counts=self.counts[:keep],
            observed=self.observed[:keep],
            intervals=self.intervals[:keep],
        )

    def open_by(self, calendar: ForecastCalendar) -> NDArray[np.bool_]:
        """True where the calendar opens the whole cell, shape (days, columns)."""
        return open_cells(calendar, tuple(self.days()), self.minutes, self.interval)


def open_cells(
    calendar: ForecastCalendar, days: tuple[date, ...], minutes: NDArray[np.int64], interval: timedelta
) -> NDArray[np.bool_]:
    """True where the calendar opens the whole cell, shape (len(days), len(minutes))."""
    return _open_cells(calendar, days, tuple(minutes.tolist()), interval).copy()


@lru_cache(maxsize=64)
def _days_from(first: date, count: int) -> tuple[date, ...]:
    return tuple(first + timedelta(days=i) for i in range(count))


@lru_cache(maxsize=64)
def _open_cells(
    calendar: ForecastCalendar, days: tuple[date, ...], starts: tuple[int, ...], interval: timedelta
) -> NDArray[np.bool_]:
    """Held: models that compete ask for the same days, and so do queues of one calendar."""
    minutes = np.array(starts, dtype=np.int64)
    length = int(interval.total_seconds() // 60)
    held: dict[object, NDArray[np.bool_]] = {}
    mask = np.zeros((len(days), minutes.size), dtype=np.bool_)
    for row, day in enumerate(days):
        periods = calendar.periods_on(day)
        if periods not in held:
            held[periods] = open_minutes(periods, minutes, length)
        mask[row] = held[periods]
    return mask


@lru_cache(maxsize=64)
def cells_of(grid: IntervalGrid) -> tuple[date, int, NDArray[np.int64], NDArray[np.int64]]:
    """First local day, number of days, and the row and column of every interval of the grid."""
    dates = grid.local_dates()
    first = min(dates[0], dates[-1])
    rows = np.fromiter((d.toordinal() for d in dates), dtype=np.int64, count=grid.count) - first.toordinal()
    columns = grid.minutes_of_day() // int(grid.interval_seconds // 60)
    rows.setflags(write=False)
    columns.setflags(write=False)
    return first, int(rows[-1]) + 1, rows, columns


def runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Start and end (exclusive) of every run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
