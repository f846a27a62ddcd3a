"""Every rule of the model alone: some choices are fixed, and the rest is possible or not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ortools.sat.python import cp_model

from scheduler.roster.problem import RosterProblem
from scheduler.roster.rules import (
    MaxConsecutiveDays,
    MaxDaysPerWeek,
    MinimumHours,
    MinimumRest,
    OpeningHours,
    RosterRules,
    WeeklyHours,
    WeeklyRestDays,
)
from scheduler.solve.candidates import Candidates, find_candidates
from scheduler.solve.constraints.breaks import add_breaks
from scheduler.solve.constraints.hours import add_hours
from scheduler.solve.constraints.rest import add_rest
from scheduler.solve.constraints.sequences import add_sequences
from scheduler.solve.groups import Group, members
from scheduler.solve.variables import RosterModel, build_variables
from tests.scheduler.instances import instance, span

NO_RULES: dict[str, Any] = dict.fromkeys(
    ("rest", "consecutive_days", "weekly_rest", "weekly_hours", "minimum_hours", "days_per_week")
)
WIDE = {"full": {"min_hours": 0, "max_hours": 80, "max_days": 7, "templates": ["day"]}}
EARLY_LATE = {"day": {"earliest": "06:00", "latest": "15:00"}}


def one_by_one(problem: RosterProblem, candidates: Candidates) -> tuple[Group, ...]:
    """Every agent a group of one: such a model says exactly what each may take."""
    return tuple(Group(members=(m,), cells=m.cells) for m in members(problem, candidates))


def only(**rules: Any) -> RosterRules:
    return RosterRules(**{**NO_RULES, **rules})


def possible(
    problem: RosterProblem, add: Callable[[RosterModel], None], takes: list[tuple[int, int]]
) -> bool:
    """Whether ann can take shifts on these (day, local hour) when only ``add`` rules."""
    candidates = find_candidates(problem)
    model = build_variables(problem, candidates, one_by_one(problem, candidates))
    add(model)
    for day, hour in takes:
        cell = cell_at(problem, candidates, day, hour)
        if cell is None or cell not in model.taken[0]:
            return False
        model.model.add(model.taken[0][cell] == 1)
    status = cp_model.CpSolver().solve(model.model)
    assert status in (cp_model.OPTIMAL, cp_model.INFEASIBLE)
    return status == cp_model.OPTIMAL


def cell_at(problem: RosterProblem, candidates: Candidates, day: int, hour: int) -> int | None:
    wanted = (day, day * 24 * 60 // problem.interval_minutes + hour * 60 // problem.interval_minutes)
    return next((i for i, c in enumerate(candidates.cells) if (c.day, c.start) == wanted), None)


def nothing(_: RosterModel) -> None:
    """No rule."""


@pytest.mark.parametrize(("hour", "expected"), [(11, True), (10, False)])
def test_rest_between_two_days(hour: int, expected: bool) -> None:
    problem = instance("late_and_early", rules=only(rest=MinimumRest(hours=11)), contracts=WIDE)
    # 15:00 + 9 h ends at midnight; eleven hours later it is 11:00.
    assert possible(problem, add_rest, [(0, 15), (1, hour)]) is expected
    assert possible(problem, nothing, [(0, 15), (1, hour)])


def test_rest_from_the_previous_roster_is_settled_in_candidates() -> None:
    previous = [{"agent": "ann", "day": -1, "start": "15:00", "hours": 9, "queue": "phone"}]
    problem = instance("late_and_early", rules=only(rest=MinimumRest(hours=11)), previous=previous)
    assert not possible(problem, nothing, [(0, 10)])
    assert possible(problem, nothing, [(0, 11)])


@pytest.mark.parametrize(("days", "expected"), [(6, True), (7, False)])
def test_days_in_a_row(days: int, expected: bool) -> None:
    problem = instance(contracts=WIDE, rules=only(consecutive_days=MaxConsecutiveDays(days=6)))
    assert possible(problem, add_sequences, [(d, 9) for d in range(days)]) is expected


def test_days_in_a_row_count_the_previous_roster() -> None:
    rules = only(consecutive_days=MaxConsecutiveDays(days=6))
    problem = instance("after_six_days", contracts=WIDE, rules=rules)
    assert not possible(problem, add_sequences, [(0, 9)])
    assert possible(problem, add_sequences, [(d, 9) for d in range(1, 7)])


@pytest.mark.parametrize(("days", "expected"), [(6, True), (7, False)])
def test_weekly_rest_day(days: int, expected: bool) -> None:
    problem = instance(contracts=WIDE, rules=only(weekly_rest=WeeklyRestDays(days=1)))
    assert possible(problem, add_hours, [(d, 9) for d in range(days)]) is expected


@pytest.mark.parametrize(("days", "expected"), [(5, True), (6, False)])
def test_days_per_week_of_the_contract(days: int, expected: bool) -> None:
    contract = {"full": {"min_hours": 0, "max_hours": 80, "max_days": 5, "templates": ["day"]}}
    problem = instance(contracts=contract, rules=only(days_per_week=MaxDaysPerWeek()))
    assert possible(problem, add_hours, [(d, 9) for d in range(days)]) is expected


@pytest.mark.parametrize(("days", "expected"), [(4, True), (5, False)])
def test_weekly_hours_of_the_contract(days: int, expected: bool) -> None:
    contract = {"full": {"min_hours": 0, "max_hours": 39, "max_days": 7, "templates": ["day"]}}
    problem = instance(contracts=contract, rules=only(weekly_hours=WeeklyHours()))
    assert possible(problem, add_hours, [(d, 9) for d in range(days)]) is expected


def test_minimum_hours_have_a_price_and_are_never_impossible() -> None:
    contract = {"full": {"min_hours": 40, "max_hours": 80, "max_days": 7, "templates": ["day"]}}
    problem = instance(contracts=contract, rules=only(minimum_hours=MinimumHours()))
    candidates = find_candidates(problem)
    model = build_variables(problem, candidates, one_by_one(problem, candidates))
    add_hours(model)
    for c, variable in model.taken[0].items():
        model.model.add(variable == int(candidates.cells[c].day < 3 and candidates.cells[c].start % 24 == 9))
    model.model.minimize(sum(model.short.values()))
    solver = cp_model.CpSolver()
    assert solver.solve(model.model) == cp_model.OPTIMAL
    assert solver.value(model.short[0, 0]) == (40 - 24) * 60


def test_one_shift_a_day_and_one_queue_a_shift() -> None:
    problem = instance("two_queues", rules=only())
    candidates = find_candidates(problem)
    model = build_variables(problem, candidates, one_by_one(problem, candidates))
    cem = model.taken[2]
    nine = [c for c in cem if candidates.cells[c].day == 0]
    assert {candidates.families[candidates.cells[c].family].queue for c in nine} == {"phone", "email"}
    model.model.add(sum(cem[c] for c in nine) == 2)
    assert cp_model.CpSolver().solve(model.model) == cp_model.INFEASIBLE


@pytest.mark.parametrize(
    ("patch", "hour", "expected"),
    [
        ({}, 9, True),
        ({"agents": {"ann": {"skills": ["talk"], "contract": "full", "leave": [[0, "17:00", 1]]}}}, 9, False),
        (
            {"agents": {"ann": {"skills": ["talk"], "contract": "full", "available": [[0, "10:00", 9]]}}},
            9,
            False,
        ),
        (
            {"agents": {"ann": {"skills": ["talk"], "contract": "full", "available": [[0, "10:00", 9]]}}},
            10,
            True,
        ),
        ({"agents": {"ann": {"skills": ["write"], "contract": "full"}}}, 9, False),
        ({"open": {"phone": "9-20"}}, 12, False),
        ({"open": {"phone": "9-20"}}, 11, True),
    ],
)
def test_rules_of_a_single_shift(patch: dict[str, Any], hour: int, expected: bool) -> None:
    assert possible(instance(**patch, rules=only()), nothing, [(0, hour)]) is expected


def test_opening_hours_are_rounded_outward() -> None:
    problem = instance(open={})
    assert possible(problem, nothing, [(0, 12)])
    # A desk open until 20:30 on an hourly grid may keep a shift to 21:00.
    until = span(problem.period.first, problem.period.zone, 0, "09:00", 11.5)
    rules = only(opening_hours=OpeningHours(spans={"phone": (until,)}))
    assert possible(instance(open={}, rules=rules), nothing, [(0, 12)])


@pytest.mark.parametrize(("lunch", "expected"), [(11, False), (12, True), (14, True), (15, False)])
def test_lunch_stays_in_its_window(lunch: int, expected: bool) -> None:
    problem = instance(days=1, rules=only())
    candidates = find_candidates(problem)
    model = build_variables(problem, candidates, one_by_one(problem, candidates))
    add_breaks(model)
    nine = cell_at(problem, candidates, 0, 9)
    assert nine is not None
    model.model.add(model.taken[0][nine] == 1)
    for taken in model.taken[1:]:
        model.model.add(sum(taken.values()) == 0)
    (family,) = model.families
    model.model.add(family.paused_by(0, lunch) - family.paused_by(0, lunch - 1) == 1)
    assert (cp_model.CpSolver().solve(model.model) == cp_model.OPTIMAL) is expected


@pytest.mark.parametrize(("minutes_after_lunch", "expected"), [(45, False), (60, True)])
def test_breaks_keep_their_spacing(minutes_after_lunch: int, expected: bool) -> None:
    problem = instance("with_short_breaks", days=1, rules=only())
    candidates = find_candidates(problem)
    model = build_variables(problem, candidates, one_by_one(problem, candidates))
    add_breaks(model)
    nine = cell_at(problem, candidates, 0, 9)
    assert nine is not None
    model.model.add(model.taken[0][nine] == 1)
    for taken in model.taken[1:]:
        model.model.add(sum(taken.values()) == 0)
    (family,) = model.families
    lunch = 13 * 4
    after = lunch + 4 + minutes_after_lunch // 15
    model.model.add(family.paused_by(1, lunch) - family.paused_by(1, lunch - 1) == 1)
    model.model.add(family.paused_by(2, after) - family.paused_by(2, after - 1) == 1)
    assert (cp_model.CpSolver().solve(model.model) == cp_model.OPTIMAL) is expected


def test_agents_of_another_zone_start_by_their_own_clock() -> None:
    problem = instance("two_zones", rules=only())
    candidates = find_candidates(problem)
    starts = {problem.grid.start_of(candidates.cells[c].start).hour for c in candidates.allowed["dora"]}
    # 05:00 in Lisbon in winter is 05:00 UTC and 13:00 in Shanghai.
    assert starts == {5}
