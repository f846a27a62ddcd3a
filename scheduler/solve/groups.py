"""Agents as the model of counts sees them: summed up in groups.

A group is a relaxation: only sums over its members are limited, so its bound holds for every roster.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from scheduler.check.weeks import maximum_minutes, minimum_minutes
from scheduler.roster.people import RosterAgent
from scheduler.roster.problem import RosterProblem
from scheduler.roster.shifts import Shift
from scheduler.solve.candidates import Candidates

__all__ = ["Group", "Member", "WeekAccount", "group_agents", "members"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekAccount:
    """What one agent may and should still get in an ISO week, fixed and previous shifts taken off.

    ``days`` are day numbers of the period.  ``minimum`` is what is missing before any new shift;
    ``maximum`` and ``free_days`` are None where no rule limits them.
    """

    days: tuple[int, ...]
    minimum: int
    maximum: int | None
    free_days: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One agent: the cells they may take, weekly accounts, and days already worked.

    ``worked`` are day numbers of given shifts, negative before the period.
    """

    agent: str
    cells: tuple[int, ...]
    weeks: tuple[WeekAccount, ...]
    worked: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Members whose work is counted together; ``cells`` is the union of theirs."""

    members: tuple[Member, ...]
    cells: tuple[int, ...]

    @property
    def size(self) -> int:
        return len(self.members)


def group_agents(problem: RosterProblem, candidates: Candidates) -> tuple[Group, ...]:
    """Agents of one contract, zone and set of queues together; leave and availability may differ."""
    classes: dict[tuple[object, ...], list[Member]] = {}
    for agent, member in zip(problem.agents, members(problem, candidates), strict=True):
        queues = tuple(r.queue for r in problem.requirements if r.skill in agent.skills)
        classes.setdefault((agent.contract, agent.zone, queues), []).append(member)
    return tuple(
        Group(members=tuple(same), cells=tuple(sorted({c for m in same for c in m.cells})))
        for same in classes.values()
    )


def members(problem: RosterProblem, candidates: Candidates) -> tuple[Member, ...]:
    """The problem's agents, in order, with what given shifts leave of their accounts."""
    fixed: dict[str, list[Shift]] = {}
    previous: dict[str, list[Shift]] = {}
    for assignment in problem.fixed:
        fixed.setdefault(assignment.agent, []).append(assignment.shift)
    for assignment in problem.previous:
        previous.setdefault(assignment.agent, []).append(assignment.shift)
    weeks = problem.period.weeks()
    return tuple(
        Member(
            agent=agent.agent,
            cells=candidates.allowed[agent.agent],
            weeks=_accounts(problem, agent, weeks, fixed.get(agent.agent, []), previous.get(agent.agent, [])),
            worked=_worked(problem, fixed.get(agent.agent, []), previous.get(agent.agent, [])),
        )
        for agent in problem.agents
    )


def _accounts(
    problem: RosterProblem,
    agent: RosterAgent,
    weeks: dict[tuple[int, int], tuple[date, ...]],
    fixed: list[Shift],
    previous: list[Shift],
) -> tuple[WeekAccount, ...]:
    rules = problem.rules
    accounts: list[WeekAccount] = []
    for week, days in weeks.items():
        now = [s for s in fixed if s.date.isocalendar()[:2] == week]
        before = [s for s in previous if s.date.isocalendar()[:2] == week]
        used = sum(int(s.paid_time.total_seconds() // 60) for s in now)
        used_before = sum(int(s.paid_time.total_seconds() // 60) for s in before)
        used_days = len({s.date for s in (*now, *before)})
        day_limits = []
        if rules.days_per_week is not None:
            day_limits.append(agent.contract.max_days_per_week)
        if rules.weekly_rest is not None:
            day_limits.append(7 - rules.weekly_rest.days)
        accounts.append(
            WeekAccount(
                days=tuple((day - problem.period.first).days for day in days),
                minimum=max(0, minimum_minutes(agent, days) - used) if rules.minimum_hours else 0,
                maximum=max(0, maximum_minutes(agent) - used - used_before) if rules.weekly_hours else None,
                free_days=max(0, min(day_limits) - used_days) if day_limits else None,
            )
        )
    return tuple(accounts)


def _worked(problem: RosterProblem, fixed: list[Shift], previous: list[Shift]) -> frozenset[int]:
    """Day numbers that count for runs; days too far back to matter are left out."""
    rule = problem.rules.consecutive_days
    if rule is None:
        return frozenset()
    numbers = {(s.date - problem.period.first).days for s in (*fixed, *previous)}
    return frozenset(n for n in numbers if n >= -rule.days)
