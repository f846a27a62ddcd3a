"""A roster problem laid out in arrays for tours: lines to cover, cells to take, each agent's tables."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from forecasting.grid import local_midnight
from scheduler.check.forms import template_of
from scheduler.check.lines import Lines, cover_lines, presence_lines
from scheduler.check.sequences import runs_of, weekend_of
from scheduler.check.wishes import kinds_worked, slowness
from scheduler.roster.people import RosterAgent
from scheduler.roster.problem import RosterProblem
from scheduler.roster.roster import Roster
from scheduler.roster.sessions import Session
from scheduler.roster.shifts import Shift
from scheduler.solve.candidates import Candidates
from scheduler.solve.groups import Member, members
from scheduler.solve.tours.tables import ShiftForm, TourTables, build_tables
from scheduler.solve.tours.walk import spans_of, states_able, states_reached

__all__ = ["AgentSpace", "Ahead", "TourSpace", "lay_out"]

_DAY = timedelta(days=1)
_NO_LIMIT = 2**40


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AgentSpace:
    """One agent: cells with their own prices and slots, days off, accounts, and where the tables begin.

    ``ahead``: where a tour can be, day by day; None where the tables do not look ahead.
    """

    agent: str
    tables: TourTables
    start_node: int
    start_resource: int
    cells: NDArray[np.int32]
    static: NDArray[np.float64]
    cell_slot: NDArray[np.int32]
    off_cost: NDArray[np.float64]
    given: NDArray[np.int32]
    week_least: NDArray[np.int64]
    week_most: NDArray[np.int64]
    week_days_most: NDArray[np.int64]
    period_least: int
    work_lines: NDArray[np.int32]
    seat_lines: NDArray[np.int32]
    ahead: Ahead | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ahead:
    """Resources by day and node, as the first and the one after the last: ``reached`` by some days off and
    shifts, and ``enough`` those of them from which the period's least minutes can still be had.

    ``short``: the fewest minutes that can be missing where some are; none where both are the same.
    """

    reached: NDArray[np.int32]
    enough: NDArray[np.int32]
    short: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TourSpace:
    """Everything kernels need about a problem; ``at`` and ``kinds`` are what fixed shifts cover already."""

    problem: RosterProblem
    candidates: Candidates
    lines: Lines
    at: NDArray[np.int64]
    kinds: NDArray[np.int64]
    kind_required: NDArray[np.int64]
    kind_under: NDArray[np.float64]
    kind_over: NDArray[np.float64]
    agents: tuple[AgentSpace, ...]
    cell_family: NDArray[np.int32]
    cell_start: NDArray[np.int32]
    cell_begin: NDArray[np.int32]
    family_day: NDArray[np.int32]
    family_queue: NDArray[np.int32]
    family_length: NDArray[np.int32]
    family_spacing: NDArray[np.int32]
    family_template: NDArray[np.int32]
    family_pause: NDArray[np.int32]
    family_pauses: NDArray[np.int32]
    pause_length: NDArray[np.int32]
    pause_first: NDArray[np.int32]
    pause_last: NDArray[np.int32]
    family_block: NDArray[np.int32]
    family_blocks: NDArray[np.int32]
    block_first: NDArray[np.int32]
    block_last: NDArray[np.int32]
    saturday: NDArray[np.bool_]
    sunday: NDArray[np.bool_]
    both: NDArray[np.bool_]
    variant: NDArray[np.int32]
    week: NDArray[np.int32]
    week_ends: NDArray[np.bool_]
    day_start: tuple[int, ...]
    short_price: float
    horizon: int


def lay_out(
    problem: RosterProblem,
    candidates: Candidates,
    *,
    lenient: frozenset[str],
) -> TourSpace:
    """Arrays of a problem.  ``lenient``: agents whose fixed shifts break hard rules whatever is added."""
    given = Roster(period=problem.period, assignments=problem.fixed)
    lines, at = cover_lines(problem, given)
    families, cells = candidates.families, candidates.cells
    queue_index = {q: i for i, q in enumerate(problem.queues)}
    template_index = {t.name: i for i, t in enumerate(problem.templates)}
    pauses = [p for f in families for p in f.pauses]
    counts = np.array([len(f.pauses) for f in families], dtype=np.int32)
    block_counts = np.array([len(f.blocks) for f in families], dtype=np.int32)
    dates = problem.period.dates
    lengths = [_day_minutes(problem, day - _DAY) for day in dates]
    variants = sorted(set(lengths))
    weeks = {week: i for i, week in enumerate(problem.period.weeks())}
    week = [weeks[d.isocalendar()[:2]] for d in dates]
    kinds, kind_required, kind_under, kind_over = _kinds(problem, given, template_index)
    return TourSpace(
        problem=problem,
        candidates=candidates,
        lines=lines,
        at=at,
        kinds=kinds,
        kind_required=kind_required,
        kind_under=kind_under,
        kind_over=kind_over,
        agents=_agents(problem, candidates, variants, lenient),
        cell_family=_ints(c.family for c in cells),
        cell_start=_ints(c.start for c in cells),
        cell_begin=_ints(c.begin for c in cells),
        family_day=_ints(f.day for f in families),
        family_queue=_ints(queue_index[f.queue] for f in families),
        family_length=_ints(f.length for f in families),
        family_spacing=_ints(f.spacing for f in families),
        family_template=_ints(template_index[f.template] for f in families),
        family_pause=_firsts(counts),
        family_pauses=counts,
        pause_length=_ints(p.length for p in pauses),
        pause_first=_ints(p.earliest for p in pauses),
        pause_last=_ints(p.latest for p in pauses),
        family_block=_firsts(block_counts),
        family_blocks=block_counts,
        block_first=_ints(first for f in families for first, _ in f.blocks),
        block_last=_ints(last for f in families for _, last in f.blocks),
        saturday=np.array([d.weekday() == 5 for d in dates]),
        sunday=np.array([d.weekday() == 6 for d in dates]),
        both=np.array([i > 0 or d.weekday() != 6 for i, d in enumerate(dates)]),
        variant=_ints(variants.index(n) for n in lengths),
        week=_ints(week),
        week_ends=np.array([*(a != b for a, b in pairwise(week)), True]),
        short_price=float(problem.weights.minimum_hours) if problem.rules.minimum_hours is not None else 0.0,
        day_start=tuple(
            (local_midnight(d, problem.period.zone) - problem.grid.start) // problem.grid.interval
            for d in dates
        ),
        horizon=max([problem.grid.count, *(c.end for c in cells)]),
    )


def _firsts(counts: NDArray[np.int32]) -> NDArray[np.int32]:
    """Where each one's part begins in an array of all parts."""
    found: NDArray[np.int32] = (np.cumsum(counts) - counts).astype(np.int32)
    return found


def _ints(values: Any) -> NDArray[np.int32]:
    return np.array(list(values), dtype=np.int32)


def _day_minutes(problem: RosterProblem, day: date) -> int:
    zone = problem.period.zone
    return int((local_midnight(day + _DAY, zone) - local_midnight(day, zone)).total_seconds() // 60)


def _kinds(
    problem: RosterProblem, given: Roster, template_index: Mapping[str, int]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """(fixed shifts, required, price of one too few, of one too many) per day and template."""
    shape = (problem.period.days, len(problem.templates))
    have, required = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    under, over = np.zeros(shape), np.zeros(shape)
    for cover, count in kinds_worked(problem, given):
        day = (cover.date - problem.period.first).days
        if 0 <= day < shape[0]:
            place = day, template_index[cover.template]
            have[place], required[place] = count, cover.required
            under[place], over[place] = cover.under_weight, cover.over_weight
    return have, required, under, over


@dataclass(frozen=True, slots=True, kw_only=True)
class _Own:
    """One agent with what their tables depend on."""

    agent: RosterAgent
    member: Member
    fixed: tuple[Shift, ...]
    before: tuple[Shift, ...]
    lenient: bool

    @property
    def key(self) -> tuple[object, ...]:
        return self.agent.contract, self.agent.fair_shares, self.agent.zone, self.lenient


def _agents(
    problem: RosterProblem, candidates: Candidates, variants: list[int], lenient: frozenset[str]
) -> tuple[AgentSpace, ...]:
    fixed: dict[str, list[Shift]] = {}
    before: dict[str, list[Shift]] = {}
    for assignment in problem.fixed:
        fixed.setdefault(assignment.agent, []).append(assignment.shift)
    for assignment in problem.previous:
        before.setdefault(assignment.agent, []).append(assignment.shift)
    own = [
        _Own(
            agent=agent,
            member=member,
            fixed=tuple(fixed.get(agent.agent, ())),
            before=tuple(sorted(before.get(agent.agent, ()), key=lambda s: s.start)),
            lenient=agent.agent in lenient,
        )
        for agent, member in zip(problem.agents, members(problem, candidates), strict=True)
    ]
    alike: dict[tuple[object, ...], list[_Own]] = {}
    for one in own:
        alike.setdefault(one.key, []).append(one)
    shared: dict[tuple[object, ...], tuple[TourTables, NDArray[np.int32]]] = {}
    forms_in: dict[str, tuple[ShiftForm, ...]] = {}
    for key, group in alike.items():
        zone = group[0].agent.zone
        if zone not in forms_in:
            forms_in[zone] = _cell_forms(problem, candidates, zone)
        shared[key] = _tables_for(problem, group, forms_in[zone], variants)
    wishes = _wishes(problem)
    session_prices = _session_prices(problem, candidates)
    at_queue = _worked_intervals(problem, candidates)
    paid = np.array([c.paid_minutes for c in candidates.cells], dtype=np.float64)
    cell_day = _ints(c.day for c in candidates.cells)
    clocks: dict[str, NDArray[np.int64]] = {}
    ahead: dict[tuple[int, int, int, int], Ahead] = {}
    cell_template = np.array([candidates.families[c.family].template for c in candidates.cells], dtype=object)
    found = []
    for one in own:
        tables, slot_of = shared[one.key]
        cells = np.array(one.member.cells, dtype=np.int32)
        static = problem.weights.paid_minutes * paid[cells]
        for queue, loss in slowness(problem, one.agent).items():
            static = static + loss * at_queue[queue][cells]
        off_cost = np.zeros(problem.period.days)
        for wish in wishes.get(one.agent.agent, ()):
            day = (wish.date - problem.period.first).days
            if not 0 <= day < problem.period.days:
                continue
            hit = cell_day[cells] == day
            meant = np.ones(len(cells), dtype=bool)
            if wish.templates:
                meant &= np.isin(cell_template[cells], wish.templates)
            if wish.starts_from is not None or wish.starts_before is not None:
                zone = one.agent.zone
                if zone not in clocks:
                    clocks[zone] = _clocks(problem, candidates, zone)
                meant &= _starts_in(clocks[zone][cells], wish.starts_from, wish.starts_before)
            hit &= ~meant if wish.works else meant
            static = static + np.where(hit, float(wish.weight), 0.0)
            if wish.works:
                off_cost[day] += wish.weight
        for session, price in session_prices:
            if one.agent.agent in session.agents:
                static = static + price[cells]
        found.append(_agent_space(problem, one, tables, cells, static, slot_of[cells], off_cost, ahead))
    return tuple(found)


def _worked_intervals(problem: RosterProblem, candidates: Candidates) -> dict[str, NDArray[np.float64]]:
    """For each queue, the intervals each cell is at it: all of its shift but pauses and sessions."""
    found = {queue: np.zeros(len(candidates.cells)) for queue in problem.queues}
    for number, cell in enumerate(candidates.cells):
        family = candidates.families[cell.family]
        away = sum(p.length for p in family.pauses) + sum(last - first for first, last in family.blocks)
        found[family.queue][number] = family.length - away
    return found


def _session_prices(
    problem: RosterProblem, candidates: Candidates
) -> list[tuple[Session, NDArray[np.float64]]]:
    """For each session, what each cell adds to the price of an agent who is invited.

    With ``on_shift``, cells that cover the session without having it in them; otherwise missing it is what
    is paid anyway, and cells with it take that off.
    """
    has: dict[int, list[int]] = {}
    for number, cell in enumerate(candidates.cells):
        for attended in candidates.families[cell.family].sessions:
            has.setdefault(attended, []).append(number)
    start, end = _ints(c.start for c in candidates.cells), _ints(c.end for c in candidates.cells)
    grid, found = problem.grid, []
    for number, session in enumerate(problem.sessions):
        price = np.zeros(len(candidates.cells))
        if session.on_shift:
            first, last = grid.edges(session.start, session.end)
            price[(start <= first) & (last <= end)] = session.price
            price[has.get(number, [])] = 0.0
        else:
            price[has.get(number, [])] = -session.price
        found.append((session, price))
    return found


def _wishes(problem: RosterProblem) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for wish in problem.wishes:
        found.setdefault(wish.agent, []).append(wish)
    return found


def _clocks(problem: RosterProblem, candidates: Candidates, zone: str) -> NDArray[np.int64]:
    """When each cell's shift begins, in seconds of the day on a zone's clock."""
    tz, minutes = ZoneInfo(zone), problem.interval_minutes
    found = []
    for cell in candidates.cells:
        begins = cell.start * minutes - candidates.families[cell.family].prepare
        local = (problem.grid.start + timedelta(minutes=begins)).astimezone(tz)
        found.append(local.hour * 3600 + local.minute * 60 + local.second)
    return np.array(found, dtype=np.int64)


def _starts_in(clocks: NDArray[np.int64], first: time | None, before: time | None) -> NDArray[np.bool_]:
    found = np.ones(len(clocks), dtype=bool)
    if first is not None:
        found &= clocks >= first.hour * 3600 + first.minute * 60 + first.second
    if before is not None:
        found &= clocks < before.hour * 3600 + before.minute * 60 + before.second
    return found


def _cell_forms(problem: RosterProblem, candidates: Candidates, zone: str) -> tuple[ShiftForm, ...]:
    steady = problem.rules.steady_starts is not None
    minutes = problem.interval_minutes
    midnights = [
        int((local_midnight(day, problem.period.zone) - problem.grid.start).total_seconds() // 60)
        for day in problem.period.dates
    ]
    tz = ZoneInfo(zone)
    found = []
    for cell in candidates.cells:
        family = candidates.families[cell.family]
        begins = cell.start * minutes - family.prepare
        clock = 0
        if steady:
            local = (problem.grid.start + timedelta(minutes=begins)).astimezone(tz)
            clock = local.hour * 60 + local.minute
        found.append(
            ShiftForm(
                begin=begins - midnights[cell.day],
                end=cell.end * minutes - midnights[cell.day],
                template=family.template,
                clock=clock,
                week_minutes=cell.paid_minutes,
                minutes=cell.paid_minutes,
            )
        )
    return tuple(found)


def _form_of(problem: RosterProblem, agent: RosterAgent, shift: Shift, *, given: bool) -> ShiftForm:
    midnight = local_midnight(shift.date, problem.period.zone)
    local = shift.start.astimezone(ZoneInfo(agent.zone))
    steady = problem.rules.steady_starts is not None
    return ShiftForm(
        begin=int((shift.start - midnight).total_seconds() // 60),
        end=int((shift.end - midnight).total_seconds() // 60),
        template=template_of(problem, agent, shift),
        clock=local.hour * 60 + local.minute if steady else 0,
        week_minutes=0,
        minutes=int(shift.paid_time.total_seconds() // 60),
        given=given,
    )


def _tables_for(
    problem: RosterProblem,
    group: list[_Own],
    cell_forms: tuple[ShiftForm, ...],
    variants: list[int],
) -> tuple[TourTables, NDArray[np.int32]]:
    """Tables for agents alike, and the slot of every cell any of them may take (-1 elsewhere)."""
    used = sorted({c for one in group for c in one.member.cells})
    forms = {cell_forms[c] for c in used}
    forms |= {_form_of(problem, o.agent, s, given=True) for o in group for s in o.fixed}
    last = {_form_of(problem, o.agent, o.before[-1], given=False) for o in group if o.before}
    accounts = [w for o in group for w in o.member.weeks]
    mosts = [w.maximum for w in accounts if w.maximum is not None]
    week_cap = max(mosts) if mosts else max((w.minimum for w in accounts), default=0) or None
    free = [w.free_days for w in accounts if w.free_days is not None]
    # More days than a week has are no limit.
    days_cap = max(free) if free and max(free) < 7 else None
    tables = build_tables(
        problem,
        group[0].agent.contract,
        group[0].agent.fair_shares,
        forms,
        last,
        week_cap=week_cap,
        days_cap=days_cap,
        since_weekend=[_since_weekend(problem, o) for o in group],
        day_lengths=variants,
        lenient=group[0].lenient,
    )
    slot_of = np.full(len(cell_forms), -1, dtype=np.int32)
    for c in used:
        slot_of[c] = tables.slots[cell_forms[c]]
    return tables, slot_of


def _since_weekend(problem: RosterProblem, one: _Own) -> int:
    """Weeks since the last weekend worked before the period; the rotation's length at most."""
    rotation = one.agent.contract.weekend_rotation
    if rotation <= 1:
        return 0
    now = (problem.period.first.toordinal() - 1) // 7
    numbers = [n for s in one.before if (n := weekend_of(s.date)) is not None]
    return min(rotation, now - max(numbers)) if numbers else rotation


def _agent_space(
    problem: RosterProblem,
    one: _Own,
    tables: TourTables,
    cells: NDArray[np.int32],
    static: NDArray[np.float64],
    cell_slot: NDArray[np.int32],
    off_cost: NDArray[np.float64],
    ahead: dict[tuple[int, int, int, int], Ahead],
) -> AgentSpace:
    given = np.full(problem.period.days, -1, dtype=np.int32)
    for shift in one.fixed:
        day = (shift.date - problem.period.first).days
        given[day] = tables.slots[_form_of(problem, one.agent, shift, given=True)]
    weeks = one.member.weeks
    since = _since_weekend(problem, one)
    work_lines, seat_lines = presence_lines(problem, one.agent)
    least = one.agent.contract.min_hours_per_period if problem.rules.minimum_hours is not None else 0.0
    start_node = _start_node(problem, one, tables)
    start_resource = tables.resources[0, 0, 0, 0, since if tables.shape.rotation else 0]
    period_least = math.floor(least * 60 + 1e-6)
    start = id(tables), start_node, start_resource, period_least
    if tables.looks_ahead and start not in ahead:
        ahead[start] = _ahead(problem, tables, start_node, start_resource, period_least)
    return AgentSpace(
        agent=one.agent.agent,
        tables=tables,
        start_node=start_node,
        start_resource=start_resource,
        cells=cells,
        static=np.ascontiguousarray(static),
        cell_slot=np.ascontiguousarray(cell_slot),
        off_cost=off_cost,
        given=given,
        week_least=np.array([w.minimum for w in weeks], dtype=np.int64),
        week_most=np.array([_NO_LIMIT if w.maximum is None else w.maximum for w in weeks], dtype=np.int64),
        week_days_most=np.array(
            [_NO_LIMIT if w.free_days is None else w.free_days for w in weeks], dtype=np.int64
        ),
        period_least=period_least,
        work_lines=work_lines,
        seat_lines=seat_lines,
        ahead=ahead.get(start),
    )


def _ahead(problem: RosterProblem, tables: TourTables, node: int, resource: int, period_least: int) -> Ahead:
    """Where tours can be that begin at a node and resource."""
    dates = problem.period.dates
    nodes, resources = len(tables.off_to), len(tables.monday)
    saturday = np.array([d.weekday() == 5 for d in dates])
    sunday = np.array([d.weekday() == 6 for d in dates])
    moves = tables.off_to, tables.work_to, tables.work_res, tables.monday
    reached = np.zeros((len(dates) + 1, nodes * resources), dtype=np.bool_)
    start = node * resources + resource
    states_reached(start, len(dates), saturday, sunday, sunday, *moves, reached)
    spans = np.zeros((len(dates) + 1, nodes, 2), dtype=np.int32)
    spans_of(reached, resources, spans)
    missing = period_least - tables.minutes[tables.minutes < period_least]
    if not len(missing):
        return Ahead(reached=spans, enough=spans, short=0)
    able = np.zeros_like(reached)
    states_able(len(dates), saturday, sunday, sunday, *moves, tables.minutes, period_least, able)
    if not able[0, start]:
        return Ahead(reached=spans, enough=spans, short=0)
    enough = np.zeros_like(spans)
    spans_of(reached & able, resources, enough)
    return Ahead(reached=spans, enough=enough, short=int(missing.min()))


def _start_node(problem: RosterProblem, one: _Own, tables: TourTables) -> int:
    if not one.before:
        return tables.node(worked=0, form=None, off=0, seen=False)
    last = one.before[-1]
    form = _form_of(problem, one.agent, last, given=False)
    off = (problem.period.first - last.date).days - 1
    if off <= 0:
        start, end = runs_of({s.date for s in one.before})[-1]
        return tables.node(worked=(end - start).days + 1, form=form, off=0, seen=True)
    return tables.node(worked=0, form=form, off=off, seen=True)
