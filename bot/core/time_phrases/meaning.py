"""What a phrase means: the instant, and how it was understood, so that the answer can say so.

The readings where people differ, once and for all:

- A day without a time, with or without "before" (周五前, by Friday, before 18 March), ends at that day's
  close of business.  The sources write a follow-up "before 18 March" for a promise of 18 March (F6); the
  strict reading would make a promise of Friday afternoon due three hours later, and one made on the eve,
  after closing, broken at once.  A day that is closed ends at the close before it, where that is ahead.
- "6点" is 6:00 or 18:00: the next one within opening hours.  "18:00" is of 24 hours.
- "3 days" ends at the same time on the wall; "3 working days" at close of business (SP3).
- A time that the clock skips is the moment it is skipped; one that is shown twice is the first that is
  still ahead.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from typing import Final
from zoneinfo import ZoneInfo

from bot.core.calendar import (
    BusinessCalendar,
    add_business_time,
    close_of_business_after,
    is_open,
    is_working_day,
    open_periods,
)
from bot.core.errors import RefusedError
from bot.core.time_phrases.words import Part

__all__ = [
    "LONGEST",
    "Assumption",
    "Clock",
    "Phrase",
    "PhraseKind",
    "Understood",
    "not_understood",
    "understand",
]

LONGEST: Final = timedelta(days=366)
"""How far ahead a promise may lie."""

_DAY: Final = timedelta(days=1)
_MIDNIGHT: Final = 24 * 60
_NOON: Final = 12 * 60
_LOOK_BACK: Final = 14
_RECENT_PAST: Final = 60
_ENDS: Final = {
    Part.DAWN: 6 * 60,
    Part.MORNING: _NOON,
    Part.NOON: _NOON,
    Part.AFTERNOON: 18 * 60,
    Part.EVENING: 22 * 60,
}
"""[minutes] When a part of the day is over."""


class PhraseKind(Enum):
    """What kind of time was written."""

    LENGTH = "length"  # 30分钟内, in 2 hours: `Understood.length`
    DAYS = "days"  # 3天内: `Understood.count`
    WORKING_TIME = "working_time"  # 2 working hours: `Understood.length`
    WORKING_DAYS = "working_days"  # `Understood.count`
    CLOCK = "clock"  # a time of a day
    PART_OF_DAY = "part_of_day"  # 明天上午: when that is over
    CLOSE_OF_BUSINESS = "close_of_business"  # a day: when it closes


class Assumption(Enum):
    """What had to be chosen, and is said."""

    HALF_OF_DAY = "half_of_day"  # 6点 could have been either
    TOMORROW = "tomorrow"  # the time has passed today
    CLOSED_DAY = "closed_day"  # the day does not open
    AFTER_CLOSING = "after_closing"  # business has closed already: midnight
    SKIPPED = "skipped"  # the clock does not show this time that day
    REPEATED = "repeated"  # the clock shows this time twice that day


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """The instant (UTC), and the reading; ``zone`` is the wall it was read from."""

    at: datetime
    kind: PhraseKind
    zone: str
    length: timedelta | None = None
    count: int | None = None
    part: Part | None = None
    assumed: tuple[Assumption, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A time as written.  ``exact``: of 24 hours; ``half``: MORNING for am, AFTERNOON for pm."""

    hour: int
    minute: int
    half: Part | None = None
    exact: bool = False


@dataclass(slots=True, kw_only=True)
class Phrase:
    """The places a phrase can fill; filled word by word (`bot.core.time_phrases.reading`)."""

    length: timedelta | None = None
    days: int | None = None
    working_days: int | None = None
    working_time: timedelta | None = None
    day_offset: int | None = None
    weekday: int | None = None
    week: int | None = None
    span_of_week: int | None = None
    end_of_month: bool = False
    year: int | None = None
    month: int | None = None
    day: int | None = None
    part: Part | None = None
    clock: Clock | None = None
    close: bool = False
    minutes_east: int | None = None
    before: bool = False
    ago: bool = False

    @property
    def names_other_day(self) -> bool:
        given = (self.day_offset, self.weekday, self.day)
        return any(value is not None for value in given) or self.end_of_month

    @property
    def names_day(self) -> bool:
        return self.names_other_day or self.span_of_week is not None

    @property
    def is_length(self) -> bool:
        given = (self.length, self.days, self.working_days, self.working_time)
        return any(value is not None for value in given)


def not_understood() -> RefusedError:
    # What was typed may be a customer's words: it is never repeated.
    return RefusedError(
        "time_not_understood",
        "that is no time I understand; nothing was saved. Examples: today before 18:00, tomorrow 10am, "
        "Friday, in 30 min, 3 working days, 今天18点前, 明天上午10点, 3个工作日. "
        "3/4 could be two days: write 4 March or 3月4日.",
    )


def understand(phrase: Phrase, *, calendar: BusinessCalendar, now: datetime, zone: str) -> Understood:
    """The instant a phrase means.  Raises RefusedError: past, too far ahead, or no time at all."""
    try:
        found = _Meaning(calendar=calendar, now=now, zone=zone).of(phrase)
    except (OverflowError, ValueError):
        raise not_understood() from None  # 30 February, the year 9999
    if found.at <= now:
        raise _past()
    if found.at - now > LONGEST:
        raise RefusedError(
            "time_too_far",
            f"that is more than {LONGEST.days} days away; nothing was saved. Promise a nearer time.",
            days=LONGEST.days,
        )
    return found


def _past() -> RefusedError:
    return RefusedError("time_past", "That time is past; nothing saved. Write a time that is still ahead.")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Meaning:
    calendar: BusinessCalendar
    now: datetime
    zone: str
    assumed: list[Assumption] = field(default_factory=list)

    @property
    def wall(self) -> datetime:
        return self.now.astimezone(ZoneInfo(self.zone))

    def of(self, phrase: Phrase) -> Understood:
        if phrase.ago:
            raise _past()
        if phrase.is_length:
            return self._length(phrase)
        if phrase.minutes_east is not None:
            return self._absolute(phrase)
        if phrase.year is not None and phrase.day is None:
            raise not_understood()
        days = self._days(phrase)
        if phrase.clock is not None:
            return self._at_clock(phrase.clock, phrase.part, days)
        if phrase.part is not None:
            return self._end_of_part(phrase.part, days)
        if phrase.close or days is not None:
            return self._made(self._close_of(days or [self.wall.date()]), PhraseKind.CLOSE_OF_BUSINESS)
        raise not_understood()

    def _made(self, at: datetime, kind: PhraseKind, **more: object) -> Understood:
        assumed = tuple(dict.fromkeys(self.assumed))
        return Understood(at=at, kind=kind, zone=self.zone, assumed=assumed, **more)  # type: ignore[arg-type]

    # -- lengths --------------------------------------------------------------------------------------------

    def _length(self, phrase: Phrase) -> Understood:
        timed = phrase.clock is not None or phrase.part is not None or phrase.close
        if phrase.days is not None:
            return self._after_days(phrase.days, phrase)
        if timed:
            raise not_understood()
        if phrase.working_days is not None:
            if not 1 <= phrase.working_days <= LONGEST.days:
                raise not_understood()
            at = close_of_business_after(self.calendar, self.now, phrase.working_days)
            return self._made(at, PhraseKind.WORKING_DAYS, count=phrase.working_days)
        if phrase.working_time is not None:
            if not timedelta(0) < phrase.working_time <= LONGEST:
                raise not_understood()
            at = add_business_time(self.calendar, self.now, phrase.working_time)
            return self._made(at, PhraseKind.WORKING_TIME, length=phrase.working_time)
        assert phrase.length is not None
        return self._made(self.now + phrase.length, PhraseKind.LENGTH, length=phrase.length)

    def _after_days(self, days: int, phrase: Phrase) -> Understood:
        day = self.wall.date() + days * _DAY
        if phrase.clock is not None:
            return self._at_clock(phrase.clock, phrase.part, [day])
        if phrase.part is not None:
            return self._end_of_part(phrase.part, [day])
        if phrase.close:
            return self._made(self._close_of([day]), PhraseKind.CLOSE_OF_BUSINESS)
        at = self._instant(datetime.combine(day, self.wall.time()))
        return self._made(at, PhraseKind.DAYS, count=days)

    # -- days -----------------------------------------------------------------------------------------------

    def _days(self, phrase: Phrase) -> list[date] | None:
        """The days that may be meant, the likeliest first; None where none is named."""
        today = self.wall.date()
        monday = today - today.weekday() * _DAY
        if phrase.day_offset is not None:
            return [today + phrase.day_offset * _DAY]
        if phrase.day is not None:
            return [self._date(phrase.year, phrase.month, phrase.day, today)]
        if phrase.weekday is not None:
            if phrase.week is not None:
                return [monday + (7 * phrase.week + phrase.weekday) * _DAY]
            ahead = (phrase.weekday - today.weekday()) % 7
            first = today + ahead * _DAY
            return [first] if ahead else [first, first + 7 * _DAY]
        if phrase.span_of_week is not None:
            return [self._last_working_day(monday + 7 * phrase.span_of_week * _DAY, 7)]
        if phrase.end_of_month:
            following = (today.replace(day=28) + 4 * _DAY).replace(day=1)
            return [following - _DAY]
        return None

    def _date(self, year: int | None, month: int | None, day: int, today: date) -> date:
        if month is None:
            if year is not None:
                raise not_understood()
            first = today.replace(day=1)
            for _ in range(3):
                following = (first + 31 * _DAY).replace(day=1)
                if day <= (following - first).days and first.replace(day=day) >= today:
                    return first.replace(day=day)
                first = following
            raise not_understood()
        if year is not None:
            return date(year, month, day)
        # A date just gone by is a slip of the pen, not next year's.
        for candidate in range(today.year, today.year + 9):
            try:
                found = date(candidate, month, day)
            except ValueError:
                continue  # 29 February
            if (today - found).days <= _RECENT_PAST:
                return found
        raise not_understood()

    def _last_working_day(self, first: date, days: int) -> date:
        for back in range(days):
            day = first + (days - 1 - back) * _DAY
            if is_working_day(self.calendar, day):
                return day
        return first + (days - 1) * _DAY

    # -- times of a day -------------------------------------------------------------------------------------

    def _at_clock(self, clock: Clock, part: Part | None, days: list[date] | None) -> Understood:
        minutes = minutes_of(clock, part)
        today = self.wall.date()
        candidates: list[tuple[date, int]] = [
            (day, m) for day in (days or [today, today + _DAY]) for m in minutes
        ]
        ahead = [(self._from_midnight(day, m), day) for day, m in candidates]
        ahead = [(at, day) for at, day in ahead if at > self.now]
        if not ahead:
            raise _past()
        usable = [c for c in ahead if self._within_hours(c[0])] if len(minutes) > 1 else []
        at, day = (usable or ahead)[0]
        if len(minutes) > 1:
            self.assumed.append(Assumption.HALF_OF_DAY)
        if days is None and day != today:
            self.assumed.append(Assumption.TOMORROW)
        self._note_clock_change(at, day, minutes)
        return self._made(at, PhraseKind.CLOCK)

    def _end_of_part(self, part: Part, days: list[date] | None) -> Understood:
        today = self.wall.date()
        ahead = [(self._from_midnight(d, _ENDS[part]), d) for d in days or [today, today + _DAY]]
        ahead = [(at, day) for at, day in ahead if at > self.now]
        if not ahead:
            raise _past()
        at, day = ahead[0]
        if days is None and day != today:
            self.assumed.append(Assumption.TOMORROW)
        return self._made(at, PhraseKind.PART_OF_DAY, part=part)

    def _close_of(self, days: Iterable[date]) -> datetime:
        for day in days:
            at = self._close(day)
            if at is not None:
                return at
        raise _past()

    def _close(self, day: date) -> datetime | None:
        midnight = self._from_midnight(day, _MIDNIGHT)
        if midnight <= self.now:
            return None
        periods = open_periods(self.calendar, day)
        if periods:
            if periods[-1][1] > self.now:
                return periods[-1][1]
            self.assumed.append(Assumption.AFTER_CLOSING)
            return midnight
        self.assumed.append(Assumption.CLOSED_DAY)
        for back in range(1, _LOOK_BACK):
            earlier = open_periods(self.calendar, day - back * _DAY)
            if earlier:
                return earlier[-1][1] if earlier[-1][1] > self.now else midnight
        return midnight

    def _within_hours(self, at: datetime) -> bool:
        return is_open(self.calendar, at) or is_open(self.calendar, at - timedelta(seconds=1))

    # -- the wall and the instant ---------------------------------------------------------------------------

    def _absolute(self, phrase: Phrase) -> Understood:
        if phrase.day is None or phrase.month is None or phrase.year is None or phrase.clock is None:
            raise not_understood()
        minutes = phrase.clock.hour * 60 + phrase.clock.minute
        if phrase.clock.minute > 59 or phrase.clock.hour > 23 or phrase.clock.half or phrase.part:
            raise not_understood()
        assert phrase.minutes_east is not None
        midnight = datetime(phrase.year, phrase.month, phrase.day, tzinfo=UTC)
        at = midnight + timedelta(minutes=minutes - phrase.minutes_east)
        return self._made(at, PhraseKind.CLOCK)

    def _from_midnight(self, day: date, minutes: int) -> datetime:
        return self._instant(datetime.combine(day, time(0)) + timedelta(minutes=minutes))

    def _instant(self, wall: datetime) -> datetime:
        """When the clock on the wall shows ``wall``."""
        early, late = _folds(wall, self.zone)
        if early == late:
            return early
        if _shows(early, wall, self.zone):
            return early if early > self.now else late  # shown twice
        return _change_between(late, early, self.zone)

    def _note_clock_change(self, at: datetime, day: date, minutes: tuple[int, ...]) -> None:
        for m in minutes:
            wall = datetime.combine(day, time(0)) + timedelta(minutes=m)
            early, late = _folds(wall, self.zone)
            if early == late or at != self._instant(wall):
                continue
            shown = _shows(early, wall, self.zone)
            self.assumed.append(Assumption.REPEATED if shown else Assumption.SKIPPED)


def minutes_of(clock: Clock, part: Part | None) -> tuple[int, ...]:
    """The minutes from midnight that a time can mean, the likelier first; more than one where it is open.

    >>> minutes_of(Clock(hour=6, minute=30), Part.AFTERNOON), minutes_of(Clock(hour=6, minute=0), None)
    ((1110,), (360, 1080))
    """
    hour, minute, half = clock.hour, clock.minute, clock.half
    if minute > 59 or hour > 24 or (hour == 24 and minute):
        raise not_understood()
    at = hour * 60 + minute
    if half is not None:
        if not 1 <= hour <= 12 and not (half is Part.AFTERNOON and 13 <= hour <= 23):
            raise not_understood()
        if hour > 12:
            return (at,)
        return (at % _NOON + (_NOON if half is Part.AFTERNOON else 0),)
    if part is None or (clock.exact and at >= _NOON and part is not Part.DAWN and part is not Part.MORNING):
        if clock.exact or hour > 12 or hour == 0:
            return (at,)
        return (at, at + _NOON)
    allowed: dict[Part, tuple[range, range]] = {
        # hours taken as they are, and hours to which twelve are added
        Part.DAWN: (range(7), range(12, 13)),
        Part.MORNING: (range(13), range(0)),
        Part.NOON: (range(10, 15), range(1, 3)),
        Part.AFTERNOON: (range(12, 20), range(1, 12)),
        Part.EVENING: (range(16, 25), range(4, 13)),
    }
    plain, later = allowed[part]
    if part is Part.DAWN and hour == 12:
        return (minute,)
    if part is Part.EVENING and hour <= 3:
        return (at + _MIDNIGHT,)  # 晚上1点 is of the night that follows
    if hour in later:
        return (at + _NOON,)
    if hour in plain:
        return (at,)
    raise not_understood()


def _folds(wall: datetime, zone: str) -> tuple[datetime, datetime]:
    """The wall time read with the offset before, and after, a change of the clock near it."""
    held = wall.replace(tzinfo=ZoneInfo(zone))
    return held.astimezone(UTC), held.replace(fold=1).astimezone(UTC)


def _shows(at: datetime, wall: datetime, zone: str) -> bool:
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == wall


def _change_between(low: datetime, high: datetime, zone: str) -> datetime:
    """The instant between the two at which the clock jumps, to the second."""
    place = ZoneInfo(zone)
    before = low.astimezone(place).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(place).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)
