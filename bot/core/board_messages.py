"""The one post that shows a team's board in its channel, edited in place.

Times stand in it as instants, not as ages, so that it changes when a figure changes and not with the clock.
Nothing in it is about one person.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

__all__ = [
    "GONE",
    "BoardPost",
    "PostedGap",
    "PostedPromise",
    "PostedQueue",
    "PostedStage",
    "PostedType",
    "unchanged",
]


GONE: Final = frozenset({"message_not_found", "cant_update_message", "channel_not_found"})
"""Why Slack edits a post no more: somebody deleted it, or the channel.  Another takes its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedQueue:
    """As `bot.core.board.QueueLine`; half of those in resolution wait since ``median_since`` or longer."""

    queue: str
    pending: int
    unanswered: int
    late: int
    in_resolution: int
    median_since: datetime | None = None
    oldest_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedStage:
    """``cases`` stand in a stage, the longest since ``oldest_at``."""

    stage: str
    cases: int
    oldest_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedPromise:
    """Clocks of one measure: ``overdue``, due ``soon``, and all that run."""

    measure: str
    running: int
    overdue: int
    soon: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedType:
    """``cases`` with a broken promise are of one type (MA12)."""

    type: str
    cases: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedGap:
    """Most people miss at ``worst_at``, of ``peak`` that are needed at the most."""

    queue: str
    peak: int
    worst_missing: int
    worst_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardPost:
    """``working`` and ``pausing``: people on shift, None where no roster is published.

    ``gaps``: queues short in the rest of today.  ``data_until``: the latest any contact event speaks of.
    """

    team: str
    at: datetime
    queues: tuple[PostedQueue, ...]
    stages: tuple[PostedStage, ...]
    promises: tuple[PostedPromise, ...]
    types: tuple[PostedType, ...]
    every_seconds: float
    gaps: tuple[PostedGap, ...] = ()
    working: int | None = None
    pausing: int | None = None
    data_until: datetime | None = None


def unchanged(before: BoardPost, after: BoardPost) -> bool:
    """Whether nobody could see a difference but in when it was looked at."""
    return replace(before, at=after.at, data_until=after.data_until) == after
