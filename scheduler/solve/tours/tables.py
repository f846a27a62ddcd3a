"""The rules about one agent's days as tables a shortest path can walk: nodes, resources, and their prices.

A *node* is what the last day was: the k-th working day of a run after a shift of some class, or the j-th
day off.  A *resource* state counts what limits count: days and paid minutes of the week, paid minutes of the
period, weekends, weeks since a worked weekend.  Shifts of limited templates are counted beside it, each limit
on its own: one table of all that can be counted together would have millions of rows in a long period.
Shifts that mean the same to every rule share a *slot*.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scheduler.roster.people import Contract, FairShare
from scheduler.roster.problem import RosterProblem
from scheduler.roster.rules import (
    CompleteWeekends,
    ForbiddenSuccessions,
    MaxConsecutiveDays,
    MaxShifts,
    MaxWeekends,
    MinConsecutiveDays,
    MinConsecutiveDaysOff,
    WeekendRotation,
)
from scheduler.solve.tours.kernel import FORBIDDEN

__all__ = ["LENIENT", "Limits", "ShiftForm", "TourTables", "build_tables"]

#: Price of breaking a hard rule where fixed shifts leave no other way.
LENIENT = 1e8
_DAY_MINUTES = 1440
#: From so many states of resources and counts on, what is to come is bounded first, without the counts.
_MANY_STATES = 40


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class ShiftForm:
    """What rules about successive days see of a shift.  ``begin`` and ``end`` are minutes after the local
    midnight the roster's day starts with; ``clock`` is the start on the agent's own clock, in minutes.

    ``week_minutes`` counts towards the week's account, ``minutes`` towards the period's; ``given`` shifts are
    fixed ones, which the week's account knows already.
    """

    begin: int
    end: int
    template: str
    clock: int
    week_minutes: int
    minutes: int
    given: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Limits:
    """Limits on shifts of some templates; limit j counts up to ``most[j]``, and ``price[j]`` is that of each
    shift beyond, forbidden or not.  ``member[kind, j]``: whether a kind of shift counts.

    All counts of a tour are one number, limit j at ``stride[j]``; there are ``many`` of them.
    """

    member: NDArray[np.bool_]
    most: NDArray[np.int64]
    price: NDArray[np.float64]
    stride: NDArray[np.int64]

    @classmethod
    def of(
        cls, groups: Sequence[tuple[frozenset[str], int, float]], kinds: Sequence[Sequence[bool]]
    ) -> Limits:
        """Of (templates, most, price); ``kinds``: per kind of shift, which of them count it."""
        most = np.array([m for _, m, _ in groups], dtype=np.int64)
        sizes = most + 1
        return cls(
            member=np.array(kinds, dtype=np.bool_).reshape(max(1, len(kinds)), len(groups)),
            most=most,
            price=np.array([p for _, _, p in groups], dtype=np.float64),
            stride=np.concatenate([[1], np.cumprod(sizes)[:-1]]).astype(np.int64)[: len(groups)],
        )

    @property
    def many(self) -> int:
        """How many states of the counts there are."""
        return int(np.prod(self.most + 1))

    @property
    def hard(self) -> NDArray[np.bool_]:
        """Those that no price can buy off."""
        return self.price >= FORBIDDEN


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TourTables:
    """Tables for all agents of one contract; see the module.

    Nodes n: ``off_to``, ``off_pay``, ``run_pay``, ``node_row`` (-1: nothing to follow), ``node_works``;
    ``work_to[n, row]``.  Pairs: ``pair[variant, row, column]``, ``pair_far`` for a day off between.
    Resources r: ``work_res[counts, kind, r]`` (-1: forbidden), ``work_pay`` likewise; ``monday[r]``;
    ``week_minutes``, ``week_days``, ``minutes`` per r.  ``looks_ahead``: there are many states.
    Slots: ``slot_row``, ``slot_column``, ``slot_kind``.
    """

    off_to: NDArray[np.int32]
    off_pay: NDArray[np.float64]
    run_pay: NDArray[np.float64]
    node_row: NDArray[np.int32]
    node_far: NDArray[np.bool_]
    node_works: NDArray[np.bool_]
    work_to: NDArray[np.int32]
    pair: NDArray[np.float64]
    pair_far: NDArray[np.float64]
    work_res: NDArray[np.int32]
    work_pay: NDArray[np.float64]
    monday: NDArray[np.int32]
    week_minutes: NDArray[np.int64]
    week_days: NDArray[np.int64]
    minutes: NDArray[np.int64]
    slot_row: NDArray[np.int32]
    slot_column: NDArray[np.int32]
    slot_kind: NDArray[np.int32]
    limits: Limits
    looks_ahead: bool
    slots: dict[ShiftForm, int]
    rows: dict[ShiftForm, int]
    nodes: dict[tuple[object, ...], int]
    resources: dict[tuple[int, ...], int]
    shape: _Shape
    half_weekend: float
    lenient: bool

    def node(self, *, worked: int, form: ShiftForm | None, off: int, seen: bool) -> int:
        """The node before the first day: after ``worked`` days with ``form`` last, else ``off`` days off.

        ``seen``: there are previous shifts; without any the first run is exempt from minimum lengths.
        """
        shape = self.shape
        if not seen:
            return self.nodes["start",]
        if worked and form is not None:
            return self.nodes["before", min(worked, shape.most_run), self.rows[form]]
        if off == 1 and shape.far and form is not None:
            return self.nodes["off", 1, self.rows[form]]
        return self.nodes["off", min(max(off, 1), shape.least_off), -1]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shape:
    """Which dimensions the tables have, and their limits."""

    most_run: int
    least_run: int
    least_off: int
    far: bool
    run_price: float
    least_run_price: float
    least_off_price: float
    weekend_steps: tuple[tuple[int, float], ...]
    rotation: int
    rotation_price: float
    groups: tuple[tuple[frozenset[str], int, float], ...]
    week_cap: int | None
    days_cap: int | None
    period_cap: int | None
    period_hard: bool


def build_tables(
    problem: RosterProblem,
    contract: Contract,
    fair_shares: tuple[FairShare, ...],
    forms: Iterable[ShiftForm],
    before: Iterable[ShiftForm],
    *,
    week_cap: int | None,
    days_cap: int | None,
    since_weekend: Iterable[int],
    day_lengths: Sequence[int],
    lenient: bool,
) -> TourTables:
    """Tables for shifts of ``forms``, after previous shifts of ``before``.

    ``week_cap``, ``days_cap``: the largest weekly accounts [minutes, days] of any agent that will use them,
    None where nothing limits them.  ``since_weekend``: weeks since the last worked weekend, of all of them.
    ``day_lengths``: the different lengths of a day [minutes].  ``lenient``: what hard rules forbid costs
    much instead, for agents whose fixed shifts break some.
    """
    kinds_of = sorted(set(forms))
    earlier = sorted(set(before) | set(kinds_of))
    near, far = _pairs(problem, earlier, kinds_of, day_lengths, lenient)
    shape = _shape(problem, contract, fair_shares, kinds_of, far, week_cap, days_cap, lenient)
    rows, row_of = _merge_rows(np.concatenate([near, far[None]]))
    columns, column_of = _merge_rows(np.swapaxes(np.concatenate([near, far[None]]), 1, 2))
    pair = near[:, rows][:, :, columns]
    pair_far = far[rows][:, columns]
    kinds: dict[tuple[int, int, int, tuple[bool, ...]], int] = {}
    slots: dict[ShiftForm, int] = {}
    triples: dict[tuple[int, int, int], int] = {}
    place = {form: i for i, form in enumerate(earlier)}
    for c, form in enumerate(kinds_of):
        kind = (
            form.week_minutes if shape.week_cap is not None else 0,
            int(not form.given) if shape.days_cap is not None else 0,
            form.minutes if shape.period_cap is not None else 0,
            tuple(form.template in names for names, _, _ in shape.groups),
        )
        k = kinds.setdefault(kind, len(kinds))
        slots[form] = triples.setdefault((int(row_of[place[form]]), int(column_of[c]), k), len(triples))
    nodes = _nodes(shape, len(rows))
    resources, tables = _resources(shape, list(kinds), set(since_weekend), lenient)
    limits = Limits.of(shape.groups, [kind[3] for kind in kinds])
    triple = np.array(list(triples), dtype=np.int32).reshape(-1, 3)
    return TourTables(
        **nodes,
        **tables,
        pair=np.ascontiguousarray(pair),
        pair_far=np.ascontiguousarray(pair_far),
        slot_row=np.ascontiguousarray(triple[:, 0]),
        slot_column=np.ascontiguousarray(triple[:, 1]),
        slot_kind=np.ascontiguousarray(triple[:, 2]),
        slots=slots,
        rows={form: int(row_of[i]) for i, form in enumerate(earlier)},
        limits=limits,
        looks_ahead=len(resources) * limits.many >= _MANY_STATES,
        resources=resources,
        shape=shape,
        half_weekend=_price(problem, CompleteWeekends.name, lenient) if contract.complete_weekends else 0.0,
        lenient=lenient,
    )


def _price(problem: RosterProblem, rule: str, lenient: bool) -> float:
    soft = problem.rules.price(rule)
    if soft is not None:
        return float(soft)
    return LENIENT if lenient else FORBIDDEN


def _pairs(
    problem: RosterProblem,
    earlier: list[ShiftForm],
    later: list[ShiftForm],
    day_lengths: Sequence[int],
    lenient: bool,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Prices of ``later`` the day after ``earlier``, per length of the day, and with a day off between."""
    rules = problem.rules
    rest = rules.rest.hours * 60 if rules.rest is not None else 0.0
    broken = LENIENT if lenient else FORBIDDEN
    ends = np.array([f.end for f in earlier], dtype=np.float64)[:, None]
    begins = np.array([f.begin for f in later], dtype=np.float64)[None, :]
    gaps = np.stack([length + begins - ends for length in day_lengths])
    near = np.where(gaps < rest - 1e-9, broken, 0.0)
    least = min(day_lengths)
    far = np.where(_DAY_MINUTES + least + begins - ends < rest - 1e-9, broken, 0.0)
    if rules.successions is not None:
        price = _price(problem, ForbiddenSuccessions.name, lenient)
        pairs = rules.successions.pairs
        hit = np.array([[(a.template, b.template) in pairs for b in later] for a in earlier], dtype=np.bool_)
        near = near + np.where(hit.reshape(len(earlier), len(later)), price, 0.0)
    if rules.steady_starts is not None:
        first = np.array([f.clock for f in earlier])[:, None]
        second = np.array([f.clock for f in later])[None, :]
        moved = np.abs(first - second)
        moved = np.minimum(moved, _DAY_MINUTES - moved)
        near = near + np.where(moved > rules.steady_starts.hours * 60, rules.steady_starts.weight, 0.0)
    return near, far


def _merge_rows(stack: NDArray[np.float64]) -> tuple[list[int], list[int]]:
    """(one representative per distinct row, distinct row of each row) of arrays stacked along axis 0."""
    seen: dict[bytes, int] = {}
    representatives: list[int] = []
    of: list[int] = []
    for i in range(stack.shape[1]):
        key = np.ascontiguousarray(stack[:, i]).tobytes()
        if key not in seen:
            seen[key] = len(representatives)
            representatives.append(i)
        of.append(seen[key])
    return representatives, of


def _shape(
    problem: RosterProblem,
    contract: Contract,
    fair_shares: tuple[FairShare, ...],
    forms: list[ShiftForm],
    far: NDArray[np.float64],
    week_cap: int | None,
    days_cap: int | None,
    lenient: bool,
) -> _Shape:
    rules = problem.rules
    runs = [r for r in (contract.max_consecutive_days,) if r is not None]
    if rules.consecutive_days is not None:
        runs.append(rules.consecutive_days.days)
    least = contract.min_consecutive_days
    days = problem.period.days
    limited = bool(runs) and min(runs) < days + 31
    weekends = [(s.most, float(s.weight)) for s in fair_shares if not s.templates]
    if contract.max_weekends is not None:
        weekends.append((contract.max_weekends, _price(problem, MaxWeekends.name, lenient)))
    groups = [(frozenset(s.templates), s.most, float(s.weight)) for s in fair_shares if s.templates]
    price = _price(problem, MaxShifts.name, lenient)
    groups += [(frozenset(limit.templates), limit.most, price) for limit in contract.shift_limits]
    templates = {f.template for f in forms}
    period_cap: int | None = None
    if contract.max_hours_per_period is not None:
        period_cap = math.floor(contract.max_hours_per_period * 60 + 1e-6)
    elif contract.min_hours_per_period:
        period_cap = math.floor(contract.min_hours_per_period * 60 + 1e-6)
    return _Shape(
        most_run=min(runs) if limited else least,
        least_run=least,
        least_off=max(contract.min_consecutive_days_off, 2 if bool(far.any()) else 1),
        far=bool(far.any()),
        run_price=_price(problem, MaxConsecutiveDays.name, lenient) if limited else 0.0,
        least_run_price=_price(problem, MinConsecutiveDays.name, lenient),
        least_off_price=_price(problem, MinConsecutiveDaysOff.name, lenient)
        if contract.min_consecutive_days_off > 1
        else 0.0,
        weekend_steps=tuple(weekends),
        rotation=contract.weekend_rotation if contract.weekend_rotation > 1 else 0,
        rotation_price=_price(problem, WeekendRotation.name, lenient),
        groups=tuple(g for g in groups if g[0] & templates and g[1] < days),
        week_cap=week_cap,
        days_cap=days_cap,
        period_cap=period_cap,
        period_hard=contract.max_hours_per_period is not None,
    )


def _nodes(shape: _Shape, rows: int) -> dict[str, Any]:
    """Node tables.  ``most_run`` is the last run length told apart, ``least_off`` likewise."""
    names: list[tuple[object, ...]] = [("start",)]
    for k in range(1, shape.most_run + 1):
        names += [("work", k, exempt, row) for exempt in (False, True) for row in range(rows)]
        names += [("before", k, row) for row in range(rows)]
    for j in range(1, shape.least_off + 1):
        names += [("off", j, row) for row in range(rows)] if shape.far and j == 1 else []
        names.append(("off", j, -1))
    index = {name: i for i, name in enumerate(names)}
    count = len(names)
    off_to = np.zeros(count, dtype=np.int32)
    off_pay = np.zeros(count)
    run_pay = np.zeros(count)
    node_row = np.full(count, -1, dtype=np.int32)
    node_far = np.zeros(count, dtype=np.bool_)
    node_works = np.zeros(count, dtype=np.bool_)
    work_to = np.zeros((count, max(1, rows)), dtype=np.int32)
    for name, n in index.items():
        match name:
            case ("start",):
                off_to[n] = index["off", shape.least_off, -1]
                work_to[n] = [index["work", 1, True, row] for row in range(rows)] or [0]
            case ("work", int(k), bool(exempt), int(row)):
                node_row[n], node_works[n] = row, True
                off_to[n] = index["off", 1, row if shape.far else -1]
                if not exempt and k < shape.least_run:
                    off_pay[n] = min(FORBIDDEN, shape.least_run_price * (shape.least_run - k))
                run_pay[n] = shape.run_price if k >= shape.most_run else 0.0
                longer = min(k + 1, shape.most_run)
                work_to[n] = [index["work", longer, exempt, next_row] for next_row in range(rows)]
            case ("before", int(k), int(row)):
                # A run that ends with the previous roster is not this one's to mend, one that goes on is.
                like = index["work", k, False, row]
                node_row[n], node_works[n] = row, True
                off_to[n], off_pay[n] = off_to[like], 0.0
                run_pay[n], work_to[n] = run_pay[like], work_to[like]
            case ("off", int(j), int(row)):
                node_row[n], node_far[n] = row, row >= 0
                off_to[n] = index["off", min(j + 1, shape.least_off), -1]
                if j < shape.least_off and shape.least_off_price:
                    run_pay[n] = min(FORBIDDEN, shape.least_off_price * (shape.least_off - j))
                work_to[n] = [index["work", 1, False, next_row] for next_row in range(rows)] or [0]
    return {
        "off_to": off_to,
        "off_pay": off_pay,
        "run_pay": run_pay,
        "node_row": node_row,
        "node_far": node_far,
        "node_works": node_works,
        "work_to": work_to,
        "nodes": index,
    }


def _resources(
    shape: _Shape,
    kinds: list[tuple[int, int, int, tuple[bool, ...]]],
    since_weekend: set[int],
    lenient: bool,
) -> tuple[dict[tuple[int, ...], int], dict[str, Any]]:
    """Every reachable count and what a shift or a new week makes of it.

    A state is (week minutes, week days, period minutes, weekends, weeks since a weekend).
    """
    starts: list[tuple[int, ...]] = [
        (0, 0, 0, 0, min(since, shape.rotation) if shape.rotation else 0)
        for since in sorted(since_weekend or {shape.rotation})
    ]
    index: dict[tuple[int, ...], int] = {}
    queue: list[tuple[int, ...]] = []

    def place(state: tuple[int, ...]) -> int:
        if state not in index:
            index[state] = len(index)
            queue.append(state)
        return index[state]

    for state in starts:
        place(state)
    steps: dict[tuple[int, int, int], tuple[int, float]] = {}
    mondays: dict[int, int] = {}
    while queue:
        state = queue.pop()
        number = index[state]
        fresh = _new_week(shape, state)
        mondays[number] = place(fresh)
        for counts in (0, 1):
            for k, kind in enumerate(kinds):
                new, pay = _after_shift(shape, state, kind, counts=counts, lenient=lenient)
                if new is not None:
                    steps[counts, k, number] = (place(new), pay)
    count = len(index)
    # By paid minutes of the period: on any day few of them can be, and those stand side by side.
    order = sorted(index, key=lambda state: (state[2], state))
    place_of = np.empty(count, dtype=np.int32)
    place_of[[index[state] for state in order]] = np.arange(count, dtype=np.int32)
    work_res = np.full((2, max(1, len(kinds)), count), -1, dtype=np.int32)
    work_pay = np.zeros((2, max(1, len(kinds)), count))
    for (counts, k, number), (new_number, pay) in steps.items():
        work_res[counts, k, place_of[number]] = place_of[new_number]
        work_pay[counts, k, place_of[number]] = pay
    monday = np.empty(count, dtype=np.int32)
    for number, fresh_number in mondays.items():
        monday[place_of[number]] = place_of[fresh_number]
    states = np.array(order, dtype=np.int64).reshape(count, -1)
    return {state: i for i, state in enumerate(order)}, {
        "work_res": work_res,
        "work_pay": work_pay,
        "monday": monday,
        "week_minutes": np.ascontiguousarray(states[:, 0]),
        "week_days": np.ascontiguousarray(states[:, 1]),
        "minutes": np.ascontiguousarray(states[:, 2]),
    }


def _new_week(shape: _Shape, state: tuple[int, ...]) -> tuple[int, ...]:
    _, _, minutes, weekends, since = state
    return (0, 0, minutes, weekends, min(since + 1, shape.rotation))


def _after_shift(
    shape: _Shape,
    state: tuple[int, ...],
    kind: tuple[int, int, int, tuple[bool, ...]],
    *,
    counts: int,
    lenient: bool,
) -> tuple[tuple[int, ...] | None, float]:
    """The counts after a shift of this kind, and its price; None where a hard limit forbids it.

    ``counts``: it is the first of its weekend.
    """
    week, days, minutes, weekends, since = state
    pay = 0.0

    def beyond(value: int, cap: int, price: float) -> int | None:
        """``value`` kept at ``cap``, the price of going beyond paid; None where that is forbidden."""
        nonlocal pay
        if value <= cap:
            return value
        if price >= FORBIDDEN:
            return None
        pay += price
        return cap

    hard = LENIENT if lenient else FORBIDDEN
    new_week = beyond(week + kind[0], shape.week_cap, hard) if shape.week_cap is not None else 0
    new_days = beyond(days + kind[1], shape.days_cap, hard) if shape.days_cap is not None else 0
    new_minutes: int | None = 0
    if shape.period_cap is not None:
        new_minutes = beyond(minutes + kind[2], shape.period_cap, hard if shape.period_hard else 0.0)
    if new_week is None or new_days is None or new_minutes is None:
        return None, 0.0
    if counts:
        for most, price in shape.weekend_steps:
            if weekends >= most:
                if price >= FORBIDDEN:
                    return None, 0.0
                pay += price
        top = max((most for most, _ in shape.weekend_steps), default=0)
        weekends = min(weekends + 1, top)
        if shape.rotation:
            if 0 < since < shape.rotation:
                if shape.rotation_price >= FORBIDDEN:
                    return None, 0.0
                pay += shape.rotation_price
            since = 0
    return (new_week, new_days, new_minutes, weekends, since), pay
