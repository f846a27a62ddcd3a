"""Opening hours read off a history, for operators who give none."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from forecasting.calendars import DAY_MINUTES, ForecastCalendar, OpenPeriod
from forecasting.day_table import DayTable, runs
from forecasting.history import VolumeHistory

Mask = NDArray[np.bool_]

QUIET_SHARE = 0.05
"""Intervals under this share of the weekday's busy level count as closed where no hours are given ..."""
QUIET_TOTAL = 0.04
"""... provided they hold no more than this share of all contacts together."""


def opening_pattern(table: DayTable) -> dict[int, tuple[OpenPeriod, ...]]:
    """Weekday to open periods, from what is usually observed.

    An interval is open on a weekday when at least half of that weekday's weeks have it.  Where the
    source has rows round the clock, intervals under 5 % of the weekday's busy level count as closed, if
    together they hold under 4 % of all contacts (a true night service holds more).  Gaps up to an hour
    inside a day are opening hours with missing rows; a lone hour or less apart from the rest is none.  A
    weekday that the history never reached takes the longest hours of the others.  Where rows are so few
    that nothing is usual, every interval seen at all is open.
    """
    pattern: dict[int, tuple[OpenPeriod, ...]] = {}
    weekdays = table.weekdays()
    present: Mask = np.asarray(table.observed.any(axis=1))
    if not present.any():
        return pattern
    first, last = int(np.argmax(present)), table.day_count - int(np.argmax(present[::-1]))
    inside = np.zeros(table.day_count, dtype=np.bool_)
    inside[first:last] = True
    usual = np.zeros((7, table.counts.shape[1]), dtype=np.bool_)
    level = np.zeros((7, table.counts.shape[1]))
    for weekday in range(7):
        rows = inside & (weekdays == weekday)
        # A gap of weeks must not close a weekday: compare with the days that have rows at all,
        # unless they are the exception.
        with_rows = rows & present
        if rows.sum() and with_rows.sum() >= 0.25 * rows.sum():
            usual[weekday] = table.observed[with_rows].mean(axis=0) >= 0.5
            seen = table.observed[with_rows].sum(axis=0)
            level[weekday] = table.counts[with_rows].sum(axis=0) / np.maximum(seen, 1)
    quiet = np.zeros_like(usual)
    for weekday in range(7):
        if usual[weekday].any():
            busy = np.quantile(level[weekday][usual[weekday]], 0.9)
            quiet[weekday] = usual[weekday] & (level[weekday] < QUIET_SHARE * busy)
    if (level * quiet).sum() <= QUIET_TOTAL * (level * usual).sum():
        usual &= ~quiet
    reached = np.array([bool((inside & (weekdays == weekday)).any()) for weekday in range(7)])
    usual[~reached] = usual[int(np.argmax(usual.sum(axis=1)))]
    gap = max(1, int(60 // (table.interval.total_seconds() / 60)))
    for weekday in range(7):
        periods = _periods(usual[weekday], table.minutes, gap)
        if periods:
            pattern[weekday] = periods
    return pattern or _whatever_was_seen(table)


def _whatever_was_seen(table: DayTable) -> dict[int, tuple[OpenPeriod, ...]]:
    weekdays = table.weekdays()
    seen = {weekday: table.observed[weekdays == weekday].any(axis=0) for weekday in range(7)}
    return {weekday: _periods(mask, table.minutes, 0) for weekday, mask in seen.items() if mask.any()}


def calendar_from_history(history: VolumeHistory, *, until: date | None = None) -> ForecastCalendar:
    """A calendar from the history alone: usual hours by weekday, days without contacts as closures.

    ``until`` bounds the closures (exclusive): the days after a history's last row are not closures.
    """
    table = DayTable.from_history(history)
    pattern = opening_pattern(table)
    total = table.counts.sum(axis=1)
    with_rows = np.flatnonzero(table.observed.any(axis=1))
    closures: set[date] = set()
    if with_rows.size:
        for row in range(int(with_rows[0]), int(with_rows[-1]) + 1):
            day = table.first_day + timedelta(days=row)
            if day.weekday() in pattern and total[row] == 0 and (until is None or day < until):
                closures.add(day)
    if not total.any():
        closures = set()
    return ForecastCalendar(zone=history.grid.zone, weekly=pattern, closures=frozenset(closures))


def _periods(usual: Mask, minutes: NDArray[np.int64], gap: int) -> tuple[OpenPeriod, ...]:
    filled = usual.copy()
    for (_, end), (begin, _) in pairwise(runs(usual)):
        if begin - end <= gap:
            filled[end:begin] = True
    for begin, end in runs(filled):
        if end - begin < gap:
            filled[begin:end] = False
    length = DAY_MINUTES // usual.size
    return tuple(
        OpenPeriod(from_minute=int(minutes[begin]), to_minute=int(minutes[end - 1]) + length)
        for begin, end in runs(filled)
    )
