"""Near the bound: whole numbers over every tour that a better roster could have, by branch and bound."""

from __future__ import annotations

import numpy as np
from ortools.linear_solver import pywraplp

from scheduler.solve.tours.columns import ColumnSearch, work_of
from scheduler.solve.tours.every import has_whole_shifts, tours_within
from scheduler.solve.tours.master import Master
from scheduler.solve.tours.roster import TourRoster

__all__ = ["settle"]

_TINY = 1e-6
#: Tours of one class, and of all of them, up to which whole numbers over all are worth trying.
_MOST_OF_CLASS, _MOST = 20_000, 50_000
#: A request to stop is not heard meanwhile, so it takes no longer; where only deterministic work counts, so
#: many nodes.
_SECONDS, _NODES = 10.0, 2_000


def settle(columns: ColumnSearch, best: TourRoster) -> TourRoster | None:
    """A roster better than ``best``, the best there is unless time was up; None where none was found.

    What it proves, the ``floor`` of ``columns`` says.  Nothing is tried where shifts have pauses, where
    pairings count, which columns do not know, or where too many tours could be part of a better roster.
    """
    space, search = columns.space, columns.search
    if not has_whole_shifts(space) or space.problem.pairings or columns.program() is None:
        return None
    known = [columns.master.prices(), *([columns.stable] if columns.stable is not None else [])]
    proven, prices = max(((columns.bound_of(p), p) for p in known), key=lambda one: one[0])
    if columns.flat is not None and columns.flat[1] > proven:
        prices, proven = columns.flat
    most = best.objective - max(columns.grain, _TINY) + _TINY
    classes = columns.master.classes
    whole = Master.of(space, classes, whole=True)
    for of, members in enumerate(classes):
        agent = space.agents[members[0]]
        tours = tours_within(space, agent, prices, columns.scratch, most - proven, _MOST_OF_CLASS)
        if tours is None or len(whole.columns) + len(tours) > _MOST or columns.is_over():
            return None
        for tour in tours:
            whole.add(of, tour)
    whole.cost_at_most(most)
    if search.params.deterministic_limit is None:
        whole.solver.SetTimeLimit(round(1000 * min(_SECONDS, search.seconds_for(1.0))))
    else:
        whole.solver.SetSolverSpecificParametersAsString(f"limits/nodes = {_NODES}\n")
    exact = pywraplp.MPSolverParameters()
    # By default a roster within a ten-thousandth of the bound is called optimal: that proves nothing here.
    exact.SetDoubleParam(exact.RELATIVE_MIP_GAP, 0.0)
    status = whole.solver.Solve(exact)
    search.work += work_of(whole)
    found: TourRoster | None = None
    if status in (pywraplp.Solver.OPTIMAL, pywraplp.Solver.FEASIBLE):
        found = TourRoster.empty(space)
        waiting = [list(c) for c in classes]
        for column, count in zip(whole.columns, np.rint(whole.values()).astype(int).tolist(), strict=True):
            for _ in range(count):
                found.give(waiting[column.of].pop(0), column.tour)
    if status in (pywraplp.Solver.OPTIMAL, pywraplp.Solver.INFEASIBLE):
        columns.floor = max(columns.floor, best.objective if found is None else found.objective)
    return found
