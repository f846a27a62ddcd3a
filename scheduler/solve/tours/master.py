"""The master problem of column generation: which tours, for which price of cover; a linear program.

    minimise  Σ own(c) x(c) + cover cost      over columns c, whole tours of a class of agents
    with      Σ x(c) = members                for each class
              covered by columns + too few - too many = required   for each interval of each line, and for
                                                                   each kind of shift with a price

Its dual values are prices of one more person, and with them any tour search gives a bound (Lagrange):
Σ cheapest tours + Σ min over cover z of (cost of z - price · z).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from ortools.linear_solver import pywraplp

from scheduler.solve.tours.cheapest import Prices, Tour, work_spans
from scheduler.solve.tours.lagrange import priced_places
from scheduler.solve.tours.space import TourSpace

__all__ = ["Column", "Master"]


@dataclass(slots=True, eq=False)
class Column:
    """A tour of a class; ``places`` are the rows it covers, each once."""

    of: int
    tour: Tour
    variable: pywraplp.Variable
    places: NDArray[np.int32]
    least: int = 0
    barred: bool = False


@dataclass(slots=True, eq=False)
class Master:
    """The program and its columns.  ``line_rows`` and ``kind_rows`` say which places have a row.

    ``places``: the intervals of lines that have one.  ``whole``: columns are taken in whole numbers.
    """

    space: TourSpace
    classes: tuple[tuple[int, ...], ...]
    solver: pywraplp.Solver
    line_rows: NDArray[np.int32]
    kind_rows: NDArray[np.int32]
    rows: list[pywraplp.Constraint]
    members: list[pywraplp.Constraint]
    places: NDArray[np.bool_]
    whole: bool
    columns: list[Column] = field(default_factory=list)
    known: dict[tuple[int, tuple[int, ...], tuple[tuple[int, ...], ...]], int] = field(default_factory=dict)
    of_class: list[list[int]] = field(default_factory=list)

    @classmethod
    def of(
        cls,
        space: TourSpace,
        classes: tuple[tuple[int, ...], ...],
        *,
        places: NDArray[np.bool_] | None = None,
        whole: bool = False,
    ) -> Master:
        """Of no columns yet; rows are those of ``places``, or of all that have a price."""
        places = priced_places(space) if places is None else places
        solver = pywraplp.Solver.CreateSolver("SCIP" if whole else "GLOP")
        solver.Objective().SetMinimization()
        rows: list[pywraplp.Constraint] = []
        line_rows = np.full(space.at.shape, -1, dtype=np.int32)
        for line, t in np.argwhere(places).tolist():
            line_rows[line, t] = len(rows)
            rows.append(_line_row(space, solver, line, t))
        kind_rows = np.full(space.kinds.shape, -1, dtype=np.int32)
        for day, k in zip(*np.nonzero((space.kind_under > 0) | (space.kind_over > 0)), strict=True):
            kind_rows[day, k] = len(rows)
            rows.append(_kind_row(space, solver, int(day), int(k)))
        members = [solver.Constraint(float(len(c)), float(len(c))) for c in classes]
        return cls(
            space=space,
            classes=classes,
            solver=solver,
            line_rows=line_rows,
            kind_rows=kind_rows,
            rows=rows,
            members=members,
            places=places,
            whole=whole,
            of_class=[[] for _ in classes],
        )

    def add(self, of: int, tour: Tour) -> int:
        """The number of the column of this tour, made where it is new."""
        key = (of, tour.cells, tour.pauses)
        if key in self.known:
            return self.known[key]
        number = len(self.columns)
        variable = self.solver.Var(0.0, float(len(self.classes[of])), self.whole, "")
        places = self._places(of, tour)
        self.solver.Objective().SetCoefficient(variable, tour.own)
        self.members[of].SetCoefficient(variable, 1.0)
        for row in places.tolist():
            self.rows[row].SetCoefficient(variable, 1.0)
        self.columns.append(Column(of=of, tour=tour, variable=variable, places=places))
        self.known[key] = number
        self.of_class[of].append(number)
        return number

    def add_new(self, of: int, tour: Tour) -> bool:
        """Add a column; whether it is a new one."""
        before = len(self.columns)
        self.add(of, tour)
        return len(self.columns) > before

    def reduced_cost(self, of: int, tour: Tour, row_prices: NDArray[np.float64], limit: float) -> float:
        """What taking one more of a tour changes, ``limit`` being what a member of the class costs now."""
        known = self.known.get((of, tour.cells, tour.pauses))
        places = self.columns[known].places if known is not None else self._places(of, tour)
        return float(tour.own + row_prices[places].sum() - limit)

    def row_prices(self) -> NDArray[np.float64]:
        """Prices of one more person per row."""
        return np.array([-row.dual_value() for row in self.rows])

    def row_prices_of(self, prices: Prices) -> NDArray[np.float64]:
        """Prices given per place, by row."""
        found = np.zeros(len(self.rows))
        for rows, given in ((self.line_rows, prices.lines), (self.kind_rows, prices.kinds)):
            held = rows >= 0
            found[rows[held]] = given[held]
        return found

    def with_columns(self, numbers: list[int]) -> Master:
        """A fresh program with some of the columns, and what has to be taken of them."""
        fresh = Master.of(self.space, self.classes, places=self.places)
        for n in numbers:
            number = fresh.add(self.columns[n].of, self.columns[n].tour)
            fresh.keep(number, self.columns[n].least)
            if self.columns[n].barred:
                fresh.bar(number)
        return fresh

    def _places(self, of: int, tour: Tour) -> NDArray[np.int32]:
        space = self.space
        agent = space.agents[self.classes[of][0]]
        found: list[NDArray[np.int32]] = []
        count = space.at.shape[1]
        for cell, pauses in zip(tour.cells, tour.pauses, strict=True):
            family = int(space.cell_family[cell])
            end = int(space.cell_start[cell]) + int(space.family_length[family])
            lines = [int(space.family_queue[family]), *agent.work_lines.tolist()]
            for begin, until in work_spans(space, cell, pauses):
                found += [self.line_rows[line, begin : min(until, count)] for line in lines]
            begin = max(0, int(space.cell_begin[cell]))
            found += [self.line_rows[line, begin:end] for line in agent.seat_lines.tolist()]
            kind = self.kind_rows[space.family_day[family], space.family_template[family]]
            found.append(np.array([kind], dtype=np.int32))
        every = np.concatenate(found) if found else np.zeros(0, dtype=np.int32)
        return every[every >= 0]

    def keep(self, number: int, least: int) -> None:
        """At least so many members on a column."""
        column = self.columns[number]
        if column.least != least:
            column.least = least
            column.variable.SetLb(float(least))

    def bar(self, number: int, *, barred: bool = True) -> None:
        """No more members on a column than it has to have; or as many as there are again."""
        column = self.columns[number]
        column.barred = barred
        column.variable.SetUb(float(column.least if barred else len(self.classes[column.of])))

    def cost_at_most(self, most: float) -> None:
        """Nothing dearer is an answer any more; for all columns there are."""
        row = self.solver.Constraint(-self.solver.infinity(), most)
        for variable in self.solver.variables():
            price = self.solver.Objective().GetCoefficient(variable)
            if price:
                row.SetCoefficient(variable, price)

    def solve(self, seconds: float) -> float | None:
        """The program's value with the columns there are; None where that takes longer."""
        if seconds < 1e6:
            self.solver.SetTimeLimit(max(1, int(1000 * seconds)))
        status = self.solver.Solve()
        if status != pywraplp.Solver.OPTIMAL:
            # A warm start can fail numerically; the program itself always has a solution with all steps.
            cold = pywraplp.MPSolverParameters()
            cold.SetIntegerParam(cold.INCREMENTALITY, cold.INCREMENTALITY_OFF)
            status = self.solver.Solve(cold)
        return self.solver.Objective().Value() if status == pywraplp.Solver.OPTIMAL else None

    def values(self) -> NDArray[np.float64]:
        """How much of each column is taken."""
        return np.array([c.variable.solution_value() for c in self.columns])

    def prices(self) -> Prices:
        """Dual values as prices of one more person."""
        duals = np.array([row.dual_value() for row in self.rows] + [0.0])
        return Prices(lines=-duals[self.line_rows], kinds=-duals[self.kind_rows])

    def class_prices(self) -> NDArray[np.float64]:
        """Dual values of the classes: what a tour may cost and still be worth having."""
        return np.array([row.dual_value() for row in self.members])

    def reduced_costs(self) -> NDArray[np.float64]:
        """Of all columns, at the program's solution."""
        return np.array([c.variable.reduced_cost() for c in self.columns])


def _line_row(space: TourSpace, solver: pywraplp.Solver, line: int, t: int) -> pywraplp.Constraint:
    lines = space.lines
    need = float(lines.required[line, t] - space.at[line, t])
    row = solver.Constraint(need, need)
    everyone = float(len(space.agents) + space.at[line, t] + lines.required[line, t])
    for tops, weights, sign in (
        (lines.under_tops[line, t], lines.under[line], 1.0),
        (lines.over_tops[line, t], lines.over[line], -1.0),
    ):
        below = 0
        for top, weight in zip(tops.tolist(), weights.tolist(), strict=True):
            holds = min(everyone, float(top - below))
            if holds > 0:
                step = solver.NumVar(0.0, holds, "")
                row.SetCoefficient(step, sign)
                solver.Objective().SetCoefficient(step, weight)
            below = top
    return row


def _kind_row(space: TourSpace, solver: pywraplp.Solver, day: int, kind: int) -> pywraplp.Constraint:
    need = float(space.kind_required[day, kind] - space.kinds[day, kind])
    row = solver.Constraint(need, need)
    for price, sign in ((space.kind_under, 1.0), (space.kind_over, -1.0)):
        off = solver.NumVar(0.0, solver.infinity(), "")
        row.SetCoefficient(off, sign)
        solver.Objective().SetCoefficient(off, float(price[day, kind]))
    return row
