"""BusinessCalendar: when a queue is open and which days are working days."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from bot.core.errors import RefusedError
from forecasting.grid import local_midnight

Period = tuple[time, time]
"""Opening period of a local day, [start, end); an end of 00:00 means midnight at the end of the day."""

_DAY: Final = timedelta(days=1)
_MONDAY: Final = 0
_HORIZON_DAYS: Final = 366
_REACH: Final = timedelta(hours=25)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialDay:
    """A date with hours of its own; no periods means closed.  ``working``: counts as a working day."""

    name: str
    periods: tuple[Period, ...]
    working: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessCalendar:
    """Weekly opening hours of one zone, with holidays, make-up workdays and special days.

    ``weekly``: weekday (Monday 0) to its periods, sorted, not overlapping; absent means closed.
    ``working_weekdays``: weekdays that count as working days unless a holiday or special day says no.
    ``holidays``: closed local dates with their name.  ``makeup_workdays``: weekend dates that count as
    working days with the hours of Monday.  ``special_days`` win over all of these.
    ``worked_holidays``: public holidays that close nothing; contacts still come differently on them.
    """

    name: str
    zone: str
    weekly: Mapping[int, tuple[Period, ...]]
    working_weekdays: frozenset[int] = frozenset({0, 1, 2, 3, 4})
    holidays: Mapping[date, str] = field(default_factory=dict)
    makeup_workdays: Mapping[date, str] = field(default_factory=dict)
    special_days: Mapping[date, SpecialDay] = field(default_factory=dict)
    worked_holidays: Mapping[date, str] = field(default_factory=dict)

    def __hash__(self) -> int:
        # Its mappings have no hash; the name tells calendars apart well enough, and equality does the rest.
        return hash((self.name, self.zone))


@lru_cache(maxsize=8_192)
def open_periods(calendar: BusinessCalendar, day: date) -> tuple[tuple[datetime, datetime], ...]:
    """When a local day is open: [start, end) in UTC, sorted, apart from one another.

    A minute is open when the clock on the wall shows a time inside an opening period.  So time the clock
    skips is not there to be counted, and an hour it shows twice is counted twice.

    >>> shop = BusinessCalendar(name="shop", zone="Europe/Lisbon", weekly={6: ((time(0), time(4)),)})
    >>> [(a.isoformat(), b.isoformat()) for a, b in open_periods(shop, date(2026, 3, 29))]  # 3 hours only
    [('2026-03-29T00:00:00+00:00', '2026-03-29T03:00:00+00:00')]
    """
    periods = _local_periods(calendar, day)
    if not periods:
        return ()
    found: list[tuple[datetime, datetime]] = []
    for first, last, offset in _offsets(calendar.zone, day):
        for opens, closes in periods:
            closing_day = day + _DAY if closes == time(0) else day
            start = max(datetime.combine(day, opens, tzinfo=UTC) - offset, first)
            end = min(datetime.combine(closing_day, closes, tzinfo=UTC) - offset, last)
            if start >= end:
                continue
            if found and found[-1][1] == start:
                found[-1] = (found[-1][0], end)
            else:
                found.append((start, end))
    return tuple(found)


def is_working_day(calendar: BusinessCalendar, day: date) -> bool:
    """Whether a local date counts as a working day; special days win, then make-up days, then holidays.

    A date that the zone left out (Apia, 30 December 2011) is none.
    """
    if _left_out(calendar.zone, day):
        return False
    if (special := calendar.special_days.get(day)) is not None:
        return special.working
    if day in calendar.makeup_workdays:
        return True
    return day not in calendar.holidays and day.weekday() in calendar.working_weekdays


def is_open(calendar: BusinessCalendar, instant: datetime) -> bool:
    """Whether the calendar is open at an instant; a period includes its start and not its end."""
    wall = instant.astimezone(ZoneInfo(calendar.zone))
    at = wall.time()
    return any(
        opens <= at and (at < closes or closes == time(0))
        for opens, closes in _local_periods(calendar, wall.date())
    )


def next_opening(calendar: BusinessCalendar, instant: datetime) -> datetime:
    """The first open instant not before ``instant``: itself while open.

    Raises RefusedError where the calendar stays closed for a year.
    """
    for start, end in _periods_from(calendar, instant):
        if end > instant:
            return max(start, instant)
    raise _never_open(calendar, instant)


def add_business_time(calendar: BusinessCalendar, start: datetime, amount: timedelta) -> datetime:
    """The instant at which ``amount`` of open time has passed since ``start``.

    The earliest such instant: time that ends exactly at closing is due at closing, not at the next
    opening.  A zero amount is due at once.  Raises RefusedError where the calendar stays closed for a year.

    >>> office = BusinessCalendar(
    ...     name="office", zone="Asia/Shanghai", weekly={d: ((time(9), time(18)),) for d in range(5)}
    ... )
    >>> friday = datetime(2024, 3, 15, 9, 45, tzinfo=UTC)  # 17:45 in Shanghai
    >>> add_business_time(office, friday, timedelta(minutes=30)).isoformat()  # Monday 09:15
    '2024-03-18T01:15:00+00:00'
    """
    if amount < timedelta(0):
        raise ValueError(f"amount must not be negative, got {amount}")
    if not amount:
        return start
    left = amount
    for opens, closes in _periods_from(calendar, start):
        begin = max(opens, start)
        if closes <= begin:
            continue
        if closes - begin >= left:
            return begin + left
        left -= closes - begin
    raise _never_open(calendar, start)


def business_time_between(calendar: BusinessCalendar, start: datetime, end: datetime) -> timedelta:
    """Open time in [start, end); zero where ``end`` is not after ``start``."""
    total = timedelta(0)
    if end <= start:
        return total
    day, last = local_date(calendar, start) - _DAY, local_date(calendar, end) + _DAY
    while day <= last:
        for opens, closes in open_periods(calendar, day):
            total += max(min(closes, end) - max(opens, start), timedelta(0))
        day += _DAY
    return total


def close_of_business(calendar: BusinessCalendar, day: date) -> datetime:
    """When a local day closes; the local midnight after it where it never opens."""
    periods = open_periods(calendar, day)
    return periods[-1][1] if periods else local_midnight(day + _DAY, calendar.zone)


def close_of_business_after(
    calendar: BusinessCalendar,
    submitted: datetime,
    working_days: int,
    *,
    counts: Callable[[datetime], bool] | None = None,
) -> datetime:
    """Close of business of the Nth working day after the day of submission.

    A contact submitted outside opening hours, or on a day that is no working day, counts as submitted on
    the next working day that still opens.  A working day that never opens (a calendar without hours for
    it) ends at its local midnight.  ``counts`` is asked for each close of business whether its day counts;
    all do unless told.

    Source: FEATURES SP3, F6: submitted Friday 15 March 2024 14:30, 3 working days end Wednesday 20 March.

    >>> office = BusinessCalendar(
    ...     name="office", zone="Asia/Shanghai", weekly={d: ((time(9), time(18)),) for d in range(5)}
    ... )
    >>> close_of_business_after(office, datetime(2024, 3, 15, 6, 30, tzinfo=UTC), 3).isoformat()
    '2024-03-20T10:00:00+00:00'
    """
    if working_days < 0:
        raise ValueError(f"working_days must not be negative, got {working_days}")
    day = day_of_submission(calendar, submitted)
    for _ in range(working_days):
        day = next_working_day(calendar, day + _DAY)
        while counts is not None and not counts(close_of_business(calendar, day)):
            day = next_working_day(calendar, day + _DAY)
    return close_of_business(calendar, day)


def local_date(calendar: BusinessCalendar, instant: datetime) -> date:
    """The date on the calendar's wall at an instant."""
    return instant.astimezone(ZoneInfo(calendar.zone)).date()


def day_of_submission(calendar: BusinessCalendar, submitted: datetime) -> date:
    """The working day a submission counts for: its own while that still opens, else the next one."""
    day = local_date(calendar, submitted)
    if is_working_day(calendar, day):
        periods = open_periods(calendar, day)
        # Before opening, or between two periods, the day itself is the next working day that opens.
        if not periods or submitted < periods[-1][1]:
            return day
    return next_working_day(calendar, day + _DAY)


def next_working_day(calendar: BusinessCalendar, day: date) -> date:
    """``day`` itself if it is a working day, else the first after it.

    Raises RefusedError where there is none for a year.
    """
    for offset in range(_HORIZON_DAYS):
        if is_working_day(calendar, day + offset * _DAY):
            return day + offset * _DAY
    raise RefusedError(
        "calendar_without_working_days",
        f"calendar {calendar.name!r} has no working day in the year from {day}; no due time was made. "
        "Give it working_days in app.yaml.",
        calendar=calendar.name,
    )


def _local_periods(calendar: BusinessCalendar, day: date) -> tuple[Period, ...]:
    if (special := calendar.special_days.get(day)) is not None:
        return special.periods
    if day in calendar.makeup_workdays:
        return calendar.weekly.get(_MONDAY, ())
    if day in calendar.holidays:
        return ()
    return calendar.weekly.get(day.weekday(), ())


def _periods_from(calendar: BusinessCalendar, instant: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Open periods in order, from the day before the one of ``instant``, until a year passes closed."""
    day = local_date(calendar, instant) - _DAY
    closed = 0
    while closed < _HORIZON_DAYS:
        periods = open_periods(calendar, day)
        closed = 0 if periods else closed + 1
        yield from periods
        day += _DAY


@lru_cache(maxsize=4_096)
def _left_out(zone_name: str, day: date) -> bool:
    return local_midnight(day, zone_name) == local_midnight(day + _DAY, zone_name)


@lru_cache(maxsize=4_096)
def _offsets(zone_name: str, day: date) -> tuple[tuple[datetime, datetime, timedelta], ...]:
    """The stretches of constant UTC offset that can hold a local day: [first, last) and the offset.

    At most one change within the 50 hours looked at; no zone has had two so close.
    """
    zone = ZoneInfo(zone_name)
    noon = datetime.combine(day, time(12), tzinfo=zone).astimezone(UTC)
    low, high = noon - _REACH, noon + _REACH
    before, after = _offset(low, zone), _offset(high, zone)
    if before == after:
        return ((low, high, before),)
    left, right = low, high
    while right - left > timedelta(seconds=1):
        middle = left + (right - left) / 2
        if _offset(middle, zone) == before:
            left = middle
        else:
            right = middle
    change = right.replace(microsecond=0)
    return ((low, change, before), (change, high, after))


def _offset(instant: datetime, zone: ZoneInfo) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta(0)


def _never_open(calendar: BusinessCalendar, instant: datetime) -> RefusedError:
    return RefusedError(
        "calendar_never_open",
        f"calendar {calendar.name!r} is closed for a year after {instant.isoformat()}; no due time was made. "
        "Give it hours in app.yaml.",
        calendar=calendar.name,
    )
