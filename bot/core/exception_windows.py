"""ExceptionWindow: declared time in which targets may slip (SP17).

Nothing is paused and no due time moves: what breaks inside a window is still broken, and is reported apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.core.ids import QueueId, TeamId, WindowId

__all__ = ["ExceptionWindow", "excusing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionWindow:
    """[starts_at, ends_at) for one queue or all of the team; ``reason`` is a code, such as outage."""

    window: WindowId
    team: TeamId
    queue: QueueId | None
    reason: str
    starts_at: datetime
    ends_at: datetime
    declared_by: str
    declared_at: datetime


def excusing(
    windows: Iterable[ExceptionWindow], *, team: TeamId, queue: QueueId, at: datetime
) -> ExceptionWindow | None:
    """The window a breach at ``at`` falls into: the earliest declared; None where none does."""
    found = (
        w for w in windows if w.team == team and w.queue in (None, queue) and w.starts_at <= at < w.ends_at
    )
    return min(found, key=lambda w: (w.declared_at, w.window), default=None)
