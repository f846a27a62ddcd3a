"""Parts of a roster to decide anew while the rest stays: some days of everyone, or some agents."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta

from scheduler.roster.problem import RosterProblem
from scheduler.solve.breaks import PauseTimes
from scheduler.solve.candidates import Candidates
from scheduler.solve.groups import Group, one_by_one
from scheduler.solve.incumbent import Incumbent, shortfall
from scheduler.solve.model import build_model
from scheduler.solve.variables import RosterModel

__all__ = ["Neighbourhood", "days_can_be_freed", "free_agents", "free_agents_alone", "free_days"]

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
    #: Where the search starts: the best roster, or its free part.
    start: Incumbent | None = None
    #: Pauses of kept shifts in families where others are free.
    kept_pauses: PauseTimes | None = None


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
    freed = _some(singles, chance, size)
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
    return Neighbourhood(problem=problem, model=model, kept=kept, start=best)


def free_agents_alone(
    problem: RosterProblem,
    candidates: Candidates,
    singles: tuple[Group, ...],
    best: Incumbent,
    chance: random.Random,
    *,
    size: int,
) -> Neighbourhood:
    """Random agents are free on all days; the others keep their shifts and their pauses.

    Far smaller than with everyone's pauses free: such a part is mostly solved to the end within a second.
    """
    names = {g.members[0].agent for g in _some(singles, chance, size)}
    kept = {agent: cells for agent, cells in best.chosen.items() if agent not in names}
    given = (a for a in best.roster.assignments if a.agent not in names and a not in problem.fixed)
    part = replace(problem, fixed=(*problem.fixed, *given))
    left = Candidates(
        families=candidates.families,
        cells=candidates.cells,
        allowed={agent: cells if agent in names else () for agent, cells in candidates.allowed.items()},
    )
    free = {agent: cells for agent, cells in best.chosen.items() if agent in names}
    return Neighbourhood(
        problem=part,
        model=build_model(part, left, one_by_one(part, left)),
        kept=kept,
        start=replace(best, chosen=free, pauses=best.pauses.of(candidates, best.chosen, names)),
        kept_pauses=best.pauses.of(candidates, best.chosen, set(kept)),
    )


def _some(singles: tuple[Group, ...], chance: random.Random, size: int) -> list[Group]:
    """Random agents, at least one, with about ``size`` questions together."""
    order = list(singles)
    chance.shuffle(order)
    found: list[Group] = []
    total = 0
    for group in order:
        total += len(group.cells)
        if found and total > size:
            break
        found.append(group)
    return found


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
    return Neighbourhood(
        problem=part, model=build_model(part, left, one_by_one(part, left)), kept=kept, start=best
    )


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
        and all(h.end + rest <= cell.start or cell.end + rest <= h.start for h in held)
    )
