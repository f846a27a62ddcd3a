"""Days as people name them: ``today``, ``thu``, ``3 May``, ``2026-12-03``, 明天, 周四, 12月3日."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final

from bot.core.errors import RefusedError

__all__ = ["leading_day", "read_day"]

_WORDS: Final = {
    "today": 0, "tonight": 0, "tomorrow": 1, "今天": 0, "今日": 0, "今晚": 0, "明天": 1, "明日": 1, "后天": 2,
    "後天": 2,
}  # fmt: skip
_WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHS: Final = (
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
)  # fmt: skip
_CHINESE_WEEKDAY: Final = re.compile(r"^(?:下)?(?:周|星期|礼拜|週|禮拜)([一二三四五六日天])$")
_CHINESE_DATE: Final = re.compile(r"^(?:(\d{4})年)?(\d{1,2})月(\d{1,2})[日号號]?$")
_ISO: Final = re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})$")
_DAY_MONTH: Final = re.compile(r"^(\d{1,2})\.?\s*([a-z]{3,9})\.?(?:\s+(\d{4}))?$")
_MONTH_DAY: Final = re.compile(r"^([a-z]{3,9})\.?\s+(\d{1,2})(?:,?\s+(\d{4}))?$")


def read_day(text: str, today: date) -> date:
    """The day a phrase means, today or later.

    A weekday is the next one, today included; a day without a year the next such day.  Raises RefusedError
    (``day_not_understood``, ``day_past``).

    >>> [str(read_day(t, date(2026, 11, 27))) for t in ("thu", "周四", "3 May", "5月3日", "tomorrow")]
    ['2026-12-03', '2026-12-03', '2027-05-03', '2027-05-03', '2026-11-28']
    """
    found = _read(text.strip().casefold(), today)
    if found is None:
        raise RefusedError(
            "day_not_understood",
            "That is no day I understand; nothing was changed. Examples: today, thu, 3 May, 2026-12-03.",
        )
    if found < today:
        raise RefusedError("day_past", "That day is past; nothing was changed. Write a day still ahead.")
    return found


def leading_day(text: str, today: date, *, since: date | None = None) -> tuple[date | None, str]:
    """The day a text begins with, in up to three words, and what follows it; None where there is none.

    ``since``: weekdays and days without a year are the first from this day on; from today where not given.

    >>> leading_day("thu 10:00", date(2026, 11, 27), since=date(2026, 12, 7))
    (datetime.date(2026, 12, 10), '10:00')
    """
    words = text.split()
    for count in (3, 2, 1):
        if len(words) >= count:
            phrase = " ".join(words[:count]).casefold()
            found = _read(phrase, today if phrase in _WORDS or since is None else since)
            if found is not None:
                return found, " ".join(words[count:])
    return None, text.strip()


def _read(text: str, today: date) -> date | None:
    if text in _WORDS:
        return today + timedelta(days=_WORDS[text])
    weekday = _weekday(text)
    if weekday is not None:
        return today + timedelta(days=(weekday - today.weekday()) % 7)
    if match := _ISO.match(text):
        return _date(int(match[1]), int(match[2]), int(match[3]))
    if match := _CHINESE_DATE.match(text):
        return _dated(match[1], int(match[2]), int(match[3]), today)
    for pattern, day, month in ((_DAY_MONTH, 1, 2), (_MONTH_DAY, 2, 1)):
        match = pattern.match(text)
        if match and match[month][:3] in _MONTHS:
            return _dated(match[3], _MONTHS.index(match[month][:3]) + 1, int(match[day]), today)
    return None


def _weekday(text: str) -> int | None:
    if match := _CHINESE_WEEKDAY.match(text):
        return "一二三四五六日".index(match[1].replace("天", "日"))
    word = text.removeprefix("next ").removeprefix("on ")
    if len(word) >= 3 and word[:3] in _WEEKDAYS and f"{word[:3]}day".startswith(word[:3]):
        full = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
        number = _WEEKDAYS.index(word[:3])
        return number if full[number].startswith(word) or word in ("tues", "thur", "thurs") else None
    return None


def _dated(year: str | None, month: int, day: int, today: date) -> date | None:
    if year is not None:
        return _date(int(year), month, day)
    found = _date(today.year, month, day)
    if found is not None and found >= today:
        return found
    # 29 February may be years ahead.
    return next((d for y in range(1, 9) if (d := _date(today.year + y, month, day))), None)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
