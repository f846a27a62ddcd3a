"""What agents wish of their rosters: read from words, checked for clashes, dated, looked back at."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum
from typing import Final
from zoneinfo import ZoneInfo

from bot.core.day_phrases import leading_day
from bot.core.errors import RefusedError
from bot.core.ids import AgentId
from scheduler.roster.shifts import Shift
from scheduler.roster.wishes import Pairing, Wish

__all__ = [
    "Standing",
    "StandingWish",
    "WishKind",
    "WishSettings",
    "clash",
    "dated",
    "kept",
    "pairings",
    "read_wish",
]

_WEEKEND: Final = frozenset({5, 6})
_EVERY_DAY: Final = frozenset(range(7))


class WishKind(Enum):
    """OFF and WORK are about days, EARLY and LATE about when a shift begins, WITH about a colleague."""

    OFF = "off"
    WORK = "work"
    EARLY = "early"
    LATE = "late"
    WITH = "with"


@dataclass(frozen=True, slots=True, kw_only=True)
class WishSettings:
    """``weight``: paid minutes that not granting a wish once costs; ``early`` shifts start before that time,
    ``late`` ones at it or after; ``most``: wishes one person may have."""

    weight: int = 60
    early: time = time(10)
    late: time = time(12)
    most: int = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingWish:
    """A wish that stands until it is withdrawn: on ``weekdays`` (Monday 0; all of them where none are named),
    or on one ``day``.  ``colleague``: with whom."""

    kind: WishKind
    weekdays: frozenset[int] = frozenset()
    day: date | None = None
    colleague: AgentId | None = None

    def about(self, day: date) -> bool:
        """Whether it is about a date."""
        if self.day is not None:
            return day == self.day
        return not self.weekdays or day.weekday() in self.weekdays


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A wish as it is kept: its number, whose, and since when."""

    number: int
    agent: AgentId
    wish: StandingWish
    made_at: datetime


_OFF: Final = re.compile(r"^(?:no|not|off|free|without)\s+|(?:不上班|休息|休|不排班)$", re.IGNORECASE)
_WORK: Final = re.compile(r"^(?:work|on)\s+|(?:上班|想上)$", re.IGNORECASE)
_EARLY: Final = frozenset({"early", "earlies", "mornings", "早班", "早"})
_LATE: Final = frozenset({"late", "lates", "evenings", "晚班", "晚"})
_WEEKENDS: Final = frozenset({"weekend", "weekends", "周末", "週末"})
_WITH: Final = re.compile(r"\bwith\b|和|跟|与|on ", re.IGNORECASE)
_TOGETHER: Final = re.compile(r"(?:一起|同班|together)\s*$", re.IGNORECASE)


def read_wish(text: str, *, colleague: AgentId | None, today: date) -> StandingWish:
    """A wish from words: ``early``, ``no sunday``, ``not 2026-12-24``, ``work saturday``, 周日不上班.

    ``colleague``: whom the words mention (``with @dee``); the mention itself is not in ``text`` any more.
    Raises RefusedError (``wish_not_understood``).

    >>> read_wish("no weekends", colleague=None, today=date(2026, 11, 27)).weekdays == {5, 6}
    True
    """
    words = text.strip().casefold()
    if colleague is not None:
        rest = " ".join(_TOGETHER.sub("", _WITH.sub(" ", words)).split())
        weekdays, day = _days(rest, today) if rest else (frozenset(), None)
        if rest and not weekdays and day is None:
            raise _unread()
        return StandingWish(kind=WishKind.WITH, weekdays=weekdays, day=day, colleague=colleague)
    if words in _EARLY or words in _LATE:
        return StandingWish(kind=WishKind.EARLY if words in _EARLY else WishKind.LATE)
    for kind, pattern in ((WishKind.OFF, _OFF), (WishKind.WORK, _WORK)):
        if pattern.search(words):
            weekdays, day = _days(pattern.sub("", words).strip(), today)
            if weekdays or day is not None:
                return StandingWish(kind=kind, weekdays=weekdays, day=day)
    raise _unread()


def _days(text: str, today: date) -> tuple[frozenset[int], date | None]:
    """Weekdays (several with commas or "and"), or one date."""
    if text in _WEEKENDS:
        return _WEEKEND, None
    weekdays: set[int] = set()
    for part in re.split(r"\s*(?:,|，|、|\band\b|和)\s*", text):
        if part.removesuffix("s") in _WEEKENDS or part in _WEEKENDS:
            weekdays |= _WEEKEND
            continue
        word = part.removesuffix("s") if part.endswith("days") else part
        day, rest = leading_day(word, today)
        if day is None or rest:
            return frozenset(), None
        if not _is_weekday(word):
            return frozenset(), day
        weekdays.add(day.weekday())
    return frozenset(weekdays), None


def _is_weekday(word: str) -> bool:
    return not any(c.isdigit() for c in word) and word not in ("today", "tomorrow", "今天", "明天", "后天")


def _unread() -> RefusedError:
    return RefusedError(
        "wish_not_understood",
        "That is no wish I understand; nothing was kept. Examples: early, late, no sunday, not 2026-12-24, "
        "work saturday, with @name.",
    )


def clash(new: StandingWish, held: Iterable[Standing]) -> Standing | None:
    """A wish that cannot be granted together with the new one; None where all can."""
    opposed = {
        frozenset({WishKind.OFF, WishKind.WORK}),
        frozenset({WishKind.EARLY, WishKind.LATE}),
        frozenset({WishKind.OFF, WishKind.WITH}),
    }
    for one in held:
        if frozenset({new.kind, one.wish.kind}) not in opposed:
            continue
        if WishKind.WITH in (new.kind, one.wish.kind):
            together = new if new.kind is WishKind.WITH else one.wish
            if not together.weekdays and together.day is None:
                # With somebody, whenever both work: that stands beside any day off.
                continue
        if _meet(new, one.wish):
            return one
    return None


def _meet(one: StandingWish, other: StandingWish) -> bool:
    if one.day is not None:
        return other.about(one.day)
    if other.day is not None:
        return one.about(other.day)
    return bool((one.weekdays or _EVERY_DAY) & (other.weekdays or _EVERY_DAY))


def dated(held: Iterable[Standing], dates: Sequence[date], settings: WishSettings) -> tuple[Wish, ...]:
    """The wishes of a period's dates, as the solver takes them."""
    found: list[Wish] = []
    for one in held:
        wish = one.wish
        for day in dates:
            if not wish.about(day):
                continue
            if wish.kind is WishKind.WITH and not wish.weekdays and wish.day is None:
                continue
            made = {
                WishKind.OFF: (False, None, None),
                WishKind.WORK: (True, None, None),
                WishKind.WITH: (True, None, None),
                # Not to begin at this time or later is an early shift, or none.
                WishKind.EARLY: (False, settings.early, None),
                WishKind.LATE: (False, None, settings.late),
            }[wish.kind]
            works, first, before = made
            found.append(
                Wish(
                    agent=one.agent,
                    date=day,
                    works=works,
                    weight=settings.weight,
                    starts_from=first,
                    starts_before=before,
                )
            )
    return tuple(found)


def pairings(held: Iterable[Standing], known: Iterable[str], settings: WishSettings) -> tuple[Pairing, ...]:
    """Wishes to work beside somebody who is on the roster too; each pair once."""
    names = set(known)
    found: set[tuple[str, str]] = set()
    for one in held:
        colleague = one.wish.colleague
        if colleague is not None and colleague != one.agent and {one.agent, colleague} <= names:
            found.add((one.agent, colleague))
    return tuple(Pairing(agent=a, mentor=c, weight=settings.weight) for a, c in sorted(found))


def kept(
    wish: StandingWish,
    dates: Iterable[date],
    shifts: Mapping[date, Shift],
    colleagues: Mapping[date, Shift],
    zone: str,
    settings: WishSettings,
) -> tuple[int, int]:
    """(times kept, times it was about) on published dates.

    EARLY, LATE and WITH count on days worked only; WITH is kept where at least half of the shift lies inside
    theirs.
    """
    yes = times = 0
    for day in dates:
        if not wish.about(day):
            continue
        shift = shifts.get(day)
        if wish.kind in (WishKind.OFF, WishKind.WORK):
            times += 1
            yes += (shift is not None) == (wish.kind is WishKind.WORK)
        elif shift is not None:
            times += 1
            yes += _suits(wish, shift, colleagues.get(day), zone, settings)
    return yes, times


def _suits(wish: StandingWish, shift: Shift, theirs: Shift | None, zone: str, settings: WishSettings) -> bool:
    if wish.kind is WishKind.WITH:
        if theirs is None:
            return False
        shared = min(shift.end, theirs.end) - max(shift.start, theirs.start)
        return 2 * max(shared, timedelta(0)) >= shift.presence
    start = shift.start.astimezone(ZoneInfo(zone)).time()
    return start < settings.early if wish.kind is WishKind.EARLY else start >= settings.late
