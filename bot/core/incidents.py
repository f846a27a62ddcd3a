"""Incidents: a runbook that is followed now, by people who are there (ES8 to ES11, CP9)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from typing import Final
from zoneinfo import ZoneInfo

from bot.core.ids import AgentId, IncidentId, TeamId, WindowId

__all__ = [
    "LONGEST",
    "LONGEST_CAUSE",
    "BacklogCase",
    "DrillCase",
    "DrillResult",
    "Entry",
    "Improvement",
    "Incident",
    "IncidentState",
    "IncidentStep",
    "Review",
    "Update",
    "Wording",
    "began_at",
    "drill_result",
    "filled_notice",
    "read_update",
    "share_out",
    "split_since",
    "worded",
]

LONGEST: Final = 140
"""Characters of what is said about an incident, and of an improvement."""
LONGEST_CAUSE: Final = 300


class IncidentState(Enum):
    RUNNING = "running"
    OVER = "over"  # repaired; the backlog or the review is left
    CLOSED = "closed"  # reviewed


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The same words in one of several languages."""

    locale: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentStep:
    """``owner`` None: nobody on duty could be found, and nobody is named."""

    number: int
    texts: tuple[Wording, ...]
    role: str | None = None
    owner: str | None = None
    due_at: datetime | None = None
    taken_at: datetime | None = None
    done_at: datetime | None = None
    done_by: str | None = None

    @property
    def in_time(self) -> bool:
        """Done, and not after its time."""
        return self.done_at is not None and (self.due_at is None or self.done_at <= self.due_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillCase:
    """A simulated case of a drill: no contact, no clock, in no figure."""

    number: int
    arrived_at: datetime
    due_at: datetime
    handled_at: datetime | None = None
    handled_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What happened: ``kind`` as in the thread's news; ``number`` of a step; ``words`` somebody said."""

    at: datetime
    by: str
    kind: str
    number: int | None = None
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What was learnt (ES10); what is to be done better became action items, ``items`` their numbers."""

    cause: str
    handling: str
    lesson: str
    items: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Improvement:
    """What is to be done better, by whom and when."""

    what: str
    owner: AgentId | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """``notices``: what customers are told, with places for what is known; ``contacts``: name and how to
    reach them.  ``window``: the exception window, in which clocks run on and breaches are counted apart."""

    incident: IncidentId
    team: TeamId
    scenario: str
    titles: tuple[Wording, ...]
    what: str
    drill: bool
    started_at: datetime
    started_by: str
    steps: tuple[IncidentStep, ...] = ()
    cases: tuple[DrillCase, ...] = ()
    contacts: tuple[tuple[str, str], ...] = ()
    notices: tuple[Wording, ...] = ()
    cause: str | None = None
    recover_by: datetime | None = None
    compensation: str | None = None
    window: WindowId | None = None
    revision: int = 0
    over_at: datetime | None = None
    over_by: str | None = None
    backlog_total: int | None = None
    backlog_left: int | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None
    review: Review | None = None

    @property
    def state(self) -> IncidentState:
        if self.closed_at is not None:
            return IncidentState.CLOSED
        return IncidentState.RUNNING if self.over_at is None else IncidentState.OVER

    def step(self, number: int) -> IncidentStep | None:
        return next((s for s in self.steps if s.number == number), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class BacklogCase:
    """An open case that came or waited meanwhile; ``due_at``: the earliest promise still to be kept."""

    ref: str
    queue: str
    due_at: datetime | None = None
    owner: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillResult:
    """How a drill went: steps done in time of all, simulated cases handled in time of all, and how long it
    took until anybody did anything."""

    steps: int
    done: int
    in_time: int
    cases: int
    handled_in_time: int
    first_action: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """What somebody said of an incident; ``until``: words for a time."""

    cause: str = ""
    until: str = ""
    compensation: str = ""


def worded(texts: Sequence[Wording], locale: str) -> str:
    """The words in the reader's language, else in whatever there is; "" for none.

    >>> worded((Wording(locale="en", text="Outage"), Wording(locale="zh-Hans", text="故障")), "zh-Hant")
    '故障'
    """
    own = locale.replace("Hant", "Hans")
    return min(texts, key=lambda w: w.locale != own).text if texts else ""


def share_out(
    roles: Sequence[tuple[str | None, str | None]], on_duty: Mapping[str, Sequence[str]]
) -> list[str | None]:
    """An owner for each step of (role, named owner): of those on duty with the role whoever has the fewest
    steps so far, else who is named, else nobody.

    >>> share_out([("lead", None), ("incident", None), ("incident", "lin"), ("it", None)],
    ...           {"lead": ["lin"], "incident": ["bo", "lin"]})
    ['lin', 'bo', 'bo', None]
    """
    found: list[str | None] = []
    for role, named in roles:
        there = on_duty.get(role or "", ())
        # Of several, who has least to do; in a tie the one who comes first.
        owner = min(there, key=lambda agent: found.count(agent), default=named)
        found.append(owner)
    return found


_PLACE = re.compile(r"\{(cause|until|compensation)\}")


def filled_notice(template: str, *, cause: str, until: str, compensation: str) -> str:
    """The notice with what is known; a line whose part is not known is left out.

    >>> filled_notice("Down.\\nCause: {cause}.\\nBack {until}.", cause="a cable", until="", compensation="")
    'Down.\\nCause: a cable.'
    """
    known = {"cause": cause.rstrip(" .。"), "until": until, "compensation": compensation}
    kept = [
        _PLACE.sub(lambda m: known[m[1]], line)
        for line in template.splitlines()
        if all(known[name] for name in _PLACE.findall(line))
    ]
    return "\n".join(kept).strip()


_COMPENSATION = re.compile(r"[;；,，\s]*(?:compensation|补偿)\s*[:：]\s*", re.IGNORECASE)
_UNTIL = re.compile(
    r"[;；,，\s]*(?:\b(?:back\s+by|by|until)\b|预计(?:恢复)?(?:时间)?[:：]?)\s*", re.IGNORECASE
)


def read_update(text: str) -> Update:
    """Cause, time and compensation of ``broken cable by 15:00; compensation: a voucher``.

    >>> read_update("broken cable by 15:00; compensation: a voucher")
    Update(cause='broken cable', until='15:00', compensation='a voucher')
    >>> read_update("光缆中断 预计15:00 补偿：优惠券")
    Update(cause='光缆中断', until='15:00', compensation='优惠券')
    >>> read_update("cut by a digger")
    Update(cause='cut by a digger', until='', compensation='')
    """
    rest, *given = _COMPENSATION.split(text.strip(), maxsplit=1)
    cause, until = rest, ""
    for found in _UNTIL.finditer(rest):
        after = rest[found.end() :]
        if re.search(r"\d|noon|tonight|tomorrow|中午|今|明|点", after):
            cause, until = rest[: found.start()], after
    return Update(
        cause=cause.strip(" ;；,，"),
        until=until.strip(" ;；,，"),
        compensation=given[0].strip() if given else "",
    )


_SINCE = re.compile(
    r"[;；,，\s]*[-–—]{0,2}(?:\bsince\b|自|从)\s*"
    r"(?P<at>(?:\d{4}-\d{2}-\d{2}[T ])?\d{1,2}[:：]\d{2})\s*起?",
    re.IGNORECASE,
)
_BACK: Final = timedelta(hours=12)


def split_since(text: str) -> tuple[str, str]:
    """Words and when it began, of ``no calls --since 09:40 by 15:00``; "" where nothing says it.

    >>> split_since("no calls --since 09:40 by 15:00")
    ('no calls by 15:00', '09:40')
    >>> split_since("电话不通 自 9：40 起"), split_since("since Monday")
    (('电话不通', '9:40'), ('since Monday', ''))
    """
    found = _SINCE.search(text)
    if found is None:
        return text, ""
    rest = f"{text[: found.start()]} {text[found.end() :]}"
    return rest.strip(), found["at"].replace("：", ":")


def began_at(words: str, *, zone: str, now: datetime) -> datetime | None:
    """``09:40`` or ``2026-11-28 09:40`` on the wall, as what has been; None for what is no time.

    A time of day later than now is yesterday's where that is less than twelve hours ago, else it lies ahead.

    >>> from datetime import UTC
    >>> now = datetime(2026, 11, 28, 0, 20, tzinfo=UTC)
    >>> for words in ("00:10", "23:50", "11:00", "2026-11-27 09:40"):
    ...     print(began_at(words, zone="UTC", now=now))
    2026-11-28 00:10:00+00:00
    2026-11-27 23:50:00+00:00
    2026-11-28 11:00:00+00:00
    2026-11-27 09:40:00+00:00
    >>> began_at("noon", zone="UTC", now=now), began_at("25:00", zone="UTC", now=now)
    (None, None)
    """
    day, _, clock = words.strip().replace("T", " ").rpartition(" ")
    wall = ZoneInfo(zone)
    try:
        on = date.fromisoformat(day) if day else now.astimezone(wall).date()
        hour, minute = (int(part) for part in clock.split(":"))
        at = datetime.combine(on, time(hour, minute), tzinfo=wall).astimezone(UTC)
        earlier = datetime.combine(on - timedelta(days=1), time(hour, minute), tzinfo=wall).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return earlier if not day and at > now and now - earlier < _BACK else at


def drill_result(incident: Incident) -> DrillResult:
    """How a drill went."""
    acted = [
        at
        for at in (
            *(s.taken_at for s in incident.steps),
            *(s.done_at for s in incident.steps),
            *(c.handled_at for c in incident.cases),
        )
        if at is not None
    ]
    return DrillResult(
        steps=len(incident.steps),
        done=sum(s.done_at is not None for s in incident.steps),
        in_time=sum(s.in_time for s in incident.steps),
        cases=len(incident.cases),
        handled_in_time=sum(c.handled_at is not None and c.handled_at <= c.due_at for c in incident.cases),
        first_action=min(acted) - incident.started_at if acted else None,
    )
