"""The cheapest tour of one agent under prices of cover, and what any tour costs at least."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from scheduler.solve.tours import kernel, walk
from scheduler.solve.tours.kernel import FORBIDDEN
from scheduler.solve.tours.space import AgentSpace, Ahead, TourSpace
from scheduler.solve.tours.tables import LENIENT, Limits

__all__ = [
    "WORK_PER_TOUR",
    "Prices",
    "Pricing",
    "Tour",
    "Workspace",
    "find_tour",
    "least_price",
    "own_price",
    "pricing",
    "work_spans",
]

#: Deterministic work of one tour search, in CP-SAT's units (about seconds).
WORK_PER_TOUR = 5e-4
#: Where the cheapest tour costs more than that without some counts: the first room for it, as a share, and
#: how fast it grows.
_LEAST_ROOM = 0.003
_MORE_ROOM = 2.0
#: Room for sums in another order.
_TOLERANCE = 1e-5
_NO_LEAST = np.zeros((0, 0))
_NO_LIMITS = Limits.of((), ())
_NO_TOLL = np.zeros(0)
#: Tolls on limited counts: turns of one tour search, of which so many may gain little; the first step as a
#: share of its price, the least step, and how steps change where the next goes on as before, or back.
_TOLL_TURNS, _IDLE_TURNS = 10, 1
_FIRST_TOLL = 0.05
_LEAST_TOLL = 1.0
_FASTER, _SLOWER = 1.6, 0.4
#: Places for states of a day are a power of two with at most this exponent: far more than are ever reached.
_MOST_PLACES = 24
#: Searches with the tolls of the last time before others are looked for.
_KNOWN_TRIES = 5


@dataclass(frozen=True, slots=True)
class Tour:
    """One agent's cells, in order, with the starts of their pauses; ``own`` is its price without cover."""

    cells: tuple[int, ...]
    pauses: tuple[tuple[int, ...], ...]
    own: float


@dataclass(slots=True, eq=False)
class Workspace:
    """Scratch arrays of one thread."""

    sums: NDArray[np.float64]
    seat_sums: NDArray[np.float64]
    chosen: NDArray[np.int32]
    found: NDArray[np.int32]
    best: dict[int, tuple[NDArray[np.float64], NDArray[np.int32]]] = field(default_factory=dict)
    least: dict[tuple[int, ...], NDArray[np.float64]] = field(default_factory=dict)
    places: dict[int, NDArray[np.int32]] = field(default_factory=dict)
    tolls: dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]] = field(default_factory=dict)

    @classmethod
    def of(cls, space: TourSpace) -> Workspace:
        days = space.problem.period.days
        return cls(
            sums=np.zeros((space.lines.queues, space.horizon + 1)),
            seat_sums=np.zeros(space.horizon + 1),
            chosen=np.zeros(days, dtype=np.int32),
            found=np.zeros(int(max(space.family_pauses, default=0)), dtype=np.int32),
        )

    def prices_for(self, days: int, slots: int) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
        if slots not in self.best:
            self.best[slots] = (np.zeros((days, slots)), np.zeros((days, slots), dtype=np.int32))
        return self.best[slots]

    def places_for(self, states: int) -> NDArray[np.int32]:
        size = 1 << min(_MOST_PLACES, max(1, (2 * states).bit_length()))
        if size not in self.places:
            self.places[size] = np.full(size, -1, dtype=np.int32)
        return self.places[size]

    def least_for(self, shape: tuple[int, ...]) -> NDArray[np.float64]:
        if shape not in self.least:
            self.least[shape] = np.zeros(shape)
        return self.least[shape]


@dataclass(frozen=True, slots=True, eq=False)
class Prices:
    """What one more person costs: per line and interval, and per day and template."""

    lines: NDArray[np.float64]
    kinds: NDArray[np.float64]


def find_tour(
    space: TourSpace,
    agent: AgentSpace,
    prices: Prices,
    work: Workspace,
    extra: NDArray[np.float64] | None = None,
) -> tuple[Tour, float] | None:
    """The cheapest tour of one agent under prices, and its price; None where no tour keeps the rules.

    ``extra``: further prices of the agent's cells; they are part of the price, not of the tour's own.
    """
    best, best_cell = _shift_prices(space, agent, prices, work, extra)
    price = _walk(space, agent, best, agent.off_cost, work)
    if price >= FORBIDDEN:
        return None
    cells: list[int] = []
    pauses: list[tuple[int, ...]] = []
    for day, slot in enumerate(work.chosen.tolist()):
        if slot < 0 or agent.given[day] >= 0:
            continue
        cell = int(best_cell[day, slot])
        cells.append(cell)
        pauses.append(_pauses(space, cell, work))
    outer = sum(_outer_price(space, prices, c, p, work) for c, p in zip(cells, pauses, strict=True))
    if extra is not None:
        outer += float(extra[np.isin(agent.cells, cells)].sum())
    return Tour(cells=tuple(cells), pauses=tuple(pauses), own=price - outer), price


def least_price(space: TourSpace, agent: AgentSpace, prices: Prices, work: Workspace) -> float:
    """What the cheapest tour costs at least; soon known where prices alike make it long to find."""
    ahead = agent.ahead
    if ahead is None:
        found = find_tour(space, agent, prices, work)
        return FORBIDDEN if found is None else found[1]
    best, _ = _shift_prices(space, agent, prices, work, None)
    least = _least_of(space, agent, work)
    low = _tolls(space, agent, best, agent.off_cost, work, least, ahead.enough)[1]
    return min(low, _least_short(space, agent, ahead, best, agent.off_cost)) if ahead.short else low


@dataclass(frozen=True, slots=True, eq=False)
class Pricing:
    """An agent's shifts under prices.  ``outer``: the part of each cell's price that comes from them.

    ``least``: what is to come costs at least, with ``toll`` on limited counts, by day, node and resource.
    ``cheapest``: the cheapest tour's price.
    """

    outer: NDArray[np.float64]
    toll: NDArray[np.float64]
    least: NDArray[np.float64]
    cheapest: float


def pricing(space: TourSpace, agent: AgentSpace, prices: Prices, work: Workspace) -> Pricing | None:
    """What tells all tours apart; None where none keeps the rules.

    ``least`` is the workspace's own, until its next search.
    """
    found = find_tour(space, agent, prices, work)
    if found is None:
        return None
    if agent.ahead is None:
        spans = np.zeros((space.problem.period.days + 1, len(agent.tables.off_to), 2), dtype=np.int32)
        spans[:, :, 1] = len(agent.tables.monday)
    else:
        spans = agent.ahead.reached
    outer = np.array([_outer_price(space, prices, int(c), (), work) for c in agent.cells])
    best, _ = _shift_prices(space, agent, prices, work, None)
    least = _least_of(space, agent, work)
    toll, _ = _tolls(space, agent, best, agent.off_cost, work, least, spans)
    return Pricing(outer=outer, toll=toll, least=least, cheapest=found[1])


def _shift_prices(
    space: TourSpace,
    agent: AgentSpace,
    prices: Prices,
    work: Workspace,
    extra: NDArray[np.float64] | None,
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """The price of each slot's cheapest cell by day, and that cell, -1 for a fixed shift."""
    kernel.work_prices(
        prices.lines, space.lines.queues, agent.work_lines, agent.seat_lines, work.sums, work.seat_sums
    )
    best, best_cell = work.prices_for(space.problem.period.days, len(agent.tables.slot_row))
    static = agent.static if extra is None else agent.static + extra
    kernel.price_cells(
        agent.cells, static, agent.cell_slot, space.cell_family, space.cell_start, space.cell_begin,
        space.family_day, space.family_queue, space.family_length, space.family_spacing,
        space.family_template, space.family_pause, space.family_pauses, space.pause_length,
        space.pause_first, space.pause_last, space.family_block, space.family_blocks, space.block_first,
        space.block_last, work.sums, work.seat_sums, prices.kinds, work.found,
        best, best_cell,
    )  # fmt: skip
    for day in np.flatnonzero(agent.given >= 0).tolist():
        best[day, agent.given[day]] = 0.0
        best_cell[day, agent.given[day]] = -1
    return best, best_cell


def own_price(space: TourSpace, agent: AgentSpace, cells: tuple[int, ...], work: Workspace) -> float | None:
    """What given cells cost an agent without cover; None where they break a rule of the agent's."""
    tables = agent.tables
    best, _ = work.prices_for(space.problem.period.days, len(tables.slot_row))
    best[:, :] = FORBIDDEN
    off_cost = agent.off_cost.copy()
    place = {int(c): i for i, c in enumerate(agent.cells.tolist())}
    for cell in cells:
        if cell not in place:
            return None
        day = int(space.family_day[space.cell_family[cell]])
        if off_cost[day] >= FORBIDDEN:
            return None
        best[day, agent.cell_slot[place[cell]]] = agent.static[place[cell]]
        off_cost[day] = FORBIDDEN
    for day in np.flatnonzero(agent.given >= 0).tolist():
        best[day, agent.given[day]] = 0.0
    price = _walk(space, agent, best, off_cost, work)
    return None if price >= FORBIDDEN else price


def _walk(
    space: TourSpace,
    agent: AgentSpace,
    best: NDArray[np.float64],
    off_cost: NDArray[np.float64],
    work: Workspace,
) -> float:
    """The cheapest tour's price; the workspace's ``chosen`` gets its slots."""
    ahead = agent.ahead
    if ahead is None:
        limits = agent.tables.limits
        return _search(space, agent, best, off_cost, work, limits, np.zeros(len(limits.most)))[0]
    price = _walk_in(space, agent, best, off_cost, work, ahead.enough)
    # Hardly ever is a tour that lacks minutes the cheapest; all others are far fewer to look at.
    if ahead.short and price > _least_short(space, agent, ahead, best, off_cost):
        price = min(price, _walk_in(space, agent, best, off_cost, work, ahead.reached))
    return price


def _least_short(
    space: TourSpace,
    agent: AgentSpace,
    ahead: Ahead,
    best: NDArray[np.float64],
    off_cost: NDArray[np.float64],
) -> float:
    """What a tour costs at least that lacks some of the period's least minutes: rules only add to it."""
    days = np.minimum(best.min(axis=1, initial=FORBIDDEN), np.where(agent.given < 0, off_cost, FORBIDDEN))
    return float(np.minimum(days, FORBIDDEN).sum() + space.short_price * ahead.short)


def _walk_in(
    space: TourSpace,
    agent: AgentSpace,
    best: NDArray[np.float64],
    off_cost: NDArray[np.float64],
    work: Workspace,
    spans: NDArray[np.int32],
) -> float:
    """The cheapest tour by way of some states alone."""
    limits = agent.tables.limits
    least = _least_of(space, agent, work)
    known = work.tolls.get(agent.agent)
    # Tolls of the last search mostly still do; finding better ones takes several times as long.
    tries = _KNOWN_TRIES if known is not None else 0
    if known is None:
        toll, low = _tolls(space, agent, best, off_cost, work, least, spans)
    else:
        toll = known[0]
        low = _least_with(space, agent, best, off_cost, least, spans, toll)
    most = low
    room = _LEAST_ROOM * max(1.0, abs(low))
    while most < walk.BARRED:
        tolled, spare = _tolled(agent, best, toll), float(limits.most @ toll)
        limit = most + spare + _TOLERANCE
        # Mostly there is a tour that costs no more than the least there can be; where not, the limit rises.
        price, beyond = _search(space, agent, tolled, off_cost, work, limits, toll, least, limit)
        if price <= most + 2 * _TOLERANCE:
            return price
        most = min(price, max(beyond - spare, low + room)) if beyond < walk.BARRED else price
        room *= _MORE_ROOM
        tries -= 1
        if not tries and most < walk.BARRED:
            toll, low = _tolls(space, agent, best, off_cost, work, least, spans)
            most = max(most, low)
    return FORBIDDEN


def _least_of(space: TourSpace, agent: AgentSpace, work: Workspace) -> NDArray[np.float64]:
    tables = agent.tables
    return work.least_for((space.problem.period.days + 1, len(tables.off_to) * len(tables.monday)))


def _tolled(agent: AgentSpace, best: NDArray[np.float64], toll: NDArray[np.float64]) -> NDArray[np.float64]:
    """Prices of shifts with what their limits take."""
    tables = agent.tables
    return best + (tables.limits.member @ toll)[tables.slot_kind]


def _tolls(
    space: TourSpace,
    agent: AgentSpace,
    best: NDArray[np.float64],
    off_cost: NDArray[np.float64],
    work: Workspace,
    least: NDArray[np.float64],
    spans: NDArray[np.int32],
) -> tuple[NDArray[np.float64], float]:
    """A price of each limited count that makes the least to come, which does not know the limits, as high as
    it gets; and the least a tour costs then.  ``least`` is what is to come with it.

    Whatever the tolls, what they take for all that the limits allow is given back, so the least is one
    (Lagrange).  They go up where the cheapest tour counts too many, and down where too few, in steps of their
    own.  Limits that a price buys off have none.
    """
    tables = agent.tables
    limits, hard = tables.limits, tables.limits.hard
    nothing = np.zeros(len(limits.most))
    toll, step = work.tolls.get(agent.agent, (nothing, nothing))
    best_toll, best_low, last = toll, -math.inf, nothing
    idle = 0
    for _ in range(_TOLL_TURNS):
        low = _least_with(space, agent, best, off_cost, least, spans, toll)
        whole = low + float(limits.most @ toll)
        idle += low < best_low + _LEAST_ROOM * max(1.0, abs(low))
        if low > best_low:
            best_toll, best_low = toll, low
        if whole >= walk.BARRED or idle > _IDLE_TURNS:
            break
        tolled = _tolled(agent, best, toll)
        _search(space, agent, tolled, off_cost, work, _NO_LIMITS, _NO_TOLL, least, whole + _TOLERANCE)
        kinds = tables.slot_kind[work.chosen[work.chosen >= 0]]
        over = np.sign(limits.member[kinds].sum(axis=0) - limits.most).astype(np.float64)
        over[~hard | ((over < 0) & (toll <= 0))] = 0.0
        if not over.any():
            break
        pace = np.where(over * last < 0, _SLOWER, np.where(over * last > 0, _FASTER, 1.0))
        step = np.where(step > 0, step * pace, _FIRST_TOLL * max(1.0, abs(low)))
        last = over
        toll = np.maximum(0.0, toll + over * step)
    work.tolls[agent.agent] = best_toll, np.maximum(step, _LEAST_TOLL)
    if best_toll is not toll:
        _least_with(space, agent, best, off_cost, least, spans, best_toll)
    return best_toll, best_low


def _least_with(
    space: TourSpace,
    agent: AgentSpace,
    best: NDArray[np.float64],
    off_cost: NDArray[np.float64],
    least: NDArray[np.float64],
    spans: NDArray[np.int32],
    toll: NDArray[np.float64],
) -> float:
    """The least a tour costs, by what is to come with tolls; ``least`` is set to that: by day, node and
    resource, what is to come costs at least."""
    tables = agent.tables
    walk.least_to_come(
        _tolled(agent, best, toll), off_cost, agent.given, space.saturday, space.sunday, space.both,
        space.variant, space.week, space.week_ends, agent.week_least, agent.week_most, agent.week_days_most,
        space.short_price, agent.period_least, tables.off_to, tables.off_pay, tables.run_pay,
        tables.node_row, tables.node_far, tables.node_works, tables.work_to, tables.pair, tables.pair_far,
        tables.work_res, tables.work_pay, tables.monday, tables.week_minutes, tables.week_days,
        tables.minutes, tables.slot_row, tables.slot_column, tables.slot_kind, tables.half_weekend,
        LENIENT if tables.lenient else FORBIDDEN, spans, least,
    )  # fmt: skip
    begin = agent.start_node * len(tables.monday) + agent.start_resource
    return float(least[0, begin]) - float(tables.limits.most @ toll)


def _search(
    space: TourSpace,
    agent: AgentSpace,
    best: NDArray[np.float64],
    off_cost: NDArray[np.float64],
    work: Workspace,
    limits: Limits,
    toll: NDArray[np.float64],
    least: NDArray[np.float64] = _NO_LEAST,
    most: float = FORBIDDEN,
) -> tuple[float, float]:
    """The price of the cheapest tour of at most ``most``, and the least any other can cost.

    ``toll``: what is in prices for each that a limit counts.
    """
    tables = agent.tables
    states = len(tables.off_to) * len(tables.monday) * limits.many
    price, beyond = walk.cheapest_tour(
        best, off_cost, agent.given, agent.start_node, agent.start_resource, space.saturday, space.sunday,
        space.both, space.variant, space.week, space.week_ends, agent.week_least, agent.week_most,
        agent.week_days_most, space.short_price, agent.period_least, tables.off_to, tables.off_pay,
        tables.run_pay, tables.node_row, tables.node_far, tables.node_works, tables.work_to, tables.pair,
        tables.pair_far, tables.work_res, tables.work_pay, tables.monday, tables.week_minutes,
        tables.week_days, tables.minutes, tables.slot_row, tables.slot_column, tables.slot_kind,
        tables.half_weekend, LENIENT if tables.lenient else FORBIDDEN, limits.member, limits.most,
        limits.price, limits.stride, toll, least, most, work.places_for(states), work.chosen,
    )  # fmt: skip
    return float(price), float(beyond)


def _pauses(space: TourSpace, cell: int, work: Workspace) -> tuple[int, ...]:
    family = space.cell_family[cell]
    count = space.family_pauses[family]
    kernel.place_pauses(
        work.sums[space.family_queue[family]], space.cell_start[cell], space.family_length[family],
        space.family_spacing[family], space.pause_length, space.pause_first, space.pause_last,
        space.family_pause[family], count, space.block_first, space.block_last, space.family_block[family],
        space.family_blocks[family], work.found,
    )  # fmt: skip
    return tuple(work.found[:count].tolist())


def _outer_price(
    space: TourSpace, prices: Prices, cell: int, pauses: tuple[int, ...], work: Workspace
) -> float:
    """The part of a shift's price that comes from ``prices``; the workspace holds their running sums."""
    family = int(space.cell_family[cell])
    start, length = int(space.cell_start[cell]), int(space.family_length[family])
    sums = work.sums[space.family_queue[family]]
    total = 0.0
    for first, last in work_spans(space, cell, pauses):
        total += sums[last] - sums[first]
    total += work.seat_sums[start + length] - work.seat_sums[max(0, int(space.cell_begin[cell]))]
    return float(total + prices.kinds[space.family_day[family], space.family_template[family]])


def work_spans(space: TourSpace, cell: int, pauses: tuple[int, ...]) -> list[tuple[int, int]]:
    """Intervals [first, end) a cell's shift is at its queue: all of it but pauses and sessions."""
    family = int(space.cell_family[cell])
    begin = int(space.cell_start[cell])
    end = begin + int(space.family_length[family])
    first, block = int(space.family_pause[family]), int(space.family_block[family])
    away = [(pause, pause + int(space.pause_length[first + j])) for j, pause in enumerate(pauses)]
    for b in range(block, block + int(space.family_blocks[family])):
        away.append((int(space.block_first[b]), int(space.block_last[b])))
    found: list[tuple[int, int]] = []
    for away_from, until in sorted(away):
        if begin < away_from:
            found.append((begin, away_from))
        begin = until
    if begin < end:
        found.append((begin, end))
    return found
