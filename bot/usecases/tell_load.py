"""Patterns of overload are told once a week: counts to the leads, each person's own to that person (TI5)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from bot.core.ids import AgentId
from bot.core.kpis.settings import PackTimes
from bot.core.load_messages import LoadMessage, LoadPatterns, OwnPattern, PatternCount
from bot.core.messages import Recipient
from bot.core.on_duty import reachable
from bot.core.packs import due_at
from bot.core.people import Team
from bot.core.person_choices import Choice
from bot.core.settings import Settings
from bot.store.unit_of_work import ReadUnit, Store, UnitOfWork
from bot.usecases.change_shifts import team_leads
from bot.usecases.work_load import TeamSeen, last_week, read_team

__all__ = ["GRACE", "choose", "tick"]

GRACE = timedelta(days=1)
"""What could not be told for so long after its time is left out; it can still be looked at."""


def tick(store: Store, settings: Settings, *, now: datetime) -> int:
    """Tell what is due; returns how many messages were written.

    Once for each team and week, whatever the number of replicas; nothing where nobody shows a pattern.
    """
    care = settings.care
    if care is None:
        return 0
    written = 0
    times = PackTimes(at=care.at, weekday=care.weekday)
    for team in settings.teams.values():
        due = due_at(times, now, team.zone, settings.calendars[team.calendar])
        if not due <= now < due + GRACE:
            continue
        week = last_week(settings, team.team, due)
        with store.read() as look:
            if look.job_slots.taken(_job(team), week.isoformat()):
                continue
            seen = read_team(look, settings, team.team, week, now=now)
            leads = team_leads(look, settings, team.team, now=now) if seen.shown else ()
            people = _people(look, settings, seen)
        with store.unit() as uow:
            if not uow.job_slots.take(_job(team), week.isoformat(), now):
                continue
            written += _tell(uow, team, seen, leads, people, week, now)
            uow.commit()
    return written


def choose(store: Store, agent: AgentId, wanted: bool, *, now: datetime) -> None:
    """Whether the agent is told from now on (PS11)."""
    with store.unit() as uow:
        uow.person_choices.keep(agent, Choice.LOAD, wanted, now=now)
        uow.commit()


def _people(look: ReadUnit, settings: Settings, seen: TeamSeen) -> list[AgentId]:
    """Who is told of their own: nobody where figures of single people are off, or against their will."""
    if not settings.kpis.individual or not seen.shown:
        return []
    off = look.person_choices.differing(Choice.LOAD)
    agents = look.people.named(set(seen.shown))
    return sorted(a for a, person in agents.items() if a not in off and reachable(person))


def _tell(
    uow: UnitOfWork,
    team: Team,
    seen: TeamSeen,
    leads: tuple[Recipient, ...],
    people: list[AgentId],
    week: date,
    now: datetime,
) -> int:
    written = 0
    load = seen.load
    if load.concerned and not load.too_few:
        counts = tuple(PatternCount(pattern=p.value, people=n) for p, n in load.patterns.items())
        told = LoadPatterns(
            team=team.team, week=week, people=load.people, concerned=load.concerned, patterns=counts
        )
        written += sum(_put(uow, lead, told, week, now) for lead in leads)
    for agent in people:
        own = OwnPattern(team=team.team, week=week, patterns=tuple(p.value for p in seen.shown[agent]))
        recipient = Recipient.direct(agent, team.team)
        written += _put(uow, recipient, own, week, now)
    return written


def _put(uow: UnitOfWork, recipient: Recipient, message: LoadMessage, week: date, now: datetime) -> int:
    kind = "own" if isinstance(message, OwnPattern) else "team"
    key = f"load:{kind}:{message.team}:{week.isoformat()}:{recipient.name}"
    return int(uow.outbox.post(recipient, message, key, now))


def _job(team: Team) -> str:
    return f"load:{team.team}"
