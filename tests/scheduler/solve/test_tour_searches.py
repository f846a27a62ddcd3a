"""Short cuts of tour searches change no answer: bounds of what is to come, flat prices, soft sweeps."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduler.check.score import score
from scheduler.check.violations import check
from scheduler.roster.people import ShiftLimit
from scheduler.roster.problem import RosterProblem
from scheduler.roster.roster import RosterResult
from scheduler.solve import SolveParams, solve, solver
from scheduler.solve.candidates import find_candidates
from scheduler.solve.search import Search
from scheduler.solve.tours import tables
from scheduler.solve.tours.cheapest import Prices, Workspace, find_tour, least_price
from scheduler.solve.tours.classes import classes_of
from scheduler.solve.tours.engine import quick_roster
from scheduler.solve.tours.lagrange import best_flat_prices, lagrange_bound
from scheduler.solve.tours.soften import soft_sweeps
from scheduler.solve.tours.space import TourSpace, lay_out
from tests.scheduler.solve.test_tours_exact import best_of_all, problems, two_kinds, with_contract

WORK = SolveParams(deterministic_limit=3.0, workers=1, gap=0.0)


def space_of(problem: RosterProblem) -> TourSpace:
    return lay_out(problem, find_candidates(problem), lenient=frozenset())


def limited(days: int = 14, who: tuple[str, ...] = ("ann",)) -> RosterProblem:
    """Limits of both kinds of shift that cheap tours would break, beside those of weekends and hours."""
    return with_contract(
        two_kinds(days=days, who=who, need={"6-14": 1, "14-22": 1}),
        shift_limits=(ShiftLimit(templates=("late",), most=2), ShiftLimit(templates=("day",), most=4)),
        max_weekends=1,
        max_hours_per_period=64,
        min_consecutive_days_off=2,
    )


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(problem=problems())
def test_bounds_of_what_is_to_come_leave_the_best_of_all(problem: RosterProblem) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables, "_MANY_STATES", 0)
        result = solve(problem, SolveParams(seconds=120, workers=1, gap=0.0))
    best = best_of_all(problem)
    if best is not None:
        assert result.objective == pytest.approx(best)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 10_000),
    heat=st.sampled_from([10.0, 1_000.0, 100_000.0]),
    promised=st.sampled_from([0.0, 40.0, 48.0, 56.0]),
    away=st.sets(st.integers(0, 13), max_size=9),
    days=st.sampled_from([14, 28]),
)
def test_a_bounded_search_costs_what_a_full_one_does(
    seed: int, heat: float, promised: float, away: set[int], days: int
) -> None:
    """One search after the other, as tolls are kept between them.

    Of the hours promised some may be missing: four shifts of one kind and two of the other are allowed, and
    days away may leave fewer.
    """
    problem = with_contract(limited(days=days), min_hours_per_period=promised)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables, "_MANY_STATES", 10**9)
        plain = _without(space_of(problem), away)
        patch.setattr(tables, "_MANY_STATES", 0)
        bounded = _without(space_of(problem), away)
    assert plain.agents[0].ahead is None
    assert bounded.agents[0].ahead is not None
    chance = np.random.default_rng(seed)
    before, after, apart = (Workspace.of(plain) for _ in range(3))
    for _ in range(4):
        prices = Prices(
            lines=chance.normal(-heat / 100, heat / 32, plain.at.shape), kinds=np.zeros(plain.kinds.shape)
        )
        full = find_tour(plain, plain.agents[0], prices, before)
        quick = find_tour(bounded, bounded.agents[0], prices, after)
        assert full is not None
        assert quick is not None
        assert quick[1] == pytest.approx(full[1], abs=1e-4)
        assert least_price(bounded, bounded.agents[0], prices, apart) <= full[1] + 1e-4


def _without(space: TourSpace, away: set[int]) -> TourSpace:
    """The space without the shifts of some days."""
    agent = space.agents[0]
    held = ~np.isin(space.family_day[space.cell_family[agent.cells]], sorted(away))
    cut = replace(agent, cells=agent.cells[held], static=agent.static[held], cell_slot=agent.cell_slot[held])
    return replace(space, agents=(cut,))


def test_counts_of_a_long_period_need_no_room_of_their_own() -> None:
    """Twelve weeks and three limits: all that could be counted together is millions of states."""
    problem = with_contract(
        two_kinds(days=84, need={"6-14": 1, "14-22": 1}),
        shift_limits=(
            ShiftLimit(templates=("late",), most=20),
            ShiftLimit(templates=("day",), most=30),
            ShiftLimit(templates=("day", "late"), most=45),
        ),
        max_weekends=6,
        max_hours_per_period=400,
        min_consecutive_days_off=2,
        max_consecutive_days=5,
    )
    space = space_of(problem)
    (agent,) = space.agents
    together = len(agent.tables.off_to) * len(agent.tables.monday) * agent.tables.limits.many
    assert together > 10_000_000
    prices = Prices(lines=np.full(space.at.shape, -1_000.0), kinds=np.zeros(space.kinds.shape))
    found = find_tour(space, agent, prices, Workspace.of(space))
    assert found is not None
    worked = [
        space.problem.templates[space.family_template[space.cell_family[c]]].name for c in found[0].cells
    ]
    assert len(worked) == 45
    assert worked.count("late") <= 20
    assert worked.count("day") <= 30


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(problem=problems())
def test_flat_prices_never_prove_more_than_the_best_of_all(problem: RosterProblem) -> None:
    best = best_of_all(problem)
    space = space_of(problem)
    classes = classes_of(space)
    if best is None or any(
        find_tour(space, a, _nothing(space), Workspace.of(space)) is None for a in space.agents
    ):
        return

    def bound(prices: Prices) -> float:
        found = lagrange_bound(space, classes, prices, workers=1)
        assert found is not None
        return found

    first = quick_roster(space)
    constant = score(problem, first.roster()).objective - first.objective
    prices, proven = best_flat_prices(space, bound)
    hasty = best_flat_prices(space, bound, is_over=lambda: True)
    assert hasty[1] == pytest.approx(bound(hasty[0]))
    assert hasty[1] <= proven
    assert proven + constant <= best + 1e-6
    assert proven == pytest.approx(bound(prices))
    assert proven >= bound(_nothing(space)) - 1e-6


def _nothing(space: TourSpace) -> Prices:
    return Prices(lines=np.zeros(space.at.shape), kinds=np.zeros(space.kinds.shape))


def test_soft_sweeps_leave_a_roster_within_the_rules() -> None:
    problem = limited(who=("ann", "bob", "cem"))
    first = quick_roster(space_of(problem))
    search = Search(params=WORK, on_progress=None, should_stop=None)
    before = first.objective
    found = soft_sweeps(first, search, random.Random(1), people=2.0, most=10, until=0.9)
    assert first.objective == before
    roster = found.roster()
    assert check(problem, roster) == ()
    assert score(problem, roster).objective == pytest.approx(
        found.objective + score(problem, first.roster()).objective - first.objective
    )


def test_soft_sweeps_end_when_stopped() -> None:
    problem = limited(who=("ann", "bob"))
    first = quick_roster(space_of(problem))
    search = Search(params=WORK, on_progress=None, should_stop=lambda: True)
    found = soft_sweeps(first, search, random.Random(1), people=2.0, most=10, until=0.9)
    assert check(problem, found.roster()) == ()


def test_many_people_over_long_periods_repeat(monkeypatch: pytest.MonkeyPatch) -> None:
    """The way of large teams, taken by a small one: legal, bounded, and the same again."""
    monkeypatch.setattr(solver, "_WHOLE_PLACES", 0)
    problem = limited(who=("ann", "bob", "cem"))

    def once() -> RosterResult:
        return solve(problem, WORK)

    result = once()
    assert result.roster is not None
    assert check(problem, result.roster) == ()
    assert result.objective is not None
    assert result.bound is not None
    assert result.bound <= result.objective
    again = once()
    assert again.roster == result.roster
