"""Parts of a roster to decide anew while the rest stays: some days of everyone, or some agents."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta

from scheduler.roster.problem import RosterProblem
from scheduler.solve.candidates import Candidates
from scheduler.solve.groups import Group, one_by_one
from scheduler.solve.incumbent import Incumbent, shortfall
from scheduler.solve.model import build_model
from scheduler.solve.variables import RosterModel

__all__ = ["Neighbourhood", "days_can_be_freed", "free_agents", "free_days"]

#: Yes-or-no questions of a neighbourhood.  Small ones are solved to the end and soon; larger ones get out of
#: corners the small ones cannot.
SIZES = (300, 400, 500, 700, 1_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbourhood:
    """A model whose groups of one are free; ``kept`` are the cells that stay, per agent.

    ``problem`` is the one the model's solution is decoded and scored for.
    """

    problem: RosterProblem
    model: RosterModel
    kept: dict[str, tuple[int, ...]]


def days_can_be_freed(candidates: Candidates) -> bool:
    """Whether a whole day of everyone is small enough to decide anew."""
    on_day = Counter(candidates.cells[c].day for cells in candidates.allowed.values() for c in cells)
    return bool(on_day) and min(on_day.values()) <= 2 * SIZES[-1]


def free_agents(
    problem: RosterProblem,
    candidates: Candidates,
    singles: tuple[Group, ...],
    best: Incumbent,
    chance: random.Random,
    *,
    size: int,
) -> Neighbourhood:
    """Random agents are free on all days; everyone's pauses are."""
    order = list(singles)
    chance.shuffle(order)
    freed: list[Group] = []
    total = 0
    for group in order:
        total += len(group.cells)
        if freed and total > size:
            break
        freed.append(group)
    names = {g.members[0].agent for g in freed}
    kept = {agent: cells for agent, cells in best.chosen.items() if agent not in names}
    others = tuple(g for g in singles if g.members[0].agent not in names)
    model = build_model(
        problem,
        candidates,
        tuple(freed),
        frozen=Counter(c for cells in kept.values() for c in cells),
        frozen_shortfall=sum(shortfall(candidates, others, best).values()),
    )
    return Neighbourhood(problem=problem, model=model, kept=kept)


def free_days(
    problem: RosterProblem, candidates: Candidates, best: Incumbent, chance: random.Random, *, size: int
) -> Neighbourhood:
    """One to three days are free for everyone; the other days' shifts stay with their pauses."""
    on_day = Counter(candidates.cells[c].day for cells in candidates.allowed.values() for c in cells)
    order = sorted(on_day)
    chance.shuffle(order)
    days: set[int] = set()
    total = 0
    for day in order[: chance.randint(1, 3)]:
        total += on_day[day]
        if days and total > size:
            break
        days.add(day)
    kept = {
        agent: tuple(c for c in cells if candidates.cells[c].day not in days)
        for agent, cells in best.chosen.items()
    }
    dates = {problem.period.first + timedelta(days=day) for day in days}
    given = (a for a in best.roster.assignments if a not in problem.fixed and a.shift.date not in dates)
    part = replace(problem, fixed=(*problem.fixed, *given))
    left = Candidates(
        families=candidates.families,
        cells=candidates.cells,
        allowed={
            agent: _still_possible(problem, candidates, cells, kept.get(agent, ()), days)
            for agent, cells in candidates.allowed.items()
        },
    )
    return Neighbourhood(problem=part, model=build_model(part, left, one_by_one(part, left)), kept=kept)


def _still_possible(
    problem: RosterProblem,
    candidates: Candidates,
    cells: tuple[int, ...],
    kept: tuple[int, ...],
    days: set[int],
) -> tuple[int, ...]:
    """Cells on free days with enough rest towards the kept ones."""
    rule = problem.rules.rest
    rest = -(-timedelta(hours=rule.hours) // problem.grid.interval) if rule is not None else 0
    held = [candidates.cells[c] for c in kept]
    return tuple(
        c
        for c in cells
        if (cell := candidates.cells[c]).day in days
        and all(h.end + rest <= cell.begin or cell.end + rest <= h.begin for h in held)
    )
