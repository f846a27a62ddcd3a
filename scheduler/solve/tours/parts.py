"""Parts of a roster decided anew: some agents are freed, all others stay, and the best of theirs is found.

Columns are generated for the freed under what the others leave to cover; where their linear program cannot
beat the roster, that proves the part cannot, and otherwise whole numbers over the columns that could matter
are found by CP-SAT.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from ortools.sat.python import cp_model

from scheduler.solve.tours.columns import ColumnSearch
from scheduler.solve.tours.roster import TourRoster

__all__ = ["PartSizes", "decide_anew", "dive_again", "free_some", "improve_by_parts", "whole_numbers"]

_TINY = 1e-6
#: Share of the whole budget for one part's whole numbers at most.
_WHOLE_SHARE = 0.02
#: Prices nearby at which the freed are asked for more tours that could matter.
_MORE_NEAR = 8


@dataclass(slots=True)
class PartSizes:
    """How many agents to free: more where parts are settled quickly and gain nothing, fewer where not."""

    most: int
    size: float
    quick: float
    slow: float

    def next(self) -> int:
        return max(1, min(self.most, round(self.size)))

    def learn(self, *, seconds: float, gained: bool) -> None:
        """Take account of one part."""
        if seconds > self.slow:
            self.size = max(2.0, self.size * 0.9)
        elif not gained and seconds < self.quick:
            self.size = min(float(self.most), self.size + 0.25)


def free_some(columns: ColumnSearch, roster: TourRoster, size: int, chance: random.Random) -> list[int]:
    """Agents to free: at random, or those whose tours the prices of the bound like least."""
    everyone = range(len(roster.tours))
    if columns.stable is None or chance.random() < 0.5:
        return sorted(chance.sample(everyone, size))
    prices = columns.master.row_prices_of(columns.stable)
    regret = np.zeros(len(roster.tours))
    cheapest: dict[int, float] = {}
    for number, tour in enumerate(roster.tours):
        assert tour is not None
        of = columns.class_of[number]
        regret[number] = columns.master.reduced_cost(of, tour, prices, 0.0)
        cheapest[of] = min(cheapest.get(of, np.inf), regret[number])
    weights = np.array([regret[n] - cheapest[columns.class_of[n]] for n in everyone])
    level = float(np.median(weights)) + 1.0
    odds = [level + w for w in weights.tolist()]
    chosen: set[int] = set()
    while len(chosen) < size:
        chosen.update(chance.choices(everyone, weights=odds, k=size - len(chosen)))
    return sorted(chosen)


def decide_anew(
    columns: ColumnSearch, roster: TourRoster, freed: list[int], *, share: float, rounds: int
) -> TourRoster | None:
    """A better roster in which only the freed have other tours; None where none was found.

    ``share``: of the whole budget, for whole numbers at most.
    """
    master = columns.master
    counts = columns.counts_of(roster)
    for number in freed:
        tour = roster.tours[number]
        assert tour is not None
        counts[master.add(columns.class_of[number], tour)] -= 1
    try:
        for n, count in enumerate(counts.tolist()):
            master.keep(n, count)
        classes = sorted({columns.class_of[number] for number in freed})
        value = columns.generate(rounds=rounds, of=classes)
        if value is None or columns.round_up(value) >= roster.objective - _TINY:
            return None
        master = columns.master
        reduced = master.reduced_costs()
        room = roster.objective - value
        held = columns.counts_of(roster)
        usable = [n for i in classes for n in master.of_class[i] if held[n] > 0 or reduced[n] <= room + _TINY]
        usable += columns.more_near(classes, room, _MORE_NEAR)
        held = np.append(held, np.zeros(len(master.columns) - len(held), dtype=np.int64))
        extra = np.zeros(len(master.columns), dtype=np.int64)
        extra[: len(counts)] = counts
        return whole_numbers(columns, roster, held - extra, freed, usable, share)
    finally:
        columns.free_all()


def whole_numbers(
    columns: ColumnSearch,
    roster: TourRoster,
    held: NDArray[np.int64],
    freed: list[int],
    usable: list[int],
    share: float,
) -> TourRoster | None:
    """The best whole numbers of the freed on usable columns, if better; ``held``: what they have now.

    ``share``: of the whole budget at most.
    """
    master, space, lines = columns.master, columns.space, columns.space.lines
    classes = sorted({columns.class_of[number] for number in freed})
    base = roster.copy()
    members: dict[int, list[int]] = {i: [] for i in classes}
    for number in freed:
        base.take(number)
        members[columns.class_of[number]].append(number)
    model = cp_model.CpModel()
    taken = {n: model.new_int_var(0, len(members[master.columns[n].of]), "") for n in usable}
    at_row: dict[int, list[cp_model.IntVar]] = {}
    of_class: dict[int, list[cp_model.IntVar]] = {i: [] for i in classes}
    cost: list[tuple[cp_model.IntVar, int]] = []
    for n in usable:
        column = master.columns[n]
        of_class[column.of].append(taken[n])
        cost.append((taken[n], round(column.tour.own)))
        for row in column.places.tolist():
            at_row.setdefault(row, []).append(taken[n])
        model.add_hint(taken[n], int(held[n]))
    for i in classes:
        model.add(sum(of_class[i]) == len(members[i]))

    def cover(row: int, need: int, off: list[tuple[int, int]], spare: list[tuple[int, int]]) -> None:
        few = [_step(model, cost, holds, price) for holds, price in off]
        many = [_step(model, cost, holds, price) for holds, price in spare]
        model.add(sum(at_row[row]) + sum(few) - sum(many) == need)

    for line, t in zip(*np.nonzero(master.line_rows >= 0), strict=True):
        row = int(master.line_rows[line, t])
        if row in at_row:
            need = int(lines.required[line, t] - base.at[line, t])
            cover(
                row,
                need,
                _steps(lines.under_tops[line, t], lines.under[line], max(0, need)),
                _steps(lines.over_tops[line, t], lines.over[line], len(freed) + max(0, -need)),
            )
    for day, k in zip(*np.nonzero(master.kind_rows >= 0), strict=True):
        row = int(master.kind_rows[day, k])
        if row in at_row:
            need = int(space.kind_required[day, k] - base.kinds[day, k])
            few, many = round(space.kind_under[day, k]), round(space.kind_over[day, k])
            cover(row, need, [(max(0, need), few)], [(len(freed) + max(0, -need), many)])
    model.minimize(sum(price * variable for variable, price in cost))
    run = columns.search.run(model, share=share, may_be_empty=True)
    if not run.found:
        return None
    for n in usable:
        for _ in range(run.solver.value(taken[n])):
            base.give(members[master.columns[n].of].pop(0), master.columns[n].tour)
    return base if base.objective < roster.objective - _TINY else None


def _step(
    model: cp_model.CpModel, cost: list[tuple[cp_model.IntVar, int]], holds: int, price: int
) -> cp_model.IntVar:
    step = model.new_int_var(0, holds, "")
    cost.append((step, price))
    return step


def _steps(tops: NDArray[np.int64], weights: NDArray[np.float64], most: int) -> list[tuple[int, int]]:
    """(people, price) of the steps that up to ``most`` people reach."""
    found: list[tuple[int, int]] = []
    below = 0
    for top, weight in zip(tops.tolist(), weights.tolist(), strict=True):
        holds = min(most, top) - below
        if holds > 0:
            found.append((holds, round(weight)))
        below = top
    return found


def improve_by_parts(
    columns: ColumnSearch, best: TourRoster, chance: random.Random, sizes: PartSizes, *, rounds: int
) -> TourRoster | None:
    """One part decided anew, of a size learnt from those before; the better roster, or None."""
    begun = columns.search.spent
    freed = free_some(columns, best, sizes.next(), chance)
    found = decide_anew(columns, best, freed, share=_WHOLE_SHARE, rounds=rounds)
    sizes.learn(seconds=columns.search.spent - begun, gained=found is not None)
    return found


def dive_again(
    columns: ColumnSearch, best: TourRoster, chance: random.Random, *, share: float, greed: float, rounds: int
) -> TourRoster | None:
    """A roster by a dive in which a share of the agents are free, far more than whole numbers can settle.

    None where time was up, or where it comes to nothing better.
    """
    freed = free_some(columns, best, max(1, round(share * len(best.tours))), chance)
    counts = columns.counts_of(best)
    for number in freed:
        tour = best.tours[number]
        assert tour is not None
        counts[columns.master.add(columns.class_of[number], tour)] -= 1
    return columns.dive(chance, greed=greed, rounds=rounds, below=best.objective, given=counts)
