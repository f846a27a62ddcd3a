"""Contacts into counts: which intervals there are, and what fell into each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.core.calendar import BusinessCalendar, open_periods

__all__ = ["arrivals_by_interval", "interval_start", "mean", "open_starts"]

DAY = timedelta(days=1)


def interval_start(instant: datetime, interval: timedelta) -> datetime:
    """The start of the interval that contains an instant; intervals divide the hour.

    >>> from datetime import UTC
    >>> interval_start(datetime(2026, 11, 24, 10, 14, 59, tzinfo=UTC), timedelta(minutes=15)).minute
    0
    """
    return instant - timedelta(seconds=instant.timestamp() % interval.total_seconds())


def open_starts(
    calendar: BusinessCalendar, interval: timedelta, begin: datetime, end: datetime
) -> list[datetime]:
    """Starts in [begin, end) of the intervals that contain open time, in order."""
    tz = ZoneInfo(calendar.zone)
    found: dict[datetime, None] = {}
    day: date = begin.astimezone(tz).date() - DAY
    while day <= end.astimezone(tz).date():
        for opens, closes in open_periods(calendar, day):
            start = interval_start(opens, interval)
            while start < closes:
                if begin <= start < end:
                    found[start] = None
                start += interval
        day += DAY
    return sorted(found)


def arrivals_by_interval(
    arrivals: Iterable[tuple[datetime, float | None]], interval: timedelta
) -> dict[datetime, list[float | None]]:
    """(arrival, handling time [s]) by the start of their interval: one entry per contact."""
    found: dict[datetime, list[float | None]] = defaultdict(list)
    for opened_at, seconds in arrivals:
        found[interval_start(opened_at, interval)].append(seconds)
    return found


def mean(values: Sequence[float | None]) -> float | None:
    """Mean of the known values above zero; None where there is none."""
    known = [value for value in values if value]
    return sum(known) / len(known) if known else None
