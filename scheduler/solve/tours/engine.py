"""From a laid-out problem to tours: quick sweeps, column generation, dives, then parts decided anew."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import numpy as np

from scheduler.solve.search import Search
from scheduler.solve.tours.anneal import anneal
from scheduler.solve.tours.columns import ColumnSearch
from scheduler.solve.tours.days import improve_by_days
from scheduler.solve.tours.improve import FEW, Improvement
from scheduler.solve.tours.roster import TourRoster
from scheduler.solve.tours.space import TourSpace

__all__ = ["quick_roster", "solve_tours"]

_TINY = 1e-6
_SWEEPS = 3
#: Share of the budget by which the bound must be there for dives to begin.
_GENERATE_SHARE = 0.45
_GENERATE_SHARE_WHERE_DEAR = 0.25
#: Where programs are dear: share of the budget until which small moves go on.
_ANNEAL_UNTIL = 0.4
#: Passes of single days without gain before other ways have their turn, too.
_IDLE_PASSES = 1
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
    enough: float,
    on_roster: Callable[[TourRoster], None] = lambda _: None,
    on_bound: Callable[[float], None] = lambda _: None,
    known_bound: Callable[[], float] = lambda: -math.inf,
) -> float:
    """Look for the best roster of a space; returns what is proven, in the space's own objective.

    ``enough``: the distance to the bound at which to stop.  ``on_roster`` and ``on_bound`` hear of every
    improvement, the last roster being the best; ``known_bound`` says what is proven elsewhere.
    """
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    best = quick_roster(space)
    on_roster(best)
    begun = search.share_used
    left = 1.0 - begun
    columns = ColumnSearch(
        space=space,
        search=search,
        grain=grain,
        enough=enough * _ENOUGH_SHARE,
        until=begun + _GENERATE_SHARE * left,
        noise=np.random.default_rng(seed),
    )

    def take(roster: TourRoster) -> None:
        nonlocal best
        best = roster
        on_roster(roster)

    def done() -> bool:
        bound = max(columns.rounded_bound, known_bound())
        return columns.is_over() or best.objective - bound <= max(enough, _TINY)

    try:
        columns.start_bound()
        on_bound(columns.rounded_bound)
        columns.start_from(best)
        while not columns.converged and not columns.is_over():
            if columns.generate(rounds=10) is None:
                break
            if len(space.agents) <= FEW and columns.is_dear:
                columns.until = begun + _GENERATE_SHARE_WHERE_DEAR * left
            on_bound(columns.rounded_bound)
            columns.prune()
        columns.until = 1.0
        rounded = columns.rounded()
        if rounded is not None:
            while rounded.sweep(chance, columns.is_over) > _TINY:
                pass
            if rounded.objective < best.objective - _TINY:
                take(rounded)
        if len(space.agents) <= FEW and columns.is_dear and not columns.converged:
            # Dives would take the whole budget; small moves do better.
            take(anneal(best, search, chance, until=begun + _ANNEAL_UNTIL * left))
        if columns.master.places.any():
            improve_by_days(
                best, search, chance, columns.noise, idle_passes=_IDLE_PASSES, is_over=done, on_roster=take
            )
        turns = Improvement.of(columns, chance, begun=begun)
        while not done():
            found = turns.next_roster(best)
            if found is not None and found.objective < best.objective - _TINY:
                take(found)
        return columns.rounded_bound
    finally:
        columns.close()
