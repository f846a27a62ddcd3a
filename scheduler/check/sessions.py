"""Who is at the sessions of a roster, and who should be."""

from __future__ import annotations

from datetime import datetime

from scheduler.roster.roster import Roster
from scheduler.roster.sessions import Session
from scheduler.roster.shifts import PREPARE, Shift

__all__ = ["attends", "missed", "must_attend"]


def attends(session: Session, shift: Shift) -> bool:
    """Whether a shift has this session in it."""
    return any(
        s.activity == session.kind and s.start == session.start and s.end == session.end
        for s in shift.segments
    )


def must_attend(session: Session, shifts: tuple[Shift, ...]) -> bool:
    """Whether an invited agent with these shifts is not excused: the time before the queues is no one's."""
    return not session.on_shift or any(
        _at_queues_from(s) <= session.start and session.end <= s.end for s in shifts
    )


def _at_queues_from(shift: Shift) -> datetime:
    return max((s.end for s in shift.segments if s.activity == PREPARE), default=shift.start)


def missed(sessions: tuple[Session, ...], roster: Roster) -> tuple[tuple[Session, str], ...]:
    """Sessions and who misses them though invited and not excused, by session and name."""
    shifts = roster.by_agent()
    return tuple(
        (session, agent)
        for session in sessions
        for agent in sorted(session.agents)
        if must_attend(session, own := shifts.get(agent, ())) and not any(attends(session, s) for s in own)
    )
