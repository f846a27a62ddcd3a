"""What is said when a queue's service level is below its target."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.core.cause import StaffingCause
from bot.core.data_age import DataAge

__all__ = ["ServiceBelow"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceBelow:
    """``within`` of ``judged`` contacts whose time ran out in [start, end) were answered in time.

    The target is ``share`` within ``within_seconds``.  ``ended_at``: kept again; then this is the edit of
    the post.
    """

    queue: str
    start: datetime
    end: datetime
    judged: int
    within: int
    share: float
    within_seconds: float
    age: DataAge
    cause: StaffingCause | None = None
    ended_at: datetime | None = None
