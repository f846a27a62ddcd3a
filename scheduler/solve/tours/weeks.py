"""Long problems week by week: each week is a problem of its own, with the weeks before as previous shifts.

What is limited over the whole period is dealt out to the weeks: worked weekends in turn, so that every
weekend has its share of people off, and what is left of hours and of kinds of shift evenly.
"""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from forecasting.grid import IntervalGrid
from scheduler.check.forms import template_of
from scheduler.roster.people import Contract, FairShare, RosterAgent
from scheduler.roster.problem import RosterProblem
from scheduler.roster.roster import Assignment, RosterPeriod
from scheduler.roster.shifts import Shift
from scheduler.staffing.requirement import Requirement

__all__ = ["week_problem", "weeks_of"]

#: How far back shifts count for rest, runs and the rotation of weekends.
_BEFORE = timedelta(days=35)


def weeks_of(problem: RosterProblem) -> tuple[tuple[date, ...], ...]:
    """The period's dates by ISO week; a first or last part of up to three days joins its neighbour."""
    weeks = [list(days) for days in problem.period.weeks().values()]
    if len(weeks) > 1 and len(weeks[0]) <= 3:
        weeks[:2] = [weeks[0] + weeks[1]]
    if len(weeks) > 1 and len(weeks[-1]) <= 3:
        weeks[-2:] = [weeks[-2] + weeks[-1]]
    return tuple(tuple(w) for w in weeks)


def week_problem(
    problem: RosterProblem, dates: tuple[date, ...], made: tuple[Assignment, ...], *, number: int, count: int
) -> RosterProblem:
    """The problem of week ``number`` of ``count``, with the assignments made for the weeks before."""
    period = RosterPeriod(first=dates[0], days=len(dates), zone=problem.period.zone)
    grid = IntervalGrid.for_days(
        first=dates[0], days=len(dates), interval=problem.grid.interval, zone=problem.period.zone
    )
    wanted = set(dates)
    so_far: dict[str, list[Shift]] = {}
    for assignment in made:
        so_far.setdefault(assignment.agent, []).append(assignment.shift)
    previous = tuple(
        a for a in (*problem.previous, *made) if period.start - _BEFORE <= a.shift.start < period.start
    )
    return replace(
        problem,
        period=period,
        grid=grid,
        requirements=tuple(_slice(problem, r, grid, made) for r in problem.requirements),
        agents=tuple(
            _agent(problem, agent, so_far.get(agent.agent, []), place, number=number, count=count)
            for place, agent in enumerate(problem.agents)
        ),
        fixed=tuple(a for a in problem.fixed if a.shift.date in wanted),
        previous=previous,
        wishes=tuple(w for w in problem.wishes if w.date in wanted),
        activities=(),
        sessions=tuple(s for s in problem.sessions if period.start <= s.start and s.end <= period.end),
        shift_cover=tuple(c for c in problem.shift_cover if c.date in wanted),
    )


def _slice(
    problem: RosterProblem, requirement: Requirement, grid: IntervalGrid, made: tuple[Assignment, ...]
) -> Requirement:
    """The week's part of a requirement, less what shifts of the week before still cover."""
    first = (grid.start - problem.grid.start) // grid.interval
    part = slice(first, first + grid.count)
    need = np.ceil(np.asarray(requirement.scheduled_agents[part], dtype=np.float64) - 1e-6)
    for assignment in made:
        if assignment.shift.end <= grid.start:
            continue
        for segment in assignment.shift.segments:
            if segment.activity == requirement.queue and segment.end > grid.start:
                need[grid.slice_between(max(segment.start, grid.start), segment.end)] -= 1
    return replace(
        requirement,
        grid=grid,
        base_agents=requirement.base_agents[part],
        shrinkage=requirement.shrinkage[part],
        scheduled_agents=np.maximum(need, 0).astype(np.int64),
    )


def _agent(
    problem: RosterProblem, agent: RosterAgent, worked: list[Shift], place: int, *, number: int, count: int
) -> RosterAgent:
    contract, left = agent.contract, count - number
    plain = (
        contract.max_weekends is None
        and not contract.shift_limits
        and contract.max_hours_per_period is None
        and not contract.min_hours_per_period
        and not agent.fair_shares
    )
    if plain:
        return agent
    kinds = [template_of(problem, agent, s) for s in worked]
    hours = sum(s.paid_time.total_seconds() for s in worked) / 3600
    most_hours = contract.max_hours_per_period
    limits = tuple(
        replace(limit, most=_part(limit.most - sum(k in limit.templates for k in kinds), left))
        for limit in contract.shift_limits
    )
    changed: Contract = replace(
        contract,
        max_weekends=_weekends(contract.max_weekends, place, number, count),
        shift_limits=limits,
        max_hours_per_period=None if most_hours is None else max(0.0, most_hours - hours),
        min_hours_per_period=max(0.0, contract.min_hours_per_period - hours) / left,
    )
    if changed.max_hours_per_period is not None:
        least = min(changed.min_hours_per_period, changed.max_hours_per_period)
        changed = replace(changed, min_hours_per_period=least)
    shares: list[FairShare] = []
    for share in agent.fair_shares:
        if share.templates:
            have = sum(k in share.templates for k in kinds)
            shares.append(replace(share, most=_part(share.most - have, left)))
        else:
            most = _weekends(share.most, place, number, count)
            shares += [] if most is None else [replace(share, most=most)]
    return replace(agent, contract=changed, fair_shares=tuple(shares))


def _part(left_over: int, weeks: int) -> int:
    return math.ceil(max(0, left_over) / weeks)


def _weekends(most: int | None, place: int, number: int, count: int) -> int | None:
    """0 in the weeks an agent's turn is to be off at the weekend, else no limit."""
    if most is None or most >= count:
        return None
    return 0 if (number + place) % count < count - most else None
