"""A roster under change: tours of all agents, the cover they give, and exact prices of moves."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from scheduler.check.sessions import attends
from scheduler.roster.roster import Assignment, Roster
from scheduler.roster.shifts import BREAK, LUNCH, PREPARE, Shift
from scheduler.solve.breaks import make_shift
from scheduler.solve.tours import kernel
from scheduler.solve.tours.cheapest import Prices, Tour, Workspace, find_tour, own_price, work_spans
from scheduler.solve.tours.pairs import PairedShifts
from scheduler.solve.tours.space import TourSpace

__all__ = ["TourRoster"]

#: A cell's number by day, template, queue, length, sessions and start.
_Places = dict[tuple[int, str, str, int, tuple[int, ...], int], int]


@dataclass(slots=True, eq=False)
class TourRoster:
    """Tours by agent number, and what they cover.  ``objective`` leaves out what fixed shifts cost anyway."""

    space: TourSpace
    work: Workspace
    at: NDArray[np.int64]
    kinds: NDArray[np.int64]
    tours: list[Tour | None]
    objective: float
    pairs: PairedShifts

    @classmethod
    def empty(cls, space: TourSpace) -> TourRoster:
        lines = space.lines
        at = space.at.copy()
        cost = kernel.line_cost(
            at, lines.required, lines.under_tops, lines.under, lines.over_tops, lines.over
        )
        off = space.kinds - space.kind_required
        cost += float(np.where(off > 0, space.kind_over * off, -space.kind_under * off).sum())
        return cls(
            space=space,
            work=Workspace.of(space),
            at=at,
            kinds=space.kinds.copy(),
            tours=[None] * len(space.agents),
            objective=cost,
            pairs=PairedShifts.of(space),
        )

    @classmethod
    def of(cls, space: TourSpace, roster: Roster) -> TourRoster:
        """A roster's shifts as tours.  Agents whose shifts break a rule, or are no cells, get new ones."""
        made = cls.empty(space)
        at = {
            (f.day, f.template, f.queue, f.length, f.sessions, start): f.first_cell + i
            for f in space.candidates.families
            for i, start in enumerate(f.starts)
        }
        shifts = roster.by_agent()
        fixed = set(space.problem.fixed)
        anew: list[int] = []
        for number, agent in enumerate(space.agents):
            own = [
                s for s in shifts.get(agent.agent, ()) if Assignment(agent=agent.agent, shift=s) not in fixed
            ]
            found = [_as_cell(space, at, agent.agent, shift) for shift in own]
            cells = tuple(c for c, _ in found if c is not None)
            price = own_price(space, agent, cells, made.work) if len(cells) == len(own) else None
            if price is None:
                anew.append(number)
            else:
                made.give(number, Tour(cells=cells, pauses=tuple(p for _, p in found), own=price))
        for number in anew:
            made.improve(number)
        return made

    def copy(self) -> TourRoster:
        return TourRoster(
            space=self.space,
            work=Workspace.of(self.space),
            at=self.at.copy(),
            kinds=self.kinds.copy(),
            tours=list(self.tours),
            objective=self.objective,
            pairs=self.pairs.copy(),
        )

    def prices(self) -> Prices:
        """Exact prices of one more person anywhere, as things are."""
        lines = self.space.lines
        prices = np.empty_like(self.at, dtype=np.float64)
        kernel.marginal_prices(
            self.at, lines.required, lines.under_tops, lines.under, lines.over_tops, lines.over, prices
        )
        space = self.space
        kinds = np.where(self.kinds < space.kind_required, -space.kind_under, space.kind_over)
        return Prices(lines=prices, kinds=kinds)

    def take(self, number: int) -> Tour | None:
        """Take an agent's tour out; what it was."""
        tour = self.tours[number]
        if tour is not None:
            self.objective += self._apply(number, tour, -1) - tour.own + self.pairs.set(number, ())
            self.tours[number] = None
        return tour

    def give(self, number: int, tour: Tour) -> None:
        """Give an agent without a tour this one."""
        self.objective += self._apply(number, tour, 1) + tour.own + self.pairs.set(number, tour.cells)
        self.tours[number] = tour

    def _apply(self, number: int, tour: Tour, sign: int) -> float:
        space, lines, agent = self.space, self.space.lines, self.space.agents[number]
        arrays = lines.required, lines.under_tops, lines.under, lines.over_tops, lines.over
        change = 0.0
        for cell, pauses in zip(tour.cells, tour.pauses, strict=True):
            family = int(space.cell_family[cell])
            end = int(space.cell_start[cell]) + int(space.family_length[family])
            for begin, until in work_spans(space, cell, pauses):
                for line in (int(space.family_queue[family]), *agent.work_lines.tolist()):
                    change += kernel.cover_change(self.at, *arrays, line, begin, until, sign)
            for line in agent.seat_lines.tolist():
                change += kernel.cover_change(self.at, *arrays, line, int(space.cell_begin[cell]), end, sign)
            place = int(space.family_day[family]), int(space.family_template[family])
            before = _kind_cost(space, place, int(self.kinds[place]))
            self.kinds[place] += sign
            change += _kind_cost(space, place, int(self.kinds[place])) - before
        return change

    def improve(self, number: int) -> float:
        """Give an agent the cheapest tour there is beside everybody else's; what that gained."""
        before = self.objective
        held = self.take(number)
        extra = self.pairs.prices(number)
        found = find_tour(self.space, self.space.agents[number], self.prices(), self.work, extra)
        if found is not None:
            self.give(number, found[0])
        elif held is not None:
            self.give(number, held)
        return before - self.objective

    def sweep(self, chance: random.Random, is_over: Callable[[], bool] = lambda: False) -> float:
        """Everybody once, in random order, takes the cheapest tour beside all others; what that gained."""
        order = list(range(len(self.space.agents)))
        chance.shuffle(order)
        gained = 0.0
        for number in order:
            if is_over():
                break
            gained += self.improve(number)
        return gained

    def roster(self) -> Roster:
        """The roster these tours make, with the fixed assignments."""
        space = self.space
        problem, candidates = space.problem, space.candidates
        made = list(problem.fixed)
        for agent, tour in zip(space.agents, self.tours, strict=True):
            if tour is None:
                continue
            for cell, pauses in zip(tour.cells, tour.pauses, strict=True):
                family = candidates.families[candidates.cells[cell].family]
                shift = make_shift(problem, family, candidates.cells[cell].start, pauses)
                made.append(Assignment(agent=agent.agent, shift=shift))
        return Roster(period=problem.period, assignments=tuple(made))


def _as_cell(space: TourSpace, at: _Places, agent: str, shift: Shift) -> tuple[int | None, tuple[int, ...]]:
    """The cell of a shift and the starts of its pauses, in intervals; None where there is no such cell."""
    problem = space.problem
    grid = problem.grid
    prepared = sum((s.duration for s in shift.segments if s.activity == PREPARE), start=timedelta(0))
    start = (shift.start + prepared - grid.start) // grid.interval
    length = (shift.end - shift.start - prepared) // grid.interval
    day = (shift.date - problem.period.first).days
    queue = shift.queues[0] if shift.queues else ""
    sessions = [
        (session, n)
        for n, session in enumerate(problem.sessions)
        if agent in session.agents and attends(session, shift)
    ]
    attended = tuple(n for _, n in sorted(sessions))
    cell = at.get((day, shift.template, queue, length, attended, start))
    held = [s for s in shift.segments if s.activity in (LUNCH, BREAK)]
    pauses = tuple((s.start - grid.start) // grid.interval for s in held)
    if cell is not None and len(pauses) != space.family_pauses[space.cell_family[cell]]:
        return None, ()
    return cell, pauses


def _kind_cost(space: TourSpace, place: tuple[int, int], have: int) -> float:
    off = have - int(space.kind_required[place])
    return float(space.kind_over[place] * off if off > 0 else -space.kind_under[place] * off)
