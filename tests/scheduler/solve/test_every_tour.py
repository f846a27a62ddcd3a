"""Every tour within a price is listed, and whole numbers over them settle what is best."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.check.score import score
from scheduler.check.violations import check
from scheduler.roster.people import ShiftLimit
from scheduler.roster.problem import RosterProblem
from scheduler.solve import SolveParams, solve
from scheduler.solve.search import Search
from scheduler.solve.tours import tables
from scheduler.solve.tours.cheapest import Prices, Workspace, find_tour
from scheduler.solve.tours.columns import ColumnSearch
from scheduler.solve.tours.every import tours_within
from scheduler.solve.tours.roster import TourRoster
from scheduler.solve.tours.settle import settle
from scheduler.solve.tours.space import TourSpace
from tests.scheduler.solve.test_tour_searches import space_of
from tests.scheduler.solve.test_tours_exact import every_roster, two_kinds, with_contract


def one_agent(days: int = 7) -> RosterProblem:
    return with_contract(
        two_kinds(days=days, need={"6-14": 1, "14-22": 1}),
        shift_limits=(ShiftLimit(templates=("late",), most=2),),
        max_consecutive_days=4,
        min_consecutive_days_off=2,
        max_hours_per_period=40,
        min_hours_per_period=24,
    )


def team(need: Mapping[str, int]) -> RosterProblem:
    return with_contract(
        two_kinds(days=7, who=("ann", "bob", "cem"), need=need),
        shift_limits=(ShiftLimit(templates=("day",), most=3),),
        max_consecutive_days=4,
        min_consecutive_days_off=2,
        max_hours_per_period=32,
    )


def ahead(problem: RosterProblem) -> TourSpace:
    """Its space, with what is to come known however few states there are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables, "_MANY_STATES", 0)
        return space_of(problem)


@pytest.fixture(scope="module")
def legal() -> tuple[TourSpace, list[TourRoster]]:
    """Every roster of one agent that breaks no rule."""
    problem = one_agent()
    space = ahead(problem)
    return space, [TourRoster.of(space, r) for r in every_roster(problem) if not check(problem, r)]


@settings(max_examples=25, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10_000), room=st.sampled_from([0.0, 50.0, 400.0, 2_000.0]))
def test_all_tours_within_a_price_are_there_and_no_others(
    legal: tuple[TourSpace, list[TourRoster]], seed: int, room: float
) -> None:
    space, every = legal
    (agent,) = space.agents
    chance = np.random.default_rng(seed)
    prices = Prices(
        lines=chance.normal(-20, 40, space.at.shape), kinds=chance.normal(0, 90, space.kinds.shape)
    )
    work = Workspace.of(space)
    found = tours_within(space, agent, prices, work, room + 1e-6, 20_000)
    assert found is not None
    priced: dict[tuple[int, ...], tuple[float, float]] = {}
    for roster in every:
        (tour,) = roster.tours
        assert tour is not None
        outside = ((roster.at - space.at) * prices.lines).sum() + (
            (roster.kinds - space.kinds) * prices.kinds
        ).sum()
        priced[tour.cells] = tour.own, tour.own + float(outside)
    least = min(price for _, price in priced.values())
    expected = {cells: own for cells, (own, price) in priced.items() if price <= least + room + 1e-6}
    assert {t.cells: t.own for t in found} == pytest.approx(expected)
    if len(found) > 1:
        assert tours_within(space, agent, prices, work, room + 1e-6, len(found) - 1) is None


@pytest.mark.parametrize("need", [{"6-14": 1, "14-22": 2}, {"6-22": 1}, {"6-14": 2, "10-22": 1}])
def test_whole_numbers_over_all_tours_settle_what_is_best(need: Mapping[str, int]) -> None:
    """From a poor roster to the best at once, and then the proof that none is better."""
    problem = team(need)
    space = ahead(problem)
    search = Search(
        params=SolveParams(deterministic_limit=600.0, workers=1, gap=0.0), on_progress=None, should_stop=None
    )
    columns = ColumnSearch(space=space, search=search, grain=1.0, noise=np.random.default_rng(1))
    try:
        poor = TourRoster.empty(space)
        chance = np.random.default_rng(2)
        for number, agent in enumerate(space.agents):
            wild = Prices(lines=chance.normal(0, 90, space.at.shape), kinds=np.zeros(space.kinds.shape))
            found = find_tour(space, agent, wild, Workspace.of(space))
            assert found is not None
            poor.give(number, found[0])
        columns.start_from(poor)
        columns.generate(rounds=60)
        better = settle(columns, poor)
        assert better is not None
        assert check(problem, better.roster()) == ()
        assert columns.rounded_bound == pytest.approx(better.objective)
        assert settle(columns, better) is None
    finally:
        columns.close()
    constant = score(problem, better.roster()).objective - better.objective
    alone = solve(problem, SolveParams(seconds=120, workers=1, gap=0.0))
    assert alone.objective == pytest.approx(better.objective + constant)
    assert alone.bound == pytest.approx(alone.objective)
