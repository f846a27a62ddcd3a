"""Why a roster is not all that was asked for, as data."""

from __future__ import annotations

from scheduler.check.coverage import uncovered
from scheduler.check.violations import check, unmet
from scheduler.roster.problem import RosterProblem
from scheduler.roster.roster import Explanation, Roster
from scheduler.roster.violation import Violation

__all__ = ["conflicts_of_fixed", "explain"]


def conflicts_of_fixed(problem: RosterProblem) -> tuple[Violation, ...]:
    """Hard rules that the fixed assignments break by themselves.

    Every hard rule says "not more than", so without fixed assignments the empty roster obeys all of them,
    and with them nothing else can be in conflict.
    """
    return check(problem, Roster(period=problem.period, assignments=problem.fixed))


def explain(problem: RosterProblem, roster: Roster, conflicts: tuple[Violation, ...]) -> Explanation:
    """The conflicts, the weeks below their minimum hours, and the uncovered spans of this roster."""
    return Explanation(
        conflicts=conflicts, unmet=unmet(problem, roster), uncovered=uncovered(problem, roster)
    )
