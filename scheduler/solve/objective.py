"""The objective: named, weighted terms in paid minutes."""

from __future__ import annotations

from scheduler.roster.roster import Roster
from scheduler.solve.variables import RosterModel

__all__ = ["set_objective"]


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
