"""RegularSeries: a history as one unbroken run of equally many intervals a day, as season models want it.

Models with fixed season lengths (MSTL, TBATS) know no closed nights and no holidays.  So only weekdays and
intervals that are ever open are kept, one day after the other; what is closed inside that rectangle is
zero, and what was not seen (a holiday, an outage) is the last value of its weekday and interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from forecasting.calendars import ForecastCalendar
from forecasting.day_table import DayTable, open_cells
from forecasting.errors import HistoryError
from forecasting.models.base import weekday_pattern
from forecasting.profiles import fill_unseen

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
MIN_WEEKS = 2
A_MONDAY = date(2024, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RegularSeries:
    """``values`` [count] in order of time, shape (days x intervals a day,).

    ``weekdays``: those of the series, Monday 0; ``columns``: its columns of the day table; ``open``: weekday
    by column of the day table.  ``next_day``: the first day after the table.
    """

    values: Floats
    weekdays: tuple[int, ...]
    columns: NDArray[np.int64]
    open: Mask
    next_day: date
    calendar: ForecastCalendar

    @classmethod
    def from_table(cls, table: DayTable, seen: Mask, calendar: ForecastCalendar) -> RegularSeries:
        """From the ``seen`` cells of a table, shape (days, columns).

        Raises HistoryError with fewer than two weeks, the least a weekly season can be seen in.
        """
        week = tuple(A_MONDAY + timedelta(days=i) for i in range(7))
        bare = ForecastCalendar(zone=calendar.zone, weekly=calendar.weekly)
        usual = open_cells(bare, week, table.minutes, table.interval)
        weekdays = tuple(int(w) for w in np.flatnonzero(usual.any(axis=1)))
        columns = np.flatnonzero(usual.any(axis=0)).astype(np.int64)
        present = np.flatnonzero(seen.any(axis=1))
        if present.size == 0 or not weekdays:
            raise HistoryError("nothing was observed in opening hours")
        kept = np.arange(int(present[0]), table.day_count)
        kept = kept[np.isin(table.weekdays()[kept], weekdays)]
        if kept.size < MIN_WEEKS * len(weekdays):
            raise HistoryError(f"a weekly season needs {MIN_WEEKS} weeks of days, got {kept.size} days")
        of_row = table.weekdays()[kept]
        values = np.where(seen[kept], table.counts[kept], np.nan)[:, columns]
        for weekday in weekdays:
            values[of_row == weekday] = _carried(values[of_row == weekday])
        values[~usual[of_row][:, columns]] = 0.0
        return cls(
            values=np.nan_to_num(values).ravel(),
            weekdays=weekdays,
            columns=columns,
            open=usual,
            next_day=table.first_day + timedelta(days=table.day_count),
            calendar=calendar,
        )

    @property
    def day_length(self) -> int:
        return int(self.columns.size)

    @property
    def week_length(self) -> int:
        return self.day_length * len(self.weekdays)

    @property
    def season_lengths(self) -> list[int]:
        """Day and week; only the week where there is one interval a day."""
        return [length for length in (self.day_length, self.week_length) if length > 1]

    def days_until(self, last: date) -> list[date]:
        """The days of the series from ``next_day`` to ``last``."""
        span = (self.next_day + timedelta(days=i) for i in range((last - self.next_day).days + 1))
        return [day for day in span if day.weekday() in self.weekdays]

    def on_days(self, forecast: Floats, days: Sequence[date]) -> Floats:
        """A forecast of the series, from ``next_day`` on, on any days: shape (len(days), table columns).

        ``forecast``: shape (days x intervals a day,), whole weeks at least one.  Days outside the series
        (a make-up workday, a weekday never open) take the mean of the weekday they are worked like.
        """
        own = forecast.reshape(-1, self.day_length)
        count = own.shape[0]
        sequence: list[date] = []
        day = self.next_day
        while len(sequence) < count:
            if day.weekday() in self.weekdays:
                sequence.append(day)
            day += timedelta(days=1)
        of_row = np.array([day.weekday() for day in sequence])
        table = np.zeros(self.open.shape)
        for weekday in self.weekdays:
            table[weekday, self.columns] = own[of_row == weekday].mean(axis=0)
        table = fill_unseen(table, self.open)
        pattern = weekday_pattern(self.calendar, days)
        cells = table[pattern]
        place = {day: row for row, day in enumerate(sequence)}
        for row, day in enumerate(days):
            at = place.get(day)
            if at is not None and pattern[row] == day.weekday():
                cells[row] = np.where(self.open[day.weekday()], _spread(own[at], self), cells[row])
        return cells


def _spread(values: Floats, series: RegularSeries) -> Floats:
    """One day's values on all columns of the table."""
    whole = np.zeros(series.open.shape[1])
    whole[series.columns] = values
    return whole


def _carried(values: Floats) -> Floats:
    """Gaps filled with the last value of the column, at the beginning with the first."""
    filled = values.copy()
    for rows in (range(1, filled.shape[0]), range(filled.shape[0] - 2, -1, -1)):
        for row in rows:
            before = row - 1 if rows.step > 0 else row + 1
            gap = np.isnan(filled[row])
            filled[row, gap] = filled[before, gap]
    return filled
