"""The container that owns a model's variables."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field

from ortools.sat.python import cp_model

from scheduler.roster.problem import RosterProblem
from scheduler.solve.candidates import Candidates, Family
from scheduler.solve.groups import Group

__all__ = ["FamilyVariables", "Linear", "RosterModel", "build_variables"]

#: A linear expression, or a constant where nothing is left to decide.
Linear = cp_model.LinearExpr | int


@dataclass(slots=True)
class FamilyVariables:
    """One family in use, cumulatively: how many shifts, and how many of each pause, have started by then.

    ``started[i]`` counts shifts at starts[0..i]; ``paused[j][k]`` counts pauses j started up to interval
    ``first_pause[j] + k``.  Cumulative counts turn windows and spacing into differences of two variables.
    """

    number: int
    family: Family
    started: list[cp_model.IntVar]
    first_pause: list[int]
    paused: list[list[cp_model.IntVar]]

    def started_by(self, interval: int) -> Linear:
        """Shifts started at or before ``interval``."""
        position = bisect_right(self.family.starts, interval)
        return self.started[position - 1] if position else 0

    def paused_by(self, pause: int, interval: int) -> Linear:
        """Pauses number ``pause`` started at or before ``interval``."""
        position = interval - self.first_pause[pause]
        if position < 0:
            return 0
        held = self.paused[pause]
        return held[position] if position < len(held) else self.started[-1]


@dataclass(slots=True)
class RosterModel:
    """A CP-SAT model with its variables by meaning.

    ``taken[g][cell]``: how many of group g take the cell.  ``working[g][day]``: how many work that day.
    ``frozen``: takers of a cell who are decided already.  ``cost``: (variable, price) of the objective by
    term; ``constant``: what decided shifts cost.  ``short[g, w]``: minutes missing to the minimum.
    """

    problem: RosterProblem
    candidates: Candidates
    groups: tuple[Group, ...]
    frozen: Mapping[int, int]
    model: cp_model.CpModel
    taken: list[dict[int, cp_model.IntVar]]
    working: list[dict[int, cp_model.IntVar]]
    families: list[FamilyVariables]
    cost: dict[str, list[tuple[cp_model.IntVar, int]]] = field(default_factory=dict)
    short: dict[tuple[int, int], cp_model.IntVar] = field(default_factory=dict)
    constant: int = 0


def build_variables(
    problem: RosterProblem,
    candidates: Candidates,
    groups: tuple[Group, ...],
    frozen: Mapping[int, int] | None = None,
) -> RosterModel:
    """Variables, and the equalities that define the derived ones.

    ``working[g][day]`` is bounded by the members who have a cell that day: one shift a day.
    """
    model = cp_model.CpModel()
    frozen = frozen or {}
    taken: list[dict[int, cp_model.IntVar]] = []
    working: list[dict[int, cp_model.IntVar]] = []
    takers: dict[int, list[cp_model.IntVar]] = {}
    for g, group in enumerate(groups):
        mine: dict[int, cp_model.IntVar] = {}
        by_day: dict[int, list[cp_model.IntVar]] = {}
        able = _able_by_day(group, candidates)
        for c in group.cells:
            day = candidates.cells[c].day
            variable = model.new_int_var(0, able[day], f"take[{g},{c}]")
            mine[c] = variable
            takers.setdefault(c, []).append(variable)
            by_day.setdefault(day, []).append(variable)
        days: dict[int, cp_model.IntVar] = {}
        for day, variables in by_day.items():
            days[day] = model.new_int_var(0, able[day], f"work[{g},{day}]")
            model.add(sum(variables) == days[day])
        taken.append(mine)
        working.append(days)
    families = _build_families(model, candidates, takers, frozen, sum(g.size for g in groups))
    return RosterModel(
        problem=problem,
        candidates=candidates,
        groups=groups,
        frozen=frozen,
        model=model,
        taken=taken,
        working=working,
        families=families,
    )


def _able_by_day(group: Group, candidates: Candidates) -> dict[int, int]:
    able: dict[int, int] = {}
    for member in group.members:
        for day in {candidates.cells[c].day for c in member.cells}:
            able[day] = able.get(day, 0) + 1
    return able


def _build_families(
    model: cp_model.CpModel,
    candidates: Candidates,
    takers: Mapping[int, list[cp_model.IntVar]],
    frozen: Mapping[int, int],
    free: int,
) -> list[FamilyVariables]:
    built: list[FamilyVariables] = []
    for f, family in enumerate(candidates.families):
        cells = range(family.first_cell, family.first_cell + len(family.starts))
        if not any(c in takers or frozen.get(c) for c in cells):
            continue
        most = free + sum(frozen.get(c, 0) for c in cells)
        started = [model.new_int_var(0, most, f"started[{f},{i}]") for i in range(len(family.starts))]
        for i, c in enumerate(cells):
            before: Linear = started[i - 1] if i else 0
            model.add(started[i] - before == sum(takers.get(c, [])) + frozen.get(c, 0))
        first_pause = [family.starts[0] + p.earliest for p in family.pauses]
        paused = [
            [
                model.new_int_var(0, most, f"paused[{f},{j},{t}]")
                for t in range(first_pause[j], family.starts[-1] + p.latest)
            ]
            for j, p in enumerate(family.pauses)
        ]
        built.append(
            FamilyVariables(number=f, family=family, started=started, first_pause=first_pause, paused=paused)
        )
    return built
