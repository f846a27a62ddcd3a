"""Ways of making a roster better: windows of days, dives that have to come below, and whose turn it is."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from contextlib import contextmanager

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
from scheduler.solve.tours.cheapest import Prices, Workspace, find_tour
from scheduler.solve.tours.columns import ColumnSearch
from scheduler.solve.tours.days import improve_days
from scheduler.solve.tours.engine import quick_roster
from scheduler.solve.tours.parts import PartSizes
from scheduler.solve.tours.roster import TourRoster
from scheduler.solve.tours.turns import Turns
from scheduler.solve.tours.windows import improve_by_window, narrowed
from tests.benchmarks.rosters.contact_centre import Size, instance
from tests.scheduler.solve.test_tour_searches import space_of
from tests.scheduler.solve.test_tours_exact import two_kinds, with_contract

WORK = SolveParams(deterministic_limit=60.0, workers=1, gap=0.0)
DAYS = 14


def team() -> RosterProblem:
    """Four people who differ in nothing but their limits."""
    problem = two_kinds(days=DAYS, who=("ann", "bob", "cem", "dea"), need={"6-14": 1, "14-22": 2})
    return with_contract(
        problem,
        shift_limits=(ShiftLimit(templates=("day",), most=6),),
        max_consecutive_days=5,
        min_consecutive_days_off=2,
        max_hours_per_period=80,
    )


@contextmanager
def search_of(problem: RosterProblem) -> Iterator[ColumnSearch]:
    search = Search(params=WORK, on_progress=None, should_stop=None)
    columns = ColumnSearch(space=space_of(problem), search=search, grain=0.0, noise=np.random.default_rng(1))
    try:
        yield columns
    finally:
        columns.close()


def outside(roster: TourRoster, first: int, last: int) -> list[tuple[int, ...]]:
    """Everybody's cells on the days that are not in [first, last)."""
    family, day = roster.space.cell_family, roster.space.family_day
    return [tuple(c for c in t.cells if not first <= day[family[c]] < last) for t in roster.tours if t]


@settings(max_examples=40, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10_000), first=st.integers(0, DAYS - 2), length=st.integers(1, 7))
def test_tours_of_a_window_differ_inside_it_alone(seed: int, first: int, length: int) -> None:
    space = space_of(team())
    roster = quick_roster(space)
    last = min(DAYS, first + length)
    inside = narrowed(space, roster, first, last)
    chance = np.random.default_rng(seed)
    prices = Prices(lines=chance.normal(-20, 60, space.at.shape), kinds=np.zeros(space.kinds.shape))
    work = Workspace.of(inside)
    day = space.family_day[space.cell_family]
    for agent, tour in zip(inside.agents, roster.tours, strict=True):
        found = find_tour(inside, agent, prices, work)
        assert found is not None
        assert tour is not None
        kept = [[c for c in t.cells if not first <= day[c] < last] for t in (found[0], tour)]
        assert kept[0] == kept[1]


def with_days_off(roster: TourRoster, first: int, last: int) -> TourRoster:
    """The roster with as little work on days [first, last) as everybody may have."""
    space = roster.space
    spoilt = roster.copy()
    free = narrowed(space, roster, first, last)
    dear = Prices(lines=np.full(space.at.shape, 1_000.0), kinds=np.zeros(space.kinds.shape))
    work = Workspace.of(space)
    for number, agent in enumerate(free.agents):
        found = find_tour(free, agent, dear, work)
        assert found is not None
        spoilt.take(number)
        spoilt.give(number, found[0])
    return spoilt


def test_a_spoilt_window_is_mended() -> None:
    problem = team()
    best = solve(problem, SolveParams(seconds=120, workers=1, gap=0.0))
    assert best.roster is not None
    space = space_of(problem)
    whole = TourRoster.of(space, best.roster)
    spoilt = with_days_off(whole, 5, 8)
    assert spoilt.objective > whole.objective
    before = outside(spoilt, 5, 8)
    with search_of(problem) as columns:
        columns.start_from(spoilt)
        sizes = PartSizes(most=3, size=3.0, quick=0.0, slow=math.inf)
        chance = _Always(5)
        found_again = improve_by_window(columns, spoilt, chance, sizes, share=0.5, rounds=60)
    assert found_again is not None
    assert found_again.objective == pytest.approx(whole.objective)
    assert outside(found_again, 5, 8) == before
    roster = found_again.roster()
    assert check(problem, roster) == ()
    assert score(problem, roster).objective == pytest.approx(best.objective)


class _Always(random.Random):
    """Chance that begins every window on the same day."""

    def __init__(self, day: int) -> None:
        super().__init__(1)
        self.day = day

    def randint(self, a: int, b: int) -> int:
        return min(max(a, self.day), b)


def test_a_window_without_gain_says_nothing() -> None:
    problem = team()
    best = solve(problem, SolveParams(seconds=120, workers=1, gap=0.0))
    assert best.roster is not None
    whole = TourRoster.of(space_of(problem), best.roster)
    with search_of(problem) as columns:
        sizes = PartSizes(most=DAYS, size=7.0, quick=0.0, slow=math.inf)
        for seed in range(3):
            chance = random.Random(seed)
            assert improve_by_window(columns, whole, chance, sizes, share=0.5, rounds=60) is None


def test_a_dive_comes_below_or_gives_up_and_leaves_nothing_behind() -> None:
    problem = team()
    with search_of(problem) as columns:
        first = quick_roster(columns.space)
        columns.start_from(first)
        while not columns.converged:
            assert columns.generate(rounds=10) is not None
        nothing = columns.dive(random.Random(1), greed=0.1, rounds=12, below=columns.bound)
        assert nothing is None
        assert all(c.least == 0 and not c.barred for c in columns.master.columns)
        found = columns.dive(random.Random(1), greed=0.1, rounds=12)
        assert found is not None
        assert check(problem, found.roster()) == ()
        limit = found.objective + 1.0
        below = columns.dive(random.Random(1), greed=0.1, rounds=12, below=limit)
        assert below is not None
        assert below.objective < limit
        assert all(c.least == 0 and not c.barred for c in columns.master.columns)


def test_what_gains_gets_more_time_and_nothing_is_forgotten() -> None:
    turns = Turns.of([1.0, 1.0, 0.5])
    time = [0.0, 0.0, 0.0]
    for _ in range(400):
        way = turns.next()
        time[way] += 1.0
        turns.learn(way, spent=1.0, gain=5.0 if way == 1 else 0.0)
    assert time[1] == max(time)
    assert time[1] > 3 * time[0]
    assert time[0] == pytest.approx(2 * time[2], abs=3)
    for _ in range(200):
        way = turns.next()
        time[way] += 1.0
        turns.learn(way, spent=1.0, gain=5.0 if way == 0 else 0.0)
    assert time[0] > 120


def test_a_dive_whose_own_time_is_up_gives_everybody_a_tour() -> None:
    """In a long period one dive can take its whole share; what it has settled is not thrown away."""
    problem = team()
    with search_of(problem) as columns:
        first = quick_roster(columns.space)
        columns.start_from(first)
        columns.generate(rounds=60)
        columns.until = columns.search.share_used
        found = columns.dive(random.Random(1), greed=0.1, rounds=1)
        assert found is not None
        assert all(tour is not None for tour in found.tours)
        assert check(problem, found.roster()) == ()


def test_a_program_is_solved_with_all_its_columns() -> None:
    """Prices and shares are read from it afterwards, which a program with new columns does not have."""
    with search_of(team()) as columns:
        columns.start_bound()
        columns.start_from(quick_roster(columns.space))
        columns.enough = 10_000.0
        value = columns.generate(rounds=60)
        assert columns.converged
        held = columns.master.solver.Objective().Value()
        assert value == pytest.approx(held)
        assert len(columns.master.reduced_costs()) == len(columns.master.columns)
        assert columns.master.solve(60.0) == pytest.approx(value)


CENTRE = Size(agents=24, days=7, minutes=30, skills=2, wishes=True)


def held_on(roster: TourRoster, days: set[int]) -> list[list[tuple[int, tuple[int, ...]]]]:
    """Everybody's cells and pauses on some days."""
    family, day = roster.space.cell_family, roster.space.family_day
    return [
        [(c, p) for c, p in zip(t.cells, t.pauses, strict=True) if int(day[family[c]]) in days]
        for t in roster.tours
        if t
    ]


@pytest.mark.parametrize(("first", "last"), [(0, 1), (2, 4), (6, 7)])
def test_days_decided_anew_leave_the_others_as_they_are(first: int, last: int) -> None:
    problem = instance(CENTRE, 3)
    space = space_of(problem)
    before = with_days_off(quick_roster(space), first, last)
    search = Search(params=WORK, on_progress=None, should_stop=None)
    found = improve_days(
        before, search, random.Random(1), np.random.default_rng(1), first=first, last=last, worth=0.0
    )
    assert found is not None
    assert found.objective < before.objective
    assert found.space is space
    others = set(range(CENTRE.days)) - set(range(first, last))
    assert held_on(found, others) == held_on(before, others)
    roster = found.roster()
    assert check(problem, roster) == ()
    assert score(problem, roster).objective - score(problem, before.roster()).objective == pytest.approx(
        found.objective - before.objective
    )


def test_a_spoilt_day_is_mended_and_a_good_one_left() -> None:
    problem = team()
    best = solve(problem, SolveParams(seconds=120, workers=1, gap=0.0))
    assert best.roster is not None
    space = space_of(problem)
    whole = TourRoster.of(space, best.roster)
    search = Search(params=WORK, on_progress=None, should_stop=None)

    def again(roster: TourRoster, first: int, last: int) -> TourRoster | None:
        noise = np.random.default_rng(1)
        return improve_days(roster, search, random.Random(1), noise, first=first, last=last, worth=0.0)

    assert all(again(whole, day, day + 1) is None for day in range(DAYS))
    mended = again(with_days_off(whole, 5, 8), 5, 8)
    assert mended is not None
    assert mended.objective == pytest.approx(whole.objective)


def test_days_end_when_stopped() -> None:
    space = space_of(instance(CENTRE, 3))
    roster = with_days_off(quick_roster(space), 2, 3)
    asked = 0

    def stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > 4

    search = Search(params=WORK, on_progress=None, should_stop=stop)
    noise = np.random.default_rng(1)
    assert improve_days(roster, search, random.Random(1), noise, first=2, last=3, worth=0.0) is None


def test_days_that_promise_too_little_are_not_decided() -> None:
    space = space_of(instance(CENTRE, 3))
    roster = with_days_off(quick_roster(space), 2, 3)
    search = Search(params=WORK, on_progress=None, should_stop=None)
    noise = np.random.default_rng(1)
    assert improve_days(roster, search, random.Random(1), noise, first=2, last=3, worth=1e9) is None
