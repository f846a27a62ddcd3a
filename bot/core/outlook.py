"""What is coming: the window a risk is told for, who will be there, and when a change is worth saying."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.core.ids import AgentId, QueueId
from scheduler.roster.roster import Assignment
from scheduler.simulation.ahead import Stretch

__all__ = ["AHEAD", "CHANGED", "WINDOW", "changed_much", "pausing_in", "staffed_ahead", "window_ahead"]

AHEAD: Final = timedelta(minutes=20)
"""The least time before a window in which somebody can still do something about it."""
WINDOW: Final = timedelta(minutes=30)
CHANGED: Final = 0.15
"""A chance that moves less is the same news."""


def window_ahead(now: datetime) -> tuple[datetime, datetime]:
    """The half hour that is foretold at ``now``: the first to begin at least twenty minutes ahead.

    >>> [f"{t:%H:%M}" for t in window_ahead(datetime(2026, 11, 24, 11, 40, tzinfo=UTC))]
    ['12:00', '12:30']
    >>> [f"{t:%H:%M}" for t in window_ahead(datetime(2026, 11, 24, 11, 41, tzinfo=UTC))]
    ['12:30', '13:00']
    """
    since = (now + AHEAD).timestamp()
    length = WINDOW.total_seconds()
    start = datetime.fromtimestamp(-(-since // length) * length, tz=UTC)
    return start, start + WINDOW


def staffed_ahead(
    assignments: Iterable[Assignment],
    queue: QueueId,
    now: datetime,
    *,
    off: Collection[AgentId] = (),
    back_at: dict[AgentId, datetime] | None = None,
) -> list[Stretch]:
    """Who will be at a queue from now on by the roster, [s after now].

    ``off``: people who are known not to be logged in; they are left out.  ``back_at``: people known to be
    away though rostered, and when they are taken to be back.
    """
    found = []
    for assignment in assignments:
        agent = AgentId(assignment.agent)
        if agent in off:
            continue
        back = (back_at or {}).get(agent)
        for segment in assignment.shift.segments:
            start = segment.start if back is None else max(segment.start, back)
            if segment.activity == queue and segment.end > max(now, start):
                found.append(
                    Stretch(
                        agent=agent,
                        start=(start - now).total_seconds(),
                        end=(segment.end - now).total_seconds(),
                    )
                )
    return found


def pausing_in(
    assignments: Iterable[Assignment], queue: QueueId, start: datetime, end: datetime
) -> tuple[int, int]:
    """(people whose break or lunch touches the window, people whose shift ends before it is over).

    Of those who work at the queue at any time of their shift.
    """
    pausing = leaving = 0
    for assignment in assignments:
        shift = assignment.shift
        if queue not in shift.queues:
            continue
        touched = (s for s in shift.segments if not s.is_work and s.start < end and s.end > start)
        pausing += next(touched, None) is not None
        leaving += start <= shift.end < end
    return pausing, leaving


def changed_much(told: float, now: float) -> bool:
    """Whether a chance has moved enough to edit the card."""
    return abs(now - told) >= CHANGED
