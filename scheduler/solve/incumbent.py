"""The best roster so far, kept by ourselves: a hint is no guarantee that a solver keeps it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from ortools.sat.python import cp_model

from scheduler.check.coverage import coverage
from scheduler.check.score import score
from scheduler.errors import SolveError
from scheduler.roster.problem import RosterProblem
from scheduler.roster.roster import Roster
from scheduler.solve.breaks import PauseTimes, decode, pause_times
from scheduler.solve.candidates import Candidates
from scheduler.solve.groups import Group
from scheduler.solve.variables import RosterModel

__all__ = ["Incumbent", "from_solution", "hint", "shortfall"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Incumbent:
    """Chosen cells per agent, pauses, and the roster they make with its score."""

    chosen: dict[str, tuple[int, ...]]
    pauses: PauseTimes
    roster: Roster
    objective: float


def from_solution(
    problem: RosterProblem,
    candidates: Candidates,
    chosen: dict[str, tuple[int, ...]],
    model: RosterModel,
    solver: cp_model.CpSolver,
    *,
    claimed: float | None,
    before: Incumbent | None = None,
) -> Incumbent:
    """Decode a solution and score it without the solver; pauses the model leaves out are those of ``before``.

    Raises SolveError where the solver ``claimed`` another objective: then model and checker differ.
    """
    pauses = pause_times(model, solver)
    if before is not None:
        pauses = PauseTimes(starts={**before.pauses.starts, **pauses.starts})
    roster = decode(problem, candidates, chosen, pauses)
    objective = score(problem, roster).objective
    if claimed is not None and abs(claimed - objective) > 0.5:
        raise SolveError(
            f"the solver's objective {claimed:g} differs from the recomputed score {objective:g}; "
            "no roster was kept. This is an error of the program, please report the problem"
        )
    return Incumbent(chosen=chosen, pauses=pauses, roster=roster, objective=objective)


def shortfall(
    candidates: Candidates, groups: tuple[Group, ...], incumbent: Incumbent
) -> dict[tuple[int, int], int]:
    """(group, week) to minutes below the minima, summed over the members."""
    found: dict[tuple[int, int], int] = {}
    for g, member in ((g, m) for g, group in enumerate(groups) for m in group.members):
        for w, account in enumerate(member.weeks):
            days = set(account.days)
            paid = sum(
                candidates.cells[c].paid_minutes
                for c in incumbent.chosen.get(member.agent, ())
                if candidates.cells[c].day in days
            )
            found[g, w] = found.get((g, w), 0) + max(0, account.minimum - paid)
    return found


def hint(model: RosterModel, incumbent: Incumbent) -> None:
    """Give the incumbent to a model, of groups of any size, as a complete hint."""
    candidates, add = model.candidates, model.model.add_hint
    for g, group in enumerate(model.groups):
        chosen = Counter(c for m in group.members for c in incumbent.chosen.get(m.agent, ()))
        for c, variable in model.taken[g].items():
            add(variable, chosen[c])
        worked = Counter(candidates.cells[c].day for c in chosen.elements())
        for day, variable in model.working[g].items():
            add(variable, worked[day])
    counts = Counter(c for cells in incumbent.chosen.values() for c in cells)
    for family in model.families:
        total = 0
        for i, variable in enumerate(family.started):
            total += counts[family.family.first_cell + i]
            add(variable, total)
        times = incumbent.pauses.starts.get(family.number, tuple(() for _ in family.paused))
        for j, variables in enumerate(family.paused):
            for k, variable in enumerate(variables):
                add(variable, sum(1 for t in times[j] if t <= family.first_pause[j] + k))
    for (g, w), minutes in shortfall(candidates, model.groups, incumbent).items():
        if (g, w) in model.short:
            add(model.short[g, w], minutes)
    covers = {c.queue: c for c in coverage(model.problem, incumbent.roster)}
    for steps in model.off_cover:
        cover = covers[steps.queue]
        for variables_of, off in (
            (steps.under, int(cover.under[steps.interval])),
            (steps.over, int(cover.over[steps.interval])),
        ):
            for variable, holds in variables_of:
                taken = min(off, holds)
                add(variable, taken)
                off -= taken
