"""Who had how much of what nobody likes, against the team: counts, never reasons (SCENARIOS A16)."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import time
from zoneinfo import ZoneInfo

from scheduler.check.sequences import weekends_worked
from scheduler.roster.people import FairShare
from scheduler.roster.shifts import Shift

__all__ = ["Counts", "FairnessSettings", "TeamRange", "counts_of", "shares", "team_ranges"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FairnessSettings:
    """``weeks`` looked back at; ``weight``: paid minutes that a weekend beyond one's share costs in a solve
    (0: counts are only shown)."""

    weeks: int = 8
    weight: int = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """One person's published shifts of the weeks looked back at; ``hours`` are paid."""

    shifts: int
    weekends: int
    lates: int
    hours: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamRange:
    """The team's least, median and most of one count."""

    least: float
    median: float
    most: float


def counts_of(shifts: Iterable[Shift], zone: str, late: time) -> Counts:
    """Count one person's shifts; a late one starts at ``late`` of the person's clock or after."""
    held = tuple(shifts)
    tz = ZoneInfo(zone)
    return Counts(
        shifts=len(held),
        weekends=len(weekends_worked(held)),
        lates=sum(s.start.astimezone(tz).time() >= late for s in held),
        hours=sum(s.paid_time.total_seconds() for s in held) / 3600,
    )


def team_ranges(counts: Iterable[Counts]) -> dict[str, TeamRange]:
    """Each count's range over a team; empty for nobody."""
    held = list(counts)
    if not held:
        return {}
    found = {}
    for name in ("shifts", "weekends", "lates", "hours"):
        values = [float(getattr(c, name)) for c in held]
        found[name] = TeamRange(least=min(values), median=statistics.median(values), most=max(values))
    return found


def shares(
    counts: Mapping[str, Counts], settings: FairnessSettings, weeks: int
) -> dict[str, tuple[FairShare, ...]]:
    """Weekends due to each person in a roster of ``weeks``: who had more than the median gets fewer.

    The share is the median's part of the roster's weeks, less what the person is ahead by; what lies beyond
    costs ``settings.weight``.  Nobody has a share where nothing has been published yet.
    """
    if not settings.weight or not any(c.shifts for c in counts.values()):
        return {}
    median = statistics.median(c.weekends for c in counts.values())
    found: dict[str, tuple[FairShare, ...]] = {}
    for agent, held in counts.items():
        due = median * weeks / settings.weeks - (held.weekends - median)
        most = min(weeks, max(0, round(due)))
        if most < weeks:
            found[agent] = (FairShare(most=most, weight=settings.weight),)
    return found
