"""Training or a meeting of today put off by a press: its agent works at the queue instead (CA12)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from bot.core.errors import RefusedError
from bot.core.ids import AgentId, QueueId
from bot.core.requests import Cause
from bot.core.settings import Settings
from bot.store.unit_of_work import ReadUnit, Store
from bot.usecases.ask_changes import Outcome, request
from scheduler.requests.verdicts import Trade
from scheduler.roster.roster import Assignment
from scheduler.roster.shifts import SESSION_KINDS, Segment, SessionKind, Shift

__all__ = ["Session", "look", "put_off", "sessions_ahead"]

_CANCELLABLE: Final = SESSION_KINDS - {SessionKind.STAND_UP}
_INSTANT: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """[start, end) of one agent's shift in the published roster; ``activity`` a kind of session."""

    agent: str
    activity: str
    start: datetime
    end: datetime


def sessions_ahead(
    assignments: Sequence[Assignment], queue: QueueId, now: datetime, until: datetime
) -> tuple[Session, ...]:
    """Training and meetings still to come, of people who work at the queue that day; stand-ups stay."""
    found = [
        Session(agent=a.agent, activity=s.activity, start=s.start, end=s.end)
        for a in assignments
        if any(s.activity == queue for s in a.shift.segments)
        for s in a.shift.segments
        if s.activity in _CANCELLABLE and now <= s.start < until
    ]
    return tuple(sorted(found, key=lambda s: (s.start, s.agent)))


def look(store: Store, queue: QueueId, agent: AgentId, start: datetime, *, now: datetime) -> Session:
    """The session that begins then.  Raises RefusedError where there is none (any more), or it has begun."""
    with store.read() as uow:
        return _found(uow, queue, agent, start, now)[0]


def put_off(
    store: Store,
    settings: Settings,
    queue: QueueId,
    agent: AgentId,
    start: datetime,
    *,
    by: str,
    now: datetime,
) -> Outcome:
    """The agent works at the queue in its place, and is told with the reason; hours stay as they are.

    Nobody is asked.  Raises as `look`, and RefusedError where a rule forbids it.
    """
    with store.read() as uow:
        session, shift = _found(uow, queue, agent, start, now)
    trade = Trade(agent=agent, gone=(shift,), come=(_working(shift, session, queue),))
    return request(
        store, settings, (trade,), cause=Cause.SESSION_PUT_OFF, asker=None, asked=(), by=by, now=now
    )


def _found(
    uow: ReadUnit, queue: QueueId, agent: AgentId, start: datetime, now: datetime
) -> tuple[Session, Shift]:
    for shift in uow.rosters.shifts_of(agent, start, start + _INSTANT):
        held = sessions_ahead([Assignment(agent=agent, shift=shift)], queue, now, shift.end)
        for session in held:
            if session.start == start:
                return session, shift
    raise RefusedError(
        "session_gone",
        "There is no such training or meeting ahead any more; nothing was changed. See /muster surge",
    )


def _working(shift: Shift, session: Session, queue: QueueId) -> Shift:
    """The shift with work at the queue in the session's place, as one with the work around it."""
    kept: list[Segment] = []
    for segment in shift.segments:
        one = replace(segment, activity=queue) if segment.start == session.start else segment
        if kept and kept[-1].activity == one.activity == queue and kept[-1].paid == one.paid:
            one = replace(one, start=kept.pop().start)
        kept.append(one)
    return replace(shift, segments=tuple(kept))
