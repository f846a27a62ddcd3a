"""What the next hours ask for against who is rostered: gaps and why they are there (SCENARIOS L1)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.core.availability import LeaveEntry
from bot.core.ids import AgentId
from bot.core.outlook_messages import CoverAhead, GapAhead
from bot.core.requests import Cause, MadeChange
from bot.core.requirements import RequirementInterval
from scheduler.roster.roster import Assignment
from scheduler.roster.shifts import RESERVED_ACTIVITIES, Shift

__all__ = ["Ahead", "back_from_leave", "cover_ahead"]

_AWAY = frozenset({Cause.ABSENCE, Cause.LEAVE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """One queue: ``cover`` in the interval that needs most, None where nobody is needed; all its gaps."""

    cover: CoverAhead | None
    gaps: tuple[GapAhead, ...]


def cover_ahead(
    queue: str,
    requirement: Sequence[RequirementInterval],
    assignments: Sequence[Assignment],
    *,
    able: Collection[AgentId],
    changes: Sequence[MadeChange],
) -> Ahead:
    """The roster against the requirement (scheduled agents) of one queue, interval by interval.

    Neighbouring intervals with somebody missing are one gap, told by its worst interval.  Its reasons:
    who of ``able`` is on a pause then, and whom absence or leave took from the queue since publication.
    An interval with a pause in it counts the minutes that are left.
    """
    worst: RequirementInterval | None = None
    there: dict[datetime, int] = {}
    for interval in requirement:
        there[interval.start] = _people(queue, assignments, interval)
        if worst is None or (interval.scheduled_agents, -there[interval.start]) > (
            worst.scheduled_agents,
            -there[worst.start],
        ):
            worst = interval
    runs: list[list[RequirementInterval]] = []
    for interval in requirement:
        if interval.scheduled_agents <= there[interval.start]:
            continue
        if runs and runs[-1][-1].end == interval.start:
            runs[-1].append(interval)
        else:
            runs.append([interval])
    gaps = []
    for run in runs:
        most = max(run, key=lambda i: (i.scheduled_agents - there[i.start], -i.start.timestamp()))
        middle = most.start + most.interval / 2
        gaps.append(
            GapAhead(
                queue=queue,
                start=run[0].start,
                end=run[-1].end,
                missing=most.scheduled_agents - there[most.start],
                pausing=_pausing(assignments, able, middle),
                away=_away(queue, changes, middle),
            )
        )
    cover = None
    if worst is not None and worst.scheduled_agents:
        cover = CoverAhead(queue=queue, rostered=there[worst.start], needed=worst.scheduled_agents)
    return Ahead(cover=cover, gaps=tuple(gaps))


def back_from_leave(
    day: date,
    working: Collection[AgentId],
    leave: Sequence[LeaveEntry],
    worked: Sequence[tuple[AgentId, date]],
) -> tuple[AgentId, ...]:
    """Who of those ``working`` on ``day`` does so for the first time after leave.

    ``leave`` and ``worked`` (agent, day of a shift) reach back as far as a return may be told.
    """
    found = []
    for agent in sorted(working):
        ended = max((e.last for e in leave if e.agent == agent and e.last < day), default=None)
        if ended is not None and not any(a == agent and ended < d < day for a, d in worked):
            found.append(agent)
    return tuple(found)


def _people(queue: str, assignments: Sequence[Assignment], interval: RequirementInterval) -> int:
    """Whole people at the queue: the time they are there together, over the interval's."""
    present = sum(
        (
            max(min(s.end, interval.end) - max(s.start, interval.start), timedelta(0))
            for a in assignments
            for s in a.shift.segments
            if s.activity == queue
        ),
        start=timedelta(0),
    )
    return int(present / interval.interval + 1e-9)


def _pausing(assignments: Sequence[Assignment], able: Collection[AgentId], at: datetime) -> int:
    return sum(
        1
        for a in assignments
        if a.agent in able and (doing := _doing(a.shift, at)) is not None and doing in RESERVED_ACTIVITIES
    )


def _away(queue: str, changes: Sequence[MadeChange], at: datetime) -> int:
    return len(
        {
            c.agent
            for c in changes
            if c.cause in _AWAY
            and c.before is not None
            and _doing(c.before, at) == queue
            and (c.after is None or _doing(c.after, at) != queue)
        }
    )


def _doing(shift: Shift, at: datetime) -> str | None:
    return next((s.activity for s in shift.segments if s.start <= at < s.end), None)
