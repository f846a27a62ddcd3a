"""A what-if as asked: people left out, other service targets, other volume, a campaign (SCENARIOS P6)."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Final

from bot.core.day_phrases import leading_day
from bot.core.errors import RefusedError
from bot.core.ids import AgentId

__all__ = [
    "MOST",
    "CampaignAsked",
    "Question",
    "TargetAsked",
    "VolumeAsked",
    "read_campaign",
    "read_target",
    "read_volume",
]

MOST: Final = 10.0
"""More than ten times the contacts is a slip of the finger, not a question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetAsked:
    """Another service target of ``queue``; None stays as it is.  ``within_seconds`` [s]."""

    queue: str
    share: float | None
    within_seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeAsked:
    """``factor`` times the contacts of ``queue`` (None: of all).

    On local days ``first`` to ``last``, between ``start`` and ``end`` of each; None: all days, the whole day.
    An end of 00:00 is midnight.
    """

    queue: str | None
    factor: float
    first: date | None = None
    last: date | None = None
    start: time | None = None
    end: time | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignAsked:
    """The stored event of that name, kind or number; ``factor`` None: as it says itself."""

    name: str
    factor: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Everything a what-if changes at once.  Volumes that meet multiply."""

    minus: Sequence[AgentId] = ()
    targets: Sequence[TargetAsked] = ()
    volumes: Sequence[VolumeAsked] = ()
    campaigns: Sequence[CampaignAsked] = ()

    @property
    def empty(self) -> bool:
        return not (self.minus or self.changes_load)

    @property
    def changes_load(self) -> bool:
        """Whether the requirement itself is another one."""
        return bool(self.targets or self.volumes or self.campaigns)


_UNIT_SECONDS: Final = {
    "s": 1, "sec": 1, "second": 1, "秒": 1, "秒钟": 1, "秒鐘": 1, "m": 60, "min": 60, "minute": 60, "分": 60,
    "分钟": 60, "分鐘": 60, "h": 3600, "hr": 3600, "hour": 3600, "小时": 3600, "小時": 3600,
}  # fmt: skip
_UNITS: Final = "|".join(sorted(_UNIT_SECONDS, key=len, reverse=True))
_PART: Final = re.compile(rf"(\d+(?:\.\d+)?)\s*({_UNITS})s?\s*", re.IGNORECASE)
_LONGEST: Final = 30 * 86_400.0
_TARGET: Final = re.compile(
    r"""(?P<queue>[^\s=＝:：]+)\s*[=＝:：\s]\s*
    (?:(?P<share>\d+(?:\.\d+)?)\s*(?P<percent>[%％])?\s*(?:[/／]|\bin\b|within|(?<=[%％])$)\s*)?
    (?P<within>.*)""",
    re.VERBOSE | re.IGNORECASE,
)
_UP: Final = r"[+＋]|plus|up|more|增加|上涨|上漲|多"
_DOWN: Final = r"[-−－–]|down|less|fewer|减少|減少|下降|少"
_PERCENT: Final = re.compile(
    rf"""(?P<before>.*?)[\s=＝:：]*(?:(?P<up>{_UP})|(?P<down>{_DOWN}))?\s*
    (?<![\d.])(?P<number>\d+(?:\.\d+)?)\s*[%％](?P<after>.*)""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_HOURS: Final = re.compile(r"(\d{1,2}):(\d{2})\s*(?:-|–|—|~|～|to|至|到)\s*(\d{1,2}):(\d{2})")
_JOINS: Final = re.compile(r"^(?:to\b|until\b|till\b|\.\.+|…|-|–|—|~|～|至|到)\s*", re.IGNORECASE)
_ON: Final = re.compile(r"^(?:on|from|for|在|从|從)\s*", re.IGNORECASE)
_STUCK: Final = re.compile(
    r"(?<=[^\s\d-])(?:\.\.+|…|-|–|—|~|～|至|到)(?=\S)|(?<=\d)(?:\.\.+|…|–|—|~|～|至|到)(?=\S)"
)
"""A range written without spaces, ``mon-wed``, ``2026-12-01..2026-12-03``; not the hyphens of a date."""


def read_target(text: str) -> TargetAsked:
    """``chat=45s``, ``chat=80/45s``, ``chat=80%/45秒``, ``chat=90%``: a queue, and a share, a time, or both.

    Raises RefusedError where it is nothing of these.

    >>> read_target("chat=80/45s")
    TargetAsked(queue='chat', share=0.8, within_seconds=45.0)
    >>> read_target("email = 1h30m").within_seconds, read_target("chat=90%").within_seconds
    (5400.0, None)
    """
    typed = text.strip()
    found = _TARGET.fullmatch(typed)
    share = within = None
    good = found is not None
    if found is not None:
        if found["share"] is not None:
            number = float(found["share"])
            share = number / 100 if found["percent"] or number >= 1 else number
            good = 0 < share < 1
        if found["within"].strip():
            within = _seconds(found["within"])
            good = good and within is not None
    if found is None or not good or (share is None and within is None):
        raise RefusedError(
            "what_if_target",
            f"{typed!r} is no service target; nothing was worked out. Write chat=45s or chat=80/45s: queue, "
            "share in per cent below 100, time.",
            value=typed,
        )
    return TargetAsked(queue=found["queue"], share=share, within_seconds=within)


def read_volume(text: str, today: date, *, since: date) -> VolumeAsked:
    """``+35%``, ``chat=+35%``, ``-10% fri 10:00-14:00``, ``+35% 24 Nov to 26 Nov``, 增加35% 周五.

    ``since``: the first day that weekdays may mean.  Raises RefusedError where it is nothing of these, and
    for a senseless percentage.

    >>> monday = date(2026, 11, 23)
    >>> asked = read_volume("chat+35% tue to thu", monday, since=monday)
    >>> asked.queue, round(asked.factor, 2), str(asked.first), str(asked.last)
    ('chat', 1.35, '2026-11-24', '2026-11-26')
    """
    typed = text.strip()
    found = _PERCENT.fullmatch(typed)
    if found is None or (found["before"] and re.search(r"\s", found["before"])):
        raise _no_volume(typed)
    factor = _factor(found, typed)
    rest = found["after"].strip()
    start = end = None
    hours = _HOURS.search(rest)
    if hours is not None:
        start, end = _time(hours[1], hours[2], typed), _time(hours[3], hours[4], typed)
        if end != time(0) and end <= start:
            raise _no_volume(typed)
        rest = (rest[: hours.start()] + " " + rest[hours.end() :]).strip()
    first = last = None
    if rest:
        first, rest = leading_day(_ON.sub("", _STUCK.sub(" - ", rest)), today, since=since)
        last = first
        if first is not None and _JOINS.match(rest):
            last, rest = leading_day(_JOINS.sub("", rest), today, since=first)
        if first is None or last is None or last < first or rest.strip():
            raise _no_volume(typed)
    queue = found["before"] or None
    return VolumeAsked(queue=queue, factor=factor, first=first, last=last, start=start, end=end)


def read_campaign(text: str) -> CampaignAsked:
    """``double11``, ``double11 +35%``.  Raises RefusedError for a senseless percentage, or no name.

    >>> read_campaign("double11 +35%").name, read_campaign("spring sale").factor
    ('double11', None)
    """
    typed = text.strip().strip("\"“”'「」")
    found = _PERCENT.fullmatch(typed)
    if found is None:
        name, factor = typed, None
    else:
        name, factor = found["before"].strip().strip("\"“”'「」"), _factor(found, typed)
        if found["after"].strip():
            raise _no_volume(typed)
    if not name:
        raise RefusedError(
            "what_if_campaign_name",
            "A campaign needs the name of a stored event; nothing was worked out. See: muster event list",
        )
    return CampaignAsked(name=name, factor=factor)


def _factor(found: re.Match[str], typed: str) -> float:
    number = float(found["number"]) / 100
    factor = 1 - number if found["down"] else 1 + number
    if not 0 < factor <= MOST or math.isclose(factor, 1):
        raise RefusedError(
            "what_if_percent",
            f"{typed!r} is no change of the volume to reckon with; nothing was worked out. Write "
            "-99% to +900%, and not 0.",
            value=typed,
        )
    return factor


def _seconds(text: str) -> float | None:
    at, total = 0, 0.0
    held = text.strip()
    while at < len(held):
        part = _PART.match(held, at)
        if part is None:
            return None
        total += float(part[1]) * _UNIT_SECONDS[part[2].lower()]
        at = part.end()
    return total if held and total <= _LONGEST else None


def _time(hour: str, minute: str, typed: str) -> time:
    try:
        return time(int(hour) % 24, int(minute)) if int(hour) <= 24 else time(25)
    except ValueError:
        raise _no_volume(typed) from None


def _no_volume(typed: str) -> RefusedError:
    return RefusedError(
        "what_if_volume",
        f"{typed!r} is no change of the volume; nothing was worked out. Write +35%, chat=+35%, or with "
        "days and hours: -10% fri 10:00-14:00.",
        value=typed,
    )
