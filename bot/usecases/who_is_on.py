"""Who is on now, until when, and who comes next, by the published roster (SCENARIOS A14)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.errors import RefusedError
from bot.core.ids import AgentId, TeamId
from bot.core.on_duty import OnShift
from bot.core.people import Agent
from bot.core.settings import Settings
from bot.store.unit_of_work import ReadUnit
from scheduler.roster.shifts import RESERVED_ACTIVITIES

__all__ = ["ComingOn", "WhoIsOn", "who_is_on"]

AHEAD = timedelta(hours=24)
"""How far ahead somebody counts as next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComingOn:
    """Somebody whose next shift has not begun."""

    agent: AgentId
    start: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WhoIsOn:
    """``working`` at a queue, then ``pausing`` (or preparing), each by when the shift ends; ``next`` all who
    come at the next moment anybody does.  ``published``: whether a roster holds this moment at all.
    """

    working: tuple[OnShift, ...]
    pausing: tuple[OnShift, ...]
    next: tuple[ComingOn, ...]
    published: bool


def who_is_on(
    uow: ReadUnit,
    settings: Settings,
    *,
    now: datetime,
    about: str | None = None,
    teams: Collection[TeamId] | None = None,
) -> WhoIsOn:
    """Everybody on shift of these teams (None: all), or those for ``about``.

    ``about`` is a queue or a skill.  For a queue: who works it at this moment, and in a pause who has its
    skill; for a skill: who has it, whatever they work on.  Raises RefusedError where there is no such thing.
    """
    agents = {a.agent: a for a in uow.people.all() if teams is None or a.team in teams}
    queue, skill = _meant(settings, agents.values(), about)
    entries = [e for e in uow.rosters.on_shift(now) if e.agent in agents]
    able = {a.agent for a in agents.values() if skill is None or skill in a.skills}
    working = [
        e
        for e in entries
        if e.activity not in RESERVED_ACTIVITIES and (e.activity == queue if queue else e.agent in able)
    ]
    pausing = [e for e in entries if e.activity in RESERVED_ACTIVITIES and e.agent in able]
    coming = [
        ComingOn(agent=AgentId(a.agent), start=a.shift.start)
        for a in uow.rosters.shifts_between(now, now + AHEAD)
        if a.shift.start > now and a.agent in able and (queue is None or queue in a.shift.queues)
    ]
    first = min((c.start for c in coming), default=None)
    return WhoIsOn(
        working=tuple(sorted(working, key=lambda e: (e.shift_end, e.agent))),
        pausing=tuple(sorted(pausing, key=lambda e: (e.shift_end, e.agent))),
        next=tuple(sorted((c for c in coming if c.start == first), key=lambda c: c.agent)),
        published=uow.rosters.published_at(now) is not None,
    )


def _meant(settings: Settings, agents: Collection[Agent], about: str | None) -> tuple[str | None, str | None]:
    """(queue, skill) that are asked about."""
    if about is None:
        return None, None
    wanted = about.casefold()
    for name, queue in settings.queues.items():
        if name.casefold() == wanted:
            return name, queue.skill
    skills = sorted({skill for a in agents for skill in a.skills})
    for skill in skills:
        if skill.casefold() == wanted:
            return None, skill
    known = ", ".join(dict.fromkeys([*settings.queues, *skills]))
    raise RefusedError(
        "no_queue_or_skill",
        f"There is no queue and no skill called {about!r}; nothing was looked up. There are: {known}.",
        known=known,
    )
