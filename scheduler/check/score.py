"""The objective recomputed from a roster, term by term."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from scheduler.check.coverage import coverage
from scheduler.check.presence import presence_cover
from scheduler.check.sessions import missed
from scheduler.check.weeks import minimum_minutes
from scheduler.check.wishes import wish_terms
from scheduler.roster.problem import RosterProblem
from scheduler.roster.roster import Roster
from scheduler.roster.rules import CoverStep

__all__ = [
    "Score",
    "cover_cost",
    "cover_limits",
    "paid_minutes",
    "period_shortfalls",
    "score",
    "week_shortfalls",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Weighted ``terms`` in paid minutes; they sum to ``objective``.

    ``under_minutes`` and ``over_minutes`` are the plain staff-minutes off the requirement.
    """

    terms: Mapping[str, float]
    objective: float
    under_minutes: float
    over_minutes: float
    required_minutes: float


def cover_limits(steps: tuple[CoverStep, ...], required: int) -> tuple[tuple[int | None, int], ...]:
    """(agents the step holds, weight) for each step at this requirement; the last holds any number.

    >>> steps = (CoverStep(up_to_share=0.1, weight=10), CoverStep(up_to_share=None, weight=30))
    >>> cover_limits(steps, 25)
    ((3, 10), (None, 30))
    """
    limits: list[tuple[int | None, int]] = []
    below = 0
    for step in steps:
        if step.up_to_share is None:
            limits.append((None, step.weight))
        else:
            top = math.ceil(step.up_to_share * required - 1e-9)
            limits.append((top - below, step.weight))
            below = top
    return tuple(limits)


def cover_cost(steps: tuple[CoverStep, ...], required: int, off: int) -> int:
    """Price of ``off`` agents too few or too many at this requirement, per minute."""
    cost = 0
    for holds, weight in cover_limits(steps, required):
        taken = off if holds is None else min(off, holds)
        cost += taken * weight
        off -= taken
    return cost


def paid_minutes(roster: Roster) -> float:
    """Paid minutes of all shifts."""
    return sum(a.shift.paid_time.total_seconds() for a in roster.assignments) / 60


def week_shortfalls(problem: RosterProblem, roster: Roster) -> dict[tuple[str, tuple[int, int]], float]:
    """(agent, ISO week) to paid minutes below the contract's minimum, where there are any."""
    if problem.rules.minimum_hours is None:
        return {}
    shifts = roster.by_agent()
    found: dict[tuple[str, tuple[int, int]], float] = {}
    weeks = problem.period.weeks()
    for agent in problem.agents:
        worked: dict[tuple[int, int], float] = {}
        for shift in shifts.get(agent.agent, ()):
            week = shift.date.isocalendar()[:2]
            worked[week] = worked.get(week, 0.0) + shift.paid_time.total_seconds() / 60
        for week, days in weeks.items():
            short = minimum_minutes(agent, days) - worked.get(week, 0.0)
            if short > 0:
                found[agent.agent, week] = short
    return found


def period_shortfalls(problem: RosterProblem, roster: Roster) -> dict[str, float]:
    """Agent to paid minutes below the contract's minimum of the period, where there are any."""
    if problem.rules.minimum_hours is None:
        return {}
    shifts = roster.by_agent()
    found: dict[str, float] = {}
    for agent in problem.agents:
        worked = sum(s.paid_time.total_seconds() for s in shifts.get(agent.agent, ())) / 60
        short = math.floor(agent.contract.min_hours_per_period * 60 + 1e-6) - worked
        if short > 0:
            found[agent.agent] = short
    return found


def score(problem: RosterProblem, roster: Roster) -> Score:
    """What this roster costs under the problem's weights."""
    weights = problem.weights
    minutes = problem.interval_minutes
    under_cost = over_cost = under = over = 0
    for cover in coverage(problem, roster):
        for required, short, spare in zip(
            cover.required.tolist(), cover.under.tolist(), cover.over.tolist(), strict=True
        ):
            if short:
                under += short
                under_cost += cover_cost(weights.under_cover, required, short)
            elif spare:
                over += spare
                over_cost += cover_cost(weights.over_cover, required, spare)
    terms = {
        "paid_minutes": weights.paid_minutes * paid_minutes(roster),
        "under_cover": float(under_cost * minutes),
        "over_cover": float(over_cost * minutes),
        "minimum_hours": weights.minimum_hours
        * (sum(week_shortfalls(problem, roster).values()) + sum(period_shortfalls(problem, roster).values())),
    }
    if problem.rules.presence:
        terms["presence"] = float(
            sum(c.rule.weight * int(c.under.sum() + c.over.sum()) for c in presence_cover(problem, roster))
            * minutes
        )
    if problem.sessions:
        terms["sessions"] = float(sum(session.price for session, _ in missed(problem.sessions, roster)))
    terms |= wish_terms(problem, roster)
    return Score(
        terms=terms,
        objective=sum(terms.values()),
        under_minutes=float(under * minutes),
        over_minutes=float(over * minutes),
        required_minutes=float(problem.required_staff_minutes()),
    )
