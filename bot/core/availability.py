"""When an agent can work and when not: weekly hours, single dates and leave, resolved to spans of time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.core.ids import AgentId
from forecasting.grid import local_midnight
from scheduler.roster.people import TimeSpan

__all__ = ["AvailabilityEntry", "LeaveEntry", "available_spans", "leave_spans"]

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class AvailabilityEntry:
    """An agent can work from ``start`` to ``end``, local to the agent, on a weekday or on one date.

    Exactly one of ``weekday`` (Monday 0) and ``day`` is given.  An ``end`` of 00:00 is midnight at the end
    of the day.
    """

    agent: AgentId
    start: time
    end: time
    weekday: int | None = None
    day: date | None = None

    def __post_init__(self) -> None:
        if (self.weekday is None) == (self.day is None):
            raise ValueError("availability is for a weekday or for a date, not both")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class LeaveEntry:
    """An agent is away for whole local days, ``first`` to ``last`` inclusive."""

    agent: AgentId
    first: date
    last: date
    kind: str


def available_spans(
    entries: Iterable[AvailabilityEntry], zone: str, *, first: date, last: date
) -> tuple[TimeSpan, ...] | None:
    """One agent's availability from ``first`` to ``last`` inclusive (dates of the agent's ``zone``).

    None means always: the agent has no entry at all.  Entries of a date win over those of its weekday.

    >>> monday = AvailabilityEntry(agent=AgentId("a"), weekday=0, start=time(9), end=time(12))
    >>> [s.start.isoformat() for s in available_spans(
    ...     [monday], "Asia/Shanghai", first=date(2026, 11, 30), last=date(2026, 12, 6)
    ... )]
    ['2026-11-30T01:00:00+00:00']
    """
    held = list(entries)
    if not held:
        return None
    spans: list[TimeSpan] = []
    day = first
    while day <= last:
        own = [e for e in held if e.day == day] or [e for e in held if e.weekday == day.weekday()]
        for entry in own:
            begin, end = _local(day, entry.start, zone), _local_end(day, entry.end, zone)
            if begin < end:
                spans.append(TimeSpan(start=begin, end=end))
        day += DAY
    return tuple(sorted(spans))


def leave_spans(entries: Sequence[LeaveEntry], zone: str) -> tuple[TimeSpan, ...]:
    """One agent's leave as spans from the first local midnight to the one after the last day."""
    return tuple(
        sorted(
            TimeSpan(start=local_midnight(e.first, zone), end=local_midnight(e.last + DAY, zone))
            for e in entries
        )
    )


def _local(day: date, moment: time, zone: str) -> datetime:
    return datetime.combine(day, moment, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def _local_end(day: date, moment: time, zone: str) -> datetime:
    return local_midnight(day + DAY, zone) if moment == time(0) else _local(day, moment, zone)
