"""The benchmark's plain model knows the same rules and the same price: else its ratios would mean nothing."""

from __future__ import annotations

from ortools.sat.python import cp_model

from scheduler.check.score import score
from scheduler.check.violations import check
from scheduler.roster.roster import Assignment, Roster
from scheduler.roster.shifts import Shift
from scheduler.solve import SolveParams, solve
from tests.benchmarks.rosters.contact_centre import Size, instance
from tests.benchmarks.rosters.side_by_side import forms_of, per_agent, plain_model, shift_of

TEAM = instance(Size(agents=4, days=7, minutes=30, alike=True), 1)


def test_every_form_is_a_lawful_shift_and_no_two_are_alike() -> None:
    forms = forms_of(TEAM)
    assert len(set(forms)) == len(forms) > 100
    for form in forms:
        lone = Roster(
            period=TEAM.period, assignments=(Assignment(agent="a0000", shift=shift_of(TEAM, form, 2)),)
        )
        assert check(TEAM, lone) == ()
        assert sum(form.covers(48)) * 30 == 7.5 * 60


def test_a_roster_costs_the_plain_model_what_the_score_says() -> None:
    ours = solve(TEAM, SolveParams(seconds=5.0, workers=2, seed=1)).roster
    assert ours is not None
    assert ours.assignments
    worked = {(a.agent, (a.shift.date - TEAM.period.first).days): a.shift for a in ours.assignments}
    plain = plain_model(TEAM)
    for (agent, day), row in plain.works.items():
        for form, works in zip(plain.forms, row, strict=True):
            shift = worked.get((agent, day))
            plain.model.add(works == int(shift is not None and _same(shift_of(TEAM, form, day), shift)))
    solver = cp_model.CpSolver()
    assert solver.solve(plain.model) == cp_model.OPTIMAL
    assert solver.objective_value == score(TEAM, ours).objective


def _same(one: Shift, other: Shift) -> bool:
    return one.segments == other.segments


def test_the_plain_model_keeps_the_rules() -> None:
    found = per_agent(TEAM, 20.0, 2)
    assert found is not None
    assert check(TEAM, found) == ()
