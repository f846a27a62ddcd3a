"""From the store to a roster problem: what is needed, who there is, and the rules of a period."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta

import numpy as np

from bot.core.availability import available_spans, leave_spans
from bot.core.calendar import open_periods
from bot.core.errors import RefusedError
from bot.core.fairness import counts_of, shares
from bot.core.ids import AgentId, QueueId
from bot.core.people import Agent, Role
from bot.core.planned_activities import activities_of
from bot.core.settings import Settings
from bot.core.wishes import dated, pairings
from bot.store.unit_of_work import ReadUnit
from bot.usecases.workloads import grid_of
from forecasting.grid import IntervalGrid
from scheduler.roster.people import RosterAgent, TimeSpan, skill_attribute
from scheduler.roster.problem import RosterProblem
from scheduler.roster.roster import RosterPeriod
from scheduler.roster.rules import OpeningHours, Presence
from scheduler.roster.shifts import Shift
from scheduler.staffing.requirement import Requirement

__all__ = ["build_problem"]

DAY = timedelta(days=1)
BEFORE = 14 * DAY
"""How far back shifts count for rest, runs of days and shared weeks."""
LEAD = "lead"


def build_problem(
    uow: ReadUnit,
    settings: Settings,
    period: RosterPeriod,
    *,
    need_requirement: bool = True,
) -> RosterProblem:
    """Everything the solver needs, read from the store.

    Availability and leave are resolved in each agent's zone; the shifts published for the days before
    count for rest and runs.  Agents without a skill any queue needs are left out.  Raises RefusedError
    where there are no agents, or no requirement (unless it is not needed).
    """
    grid = grid_of(settings, period)
    requirements, short = [], []
    for name, queue in settings.queues.items():
        rows = uow.requirements.between(name, grid.start, grid.end)
        if len(rows) == grid.count and rows[0].interval == grid.interval:
            requirements.append(
                Requirement(
                    queue=name,
                    skill=queue.skill,
                    grid=grid,
                    base_agents=np.array([r.base_agents for r in rows], dtype=np.int64),
                    shrinkage=np.array([r.shrinkage for r in rows], dtype=np.float64),
                    scheduled_agents=np.array([r.scheduled_agents for r in rows], dtype=np.int64),
                )
            )
        else:
            short.append(name)
    if not requirements and need_requirement:
        first, last = period.first.isoformat(), period.dates[-1].isoformat()
        raise RefusedError(
            "no_requirement",
            f"No staffing requirement covers {first} to {last}; nothing was solved. First: muster staffing.",
            first=first,
            last=last,
        )
    if not need_requirement:
        requirements += [_nobody(settings.queues[name].skill, name, grid) for name in short]
    skills = {r.skill for r in requirements}
    agents = _agents(uow, settings, period, skills)
    known = {a.agent for a in agents}
    earlier = uow.rosters.shifts_between(period.start - BEFORE, period.start)
    standing = uow.wishes.of([AgentId(name) for name in sorted(known)], since=period.first)
    return RosterProblem(
        period=period,
        grid=grid,
        agents=_with_shares(uow, settings, period, agents),
        wishes=dated(standing, period.dates, settings.roster.wishes),
        pairings=pairings(standing, known, settings.roster.wishes),
        templates=tuple(settings.roster.templates.values()),
        requirements=tuple(requirements),
        rules=replace(
            settings.roster.rules,
            opening_hours=OpeningHours(
                spans={r.queue: _opening(settings, QueueId(r.queue), period) for r in requirements}
            ),
            presence=_presence(settings, period),
        ),
        previous=tuple(a for a in earlier if a.agent in known and a.shift.start < period.start),
        activities=activities_of(settings.roster.activities, period, agents),
    )


def _nobody(skill: str, queue: QueueId, grid: IntervalGrid) -> Requirement:
    none = np.zeros(grid.count, dtype=np.int64)
    return Requirement(
        queue=queue,
        skill=skill,
        grid=grid,
        base_agents=none,
        shrinkage=np.zeros(grid.count),
        scheduled_agents=none,
    )


def _agents(uow: ReadUnit, settings: Settings, period: RosterPeriod, skills: set[str]) -> list[RosterAgent]:
    people = [a for a in uow.people.all() if skills & set(a.skills)]
    if not people:
        raise RefusedError(
            "no_agents",
            f"There are no agents with a skill that is needed ({', '.join(sorted(skills))}); nothing was "
            "solved. First: muster import agents FILE.",
            skills=", ".join(sorted(skills)),
        )
    # A day more on both sides: the agent's zone can be a day off the roster's.
    first, last = period.first - DAY, period.dates[-1] + DAY
    ids = [a.agent for a in people]
    available, leave = defaultdict(list), defaultdict(list)
    for entry in uow.people.availability(ids, first, last):
        available[entry.agent].append(entry)
    for away in uow.people.leave(ids, first, last):
        leave[away.agent].append(away)
    found = []
    for agent in people:
        contract = settings.roster.contracts.get(agent.contract)
        if contract is None:
            names = ", ".join(settings.roster.contracts)
            raise RefusedError(
                "contract_gone",
                f"Agent {agent.agent!r} has the contract {agent.contract!r}, which app.yaml no longer has; "
                f"nothing was solved. There are: {names}.",
                agent=agent.agent,
                contract=agent.contract,
                contracts=names,
            )
        found.append(
            RosterAgent(
                agent=agent.agent,
                skills=agent.skills,
                contract=contract,
                zone=agent.zone,
                available=available_spans(available[agent.agent], agent.zone, first=first, last=last),
                leave=leave_spans(leave[agent.agent], agent.zone),
                attributes=_attributes(agent, settings),
            )
        )
    return found


def _attributes(agent: Agent, settings: Settings) -> frozenset[str]:
    """What presence rules can count: skills, and being a lead, which is a role."""
    skills = frozenset(skill_attribute(skill) for skill in agent.skills)
    leads = settings.roles.role_of(agent.email, agent.role) is not Role.AGENT
    return skills | {LEAD} if leads else skills


def _with_shares(
    uow: ReadUnit, settings: Settings, period: RosterPeriod, agents: list[RosterAgent]
) -> tuple[RosterAgent, ...]:
    """Agents with their due share of weekends, from what was published before."""
    fairness = settings.roster.fairness
    if fairness is None:
        return tuple(agents)
    before = uow.rosters.shifts_between(period.start - fairness.weeks * 7 * DAY, period.start)
    own: dict[str, list[Shift]] = {a.agent: [] for a in agents}
    for assignment in before:
        if assignment.agent in own and assignment.shift.start < period.start:
            own[assignment.agent].append(assignment.shift)
    late = settings.roster.wishes.late
    counts = {a.agent: counts_of(own[a.agent], a.zone, late) for a in agents}
    due = shares(counts, fairness, max(1, round(period.days / 7)))
    return tuple(replace(a, fair_shares=due[a.agent]) if a.agent in due else a for a in agents)


def _presence(settings: Settings, period: RosterPeriod) -> tuple[Presence, ...]:
    """The presence rules with the opening spans of their queues, or of all."""
    found = []
    for rule in settings.roster.presence:
        queues = rule.queues or tuple(settings.queues)
        spans = sorted({span for q in queues for span in _opening(settings, QueueId(q), period)})
        inside = tuple(s for s in spans if s.end > period.start and s.start < period.end)
        found.append(
            Presence(
                name=rule.name,
                attribute=rule.attribute,
                least=rule.least if inside else 0,
                most=rule.most,
                weight=rule.weight,
                spans=inside,
            )
        )
    return tuple(found)


def _opening(settings: Settings, queue: QueueId, period: RosterPeriod) -> tuple[TimeSpan, ...]:
    calendar = settings.calendars[settings.queues[queue].calendar]
    found: list[TimeSpan] = []
    day = period.first - DAY
    while day <= period.dates[-1] + DAY:
        found += [TimeSpan(start=start, end=end) for start, end in open_periods(calendar, day)]
        day += DAY
    return tuple(found)
