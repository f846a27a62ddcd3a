"""What is said about exception windows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

__all__ = ["ExceptionDeclared"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionDeclared:
    """To the team's channel: targets may slip for a while (SP17); ``queue`` None for all of the team's.

    ``ended_by``: the same window was ended early, at ``ends_at``.
    """

    window: int
    team: str
    queue: str | None
    reason: str
    starts_at: datetime
    ends_at: datetime
    by: str
    ended_by: str | None = None
