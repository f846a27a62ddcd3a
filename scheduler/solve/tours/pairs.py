"""People who should work beside a mentor, while tours change."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scheduler.solve.tours.space import TourSpace

__all__ = ["PairedShifts"]

_Times = dict[int, tuple[float, float]]


@dataclass(slots=True, eq=False)
class PairedShifts:
    """When everybody in a pairing works, by agent number and day, in minutes from the grid's start.

    ``pairs`` are (agent, mentor, price of a shift that lies by less than half inside one of the mentor's of
    the same date).
    """

    space: TourSpace
    pairs: tuple[tuple[int, int, int], ...]
    times: dict[int, _Times]
    fixed: dict[int, _Times]

    @classmethod
    def of(cls, space: TourSpace) -> PairedShifts:
        problem = space.problem
        number = {a.agent: i for i, a in enumerate(space.agents)}
        pairs = tuple((number[p.agent], number[p.mentor], p.weight) for p in problem.pairings)
        fixed: dict[int, _Times] = {n: {} for pair in pairs for n in pair[:2]}
        for assignment in problem.fixed:
            mine = fixed.get(number.get(assignment.agent, -1))
            if mine is not None:
                shift = assignment.shift
                day = (shift.date - problem.period.first).days
                mine[day] = (
                    (shift.start - problem.grid.start).total_seconds() / 60,
                    (shift.end - problem.grid.start).total_seconds() / 60,
                )
        return cls(space=space, pairs=pairs, times={n: dict(t) for n, t in fixed.items()}, fixed=fixed)

    def copy(self) -> PairedShifts:
        return PairedShifts(
            space=self.space,
            pairs=self.pairs,
            times={n: dict(t) for n, t in self.times.items()},
            fixed=self.fixed,
        )

    def set(self, number: int, cells: tuple[int, ...]) -> float:
        """An agent now has these cells; what that changes."""
        if number not in self.times:
            return 0.0
        before = self._cost(number)
        self.times[number] = {**self.fixed[number], **{self._day(c): self._span(c) for c in cells}}
        return self._cost(number) - before

    def prices(self, number: int) -> NDArray[np.float64] | None:
        """What pairings add to the price of each of an agent's cells, as the others are; None if nothing."""
        if number not in self.times:
            return None
        cells = self.space.agents[number].cells.tolist()
        extra = np.zeros(len(cells))
        for agent, mentor, weight in self.pairs:
            for i, cell in enumerate(cells):
                day = self._day(cell)
                span, held = self._span(cell), self.times[agent].get(day)
                if agent == number:
                    extra[i] += 0 if _beside(span, self.times[mentor].get(day)) else weight
                elif mentor == number and held is not None and _beside(held, span):
                    extra[i] -= weight
        return extra

    def _cost(self, number: int) -> float:
        """Price of all shifts without a mentor in pairs this agent is in."""
        return float(
            sum(
                weight
                for agent, mentor, weight in self.pairs
                if number in (agent, mentor)
                for day, span in self.times[agent].items()
                if not _beside(span, self.times[mentor].get(day))
            )
        )

    def _day(self, cell: int) -> int:
        return int(self.space.family_day[self.space.cell_family[cell]])

    def _span(self, cell: int) -> tuple[float, float]:
        held = self.space.candidates.cells[cell]
        minutes = self.space.problem.interval_minutes
        family = self.space.candidates.families[held.family]
        return held.start * minutes - family.prepare, held.end * minutes


def _beside(span: tuple[float, float], mentor: tuple[float, float] | None) -> bool:
    if mentor is None:
        return False
    shared = min(span[1], mentor[1]) - max(span[0], mentor[0])
    return 2 * shared >= span[1] - span[0]
