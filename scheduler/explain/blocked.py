"""Why a gap stays: which rules keep out those who could close it, and what lifting one would bring."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import combinations

import numpy as np

from scheduler.check.coverage import joined_gaps
from scheduler.repair.forms import template_shifts
from scheduler.repair.live import LiveRoster
from scheduler.repair.moves import losses_of
from scheduler.roster.people import RosterAgent
from scheduler.roster.problem import RosterProblem
from scheduler.roster.roster import Roster, UncoveredInterval
from scheduler.roster.shifts import Shift
from scheduler.roster.violation import Violation

__all__ = ["Blocked", "Relief", "blocked"]

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Relief:
    """What it would bring if one thing gave way.

    ``rules``: names of the rules that would have to be lifted, all of them, for ``agent`` to work ``shift``
    (of ``people`` for whom the same rules are all that stands in the way, this is the best).  ``gain``: what
    the roster would cost less, pay included [paid minutes]; ``closes``: missing staff-minutes closed by it.
    """

    rules: tuple[str, ...]
    agent: str
    shift: Shift
    people: int
    gain: float
    closes: float
    violations: tuple[Violation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """One gap.  ``skilled``: people with the skill for it; none means that skill is what is missing.

    ``at_work``: how many of them have a shift that touches it, on whatever queue, pauses included.

    ``conflict``: the smallest set of rules that by itself keeps everybody out: whoever could close some of
    the gap breaks at least one of them.  Empty where somebody breaks none: the roster is not the best one.
    ``reliefs``: by gain, the best first.
    """

    gap: UncoveredInterval
    skilled: int
    at_work: int
    conflict: tuple[str, ...]
    reliefs: tuple[Relief, ...]


def blocked(
    problem: RosterProblem,
    roster: Roster,
    *,
    most: int = 5,
    should_stop: Callable[[], bool] = lambda: False,
) -> tuple[Blocked, ...]:
    """The ``most`` largest gaps of a roster, each with what stands in the way of one person more.

    Everybody with the skill is tried on every shift of their contract's templates that day, as an additional
    shift or in the place of the one they have, and each time all broken rules are noted.  One person's change
    at a time: what two together could do is not seen.
    """
    live = LiveRoster.of(problem, roster, problem)
    missing = np.maximum(live.lines.required - live.at, 0)
    gaps: list[UncoveredInterval] = []
    for line, queue in enumerate(problem.queues):
        gaps += _days_gaps(problem, queue, line, missing)
    gaps.sort(key=lambda g: (-g.missing * ((g.end - g.start) / _MINUTE), g.start, g.queue))
    found = []
    for gap in gaps[:most]:
        if should_stop():
            break
        found.append(_look_into(live, gap))
    return tuple(found)


def _days_gaps(
    problem: RosterProblem, queue: str, line: int, missing: np.ndarray[tuple[int, ...], np.dtype[np.int64]]
) -> list[UncoveredInterval]:
    """Gaps of one queue, those of a day that touch taken as one, with the most that are missing in it."""
    found: list[UncoveredInterval] = []
    for gap in joined_gaps(problem.grid, queue, missing[line]):
        last = found[-1] if found else None
        if last is not None and gap.start - last.end <= timedelta(hours=1):
            found[-1] = replace(last, end=gap.end, missing=max(last.missing, gap.missing))
        else:
            found.append(gap)
    return found


def _look_into(live: LiveRoster, gap: UncoveredInterval) -> Blocked:
    problem = live.problem
    skill = next(r.skill for r in problem.requirements if r.queue == gap.queue)
    people = [a for a in problem.agents if skill in a.skills]
    line = problem.queues.index(gap.queue)
    part = problem.grid.slice_between(gap.start, gap.end)
    short = np.maximum(live.lines.required - live.at, 0)[line]
    best: dict[tuple[str, ...], list[Relief]] = defaultdict(list)
    for agent in people:
        own: dict[tuple[str, ...], Relief] = {}
        for shift in _shifts_over(live, agent, gap):
            today = tuple(s for s in live.shifts.get(agent.agent, ()) if s.date == shift.date)
            if today and today[0].queues == shift.queues and today[0].start == shift.start:
                continue
            cost = live.cover_change(agent.agent, today, (shift,)) + live.paid_change(today, (shift,))
            if cost >= 0:
                continue
            violations = live.new_violations(agent.agent, today, (shift,))
            rules = tuple(sorted({v.rule for v in violations}))
            if rules in own and own[rules].gain >= -cost:
                continue
            closes = sum(
                int(np.minimum(short[a:b], 1)[max(0, part.start - a) : max(0, part.stop - a)].sum())
                for at, a, b in live.spans(agent.agent, shift)
                if at == line
            )
            own[rules] = Relief(
                rules=rules,
                agent=agent.agent,
                shift=shift,
                people=1,
                gain=-cost,
                closes=closes * problem.interval_minutes,
                violations=tuple(violations),
            )
        for rules, relief in own.items():
            if not any(set(fewer) < set(rules) for fewer in own):
                best[rules].append(relief)
    reliefs = [
        replace(max(held, key=lambda r: (r.gain, r.agent)), people=len({r.agent for r in held}))
        for held in best.values()
    ]
    reliefs.sort(key=lambda r: (-r.gain, len(r.rules), r.rules))
    at_work = sum(
        any(s.start < gap.end and s.end > gap.start for s in live.shifts.get(a.agent, ())) for a in people
    )
    return Blocked(
        gap=gap,
        skilled=len(people),
        at_work=at_work,
        conflict=_conflict([r.rules for r in reliefs]),
        reliefs=tuple(reliefs),
    )


def _shifts_over(live: LiveRoster, agent: RosterAgent, gap: UncoveredInterval) -> list[Shift]:
    problem = live.problem
    templates = [t for t in problem.templates if t.name in agent.contract.templates]
    losses = losses_of(live, agent.agent, gap.queue)
    days: Sequence[date] = sorted({problem.period.date_of(gap.start), problem.period.date_of(gap.end)})
    return [
        shift
        for day in days
        for shift in template_shifts(
            problem, templates, agent.zone, gap.queue, day, losses, after=problem.period.start - _MINUTE
        )
        if shift.start < gap.end and shift.end > gap.start
    ]


def _conflict(blocking: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """The smallest set of rules with at least one of every set in ``blocking``; empty where one is free.

    Small sets: a few rules and a few ways, so all sets are tried, smallest first.
    """
    if not blocking or any(not rules for rules in blocking):
        return ()
    names = sorted({rule for rules in blocking for rule in rules})
    for size in range(1, len(names) + 1):
        for chosen in combinations(names, size):
            if all(set(rules) & set(chosen) for rules in blocking):
                return chosen
    return tuple(names)
