"""The cheapest tour over days, compiled, and what the days still to come cost at least.

With many counts a tour search visits thousands of states a day.  Leaving out those of limited templates gives
a small search whose prices are never too high; walked from the end, it says what the rest of any tour costs
at least, and the full search looks only at states that can still be worth it.

A state is a node, a resource and a number that holds the counts of limits (``tables.Limits``).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from scheduler.solve.tours.kernel import FORBIDDEN

__all__ = [
    "BARRED",
    "cheapest_tour",
    "least_to_come",
    "shift_pay",
    "spans_of",
    "states_able",
    "states_reached",
    "weekend_day",
]

#: From here on a price has something forbidden in it, whatever else was saved on the way.
BARRED = 0.5 * FORBIDDEN
#: Room for so many states at first.
_FEW_STATES = 4096


@njit(cache=True, nogil=True)
def _longer(array: NDArray[Any], room: int) -> NDArray[Any]:
    """The array with room for so many, and some more."""
    longer = np.empty(max(room, 2 * array.shape[0]), dtype=array.dtype)
    longer[: array.shape[0]] = array
    return longer


@njit(cache=True, nogil=True)
def _place_of(state: int, first: int, states: NDArray[np.int64], place: NDArray[np.int32]) -> int:
    """Where ``place`` has the number of a state of this day, or would have it; those begin with ``first``."""
    mask = place.shape[0] - 1
    # Knuth's multiplicative hashing: states come in rows, whose starts differ in few bits.
    h = ((state * 2654435761) >> 12) & mask
    while place[h] >= first and states[place[h]] != state:
        h = (h + 1) & mask
    return int(h)


@njit(cache=True, nogil=True)
def weekend_day(
    saturday: bool, sunday: bool, both: bool, works: bool, half_weekend: float
) -> tuple[int, float]:
    """Whether a shift counts as the first of its weekend, and the price of working half of one."""
    if saturday:
        return 1, 0.0
    if sunday:
        if both and works:
            return 0, 0.0
        return 1, half_weekend if both else 0.0
    return 0, 0.0


@njit(cache=True, nogil=True)
def shift_pay(
    day: int,
    n: int,
    r: int,
    r2: int,
    s: int,
    counts: int,
    variant: NDArray[np.int32],
    week_most: int,
    week_days_most: int,
    node_row: NDArray[np.int32],
    node_far: NDArray[np.bool_],
    pair: NDArray[np.float64],
    pair_far: NDArray[np.float64],
    work_pay: NDArray[np.float64],
    week_minutes: NDArray[np.int64],
    week_days: NDArray[np.int64],
    slot_column: NDArray[np.int32],
    slot_kind: NDArray[np.int32],
    hard: float,
) -> float:
    """What rules charge for a shift of slot s after node n, the counts going from r to r2."""
    price = work_pay[counts, slot_kind[s], r]
    row = node_row[n]
    if row >= 0:
        if node_far[n]:
            price += pair_far[row, slot_column[s]]
        else:
            price += pair[variant[day], row, slot_column[s]]
    if week_minutes[r2] > week_most or week_days[r2] > week_days_most:
        price += hard
    return float(price)


@njit(cache=True, nogil=True)
def _slots_of_day(
    best: NDArray[np.float64], given: NDArray[np.int32], day: int, slots: NDArray[np.int32]
) -> int:
    """How many slots a day offers; ``slots`` gets them."""
    if given[day] >= 0:
        slots[0] = given[day]
        return 1
    many = 0
    for s in range(best.shape[1]):
        if best[day, s] < BARRED:
            slots[many] = s
            many += 1
    return many


@njit(cache=True, nogil=True)
def least_to_come(
    best: NDArray[np.float64],
    off_cost: NDArray[np.float64],
    given: NDArray[np.int32],
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
    spans: NDArray[np.int32],
    least: NDArray[np.float64],
) -> None:
    """``least[day, state]``: what the days from ``day`` on cost at least, from any node and resources.

    Arguments are those of ``cheapest_tour``.  ``spans[day, node]``: the first resource that matters, and the
    one after the last; from any other nothing is possible.
    """
    days = best.shape[0]
    nodes, resources, kinds = off_to.shape[0], monday.shape[0], work_res.shape[1]
    for n in range(nodes):
        for r in range(resources):
            short = max(0, period_least - minutes[r])
            least[days, n * resources + r] = short_price * short
    slots = np.empty(best.shape[1], dtype=np.int32)
    # What a day off or a shift of a kind charges at some resources and where it leads, the same at all nodes.
    off_price, off_res = np.zeros(resources), np.empty(resources, dtype=np.int32)
    price, res = np.empty((2, kinds, resources)), np.empty((2, kinds, resources), dtype=np.int32)
    for day in range(days - 1, -1, -1):
        many = _slots_of_day(best, given, day, slots)
        w, ends = week[day], week_ends[day]
        for r in range(resources):
            off_price[r] = short_price * max(0, week_least[w] - week_minutes[r]) if ends else 0.0
            off_res[r] = monday[r] if ends else r
        for counts in range(2):
            for kind in range(kinds):
                for r in range(resources):
                    r2 = work_res[counts, kind, r]
                    if r2 < 0:
                        price[counts, kind, r], res[counts, kind, r] = FORBIDDEN, 0
                        continue
                    pay = work_pay[counts, kind, r]
                    if week_minutes[r2] > week_most[w] or week_days[r2] > week_days_most[w]:
                        pay += hard
                    if ends:
                        pay += short_price * max(0, week_least[w] - week_minutes[r2])
                        r2 = monday[r2]
                    price[counts, kind, r], res[counts, kind, r] = pay, r2
        after = least[day + 1]
        for n in range(nodes):
            works = node_works[n]
            rest = off_pay[n] + off_cost[day]
            if sunday[day] and both[day] and works:
                rest += half_weekend
            counts, half = weekend_day(saturday[day], sunday[day], both[day], works, half_weekend)
            first = run_pay[n] + half
            here, low_r, high_r = (
                least[day, n * resources : (n + 1) * resources],
                spans[day, n, 0],
                spans[day, n, 1],
            )
            here[:] = FORBIDDEN
            if low_r >= high_r:
                continue
            if given[day] < 0 and rest < BARRED:
                begin = off_to[n] * resources
                for r in range(low_r, high_r):
                    here[r] = min(here[r], rest + off_price[r] + after[begin + off_res[r]])
            if first < BARRED:
                for k in range(many):
                    s = slots[k]
                    flat = first + best[day, s]
                    row = node_row[n]
                    if row >= 0:
                        if node_far[n]:
                            flat += pair_far[row, slot_column[s]]
                        else:
                            flat += pair[variant[day], row, slot_column[s]]
                    kind, begin = slot_kind[s], work_to[n, slot_row[s]] * resources
                    for r in range(low_r, high_r):
                        low = flat + price[counts, kind, r] + after[begin + res[counts, kind, r]]
                        here[r] = min(here[r], low)


@njit(cache=True, nogil=True)
def states_reached(
    start: int,
    days: int,
    saturday: NDArray[np.bool_],
    sunday: NDArray[np.bool_],
    week_ends: NDArray[np.bool_],
    off_to: NDArray[np.int32],
    work_to: NDArray[np.int32],
    work_res: NDArray[np.int32],
    monday: NDArray[np.int32],
    reached: NDArray[np.bool_],
) -> None:
    """``reached[day, state]``: the states that any days off and shifts lead to, whatever they cost."""
    nodes, resources = off_to.shape[0], monday.shape[0]
    reached[:, :] = False
    reached[0, start] = True
    for day in range(days):
        ends = week_ends[day]
        for n in range(nodes):
            for r in range(resources):
                if not reached[day, n * resources + r]:
                    continue
                reached[day + 1, off_to[n] * resources + (monday[r] if ends else r)] = True
                for counts in range(2):
                    if (saturday[day] and counts == 0) or (
                        counts == 1 and not saturday[day] and not sunday[day]
                    ):
                        continue
                    for k in range(work_res.shape[1]):
                        r2 = work_res[counts, k, r]
                        if r2 < 0:
                            continue
                        if ends:
                            r2 = monday[r2]
                        for row in range(work_to.shape[1]):
                            reached[day + 1, work_to[n, row] * resources + r2] = True


@njit(cache=True, nogil=True)
def states_able(
    days: int,
    saturday: NDArray[np.bool_],
    sunday: NDArray[np.bool_],
    week_ends: NDArray[np.bool_],
    off_to: NDArray[np.int32],
    work_to: NDArray[np.int32],
    work_res: NDArray[np.int32],
    monday: NDArray[np.int32],
    minutes: NDArray[np.int64],
    period_least: int,
    able: NDArray[np.bool_],
) -> None:
    """``able[day, state]``: the states from which the period's least minutes can still be had."""
    nodes, resources = off_to.shape[0], monday.shape[0]
    for n in range(nodes):
        for r in range(resources):
            able[days, n * resources + r] = minutes[r] >= period_least
    for day in range(days - 1, -1, -1):
        ends = week_ends[day]
        for n in range(nodes):
            for r in range(resources):
                can = able[day + 1, off_to[n] * resources + (monday[r] if ends else r)]
                for counts in range(2):
                    if (saturday[day] and counts == 0) or (
                        counts == 1 and not saturday[day] and not sunday[day]
                    ):
                        continue
                    for k in range(work_res.shape[1]):
                        r2 = work_res[counts, k, r]
                        if can or r2 < 0:
                            continue
                        if ends:
                            r2 = monday[r2]
                        for row in range(work_to.shape[1]):
                            can = can or able[day + 1, work_to[n, row] * resources + r2]
                able[day, n * resources + r] = can


@njit(cache=True, nogil=True)
def spans_of(wanted: NDArray[np.bool_], resources: int, spans: NDArray[np.int32]) -> None:
    """``spans[day, node]``: the first wanted resource and the one after the last; none: both 0."""
    for day in range(spans.shape[0]):
        for n in range(spans.shape[1]):
            first, last = 0, 0
            for r in range(resources):
                if wanted[day, n * resources + r]:
                    if last == 0:
                        first = r
                    last = r + 1
            spans[day, n, 0], spans[day, n, 1] = first, last


@njit(cache=True, nogil=True)
def cheapest_tour(
    best: NDArray[np.float64],
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
    most: float,
    place: NDArray[np.int32],
    chosen: NDArray[np.int32],
) -> tuple[float, float]:
    """Find the cheapest tour; ``chosen[day]`` gets its slot, -1 on a day off.

    Returns its price, FORBIDDEN where no tour keeps the rules and costs at most ``most``; and the least that
    a tour beyond ``most`` can cost.

    ``best[day, slot]`` are prices of shifts, ``off_cost`` of days off; ``given[day]`` is the slot of a fixed
    shift or -1.  ``hard``: the price of going beyond a week's account.  ``least[day, node and resource]``:
    what the days from ``day`` on cost at least (``least_to_come``), no days where that is not known.
    ``member``, ``limit``, ``limit_price`` and ``stride`` are those of ``Limits``; ``toll[j]`` is in prices
    for each that limit j counts, and given back in the end.  ``place`` is -1 everywhere, before and
    afterwards; its length is a power of two, and more than twice as long as there are states of one day.
    """
    days = best.shape[0]
    resources = monday.shape[0]
    limits = limit.shape[0]
    combinations = 1
    for j in range(limits):
        combinations *= limit[j] + 1
    bounded = least.shape[0] > 0
    beyond = FORBIDDEN
    # States reached, day after day: which, at what price, from which of the day before, by which slot.
    states = np.empty(_FEW_STATES, dtype=np.int64)
    at_place = np.empty(_FEW_STATES, dtype=np.int32)
    value = np.empty(_FEW_STATES)
    came_from = np.empty(_FEW_STATES, dtype=np.int32)
    came_slot = np.empty(_FEW_STATES, dtype=np.int16)
    states[0] = (start_node * resources + start_resource) * combinations
    value[0] = 0.0
    first_of = 0
    end = 1
    slots = np.empty(best.shape[1], dtype=np.int32)
    for day in range(days):
        many = _slots_of_day(best, given, day, slots)
        begin, first_of = first_of, end
        room = first_of + min(place.shape[0], (first_of - begin) * (many + 1))
        if room > states.shape[0]:
            states = _longer(states, room)
            at_place = _longer(at_place, room)
            value = _longer(value, room)
            came_from = _longer(came_from, room)
            came_slot = _longer(came_slot, room)
        ends = week_ends[day]
        w = week[day]
        for i in range(begin, first_of):
            coarse = states[i] // combinations
            held = states[i] - coarse * combinations
            n = coarse // resources
            r = coarse - n * resources
            base = value[i]
            works = node_works[n]
            if given[day] < 0:
                price = base + off_pay[n] + off_cost[day]
                if sunday[day] and both[day] and works:
                    price += half_weekend
                if price < BARRED:
                    r2 = r
                    if ends:
                        short = week_least[w] - week_minutes[r]
                        if short > 0:
                            price += short_price * short
                        r2 = monday[r]
                    coarse = off_to[n] * resources + r2
                    whole = price
                    if bounded:
                        whole += least[day + 1, coarse]
                    if bounded and whole > most:
                        beyond = min(beyond, whole)
                    else:
                        new = coarse * combinations + held
                        h = _place_of(new, first_of, states, place)
                        p = place[h]
                        if p < 0:
                            p = end
                            end += 1
                            place[h] = p
                            at_place[p] = h
                            states[p] = new
                            value[p] = FORBIDDEN
                        if price < value[p]:
                            value[p] = price
                            came_from[p] = i
                            came_slot[p] = -1
            first = base + run_pay[n]
            if first >= BARRED:
                continue
            counts, half = weekend_day(saturday[day], sunday[day], both[day], works, half_weekend)
            first += half
            if first >= BARRED:
                continue
            for k in range(many):
                s = slots[k]
                r2 = work_res[counts, slot_kind[s], r]
                if r2 < 0:
                    continue
                price = first + best[day, s] + shift_pay(
                    day, n, r, r2, s, counts, variant, week_most[w], week_days_most[w], node_row, node_far,
                    pair, pair_far, work_pay, week_minutes, week_days, slot_column, slot_kind, hard,
                )  # fmt: skip
                holds = held
                for j in range(limits):
                    if member[slot_kind[s], j]:
                        if (held // stride[j]) % (limit[j] + 1) < limit[j]:
                            holds += stride[j]
                        else:
                            price += limit_price[j]
                if price >= BARRED:
                    continue
                if ends:
                    short = week_least[w] - week_minutes[r2]
                    if short > 0:
                        price += short_price * short
                    r2 = monday[r2]
                coarse = work_to[n, slot_row[s]] * resources + r2
                if bounded:
                    whole = price + least[day + 1, coarse]
                    if whole > most:
                        beyond = min(beyond, whole)
                        continue
                new = coarse * combinations + holds
                h = _place_of(new, first_of, states, place)
                p = place[h]
                if p < 0:
                    p = end
                    end += 1
                    place[h] = p
                    at_place[p] = h
                    states[p] = new
                    value[p] = FORBIDDEN
                if price < value[p]:
                    value[p] = price
                    came_from[p] = i
                    came_slot[p] = s
        for i in range(first_of, end):
            place[at_place[i]] = -1
    cheapest = FORBIDDEN
    at = -1
    for i in range(first_of, end):
        coarse = states[i] // combinations
        price = value[i]
        short = period_least - minutes[coarse % resources]
        if short > 0:
            price += short_price * short
        for j in range(limits):
            price -= toll[j] * ((states[i] // stride[j]) % (limit[j] + 1))
        if price < cheapest:
            cheapest = price
            at = i
    if at < 0:
        return FORBIDDEN, beyond
    for day in range(days - 1, -1, -1):
        chosen[day] = came_slot[at]
        at = came_from[at]
    return cheapest, beyond
