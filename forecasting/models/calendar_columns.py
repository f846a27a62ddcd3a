"""The calendar columns of day-level regressions: what is special about a day, as numbers.

``day_columns`` is the only way to get them.  Which columns there are depends on the calendar: one without
public holidays on open days has no columns for them; dated events bring those of ``forecasting.effects``.
A fitted model keeps the columns it was fitted with and asks for their values again when it predicts.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from forecasting.calendars import ONE_DAY, ForecastCalendar
from forecasting.effects import EventColumn, event_columns, event_matrix
from forecasting.models.base import EffectKind, weekday_pattern

MONTH_DAYS = 30.44
MARGIN = timedelta(days=45)


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarColumn:
    """``prior_sd``: how large the effect is expected to be, on the log scale, before any data.

    ``event``: the part of an event's curve it stands for, where ``kind`` is EVENT.
    """

    kind: EffectKind
    number: int
    prior_sd: float
    event: EventColumn | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DayColumns:
    """``matrix``: one row per day, one column per entry of ``columns``, shape (days, columns)."""

    columns: tuple[CalendarColumn, ...]
    matrix: NDArray[np.float64]

    @property
    def prior_sd(self) -> NDArray[np.float64]:
        """Shape (columns,)."""
        return np.array([column.prior_sd for column in self.columns])


ALWAYS: tuple[CalendarColumn, ...] = (
    *(CalendarColumn(kind=EffectKind.WEEKDAY, number=i, prior_sd=0.7) for i in range(7)),
    CalendarColumn(kind=EffectKind.AFTER_CLOSURE, number=1, prior_sd=0.12),
    CalendarColumn(kind=EffectKind.AFTER_CLOSURE, number=2, prior_sd=0.08),
    CalendarColumn(kind=EffectKind.BEFORE_CLOSURE, number=1, prior_sd=0.08),
    *(CalendarColumn(kind=EffectKind.WORKING_DAY_OF_MONTH, number=i, prior_sd=0.06) for i in range(1, 6)),
    *(CalendarColumn(kind=EffectKind.WORKING_DAY_TO_MONTH_END, number=i, prior_sd=0.06) for i in (1, 2)),
    CalendarColumn(kind=EffectKind.MID_MONTH, number=1, prior_sd=0.04),
    # Sine and cosine of two harmonics; their sum is the wave.
    *(CalendarColumn(kind=EffectKind.DAY_OF_MONTH, number=i, prior_sd=0.03) for i in (1, 1, 2, 2)),
)
"""In every calendar."""
OPEN_HOLIDAYS: tuple[CalendarColumn, ...] = (
    CalendarColumn(kind=EffectKind.PUBLIC_HOLIDAY, number=1, prior_sd=0.4),
    CalendarColumn(kind=EffectKind.BEFORE_PUBLIC_HOLIDAY, number=1, prior_sd=0.12),
    CalendarColumn(kind=EffectKind.AFTER_PUBLIC_HOLIDAY, number=1, prior_sd=0.12),
)
"""Where the calendar names public holidays."""
MAKE_UP_WORKDAYS: tuple[CalendarColumn, ...] = (
    CalendarColumn(kind=EffectKind.MAKE_UP_WORKDAY, number=1, prior_sd=0.15),
)
"""Where the calendar names make-up workdays; on top of the weekday they are worked like."""


def working_weekdays(calendar: ForecastCalendar) -> frozenset[int]:
    """Weekdays open at least half as long as the longest one: those that count working days."""
    minutes = {w: sum(p.to_minute - p.from_minute for p in periods) for w, periods in calendar.weekly.items()}
    longest = max(minutes.values(), default=0)
    return frozenset(w for w, open_for in minutes.items() if open_for > 0 and 2 * open_for >= longest)


def columns_for(calendar: ForecastCalendar) -> tuple[CalendarColumn, ...]:
    """The columns a model fitted under this calendar has."""
    return (
        *ALWAYS,
        *(OPEN_HOLIDAYS if calendar.public_holidays else ()),
        *(MAKE_UP_WORKDAYS if calendar.make_up_workdays else ()),
        *(
            CalendarColumn(kind=EffectKind.EVENT, number=e.number, prior_sd=e.prior_sd, event=e)
            for e in event_columns(calendar)
        ),
    )


def day_columns(
    calendar: ForecastCalendar, days: Sequence[date], *, known: tuple[CalendarColumn, ...] | None = None
) -> DayColumns:
    """Calendar columns of the days; those of the calendar, or ``known``: those a model was fitted with.

    >>> office = ForecastCalendar.always_open("Asia/Shanghai")
    >>> fitted = day_columns(office, [date(2026, 3, 2)])
    >>> later = day_columns(office, [date(2026, 3, 3), date(2026, 3, 4)], known=fitted.columns)
    >>> later.matrix.shape == (2, len(fitted.columns))
    True
    """
    return _day_columns(calendar, tuple(days), known)


@lru_cache(maxsize=64)
def _day_columns(
    calendar: ForecastCalendar, days: tuple[date, ...], known: tuple[CalendarColumn, ...] | None
) -> DayColumns:
    """Held: models that compete ask for the same days, and so do queues of one calendar."""
    columns = columns_for(calendar) if known is None else known
    # Events come last, after all that hangs on the calendar itself.
    plain = tuple(column for column in columns if column.event is None)
    events = [column.event for column in columns if column.event is not None]
    matrix = _matrix(calendar, days, plain)
    if events:
        matrix = np.hstack([matrix, event_matrix(calendar, days, events)])
    matrix.flags.writeable = False
    return DayColumns(columns=columns, matrix=matrix)


def _matrix(
    calendar: ForecastCalendar, days: Sequence[date], columns: tuple[CalendarColumn, ...]
) -> NDArray[np.float64]:
    matrix = np.zeros((len(days), len(columns)))
    if not days:
        return matrix
    place = {(c.kind, c.number): i for i, c in reversed(list(enumerate(columns)))}
    first_weekday = place[EffectKind.WEEKDAY, 0]
    matrix[np.arange(len(days)), first_weekday + weekday_pattern(calendar, days)] = 1.0

    working = working_weekdays(calendar)
    first, last = min(days) - MARGIN, max(days) + MARGIN
    span = [first + timedelta(days=i) for i in range((last - first).days + 1)]
    due = [day for day in span if calendar.weekday_like(day) in working]
    is_open = [calendar.is_open(day) for day in due]
    by_month: dict[tuple[int, int], list[date]] = {}
    for day, opened in zip(due, is_open, strict=True):
        if opened:
            by_month.setdefault((day.year, day.month), []).append(day)

    for row, day in enumerate(days):
        month = by_month.get((day.year, day.month), [])
        position = bisect_left(month, day)
        if position < len(month) and month[position] == day:
            for kind, number in (
                (EffectKind.WORKING_DAY_OF_MONTH, position + 1),
                (EffectKind.WORKING_DAY_TO_MONTH_END, len(month) - position),
            ):
                column = place.get((kind, number))
                if column is not None:
                    matrix[row, column] = 1.0
            if day.day >= 15 and (position == 0 or month[position - 1].day < 15):
                matrix[row, place[EffectKind.MID_MONTH, 1]] = 1.0
        before = _closed_steps(due, is_open, day)
        if 1 in before:
            matrix[row, place[EffectKind.AFTER_CLOSURE, 1]] = 1.0
        if 2 in before:
            matrix[row, place[EffectKind.AFTER_CLOSURE, 2]] = 1.0
        after = bisect_left(due, day + timedelta(days=1))
        if after < len(due) and not is_open[after]:
            matrix[row, place[EffectKind.BEFORE_CLOSURE, 1]] = 1.0
        wave = place[EffectKind.DAY_OF_MONTH, 1]
        for harmonic in (1, 2):
            angle = 2 * np.pi * harmonic * day.day / MONTH_DAYS
            matrix[row, wave + 2 * harmonic - 2 : wave + 2 * harmonic] = np.sin(angle), np.cos(angle)
        for kind in _special(calendar, day):
            special = place.get((kind, 1))
            if special is not None:
                matrix[row, special] = 1.0
    return matrix


def _special(calendar: ForecastCalendar, day: date) -> list[EffectKind]:
    """Which of the kinds that only some calendars have apply to the day."""
    if day in calendar.make_up_workdays:
        return [EffectKind.MAKE_UP_WORKDAY]
    if calendar.is_open_holiday(day):
        return [EffectKind.PUBLIC_HOLIDAY]
    found: list[EffectKind] = []
    # A holiday that closes the queue is a closure, with columns of its own.
    if calendar.is_open_holiday(day + ONE_DAY):
        found.append(EffectKind.BEFORE_PUBLIC_HOLIDAY)
    if calendar.is_open_holiday(day - ONE_DAY):
        found.append(EffectKind.AFTER_PUBLIC_HOLIDAY)
    return found


def _closed_steps(due: list[date], is_open: list[bool], day: date) -> set[int]:
    """1 where a closure lies between the day and the last open working day, 2 where one day earlier."""
    found: set[int] = set()
    at = bisect_left(due, day) - 1
    for step in (1, 2):
        while at >= 0 and not is_open[at]:
            found.add(step)
            at -= 1
        at -= 1
    return found
