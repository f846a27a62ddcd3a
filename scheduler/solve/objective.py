"""The objective: named, weighted terms in paid minutes."""

from __future__ import annotations

from ortools.sat.python import cp_model

from scheduler.check.score import cover_cost
from scheduler.roster.roster import Roster
from scheduler.solve.variables import RosterModel

__all__ = ["set_objective", "value_of"]


def set_objective(roster: RosterModel, given: Roster) -> None:
    """Minimise paid minutes and the prices the constraints have left; ``given`` shifts are a constant."""
    weight = roster.problem.weights.paid_minutes
    paid = roster.cost.setdefault("paid_minutes", [])
    for variables in roster.families:
        paid.append((variables.started[-1], weight * variables.family.paid_minutes))
    given_minutes = sum(int(a.shift.paid_time.total_seconds() // 60) for a in given.assignments)
    roster.constant += weight * given_minutes
    terms = [price * variable for part in roster.cost.values() for variable, price in part]
    roster.model.minimize(sum(terms) + roster.constant)


def value_of(roster: RosterModel, solver: cp_model.CpSolver) -> int:
    """The objective of a solution with every slack as small as its shifts allow.

    A solution that is not proven optimal may carry slack it does not need (one too few and one too many in
    the same interval); its shifts cost less than the solver says.
    """
    weights = roster.problem.weights
    total = roster.constant
    for variable, price in roster.cost["paid_minutes"]:
        total += price * solver.value(variable)
    for g, group in enumerate(roster.groups):
        for w, account in enumerate(group.members[0].weeks):
            days = set(account.days)
            paid = sum(
                roster.candidates.cells[c].paid_minutes * solver.value(v)
                for c, v in roster.taken[g].items()
                if roster.candidates.cells[c].day in days
            )
            least = sum(m.weeks[w].minimum for m in group.members)
            total += weights.minimum_hours * max(0, least - paid)
    required = {q: roster.problem.required(q) for q in roster.problem.queues}
    for steps in roster.off_cover:
        off = sum(solver.value(v) for v, _ in steps.under) - sum(solver.value(v) for v, _ in steps.over)
        kind = weights.under_cover if off > 0 else weights.over_cover
        need = int(required[steps.queue][steps.interval])
        total += cover_cost(kind, need, abs(off)) * roster.problem.interval_minutes
    return total
