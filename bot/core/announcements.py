"""Announcements: a rule that changed, and who has read what it says now (CA8, CP12)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.core.ids import AgentId, AnnouncementId, TeamId

__all__ = ["LONGEST_PART", "Announcement", "Reader"]

LONGEST_PART: Final = 500
"""Characters of each of its four parts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """``what`` changed, the ``reason``, what it says now (``content``) and what it does (``effect``)."""

    number: AnnouncementId
    team: TeamId
    what: str
    reason: str
    content: str
    effect: str
    made_at: datetime
    made_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """``read_at`` None: not yet.  ``asked_again_at``: at the start of a shift, for the last time."""

    agent: AgentId
    read_at: datetime | None = None
    asked_again_at: datetime | None = None
