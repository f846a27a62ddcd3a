"""Cover of every queue and interval, with convex prices for too few and too many."""

from __future__ import annotations

import numpy as np
from ortools.sat.python import cp_model

from scheduler.check.coverage import coverage
from scheduler.check.score import cover_limits
from scheduler.roster.roster import Roster
from scheduler.solve.variables import FamilyVariables, Linear, RosterModel

__all__ = ["add_coverage"]


def add_coverage(roster: RosterModel, given: Roster) -> None:
    """At work + too few - too many = required; ``given`` shifts count as they are."""
    problem = roster.problem
    total = sum(g.size for g in roster.groups) + sum(roster.frozen.values())
    under_cost = roster.cost.setdefault("under_cover", [])
    over_cost = roster.cost.setdefault("over_cover", [])
    by_queue: dict[str, list[FamilyVariables]] = {q: [] for q in problem.queues}
    for variables in roster.families:
        by_queue[variables.family.queue].append(variables)
    for cover in coverage(problem, given):
        needed = cover.required - cover.at_work
        reached = _reached(by_queue[cover.queue], problem.grid.count)
        for t in range(problem.grid.count):
            required, open_need = int(cover.required[t]), int(needed[t])
            # With nothing to decide here the cost is a constant, which the checker's score has too.
            if not reached[t] and open_need == 0:
                continue
            few = cover_limits(problem.weights.under_cover, required)
            many = cover_limits(problem.weights.over_cover, required)
            under = sum(_steps(roster, few, open_need, under_cost))
            over = sum(_steps(roster, many, total - open_need, over_cost))
            at_work: list[Linear] = [_at_work(v, t) for v in by_queue[cover.queue]] if reached[t] else []
            roster.model.add(sum(at_work) + under - over == open_need)


def _steps(
    roster: RosterModel,
    limits: tuple[tuple[int | None, int], ...],
    most: int,
    cost: list[tuple[cp_model.IntVar, int]],
) -> list[cp_model.IntVar]:
    """A variable per step, priced; weights grow, so the solver fills them in order by itself."""
    found: list[cp_model.IntVar] = []
    for holds, weight in limits:
        top = most if holds is None else min(holds, most)
        if top > 0:
            off = roster.model.new_int_var(0, top, "off")
            found.append(off)
            cost.append((off, weight * roster.problem.interval_minutes))
    return found


def _reached(families: list[FamilyVariables], count: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Intervals some cell can cover."""
    reached = np.zeros(count, dtype=np.bool_)
    for variables in families:
        family = variables.family
        reached[max(0, family.starts[0]) : max(0, family.starts[-1] + family.length)] = True
    return reached


def _at_work(variables: FamilyVariables, t: int) -> Linear:
    family = variables.family
    if not family.starts[0] <= t < family.starts[-1] + family.length:
        return 0
    if any(first <= t < end for first, end in family.blocks):
        return 0
    working = variables.started_by(t) - variables.started_by(t - family.length)
    for j, pause in enumerate(family.pauses):
        working -= variables.paused_by(j, t) - variables.paused_by(j, t - pause.length)
    return working
