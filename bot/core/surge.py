"""The surge ladder: what could be done about too many contacts today, by what each does for them (CA12)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

__all__ = [
    "Backlog",
    "Lever",
    "LeverEffect",
    "SurgeInterval",
    "diverted",
    "ranked",
    "served_in_time",
    "with_people",
]

ShareInTime = Callable[[int, float], float]
"""(people, contacts of one interval) to the share answered in time, 0 to 1."""


class Lever(Enum):
    """Cheapest first: among levers of one effect the earlier stands first."""

    DIVERT = "divert"
    MOVE_BREAKS = "move_breaks"
    CANCEL_SESSIONS = "cancel_sessions"
    OVERTIME = "overtime"
    TEMPORARY = "temporary"


@dataclass(frozen=True, slots=True, kw_only=True)
class SurgeInterval:
    """``contacts`` expected to come in [start, end); ``people`` the roster has at the queue."""

    start: datetime
    end: datetime
    contacts: float
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """How many wait already, and how many contacts one person finishes in a second."""

    waiting: float
    per_person_second: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LeverEffect:
    """``share`` in time for the rest of the day with the lever; ``gain`` on what it is without.

    ``people``, ``minutes``: how many it concerns, and the work it adds.
    """

    lever: Lever
    share: float
    gain: float
    people: int = 0
    minutes: int = 0


def served_in_time(
    intervals: Sequence[SurgeInterval], share_in_time: ShareInTime, backlog: Backlog | None = None
) -> float:
    """The share of all contacts still to come that is answered in time: each interval's by its contacts.

    1 where none come.  What waits already is answered first: while any of it is left, nobody who comes is
    answered in time, and it shrinks by what the people can do beyond what comes.

    >>> from datetime import UTC, timedelta
    >>> nine = datetime(2026, 11, 24, 9, tzinfo=UTC)
    >>> hour = [SurgeInterval(start=nine, end=nine + timedelta(hours=1), contacts=10.0, people=2)]
    >>> served_in_time(hour, lambda people, contacts: 0.9)
    0.9
    >>> served_in_time(hour, lambda people, contacts: 0.9, Backlog(waiting=5.0, per_person_second=10 / 3600))
    0.45
    """
    total = sum(i.contacts for i in intervals)
    if total <= 0:
        return 1.0
    in_time = 0.0
    waiting = 0.0 if backlog is None else backlog.waiting
    for one in intervals:
        free = 1.0
        if backlog is not None and waiting > 0:
            seconds = (one.end - one.start).total_seconds()
            spare = max(0.0, one.people * seconds * backlog.per_person_second - one.contacts)
            free = 1 - min(1.0, waiting / spare) if spare > 0 else 0.0
            waiting = max(0.0, waiting - spare)
        if free:
            in_time += one.contacts * free * share_in_time(one.people, one.contacts)
    return in_time / total


def diverted(intervals: Sequence[SurgeInterval], share: float) -> tuple[SurgeInterval, ...]:
    """With ``share`` of the contacts gone elsewhere."""
    return tuple(replace(i, contacts=i.contacts * (1 - share)) for i in intervals)


def with_people(
    intervals: Sequence[SurgeInterval], added: Iterable[tuple[datetime, datetime, int]]
) -> tuple[SurgeInterval, ...]:
    """With so many people more (or fewer) through [start, end) each; counted at an interval's middle."""
    spans = list(added)
    found = []
    for one in intervals:
        middle = one.start + (one.end - one.start) / 2
        more = sum(n for start, end, n in spans if start <= middle < end)
        found.append(replace(one, people=max(0, one.people + more)))
    return tuple(found)


def ranked(levers: Iterable[LeverEffect]) -> tuple[LeverEffect, ...]:
    """The one that helps most first, to the point; the cheaper first among equals."""
    order = tuple(Lever)
    return tuple(sorted(levers, key=lambda e: (-round(e.gain, 3), order.index(e.lever))))
