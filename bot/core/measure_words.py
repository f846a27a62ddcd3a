"""What follows `/muster measure 3 KPI`: a goal, a window and a beginning, in any order."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from bot.core.day_phrases import leading_day
from bot.core.errors import RefusedError

__all__ = ["MeasureWords", "read_words"]

_DAYS: Final = re.compile(r"(\d{1,4})\s*(?:d|days?|天|日)", re.IGNORECASE)
_WEEKS: Final = re.compile(r"(\d{1,3})\s*(?:w|weeks?|周|週)", re.IGNORECASE)
_FROM: Final = re.compile(r"(?:\bfrom\b|\bsince\b|自|从|從)\s*(.*)$", re.IGNORECASE)
_PERCENT: Final = re.compile(r"(\d+(?:\.\d+)?)\s*[%％]")
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")
_SECONDS: Final = {"h": 3600, "m": 60, "min": 60, "s": 1, "小时": 3600, "分钟": 60, "分": 60, "秒": 1}
_PART: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(小时|分钟|分|秒|min|h|m|s)", re.IGNORECASE)
_LIMIT: Final = 10.0 * 365 * 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureWords:
    """``goal`` in the figure's unit, ``window`` and ``since``; None for what was not said."""

    goal: float | None = None
    window: timedelta | None = None
    since: date | None = None


def read_words(text: str, unit: str, today: date) -> MeasureWords:
    """``8m 4w from monday``, ``10% 28d``.  ``unit``: seconds, share, or any other for plain numbers.

    Raises RefusedError for words that are none of these.

    >>> read_words("8m30s 4w", "seconds", date(2026, 11, 24))
    MeasureWords(goal=510.0, window=datetime.timedelta(days=28), since=None)
    >>> read_words("10% from 2026-11-02", "share", date(2026, 11, 24))
    MeasureWords(goal=0.1, window=None, since=datetime.date(2026, 11, 2))
    """
    rest, since, window, goal = text.strip(), None, None, None
    begins = _FROM.search(rest)
    if begins is not None:
        # A weekday means the one that was, not the one that comes.
        since, more = leading_day(begins[1], today, since=today - timedelta(days=6))
        if since is None or more.strip():
            raise _none(text)
        rest = rest[: begins.start()].strip()
    for pattern, days in ((_DAYS, 1), (_WEEKS, 7)):
        found = pattern.search(rest)
        if found is not None and window is None:
            window = timedelta(days=int(found[1]) * days)
            rest = (rest[: found.start()] + " " + rest[found.end() :]).strip()
    if rest:
        goal = _goal(rest, unit)
        if goal is None:
            raise _none(text)
    return MeasureWords(goal=goal, window=window, since=since)


def _goal(text: str, unit: str) -> float | None:
    if unit == "share":
        found = _PERCENT.fullmatch(text)
        share = None if found is None else float(found[1]) / 100
        return share if share is not None and share <= 1 else None
    if unit == "seconds":
        at, total = 0, 0.0
        while at < len(text):
            part = _PART.match(text, at)
            if part is None:
                return None
            total += float(part[1]) * _SECONDS[part[2].lower()]
            at = part.end() + (len(text[part.end() :]) - len(text[part.end() :].lstrip()))
        return total if 0 < total <= _LIMIT else None
    return float(text) if _NUMBER.fullmatch(text) else None


def _none(text: str) -> RefusedError:
    return RefusedError(
        "measure_words",
        f"{text[:80]!r} was not understood; nothing was changed. Write a goal such as 8m or 10%, a window "
        "such as 28d, and from DAY.",
        value=text[:80],
    )
