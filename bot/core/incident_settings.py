"""How a team prepares for incidents, from app.yaml."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta

from bot.core.ids import TeamId
from bot.core.knowledge import STALE_AFTER

__all__ = ["DrillPlan", "IncidentSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillPlan:
    """A drill of ``scenario`` on these local days of the team, ``at`` a local time (ES11)."""

    scenario: str
    team: TeamId
    days: tuple[date, ...]
    at: time


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentSettings:
    """``folder`` of the runbooks (None: the example pack); reviews are due ``review_within`` the end."""

    folder: str | None = None
    stale_after: timedelta = STALE_AFTER
    review_within: timedelta = timedelta(days=2)
    drills: tuple[DrillPlan, ...] = ()
