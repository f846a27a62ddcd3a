"""The calendar columns of the day-level regression: what is special about a day, as numbers."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from forecasting.calendars import ForecastCalendar
from forecasting.models.base import EffectKind, weekday_pattern

MONTH_DAYS = 30.44
MARGIN = timedelta(days=45)


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarColumn:
    """``prior_sd``: how large the effect is expected to be, on the log scale, before any data."""

    kind: EffectKind
    number: int
    prior_sd: float


COLUMNS: tuple[CalendarColumn, ...] = (
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


def working_weekdays(calendar: ForecastCalendar) -> frozenset[int]:
    """Weekdays open at least half as long as the longest one: those that count working days."""
    minutes = {w: sum(p.to_minute - p.from_minute for p in periods) for w, periods in calendar.weekly.items()}
    longest = max(minutes.values(), default=0)
    return frozenset(w for w, open_for in minutes.items() if open_for > 0 and 2 * open_for >= longest)


def calendar_matrix(calendar: ForecastCalendar, days: Sequence[date]) -> NDArray[np.float64]:
    """One row per day, one column per entry of ``COLUMNS``, shape (len(days), len(COLUMNS))."""
    matrix = np.zeros((len(days), len(COLUMNS)))
    if not days:
        return matrix
    place = {(c.kind, c.number): i for i, c in reversed(list(enumerate(COLUMNS)))}
    matrix[np.arange(len(days)), weekday_pattern(calendar, days)] = 1.0

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
    return matrix


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
