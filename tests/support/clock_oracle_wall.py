"""The second reading's clock on the wall: what it shows in each minute, and the hours that hang beside it.

Instants are whole microseconds since 1970, days are ordinals of the local date.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from bot.core.calendar import BusinessCalendar

__all__ = ["DAY", "LONGEST_DAYS", "MINUTE", "Wall", "as_datetime", "microseconds"]

MINUTE = 60_000_000
DAY = 1440 * MINUTE
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST_DAYS = 500


@lru_cache(maxsize=4_000)
def _wall_readings(zone_name: str, utc_day: int) -> tuple[array[int], array[int]]:
    """What the clock on the wall shows in each minute of a UTC day: the date's ordinal, the minute of it."""
    zone = ZoneInfo(zone_name)
    days, minutes = array("l"), array("l")
    for number in range(1440):
        shown = datetime.fromtimestamp((utc_day * 1440 + number) * 60, zone)
        days.append(shown.toordinal())
        minutes.append(shown.hour * 60 + shown.minute)
    return days, minutes


@lru_cache(maxsize=4_000)
def _turns(zone_name: str, utc_day: int) -> tuple[int, ...]:
    """The minutes of a UTC day in which the date on the wall is another than in the minute before."""
    days, _ = _wall_readings(zone_name, utc_day)
    return tuple(number for number in range(1, 1440) if days[number] != days[number - 1])


@dataclass(slots=True)
class Wall:
    """The wall of one calendar: its clock, and the opening hours that hang beside it."""

    calendar: BusinessCalendar
    _hours: dict[int, bytes] = field(default_factory=dict)
    _open: dict[int, bytes] = field(default_factory=dict)

    def shows(self, at: int) -> tuple[int, int]:
        """(Ordinal of the date, minute of it) at an instant."""
        days, minutes = _wall_readings(self.calendar.zone, at // DAY)
        number = at % DAY // MINUTE
        return days[number], minutes[number]

    def open_minutes(self, utc_day: int) -> bytes:
        """For each minute of a UTC day 1 while it is open."""
        if utc_day not in self._open:
            days, minutes = _wall_readings(self.calendar.zone, utc_day)
            hours = {day: self._hours_of(day) for day in set(days)}
            self._open[utc_day] = bytes(
                [hours[day][minute] for day, minute in zip(days, minutes, strict=True)]
            )
        return self._open[utc_day]

    def _hours_of(self, day: int) -> bytes:
        """What the notice of a date says for each minute the wall can show."""
        if day not in self._hours:
            on, notice = date.fromordinal(day), self.calendar
            if on in notice.special_days:
                periods = notice.special_days[on].periods
            elif on in notice.makeup_workdays:
                periods = notice.weekly.get(0, ())  # Monday's hours
            elif on in notice.holidays:
                periods = ()
            else:
                periods = notice.weekly.get(on.weekday(), ())
            minutes = bytearray(1440)
            for opens, closes in periods:
                end = 1440 if closes == time(0) else closes.hour * 60 + closes.minute
                for minute in range(opens.hour * 60 + opens.minute, end):
                    minutes[minute] = 1
            self._hours[day] = bytes(minutes)
        return self._hours[day]

    def is_working(self, day: int) -> bool:
        on, notice = date.fromordinal(day), self.calendar
        if on in notice.special_days:
            return notice.special_days[on].working
        if on in notice.makeup_workdays:
            return True
        return on not in notice.holidays and on.weekday() in notice.working_weekdays

    def days_after(self, at: int) -> Iterator[tuple[int, int, bool]]:
        """Each date from that of ``at`` on as the wall shows it: ordinal, close of business, ever open.

        A date the wall never shows (Apia, 30 December 2011) is none.  One that never opens closes when it
        ends.
        """
        first, _ = self.shows(at)
        showing, close, opened = None, 0, False
        for utc_day in range(at // DAY - 2, at // DAY + LONGEST_DAYS):
            days, _ = _wall_readings(self.calendar.zone, utc_day)
            opening = self.open_minutes(utc_day)
            turns = _turns(self.calendar.zone, utc_day)
            if days[0] != showing:
                turns = (0, *turns)
            for begins, ends in pairwise(sorted({0, *turns, 1440})):
                if begins in turns:
                    start = utc_day * DAY + begins * MINUTE
                    if showing is not None and showing >= first:
                        yield showing, close if opened else start, opened
                    showing, opened = days[begins], False
                last_open = opening.rfind(1, begins, ends)
                if last_open >= 0:
                    close, opened = utc_day * DAY + (last_open + 1) * MINUTE, True


def microseconds(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)


def as_datetime(at: int) -> datetime:
    return _EPOCH + timedelta(microseconds=at)
