"""Words put together: which day, which time of it, or how long from now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from bot.core.calendar import BusinessCalendar
from bot.core.time_phrases.meaning import Clock, Phrase, Understood, not_understood, understand
from bot.core.time_phrases.words import LONGEST_TEXT, Part, Sort, Word, cut

__all__ = ["leading_time", "read_time"]

_PREPOSITIONS: Final = frozenset({Sort.BEFORE, Sort.AT, Sort.WITHIN, Sort.AFTER, Sort.NOISE})


def read_time(text: str, *, calendar: BusinessCalendar, now: datetime, zone: str | None = None) -> Understood:
    """The instant a whole text means.

    ``zone`` (the calendar's unless given) is the wall the times are read from; ``calendar`` tells working
    days and closing times.  Raises RefusedError and nothing else: ``time_past``, ``time_too_far``,
    ``time_not_understood``.

    >>> from datetime import UTC, time
    >>> office = BusinessCalendar(
    ...     name="office", zone="Asia/Shanghai", weekly={d: ((time(9), time(18)),) for d in range(5)}
    ... )
    >>> now = datetime(2026, 11, 26, 2, 5, tzinfo=UTC)  # a Thursday, 10:05 in Shanghai
    >>> for text in ("今天18点前", "tomorrow before 10:00"):
    ...     print(read_time(text, calendar=office, now=now).at)
    2026-11-26 10:00:00+00:00
    2026-11-27 02:00:00+00:00
    """
    words = cut(text)
    phrase, used = _read(words)
    rest = text[words[used - 1].end if used else 0 :]
    if len(text) > LONGEST_TEXT or rest.strip(" \t\r\n.。!！,，;；"):
        raise not_understood()
    return understand(phrase, calendar=calendar, now=now, zone=zone or calendar.zone)


def leading_time(
    text: str, *, calendar: BusinessCalendar, now: datetime, zone: str | None = None
) -> tuple[Understood, str]:
    """The time a text begins with, and what follows it.  Raises as `read_time`.

    >>> from datetime import UTC
    >>> always = BusinessCalendar(name="x", zone="UTC", weekly={})
    >>> now = datetime(2026, 11, 26, 2, 5, tzinfo=UTC)
    >>> leading_time("in 30 min call the courier", calendar=always, now=now)[1]
    'call the courier'
    """
    words = cut(text)
    phrase, used = _read(words)
    end = words[used - 1].end if used else 0
    return understand(phrase, calendar=calendar, now=now, zone=zone or calendar.zone), text[end:].strip()


def _read(words: list[Word]) -> tuple[Phrase, int]:
    """The phrase the words make, and how many of them belong to it."""
    reader = _Reader(words)
    reader.read()
    return reader.phrase, reader.used


class _Reader:
    """Takes words from left to right; each fills a place of the phrase that is still empty, or ends it."""

    def __init__(self, words: list[Word]) -> None:
        self._words = words
        self._at = 0
        self._role: Sort | None = None
        self.phrase = Phrase()
        self.used = 0

    def read(self) -> None:
        rules: dict[Sort, Callable[[Word], bool]] = {
            Sort.NUMBER: self._number,
            Sort.ORDINAL: self._ordinal,
            Sort.CLOCK: self._clock_word,
            Sort.DATE: self._date_word,
            Sort.DAY: self._day,
            Sort.DAY_PART: self._day_part,
            Sort.PART: self._part,
            Sort.NOON: self._noon,
            Sort.WEEKDAY: self._weekday,
            Sort.WEEK_OF: self._week_of,
            Sort.WEEK: self._week,
            Sort.MONTH: self._month,
            Sort.MONTH_END: self._month_end,
            Sort.CLOSE: self._close,
            Sort.PAST: self._half_past,
            Sort.LENGTH: self._length_word,
            Sort.ZONE: self._zone,
        }
        while self._at < len(self._words):
            word = self._words[self._at]
            rule = rules.get(word.sort)
            if rule is not None:
                if not rule(word):
                    return
                self._role = None
                self.used = self._at
                continue
            if word.sort is Sort.AGO or word.sort in _PREPOSITIONS:
                self._preposition(word)
                continue
            return

    # -- looking ahead --------------------------------------------------------------------------------------

    def _sort(self, ahead: int) -> Sort | None:
        place = self._at + ahead
        return self._words[place].sort if place < len(self._words) else None

    def _value(self, ahead: int) -> object:
        return self._words[self._at + ahead].value

    def _whole(self, ahead: int) -> int | None:
        """The number there, where it is a whole one."""
        if self._sort(ahead) is not Sort.NUMBER:
            return None
        value = self._value(ahead)
        return int(value) if isinstance(value, float) and value == int(value) else None

    def _take(self, count: int) -> bool:
        self._at += count
        return True

    # -- rules: each takes words and says whether they fit --------------------------------------------------

    def _preposition(self, word: Word) -> None:
        self._at += 1
        if word.sort is Sort.AGO:
            self.phrase.ago = True
        elif word.sort is not Sort.NOISE:
            self._role = None if word.postposed else word.sort
            if word.sort is Sort.BEFORE:
                self.phrase.before = True
                # 3小时前: three hours ago.
                self.phrase.ago |= word.postposed and self.phrase.is_length
        if word.postposed and self.used:
            self.used = self._at

    def _number(self, word: Word) -> bool:
        value = word.value
        assert isinstance(value, float)
        whole = self._whole(0)
        following = self._sort(1)
        if whole is not None:
            if following is Sort.YEAR_SIGN:
                return self._set_year(whole, 2)
            if following is Sort.MONTH_SIGN:
                return self._month_and_day(whole)
            if following is Sort.DAY_SIGN and not self._counts_days(2):
                return self._set_date(None, None, whole, 2)
            if following is Sort.OCLOCK:
                return self._oclock(whole)
            if following is Sort.HALF_DAY:
                half = self._value(1)
                assert isinstance(half, Part)
                return self._set_clock(Clock(hour=whole, minute=0, half=half), 2)
            if following is Sort.MONTH or (following is Sort.NOISE and self._sort(2) is Sort.MONTH):
                return self._day_then_month(whole, 1 if following is Sort.MONTH else 2)
        if self._length(value):
            return True
        if whole is None:
            return False
        if whole >= 1000 and self.phrase.month is not None and self.phrase.year is None:
            return self._set_year(whole, 1)
        hour_wanted = self._role in (Sort.BEFORE, Sort.AT) or self.phrase.names_day or self.phrase.part
        if hour_wanted and whole <= 24:
            return self._set_clock(Clock(hour=whole, minute=0), 1)
        return False

    def _counts_days(self, ahead: int) -> bool:
        """3日内 counts days, 3日 is a date."""
        return self._value(ahead - 1) is True and self._sort(ahead) in (Sort.WITHIN, Sort.AFTER)

    def _length(self, value: float) -> bool:
        """``3 个工作日``, ``1.5 hours``, ``一个半小时``, ``2小时半``."""
        ahead = 1
        if self._sort(ahead) is Sort.MEASURE:
            ahead += 1
        if self._sort(ahead) is Sort.HALF:
            value, ahead = value + 0.5, ahead + 1
        sort = self._sort(ahead)
        if sort is Sort.LENGTH and ahead == 2:
            rest = self._value(ahead)  # 一个半小时 is cut into 一, 个, 半小时
            assert isinstance(rest, int)
            return rest == 30 and self._add_length(timedelta(hours=value, minutes=rest), 3)
        if sort is Sort.DAY_SIGN and self._counts_days(ahead + 1):
            return self._add_days(value, 1, ahead + 1)
        if sort is Sort.DAYS:
            size = self._value(ahead)
            assert isinstance(size, int)
            return self._add_days(value, size, ahead + 1)
        if sort is Sort.WORKING_DAYS:
            return self._set_working_days(value, ahead + 1)
        if sort is Sort.WORKING_HOURS:
            return self._set_working_time(timedelta(hours=value), ahead + 1)
        if sort is not Sort.MINUTES:
            return False
        unit = self._value(ahead)
        assert isinstance(unit, int)
        if self._sort(ahead + 1) is Sort.HALF:
            value, ahead = value + 0.5, ahead + 1
        return self._add_length(timedelta(minutes=value * unit), ahead + 1)

    def _month_and_day(self, month: int) -> bool:
        day = self._whole(2)
        if day is None:
            return False
        return self._set_date(None, month, day, 4 if self._sort(3) is Sort.DAY_SIGN else 3)

    def _day_then_month(self, day: int, ahead: int) -> bool:
        month = self._value(ahead)
        assert isinstance(month, int)
        return self._set_date(None, month, day, ahead + 1)

    def _oclock(self, hour: int) -> bool:
        minute, count = 0, 2
        if self._sort(2) is Sort.HALF:
            minute, count = 30, 3
        elif self._sort(2) is Sort.QUARTER:
            quarter = self._value(2)
            assert isinstance(quarter, int)
            minute, count = quarter, 3
        elif (given := self._whole(2)) is not None and self._sort(3) is not Sort.MINUTES:
            minute, count = given, 4 if self._sort(3) is Sort.MINUTE_SIGN else 3
        half = self._half_of_day(count)
        return self._set_clock(Clock(hour=hour, minute=minute, half=half), count + (half is not None))

    def _ordinal(self, word: Word) -> bool:
        day = word.value
        assert isinstance(day, int)
        ahead = 2 if self._sort(1) is Sort.NOISE else 1
        if self._sort(ahead) is Sort.MONTH:
            return self._day_then_month(day, ahead)
        return self._set_date(None, None, day, 1)

    def _month(self, word: Word) -> bool:
        month = word.value
        assert isinstance(month, int)
        ahead = 2 if self._sort(1) is Sort.NOISE else 1
        day = self._whole(ahead)
        if self._sort(ahead) is Sort.ORDINAL:
            given = self._value(ahead)
            day = given if isinstance(given, int) else None
        if day is None or day > 31:
            return False
        return self._set_date(None, month, day, ahead + 1)

    def _clock_word(self, word: Word) -> bool:
        assert isinstance(word.value, tuple)
        hour, minute, exact = word.value
        half = self._half_of_day(1)
        clock = Clock(hour=hour, minute=minute, half=half, exact=exact and half is None)
        return self._set_clock(clock, 1 if half is None else 2)

    def _half_of_day(self, ahead: int) -> Part | None:
        if self._sort(ahead) is not Sort.HALF_DAY:
            return None
        half = self._value(ahead)
        return half if isinstance(half, Part) else None

    def _half_past(self, word: Word) -> bool:
        hour = self._whole(1)
        minutes = word.value
        if hour is None or not isinstance(minutes, int):
            return False
        half = self._half_of_day(2)
        hour, minute = (hour, minutes) if minutes > 0 else ((hour - 1) % 24, 60 + minutes)
        return self._set_clock(Clock(hour=hour, minute=minute, half=half), 2 + (half is not None))

    def _noon(self, word: Word) -> bool:
        minutes = word.value
        assert isinstance(minutes, int)
        return self._set_clock(Clock(hour=minutes // 60, minute=0, exact=True), 1)

    def _date_word(self, word: Word) -> bool:
        assert isinstance(word.value, tuple)
        year, month, day = word.value
        return self._set_date(year, month, day, 1)

    def _day(self, word: Word) -> bool:
        assert isinstance(word.value, int)
        return self._set_day(word.value, 1)

    def _day_part(self, word: Word) -> bool:
        assert isinstance(word.value, tuple)
        day, part = word.value
        return self.phrase.part is None and self._set_day(day, 0) and self._set_part(part, 1)

    def _part(self, word: Word) -> bool:
        assert isinstance(word.value, Part)
        return self._set_part(word.value, 1)

    def _weekday(self, word: Word) -> bool:
        assert isinstance(word.value, tuple)
        week, weekday = word.value
        return self._set_weekday(week, weekday, 1)

    def _week_of(self, word: Word) -> bool:
        if self._sort(1) is not Sort.WEEKDAY:
            return False
        given = self._value(1)
        assert isinstance(given, tuple)
        assert isinstance(word.value, int)
        return self._set_weekday(word.value, given[1], 2)

    def _week(self, word: Word) -> bool:
        assert isinstance(word.value, int)
        phrase = self.phrase
        if phrase.weekday is not None and phrase.week is None:
            phrase.week = word.value  # Friday next week
            return self._take(1)
        if phrase.names_day or phrase.is_length:
            return False
        phrase.span_of_week = word.value
        return self._take(1)

    def _month_end(self, _: Word) -> bool:
        if self.phrase.names_day or self.phrase.is_length:
            return False
        self.phrase.end_of_month = True
        return self._take(1)

    def _close(self, _: Word) -> bool:
        if self.phrase.close or self.phrase.clock is not None:
            return False
        self.phrase.close = True
        return self._take(1)

    def _length_word(self, word: Word) -> bool:
        assert isinstance(word.value, int)
        return self._add_length(timedelta(minutes=word.value), 1)

    def _zone(self, word: Word) -> bool:
        assert isinstance(word.value, int)
        self.phrase.minutes_east = word.value
        return self._take(1)

    # -- filling places -------------------------------------------------------------------------------------

    def _set_day(self, offset: int, count: int) -> bool:
        if self.phrase.names_day or self.phrase.is_length:
            return False
        self.phrase.day_offset = offset
        return self._take(count)

    def _set_weekday(self, week: int | None, weekday: int, count: int) -> bool:
        phrase = self.phrase
        if phrase.span_of_week is not None and not phrase.names_other_day and week is None:
            week, phrase.span_of_week = phrase.span_of_week, None  # next week Friday
        elif phrase.names_day or phrase.is_length:
            # "Friday 18 March": the date says it all.
            if phrase.month is None or phrase.weekday is not None:
                return False
            return self._take(count)
        phrase.week, phrase.weekday = week, weekday
        return self._take(count)

    def _set_date(self, year: int | None, month: int | None, day: int, count: int) -> bool:
        phrase = self.phrase
        if phrase.day is not None or phrase.day_offset is not None or phrase.is_length:
            return False
        if phrase.span_of_week is not None or phrase.end_of_month:
            return False
        phrase.weekday = phrase.week = None
        phrase.year, phrase.month, phrase.day = year or phrase.year, month, day
        return self._take(count)

    def _set_year(self, year: int, count: int) -> bool:
        if self.phrase.year is not None:
            return False
        self.phrase.year = year
        return self._take(count)

    def _set_part(self, part: Part, count: int) -> bool:
        phrase = self.phrase
        if phrase.part is not None or phrase.close or (phrase.clock is not None and phrase.clock.half):
            return False
        phrase.part = part
        return self._take(count)

    def _set_clock(self, clock: Clock, count: int) -> bool:
        if self.phrase.clock is not None or self.phrase.close:
            return False
        self.phrase.clock = clock
        return self._take(count)

    def _add_length(self, length: timedelta, count: int) -> bool:
        phrase = self.phrase
        if phrase.names_day or phrase.working_days is not None or phrase.days is not None:
            return False
        phrase.length = (phrase.length or timedelta(0)) + length
        return self._take(count)

    def _add_days(self, value: float, size: int, count: int) -> bool:
        phrase = self.phrase
        days = value * size
        if phrase.names_day or phrase.is_length or days != int(days):
            return False
        phrase.days = int(days)
        return self._take(count)

    def _set_working_days(self, value: float, count: int) -> bool:
        if self.phrase.names_day or self.phrase.is_length or value != int(value):
            return False
        self.phrase.working_days = int(value)
        return self._take(count)

    def _set_working_time(self, length: timedelta, count: int) -> bool:
        if self.phrase.names_day or self.phrase.is_length:
            return False
        self.phrase.working_time = length
        return self._take(count)
