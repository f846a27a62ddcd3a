"""Some days decided anew for everybody: all other days stay as they are.

Parts exchange whole tours of a few; near the best roster what is left to gain often takes a day or two from
many.  Columns are generated as for the whole period, but tours may differ from the roster inside the window
alone, so there are few of them and the linear program is soon done.
"""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np

from scheduler.solve.tours.cheapest import Tour
from scheduler.solve.tours.columns import ColumnSearch
from scheduler.solve.tours.kernel import FORBIDDEN
from scheduler.solve.tours.parts import PartSizes, whole_numbers
from scheduler.solve.tours.roster import TourRoster
from scheduler.solve.tours.space import AgentSpace, TourSpace

__all__ = ["improve_by_window", "narrowed"]

_TINY = 1e-6


def improve_by_window(
    columns: ColumnSearch,
    best: TourRoster,
    chance: random.Random,
    sizes: PartSizes,
    *,
    share: float,
    rounds: int,
) -> TourRoster | None:
    """One window of days decided anew, of a length learnt from those before; the better roster, or None.

    ``share``: of the whole budget, for whole numbers at most; ``rounds`` of columns at most.
    """
    search = columns.search
    begun = search.spent
    length = sizes.next()
    first = chance.randint(0, best.space.problem.period.days - length)
    window = ColumnSearch(
        space=narrowed(best.space, best, first, first + length),
        search=search,
        grain=columns.grain,
        until=columns.until,
        stable=columns.stable,
        noise=columns.noise,
    )
    try:
        found = _decide(window, best, share, rounds)
    finally:
        window.close()
    sizes.learn(seconds=search.spent - begun, gained=found is not None)
    return found


def narrowed(space: TourSpace, roster: TourRoster, first: int, last: int) -> TourSpace:
    """The space of tours that differ from the roster's on days [first, last) alone."""
    agents = tuple(
        _narrowed(space, agent, tour, first, last)
        for agent, tour in zip(space.agents, roster.tours, strict=True)
    )
    return replace(space, agents=agents)


def _narrowed(space: TourSpace, agent: AgentSpace, tour: Tour | None, first: int, last: int) -> AgentSpace:
    assert tour is not None
    days = space.family_day[space.cell_family[agent.cells]]
    usable = ((days >= first) & (days < last)) | np.isin(agent.cells, tour.cells)
    off_cost = agent.off_cost.copy()
    worked = space.family_day[space.cell_family[list(tour.cells)]]
    off_cost[worked[(worked < first) | (worked >= last)]] = FORBIDDEN
    return replace(
        agent,
        cells=agent.cells[usable],
        static=agent.static[usable],
        cell_slot=agent.cell_slot[usable],
        off_cost=off_cost,
    )


def _decide(window: ColumnSearch, best: TourRoster, share: float, rounds: int) -> TourRoster | None:
    window.start_from(best)
    value: float | None = None
    for _ in range(rounds):
        value = window.generate(rounds=1)
        if value is None or window.round_up(window.bound) >= best.objective - _TINY:
            return None
        if window.converged:
            break
    if value is None:
        return None
    room = best.objective - window.bound
    reduced = window.master.reduced_costs()
    held = window.counts_of(best)
    usable = [n for n, cost in enumerate(reduced.tolist()) if held[n] > 0 or cost <= room + _TINY]
    everyone = list(range(len(best.tours)))
    return whole_numbers(window, best, held, everyone, usable, share)
