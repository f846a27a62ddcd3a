"""From a laid-out problem to tours: quick sweeps, column generation, dives, then parts decided anew."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from scheduler.solve.search import Search
from scheduler.solve.tours.anneal import anneal
from scheduler.solve.tours.cheapest import Prices
from scheduler.solve.tours.columns import ColumnSearch
from scheduler.solve.tours.improve import FEW, PAUSES_SHARE, Improvement
from scheduler.solve.tours.pauses import place_all_pauses
from scheduler.solve.tours.roster import TourRoster
from scheduler.solve.tours.space import TourSpace

__all__ = ["ToursFound", "quick_roster", "solve_tours"]

_TINY = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class ToursFound:
    """A roster, what is proven, and the prices that prove it."""

    roster: TourRoster
    bound: float
    prices: Prices | None


_SWEEPS = 3
#: Share of a stage's budget by which the bound must be there for dives to begin.
_GENERATE_SHARE = 0.45
_GENERATE_SHARE_WHERE_DEAR = 0.25
#: Where programs are dear: share of the budget until which small moves go on.
_ANNEAL_UNTIL = 0.95
#: Share of the distance to the bound that is good enough, at which programs are as good as solved.
_ENOUGH_SHARE = 0.25


def quick_roster(space: TourSpace) -> TourRoster:
    """Everybody in turn takes the cheapest tour beside those before, a few times over."""
    roster = TourRoster.empty(space)
    for _ in range(_SWEEPS):
        before = roster.objective
        for number in range(len(space.agents)):
            roster.improve(number)
        if before - roster.objective < _TINY:
            break
    return roster


def solve_tours(
    space: TourSpace,
    search: Search,
    *,
    seed: int,
    grain: float,
    until: float,
    enough: float,
    start: TourRoster | None = None,
    stable: Prices | None = None,
    on_roster: Callable[[TourRoster], None] = lambda _: None,
    on_bound: Callable[[float], None] = lambda _: None,
    known_bound: Callable[[], float] = lambda: -math.inf,
) -> ToursFound:
    """The best roster of a space and a proven bound, both in the space's own objective.

    ``until``: share of the whole budget at which to end.  ``enough``: the distance to the bound at which to
    stop.  ``start`` and ``stable``: a roster and prices to begin with.  ``on_roster`` and ``on_bound`` hear
    of every improvement; ``known_bound`` says what is proven elsewhere.
    """
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    best = start if start is not None else quick_roster(space)
    on_roster(best)
    begun = search.share_used
    stage = until - begun
    columns = ColumnSearch(
        space=space,
        search=search,
        grain=grain,
        enough=enough * _ENOUGH_SHARE,
        until=begun + _GENERATE_SHARE * stage,
        stable=stable,
        noise=np.random.default_rng(seed),
    )
    try:
        columns.start_bound()
        on_bound(columns.rounded_bound)
        columns.start_from(best)
        while not columns.converged and not columns.is_over():
            if columns.generate(rounds=10) is None:
                break
            if len(space.agents) <= FEW and columns.is_dear:
                columns.until = begun + _GENERATE_SHARE_WHERE_DEAR * stage
            on_bound(columns.rounded_bound)
            columns.prune()
        columns.until = until
        rounded = columns.rounded()
        if rounded is not None:
            while rounded.sweep(chance, columns.is_over) > _TINY:
                pass
            if rounded.objective < best.objective - _TINY:
                best = rounded
                on_roster(best)
        if len(space.agents) <= FEW and columns.is_dear and not columns.converged:
            # Dives would take the whole budget; small moves do better.
            cooled = anneal(best, search, chance, until=begun + _ANNEAL_UNTIL * stage)
            best = place_all_pauses(cooled, search, share=PAUSES_SHARE) or cooled
            on_roster(best)
        turns = Improvement.of(columns, chance, begun=begun, until=until)

        def done() -> bool:
            bound = max(columns.rounded_bound, known_bound())
            return columns.is_over() or best.objective - bound <= max(enough, _TINY)

        while not done():
            found = turns.next_roster(best)
            if found is not None and found.objective < best.objective - _TINY:
                best = found
                on_roster(best)
        return ToursFound(roster=best, bound=columns.rounded_bound, prices=columns.stable)
    finally:
        columns.close()
