"""From counts per group to agents: day by day, by the cheapest matching that keeps every rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np
from scipy.optimize import linear_sum_assignment

from scheduler.roster.problem import RosterProblem
from scheduler.solve.candidates import Candidates, Cell
from scheduler.solve.groups import Group, Member

__all__ = ["hand_out"]

_FORBIDDEN = 1e9


@dataclass(slots=True)
class _Ledger:
    """What a member has been given so far."""

    member: Member
    cells: list[int] = field(default_factory=list)
    free_from: int = -(10**9)
    last_start: int | None = None
    days: set[int] = field(default_factory=set)
    week_minutes: Counter[int] = field(default_factory=Counter)
    week_days: Counter[int] = field(default_factory=Counter)


def hand_out(
    problem: RosterProblem,
    candidates: Candidates,
    group: Group,
    counts: Mapping[int, int],
    *,
    evenness: float,
) -> tuple[dict[str, tuple[int, ...]], Counter[int]]:
    """Give ``counts`` of cells to the group's members; (cells per agent, what could not be given).

    Every rule holds for what is given.  Those with the least of their week so far come first, so days and
    hours spread evenly; ``evenness`` weighs that against keeping start times, which leaves more rest.
    """
    rule = problem.rules.rest
    rest = -(-timedelta(hours=rule.hours) // problem.grid.interval) if rule is not None else 0
    week_of = {day: w for w, account in enumerate(group.members[0].weeks) for day in account.days}
    ledgers = [_Ledger(member=m, days=set(m.worked)) for m in group.members]
    allowed = [set(m.cells) for m in group.members]
    by_day: dict[int, list[int]] = {}
    for c, count in counts.items():
        by_day.setdefault(candidates.cells[c].day, []).extend([c] * count)
    left: Counter[int] = Counter()
    run = problem.rules.consecutive_days.days if problem.rules.consecutive_days is not None else None
    for day in sorted(by_day):
        shifts = sorted(by_day[day], key=lambda c: (candidates.cells[c].start, c))
        kinds = sorted(set(shifts), key=shifts.index)
        prices = np.full((len(ledgers), len(kinds)), _FORBIDDEN)
        for a, ledger in enumerate(ledgers):
            if run is not None and _run_through(ledger.days, day) > run:
                continue
            for k, c in enumerate(kinds):
                if c in allowed[a] and _fits(ledger, candidates.cells[c], week_of[day]):
                    prices[a, k] = _price(problem, ledger, candidates.cells[c], week_of[day], evenness)
        columns = np.array([kinds.index(c) for c in shifts])
        rows, chosen = linear_sum_assignment(prices[:, columns])
        given: Counter[int] = Counter()
        for a, s in zip(rows.tolist(), chosen.tolist(), strict=True):
            if prices[a, columns[s]] < _FORBIDDEN:
                _give(ledgers[a], shifts[s], candidates.cells[shifts[s]], week_of[day], rest)
                given[shifts[s]] += 1
        left.update(Counter(shifts) - given)
    return {ledger.member.agent: tuple(ledger.cells) for ledger in ledgers}, left


def _run_through(days: set[int], day: int) -> int:
    """Length of the run of working days that ``day`` would make."""
    first = last = day
    while first - 1 in days:
        first -= 1
    while last + 1 in days:
        last += 1
    return last - first + 1


def _fits(ledger: _Ledger, cell: Cell, week: int) -> bool:
    account = ledger.member.weeks[week]
    return (
        cell.begin >= ledger.free_from
        and (account.maximum is None or ledger.week_minutes[week] + cell.paid_minutes <= account.maximum)
        and (account.free_days is None or ledger.week_days[week] < account.free_days)
    )


def _price(problem: RosterProblem, ledger: _Ledger, cell: Cell, week: int, evenness: float) -> float:
    """Even accounts first, by a convex price of the week so far; then the start time of the day before.

    Keeping starts is also what leaves rest: who ended late starts late.
    """
    account = ledger.member.weeks[week]
    target = account.maximum or max(account.minimum, 40 * 60)
    before = ledger.week_minutes[week] / target
    after = (ledger.week_minutes[week] + cell.paid_minutes) / target
    even = evenness * (after * after - before * before)
    if ledger.last_start is None:
        return even
    day = timedelta(days=1) // problem.grid.interval
    moved = ((cell.start - ledger.last_start) % day) / day
    return even + min(moved, 1 - moved)


def _give(ledger: _Ledger, c: int, cell: Cell, week: int, rest: int) -> None:
    ledger.cells.append(c)
    ledger.free_from = cell.end + rest
    ledger.last_start = cell.start
    ledger.days.add(cell.day)
    ledger.week_minutes[week] += cell.paid_minutes
    ledger.week_days[week] += 1
