"""A roster problem under other rules (SCENARIOS P13)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import time, timedelta

from bot.core.errors import RefusedError
from bot.core.replay import ReplayRules
from scheduler.roster.errors import ProblemError
from scheduler.roster.people import RosterAgent
from scheduler.roster.problem import RosterProblem
from scheduler.roster.roster import Roster
from scheduler.roster.rules import MinimumRest
from scheduler.roster.shifts import BreakRule, ShiftTemplate

__all__ = ["under_rules"]


def under_rules(problem: RosterProblem, rules: ReplayRules, roster: Roster) -> RosterProblem:
    """The problem with other rest, starts, lunches and people; needs are the caller's.

    ``roster``: as it was; the people who leave are those with the fewest paid hours on it.  Raises
    RefusedError where a rule leaves a contract without any shift, or nobody.
    """
    changed = problem
    if rules.rest_hours is not None:
        rest = replace(changed.rules.rest or MinimumRest(), hours=rules.rest_hours)
        changed = replace(changed, rules=replace(changed.rules, rest=rest))
    if rules.step is not None:
        changed = _with_templates(changed, {t.name: _stepped(t, rules.step) for t in changed.templates})
    if rules.lunch is not None:
        first, last = rules.lunch
        changed = _with_templates(changed, {t.name: _lunches(t, first, last) for t in changed.templates})
    if rules.headcount:
        changed = _with_people(changed, rules.headcount, roster)
    return changed


def _stepped(template: ShiftTemplate, step: timedelta) -> tuple[ShiftTemplate, ...]:
    return (replace(template, start_step=step),)


def _lunches(template: ShiftTemplate, first: time, last: time) -> tuple[ShiftTemplate, ...]:
    """One template for each start, whose lunch lies between these times of the agent's clock.

    A lunch is bound to the beginning of its shift, so each start needs bounds of its own; starts and
    lengths for which no lunch fits in fall away.  Shifts without a lunch stay as they are.
    """
    rule = template.breaks
    if not rule.lunch:
        return (template,)
    found: list[ShiftTemplate] = []
    for start in template.starts():
        earliest = max(timedelta(0), _of_day(first) - _of_day(start))
        latest = _of_day(last) - _of_day(start) - rule.lunch
        if latest < earliest:
            continue
        own = replace(rule, lunch_earliest=earliest, lunch_latest=latest)
        lengths = tuple(length for length in template.lengths if _fits(own, length))
        if lengths:
            name = f"{template.name} {start:%H:%M}"
            found.append(
                replace(
                    template,
                    name=name,
                    earliest_start=start,
                    latest_start=start,
                    lengths=lengths,
                    breaks=own,
                )
            )
    return tuple(found)


def _fits(rule: BreakRule, length: timedelta) -> bool:
    try:
        rule.pauses(length)
    except ProblemError:
        return False
    return True


def _of_day(clock: time) -> timedelta:
    return timedelta(hours=clock.hour, minutes=clock.minute)


def _with_templates(
    problem: RosterProblem, by_name: Mapping[str, tuple[ShiftTemplate, ...]]
) -> RosterProblem:
    """Every template in the place of the one it came from, and every name of one with it."""

    def names(of: Iterable[str]) -> tuple[str, ...]:
        return tuple(made.name for name in of for made in by_name[name])

    agents = []
    for agent in problem.agents:
        templates = names(agent.contract.templates)
        if not templates:
            raise RefusedError(
                "replay_no_shift",
                f"With that rule the contract {agent.contract.name!r} has no shift left; nothing was "
                "worked out.",
                contract=agent.contract.name,
            )
        limits = tuple(
            replace(limit, templates=names(limit.templates))
            for limit in agent.contract.shift_limits
            if names(limit.templates)
        )
        agents.append(
            replace(
                agent,
                contract=replace(agent.contract, templates=templates, shift_limits=limits),
                # Without a template left there is nothing to share; an empty list would mean weekends.
                fair_shares=tuple(
                    replace(share, templates=names(share.templates))
                    for share in agent.fair_shares
                    if not share.templates or names(share.templates)
                ),
            )
        )
    return replace(
        problem,
        agents=tuple(agents),
        templates=tuple(made for template in problem.templates for made in by_name[template.name]),
        wishes=tuple(
            replace(wish, templates=names(wish.templates))
            for wish in problem.wishes
            if not wish.templates or names(wish.templates)
        ),
    )


def _with_people(problem: RosterProblem, headcount: int, roster: Roster) -> RosterProblem:
    """More: copies of those there are, in turn, without their leave; fewer: those who worked least go."""
    hours = {agent.agent: timedelta(0) for agent in problem.agents}
    for assignment in roster.assignments:
        if assignment.agent in hours:
            hours[assignment.agent] += assignment.shift.paid_time
    by_hours = sorted(problem.agents, key=lambda a: (hours[a.agent], a.agent))
    if headcount < 0:
        gone = {agent.agent for agent in by_hours[:-headcount]}
        if len(gone) >= len(problem.agents):
            raise RefusedError(
                "replay_nobody",
                f"That would leave nobody of {len(problem.agents)} people; nothing was worked out.",
                people=len(problem.agents),
            )
        return replace(
            problem,
            agents=tuple(a for a in problem.agents if a.agent not in gone),
            previous=tuple(a for a in problem.previous if a.agent not in gone),
            wishes=tuple(w for w in problem.wishes if w.agent not in gone),
            pairings=tuple(p for p in problem.pairings if not gone & {p.agent, p.mentor}),
        )
    most = by_hours[::-1]
    extra: list[RosterAgent] = [
        replace(most[n % len(most)], agent=f"extra-{n + 1}", leave=(), fair_shares=())
        for n in range(headcount)
    ]
    return replace(problem, agents=(*problem.agents, *extra))
