"""Sweeps under softened prices: for many people and more places than a linear program takes in.

Under exact prices everybody avoids the first person too many, and whoever comes first fills the cheap places.
Averaged over some people more or fewer, prices bend instead of jumping, so that places are shared out; from
sweep to sweep they are averaged over fewer, until they are the exact ones.
"""

from __future__ import annotations

import random

import numpy as np
from numpy.typing import NDArray

from scheduler.solve.search import Search
from scheduler.solve.tours import kernel
from scheduler.solve.tours.cheapest import WORK_PER_TOUR, Prices, find_tour
from scheduler.solve.tours.roster import TourRoster

__all__ = ["soft_sweeps"]

#: People that prices are averaged over, as a standard deviation: in the last sweep before exact ones.
_LEAST_PEOPLE = 0.3
_LEAST_SWEEPS = 6
#: Averages reach so many standard deviations.
_REACH = 2.5
_TINY = 1e-6


def soft_sweeps(
    roster: TourRoster, search: Search, chance: random.Random, *, people: float, most: int, until: float
) -> TourRoster:
    """Another roster, by up to ``most`` sweeps from averages over ``people`` on, and exact ones to end with.

    Sweeps are as many as fit in before so much of the whole budget is used.  The roster given stays as it is;
    what comes back need not be better.
    """
    here = roster.copy()
    order = list(range(len(here.space.agents)))
    step, width = 0, people
    while not search.is_over():
        begun = search.share_used
        chance.shuffle(order)
        _sweep(here, search, order, width)
        step += 1
        # So many sweeps at this one's cost are left.
        left = min(most - step, int((until - search.share_used) / max(search.share_used - begun, 1e-9)))
        if left <= 0 and (step >= _LEAST_SWEEPS or width <= _LEAST_PEOPLE):
            break
        left = max(left, _LEAST_SWEEPS - step, 1)
        width *= (_LEAST_PEOPLE / width) ** (1.0 / left)
    while not search.is_over():
        before = here.objective
        for number in order:
            here.improve(number)
        search.work += len(order) * WORK_PER_TOUR
        if before - here.objective <= _TINY:
            break
    return here


def _sweep(roster: TourRoster, search: Search, order: list[int], people: float) -> None:
    """Everybody in turn takes the cheapest tour under prices averaged over some people more or fewer."""
    space, lines = roster.space, roster.space.lines
    shares = _shares(people)
    seen = np.full(roster.at.shape, -(2**40), dtype=np.int64)
    prices = np.zeros(roster.at.shape)
    for number in order:
        if search.is_over():
            return
        held = roster.take(number)
        kernel.soft_prices(
            roster.at, seen, lines.required, lines.under_tops, lines.under, lines.over_tops, lines.over,
            shares, prices,
        )  # fmt: skip
        exact = np.where(roster.kinds < space.kind_required, -space.kind_under, space.kind_over)
        extra = roster.pairs.prices(number)
        found = find_tour(space, space.agents[number], Prices(lines=prices, kinds=exact), roster.work, extra)
        search.work += WORK_PER_TOUR
        if found is not None:
            roster.give(number, found[0])
        elif held is not None:
            roster.give(number, held)


def _shares(people: float) -> NDArray[np.float64]:
    """Shares of -k to k people more, normally distributed."""
    reach = int(np.ceil(_REACH * people))
    found = np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2 * people * people))
    shares: NDArray[np.float64] = found / found.sum()
    return shares
