"""RosterVersion: drafts, the published one, and those it replaced."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from bot.core.ids import RosterId, RunId
from scheduler.roster.roster import Roster


class RosterStatus(Enum):
    DRAFT = "draft"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterVersion:
    """A roster of one period.  At most one version of a period is PUBLISHED; published ones never change.

    ``inside_share``/``weakest``: from its certificate, None until certified.  ``accepted_because``: the
    reason given where it was published below the threshold.
    """

    roster_id: RosterId
    roster: Roster
    status: RosterStatus
    made_at: datetime
    run: RunId | None = None
    outcome: str | None = None
    gap: float | None = None
    inside_share: float | None = None
    weakest: float | None = None
    published_at: datetime | None = None
    published_by: str | None = None
    accepted_because: str | None = None
