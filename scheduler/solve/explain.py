"""Why a roster is not all that was asked for, as data."""

from __future__ import annotations

from scheduler.check.coverage import uncovered
from scheduler.check.violations import unmet
from scheduler.roster.problem import RosterProblem
from scheduler.roster.roster import Explanation, Roster
from scheduler.roster.violation import Violation

__all__ = ["explain"]


def explain(problem: RosterProblem, roster: Roster, conflicts: tuple[Violation, ...]) -> Explanation:
    """The conflicts, the weeks below their minimum hours, and the uncovered spans of this roster."""
    return Explanation(
        conflicts=conflicts, unmet=unmet(problem, roster), uncovered=uncovered(problem, roster)
    )
