"""From a laid-out problem to tours: quick sweeps, column generation, dives, then parts decided anew."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass

from scheduler.solve.search import Search
from scheduler.solve.tours.anneal import anneal
from scheduler.solve.tours.columns import ColumnSearch
from scheduler.solve.tours.parts import PartSizes, dive_again, improve_by_parts
from scheduler.solve.tours.pauses import place_all_pauses
from scheduler.solve.tours.roster import Prices, TourRoster
from scheduler.solve.tours.space import TourSpace

__all__ = ["ToursFound", "quick_roster", "solve_tours", "sweep"]

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
#: Shares of a stage's budget at which another dive is due; greedy ones and careful ones in turn.
_DIVE_EVERY = 0.12
#: Dives take at most this share of the time used so far, from the second on: parts gain more for their time.
_DIVES_SHARE = 0.25
#: A dive that takes longer than this share of a stage's budget is given up; the next one may take twice as
#: long where none was ever finished.
_DIVE_MOST = 0.1
_DIVE_MOST_OF_MANY = 0.45
#: Share of the distance to the bound that is good enough, at which programs are as good as solved.
_ENOUGH_SHARE = 0.25
_GREEDS = (0.05, 0.02, 0.1)
_DIVE_ROUNDS = 12
_FIRST_DIVES = 2
_PAUSES_SHARE = 0.03
#: With more agents than these, steps of a dive are larger and settle less.
_FEW = 250
_GREEDS_OF_MANY = (0.25, 0.15)
_DIVE_ROUNDS_OF_MANY = 3
_PART_ROUNDS = 8
#: With few agents every so manieth part is a dive with a share of the agents free; each that gains nothing
#: doubles the number of parts until the next, up to a limit: near the optimum small parts find what is left.
_DIVE_AGAIN_EVERY = 3
_DIVE_AGAIN_SELDOM = 96
_AGAIN_SHARES = (0.5, 0.35, 0.7)
_AGAIN_GREED, _AGAIN_ROUNDS = 0.1, 6
_FIRST_PART = 8


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
    )
    try:
        columns.start_bound()
        on_bound(columns.rounded_bound)
        columns.start_from(best)
        while not columns.converged and not columns.is_over():
            if columns.generate(rounds=10) is None:
                break
            if len(space.agents) <= _FEW and columns.is_dear:
                columns.until = begun + _GENERATE_SHARE_WHERE_DEAR * stage
            on_bound(columns.rounded_bound)
            columns.prune()
        columns.until = until
        rounded = columns.rounded()
        if rounded is not None:
            while sweep(rounded, chance, columns.is_over) > _TINY:
                pass
            if rounded.objective < best.objective - _TINY:
                best = rounded
                on_roster(best)
        if len(space.agents) <= _FEW and columns.is_dear and not columns.converged:
            # Dives would take the whole budget; small moves do better.
            cooled = anneal(best, search, chance, until=begun + _ANNEAL_UNTIL * stage)
            best = place_all_pauses(cooled, search, share=_PAUSES_SHARE) or cooled
            on_roster(best)
        sizes = PartSizes(
            most=len(space.agents),
            size=float(min(len(space.agents), _FIRST_PART)),
            quick=0.001 * search.budget,
            slow=0.005 * search.budget,
        )
        few = len(space.agents) <= _FEW
        dives, landed, dived, parts = 0, 0, 0.0, 0
        again, dive_again_at, pause = 0, 0, _DIVE_AGAIN_EVERY
        dive_most = _DIVE_MOST if few else _DIVE_MOST_OF_MANY

        def done() -> bool:
            bound = max(columns.rounded_bound, known_bound())
            return columns.is_over() or best.objective - bound <= max(enough, _TINY)

        while not done():
            used = search.share_used - begun
            due = dives < _FIRST_DIVES or used > _DIVE_EVERY * stage * dives
            if dives == 0 or (due and dived <= _DIVES_SHARE * used):
                greeds, rounds = (_GREEDS, _DIVE_ROUNDS) if few else (_GREEDS_OF_MANY, _DIVE_ROUNDS_OF_MANY)
                columns.until = min(until, begun + used + dive_most * stage)
                found = columns.dive(chance, greed=greeds[landed % len(greeds)], rounds=rounds)
                columns.until = until
                dives += 1
                dived += search.share_used - begun - used
                if found is None and not landed:
                    dive_most *= 2
                elif found is not None:
                    landed += 1
                    sweep(found, chance)
                    found = place_all_pauses(found, search, share=_PAUSES_SHARE) or found
            elif few and parts >= dive_again_at:
                share = _AGAIN_SHARES[again % len(_AGAIN_SHARES)]
                again += 1
                found = dive_again(
                    columns, best, chance, share=share, greed=_AGAIN_GREED, rounds=_AGAIN_ROUNDS
                )
                if found is not None:
                    sweep(found, chance)
                gains = found is not None and found.objective < best.objective - _TINY
                pause = _DIVE_AGAIN_EVERY if gains else min(2 * pause, _DIVE_AGAIN_SELDOM)
                dive_again_at = parts + pause
                if columns.program() is not None:
                    columns.prune()
            else:
                parts += 1
                found = improve_by_parts(columns, best, chance, sizes, rounds=_PART_ROUNDS)
            if found is not None and found.objective < best.objective - _TINY:
                best = found
                on_roster(best)
        return ToursFound(roster=best, bound=columns.rounded_bound, prices=columns.stable)
    finally:
        columns.close()


def sweep(roster: TourRoster, chance: random.Random, is_over: Callable[[], bool] = lambda: False) -> float:
    """Everybody once, in random order, takes the cheapest tour beside all others; what that gained."""
    order = list(range(len(roster.space.agents)))
    chance.shuffle(order)
    gained = 0.0
    for number in order:
        if is_over():
            break
        gained += roster.improve(number)
    return gained
