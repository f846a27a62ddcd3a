"""A few days of a long period decided anew, for everybody: what sweeps of many people leave to gain.

After soft sweeps nobody alone gains by another tour, and a day on its own is still a tenth of a percent of
the whole period above its linear program: shapes of many shifts have to change together.  The program of a
day has a row for each of that day's intervals alone, so it is solved in seconds, and a dive of few steps gets
most of what it promises.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from scheduler.solve.search import Search
from scheduler.solve.tours.cheapest import WORK_PER_TOUR, Tour
from scheduler.solve.tours.columns import ColumnSearch
from scheduler.solve.tours.lagrange import priced_places
from scheduler.solve.tours.roster import TourRoster
from scheduler.solve.tours.space import TourSpace
from scheduler.solve.tours.windows import narrowed

__all__ = ["improve_by_days", "improve_days"]

_TINY = 1e-6
#: Shares of what is required: what a day has to promise to be decided, and a pass to gain not to be idle.
_DAY_WORTH, _PASS_WORTH = 1e-5, 1e-4
#: Rounds of columns between looks at what there is to gain; the share of it that the program has to reach.
_ROUNDS, _REACHED = 3, 0.85
#: Steps of dives: share of the open agents fixed at a time, and rounds of columns in between.
_GREED, _DIVE_ROUNDS = 0.25, 2


def improve_by_days(
    best: TourRoster,
    search: Search,
    chance: random.Random,
    noise: np.random.Generator,
    *,
    idle_passes: int,
    is_over: Callable[[], bool],
    on_roster: Callable[[TourRoster], None],
) -> None:
    """Pass through the period, each day decided anew, while that gains.

    Dives have some chance in them, so passes end after ``idle_passes`` without gain.  ``on_roster`` hears of
    every better roster; ``is_over``: it is time to end, or the last is good enough.
    """
    problem = best.space.problem
    required = problem.required_staff_minutes()
    least = max(_PASS_WORTH * required, _TINY)
    days = list(range(problem.period.days))
    idle = 0
    while idle < idle_passes:
        before = best.objective
        chance.shuffle(days)
        for day in days:
            if is_over():
                return
            worth = _DAY_WORTH * required
            found = improve_days(best, search, chance, noise, first=day, last=day + 1, worth=worth)
            if found is not None:
                best = found
                on_roster(best)
        idle = idle + 1 if before - best.objective < least else 0


def improve_days(
    best: TourRoster,
    search: Search,
    chance: random.Random,
    noise: np.random.Generator,
    *,
    first: int,
    last: int,
    worth: float,
) -> TourRoster | None:
    """A better roster that differs from ``best`` on days [first, last) alone; None where none was found.

    Nothing is tried once it is proven that at most ``worth`` could be gained.
    """
    space = best.space
    inside = _inside(space, best, first, last)
    columns = ColumnSearch(
        space=inside, search=search, grain=0.0, noise=noise, only=_intervals(space, first, last)
    )
    try:
        columns.start_from(best)
        now = columns.program()
        value = now
        while now is not None and value is not None and not columns.converged:
            if columns.is_over():
                return None
            value = columns.generate(rounds=_ROUNDS)
            if now - columns.bound <= worth:
                return None
            if value is not None and now - value >= _REACHED * (now - columns.bound):
                break
        if now is None or value is None or now - value <= worth:
            return None
        dived = columns.dive(chance, greed=_GREED, rounds=_DIVE_ROUNDS, below=now)
    finally:
        columns.close()
    if dived is None:
        return None
    found = _merged(best, dived, first, last, inside)
    while not search.is_over() and found.sweep(chance, search.is_over) > _TINY:
        search.work += len(space.agents) * WORK_PER_TOUR
    found = _merged(best, found, first, last, space)
    return found if found.objective < best.objective - _TINY else None


def _inside(space: TourSpace, roster: TourRoster, first: int, last: int) -> TourSpace:
    """The space of tours that differ from the roster's on some days, where other days' kinds cost nothing."""
    days = np.arange(space.kinds.shape[0])
    counts = ((days >= first) & (days < last))[:, None]
    return replace(
        narrowed(space, roster, first, last),
        kind_under=np.where(counts, space.kind_under, 0.0),
        kind_over=np.where(counts, space.kind_over, 0.0),
    )


def _intervals(space: TourSpace, first: int, last: int) -> NDArray[np.bool_]:
    """The intervals of lines with a price that shifts of some days can cover."""
    day = space.family_day[space.cell_family]
    cells = np.flatnonzero((day >= first) & (day < last))
    places = priced_places(space)
    if not len(cells):
        return np.zeros_like(places)
    ends = space.cell_start[cells] + space.family_length[space.cell_family[cells]]
    at = np.arange(places.shape[1])
    looked_at: NDArray[np.bool_] = places & ((at >= space.cell_begin[cells].min()) & (at < ends.max()))
    return looked_at


def _merged(best: TourRoster, other: TourRoster, first: int, last: int, space: TourSpace) -> TourRoster:
    """The best roster with the other's shifts on days [first, last), in a space of both: elsewhere the other
    has the same shifts, but pauses that nobody looked at."""
    day = space.family_day[space.cell_family]
    made = TourRoster.empty(space)
    for number, (old, new) in enumerate(zip(best.tours, other.tours, strict=True)):
        assert old is not None
        assert new is not None
        kept = dict(zip(old.cells, old.pauses, strict=True))
        pauses = tuple(
            held if first <= day[cell] < last else kept[cell]
            for cell, held in zip(new.cells, new.pauses, strict=True)
        )
        made.give(number, Tour(cells=new.cells, pauses=pauses, own=new.own))
    return made
