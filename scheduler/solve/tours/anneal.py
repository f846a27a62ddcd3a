"""A few agents at a time lose their tours and get the cheapest ones again, one after the other.

Worse rosters are accepted while the temperature is high (simulated annealing); a move takes a millisecond or
so, which beats column generation where the linear programs are dear: small teams on fine grids.
"""

from __future__ import annotations

import math
import random

from scheduler.solve.search import Search
from scheduler.solve.tours.cheapest import WORK_PER_TOUR, Tour, find_tour
from scheduler.solve.tours.roster import TourRoster

__all__ = ["anneal"]

#: Starting temperature as a share of the objective, and the numbers of agents a move takes.
_HEAT = 0.003
_SIZES = (1, 2, 2, 3, 3, 4, 5)
_TINY = 1e-6


def anneal(roster: TourRoster, search: Search, chance: random.Random, *, until: float) -> TourRoster:
    """The best roster met, starting from this one, until so much of the whole budget is used."""
    space = roster.space
    here = roster.copy()
    best = roster
    begun = search.share_used
    span = max(until - begun, 1e-9)
    heat = _HEAT * abs(roster.objective)
    everyone = range(len(space.agents))
    while not search.is_over() and search.share_used < until:
        cool = max(0.0, 1.0 - (search.share_used - begun) / span)
        freed = chance.sample(everyone, min(len(everyone), chance.choice(_SIZES)))
        before = here.objective
        held: list[tuple[int, Tour | None]] = [(n, here.take(n)) for n in freed]
        chance.shuffle(freed)
        for number in freed:
            extra = here.pairs.prices(number)
            found = find_tour(space, space.agents[number], here.prices(), here.work, extra)
            search.work += WORK_PER_TOUR
            if found is not None:
                here.give(number, found[0])
        change = here.objective - before
        whole = all(here.tours[n] is not None for n in freed)
        if whole and (change <= 0 or chance.random() < math.exp(-change / max(1.0, heat * cool * cool))):
            if here.objective < best.objective - _TINY:
                best = here.copy()
        else:
            for number in freed:
                here.take(number)
            for number, tour in held:
                if tour is not None:
                    here.give(number, tour)
    return best
