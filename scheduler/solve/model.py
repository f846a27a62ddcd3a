"""Puts a model together: variables, every rule, the objective."""

from __future__ import annotations

from collections.abc import Mapping

from scheduler.roster.problem import RosterProblem
from scheduler.roster.roster import Roster
from scheduler.solve.candidates import Candidates
from scheduler.solve.constraints.breaks import add_breaks
from scheduler.solve.constraints.coverage import add_coverage
from scheduler.solve.constraints.hours import add_hours
from scheduler.solve.constraints.rest import add_rest
from scheduler.solve.constraints.sequences import add_sequences
from scheduler.solve.groups import Group
from scheduler.solve.objective import set_objective
from scheduler.solve.variables import RosterModel, build_variables

__all__ = ["build_model", "given_roster"]


def given_roster(problem: RosterProblem) -> Roster:
    """The fixed assignments alone."""
    return Roster(period=problem.period, assignments=problem.fixed)


def build_model(
    problem: RosterProblem,
    candidates: Candidates,
    groups: tuple[Group, ...],
    *,
    frozen: Mapping[int, int] | None = None,
) -> RosterModel:
    """The whole model for ``groups``; other agents' shifts are ``frozen`` counts per cell.

    The objective is a lower bound of the score of any roster the counts can be handed out to.
    """
    given = given_roster(problem)
    roster = build_variables(problem, candidates, groups, frozen)
    add_breaks(roster)
    add_rest(roster)
    add_sequences(roster)
    add_hours(roster)
    add_coverage(roster, given)
    set_objective(roster, given)
    return roster
