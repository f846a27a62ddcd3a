"""Every tour that a better roster could have, where those are few enough to be listed.

Prices prove a bound: the cheapest tours of everybody and the least of the cover (``lagrange``).  A roster
below some objective can only have tours that are together no dearer than those cheapest ones by more than the
objective is above the bound.  Near the end that is little, and all such tours can be walked through by what
is to come (``walk.least_to_come``); whole numbers over them give the best roster, or prove that there is none
(reduced cost fixing: Nemhauser and Wolsey, Integer and Combinatorial Optimization, II.5).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from scheduler.solve.tours.cheapest import Prices, Tour, Workspace, pricing
from scheduler.solve.tours.kernel import FORBIDDEN
from scheduler.solve.tours.space import AgentSpace, TourSpace
from scheduler.solve.tours.tables import LENIENT
from scheduler.solve.tours.walk import BARRED, shift_pay, weekend_day

__all__ = ["has_whole_shifts", "tours_within"]

#: Steps of one walk through the tours of an agent at most, per tour that is asked for.
_STEPS_PER_TOUR = 400


def has_whole_shifts(space: TourSpace) -> bool:
    """Whether no shift has pauses: with them one tour stands for very many."""
    return not space.family_pauses.any()


def tours_within(
    space: TourSpace, agent: AgentSpace, prices: Prices, work: Workspace, room: float, most: int
) -> list[Tour] | None:
    """All tours of an agent at most ``room`` dearer under prices than the cheapest; None for too many.

    More than ``most`` are too many, and so are those that take very long to find.  Shifts must have no pauses
    (``has_whole_shifts``).
    """
    held = pricing(space, agent, prices, work)
    if held is None:
        return None
    days = space.problem.period.days
    of_day = space.family_day[space.cell_family[agent.cells]]
    order = np.argsort(of_day, kind="stable")
    first = np.searchsorted(of_day[order], np.arange(days + 1)).astype(np.int32)
    tables = agent.tables
    limits = tables.limits
    toll_of_slot = (limits.member @ held.toll)[tables.slot_kind]
    slots = agent.cell_slot[order].astype(np.int32)
    outer = held.outer[order]
    cell_prices = agent.static[order] + outer + toll_of_slot[slots]
    given_prices = np.where(agent.given >= 0, toll_of_slot[np.maximum(agent.given, 0)], 0.0)
    chosen = np.full((most, days), -1, dtype=np.int32)
    totals = np.zeros(most)
    count = _walk_all(
        held.cheapest + room, float(limits.most @ held.toll), first, slots, cell_prices, given_prices,
        agent.off_cost, agent.given, agent.start_node, agent.start_resource, space.saturday, space.sunday,
        space.both, space.variant, space.week, space.week_ends, agent.week_least, agent.week_most,
        agent.week_days_most, space.short_price, agent.period_least, tables.off_to, tables.off_pay,
        tables.run_pay, tables.node_row, tables.node_far, tables.node_works, tables.work_to, tables.pair,
        tables.pair_far, tables.work_res, tables.work_pay, tables.monday, tables.week_minutes,
        tables.week_days, tables.minutes, tables.slot_row, tables.slot_column, tables.slot_kind,
        tables.half_weekend, LENIENT if tables.lenient else FORBIDDEN, limits.member, limits.most,
        limits.price, limits.stride, held.toll, held.least,
        _STEPS_PER_TOUR * most, chosen, totals,
    )  # fmt: skip
    if count < 0:
        return None
    found = []
    cells = agent.cells[order]
    for row, total in zip(chosen[:count], totals[:count].tolist(), strict=True):
        places = row[row >= 0]
        own = total - float(outer[places].sum())
        found.append(Tour(cells=tuple(cells[places].tolist()), pauses=((),) * len(places), own=own))
    return found


@njit(cache=True, nogil=True)
def _walk_all(
    most: float,
    spare: float,
    first: NDArray[np.int32],
    slots: NDArray[np.int32],
    cell_prices: NDArray[np.float64],
    given_prices: NDArray[np.float64],
    off_cost: NDArray[np.float64],
    given: NDArray[np.int32],
    start_node: int,
    start_resource: int,
    saturday: NDArray[np.bool_],
    sunday: NDArray[np.bool_],
    both: NDArray[np.bool_],
    variant: NDArray[np.int32],
    week: NDArray[np.int32],
    week_ends: NDArray[np.bool_],
    week_least: NDArray[np.int64],
    week_most: NDArray[np.int64],
    week_days_most: NDArray[np.int64],
    short_price: float,
    period_least: int,
    off_to: NDArray[np.int32],
    off_pay: NDArray[np.float64],
    run_pay: NDArray[np.float64],
    node_row: NDArray[np.int32],
    node_far: NDArray[np.bool_],
    node_works: NDArray[np.bool_],
    work_to: NDArray[np.int32],
    pair: NDArray[np.float64],
    pair_far: NDArray[np.float64],
    work_res: NDArray[np.int32],
    work_pay: NDArray[np.float64],
    monday: NDArray[np.int32],
    week_minutes: NDArray[np.int64],
    week_days: NDArray[np.int64],
    minutes: NDArray[np.int64],
    slot_row: NDArray[np.int32],
    slot_column: NDArray[np.int32],
    slot_kind: NDArray[np.int32],
    half_weekend: float,
    hard: float,
    member: NDArray[np.bool_],
    limit: NDArray[np.int64],
    limit_price: NDArray[np.float64],
    stride: NDArray[np.int64],
    toll: NDArray[np.float64],
    least: NDArray[np.float64],
    most_steps: int,
    chosen: NDArray[np.int32],
    totals: NDArray[Any],
) -> int:
    """Depth first through the days: ``chosen[tour, day]`` gets the place of a cell, -1 for none.

    ``totals`` gets prices without tolls.  Returns how many there are; -1 for more than fit, or for more steps
    than ``most_steps``.

    Arguments are those of ``walk.cheapest_tour``; cells of a day are at ``first[day]`` to ``first[day + 1]``.
    """
    days, resources, limits = len(given), monday.shape[0], limit.shape[0]
    node = np.zeros(days + 1, dtype=np.int64)
    resource = np.zeros(days + 1, dtype=np.int64)
    held = np.zeros(days + 1, dtype=np.int64)
    value = np.zeros(days + 1)
    option = np.full(days + 1, -2, dtype=np.int64)
    now = np.full(days, -1, dtype=np.int32)
    node[0], resource[0] = start_node, start_resource
    day, count, steps = 0, 0, 0
    while day >= 0:
        if day == days:
            price = value[day] + short_price * max(0, period_least - minutes[resource[day]])
            for j in range(limits):
                price -= toll[j] * ((held[day] // stride[j]) % (limit[j] + 1))
            if price <= most:
                if count == chosen.shape[0]:
                    return -1
                chosen[count, :] = now
                totals[count] = price
                count += 1
            day -= 1
            continue
        steps += 1
        if steps > most_steps:
            return -1
        n, r, w = node[day], resource[day], week[day]
        # Options of a day: -1 off, then its cells; a fixed shift is the only one.
        here = option[day] + 1
        if here == -1:
            option[day] = -1
            if given[day] >= 0:
                continue
            price = value[day] + off_pay[n] + off_cost[day]
            if sunday[day] and both[day] and node_works[n]:
                price += half_weekend
            if week_ends[day]:
                price += short_price * max(0, week_least[w] - week_minutes[r])
                r = monday[r]
            to = off_to[n]
            holds = held[day]
            now[day] = -1
        else:
            many = 1 if given[day] >= 0 else first[day + 1] - first[day]
            if here >= many:
                option[day] = -2
                day -= 1
                continue
            option[day] = here
            if given[day] >= 0:
                s, price, now[day] = given[day], given_prices[day], -1
            else:
                place = first[day] + here
                s, price, now[day] = slots[place], cell_prices[place], place
            counts, half = weekend_day(saturday[day], sunday[day], both[day], node_works[n], half_weekend)
            r2 = work_res[counts, slot_kind[s], r]
            if r2 < 0:
                continue
            price += value[day] + run_pay[n] + half
            price += shift_pay(
                day, n, r, r2, s, counts, variant, week_most[w], week_days_most[w], node_row, node_far, pair,
                pair_far, work_pay, week_minutes, week_days, slot_column, slot_kind, hard,
            )  # fmt: skip
            holds = held[day]
            for j in range(limits):
                if member[slot_kind[s], j]:
                    if (held[day] // stride[j]) % (limit[j] + 1) < limit[j]:
                        holds += stride[j]
                    else:
                        price += limit_price[j]
            if week_ends[day]:
                price += short_price * max(0, week_least[w] - week_minutes[r2])
                r2 = monday[r2]
            r, to = r2, work_to[n, slot_row[s]]
        if price >= BARRED or price + least[day + 1, to * resources + r] > most + spare:
            continue
        day += 1
        node[day], resource[day], held[day], value[day], option[day] = to, r, holds, price, -2
    return count
