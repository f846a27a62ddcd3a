"""Stand-ups, training and talks a roster leaves room for: what app.yaml asks, as activities of a period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from scheduler.roster.people import RosterAgent, TimeSpan
from scheduler.roster.roster import RosterPeriod
from scheduler.roster.sessions import Activity
from scheduler.roster.shifts import SessionKind

__all__ = ["ActivitySettings", "Every", "activities_of"]

_DAY = timedelta(days=1)


class Every(StrEnum):
    """How often everybody who is asked should have a session."""

    DAY = "day"
    WEEK = "week"
    ROSTER = "roster"


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivitySettings:
    """``between``: local times of the roster's zone, an end of 00:00 is midnight.  ``skill``: who is asked,
    None for everybody.  A daily activity excuses who does not work then.  ``teaches``: the skill that who
    attends has from then on, at ``level`` where one is given."""

    name: str
    kind: SessionKind
    length: timedelta
    every: Every
    weekdays: frozenset[int]
    between: tuple[time, time]
    skill: str | None
    group: int | None
    leader: str | None
    share: float
    weight: int
    teaches: str | None = None
    level: float | None = None


def activities_of(
    settings: Sequence[ActivitySettings], period: RosterPeriod, agents: Sequence[RosterAgent]
) -> tuple[Activity, ...]:
    """The activities of a period; one that asks nobody, or has no day in the period, is left out."""
    found: list[Activity] = []
    for asked in settings:
        people = frozenset(a.agent for a in agents if asked.skill is None or asked.skill in a.skills)
        occasions = _occasions(asked, period)
        if people and occasions:
            found.append(
                Activity(
                    name=asked.name,
                    kind=asked.kind,
                    length=asked.length,
                    agents=people,
                    occasions=occasions,
                    group=asked.group,
                    leader=asked.leader,
                    on_shift=asked.every is Every.DAY,
                    share=asked.share,
                    weight=asked.weight,
                )
            )
    return tuple(found)


def _occasions(asked: ActivitySettings, period: RosterPeriod) -> tuple[tuple[TimeSpan, ...], ...]:
    spans = {day: _span(asked, day, period) for day in period.dates if day.weekday() in asked.weekdays}
    held: dict[object, list[TimeSpan]] = {}
    for day, span in spans.items():
        if span is None:
            continue
        key = {Every.DAY: day, Every.WEEK: day.isocalendar()[:2], Every.ROSTER: None}[asked.every]
        held.setdefault(key, []).append(span)
    return tuple(tuple(own) for own in held.values())


def _span(asked: ActivitySettings, day: date, period: RosterPeriod) -> TimeSpan | None:
    """The day's part of the period between the two times; None where nothing is left of it."""
    tz = ZoneInfo(period.zone)
    first, last = asked.between
    until = day if last > first else day + _DAY
    start = datetime.combine(day, first, tzinfo=tz).astimezone(UTC)
    end = datetime.combine(until, last, tzinfo=tz).astimezone(UTC)
    start, end = max(start, period.start), min(end, period.end)
    return TimeSpan(start=start, end=end) if start < end else None
