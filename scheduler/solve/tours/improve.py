"""A roster made better in turns: whole dives, parts, windows, and dives with a share of the agents free."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field

from scheduler.solve.tours.columns import ColumnSearch
from scheduler.solve.tours.days import improve_days
from scheduler.solve.tours.parts import PartSizes, dive_again, improve_by_parts
from scheduler.solve.tours.pauses import place_all_pauses
from scheduler.solve.tours.roster import TourRoster
from scheduler.solve.tours.settle import settle
from scheduler.solve.tours.turns import Turns
from scheduler.solve.tours.windows import improve_by_window

__all__ = ["FEW", "Improvement"]

_TINY = 1e-6
#: With more agents than these, steps of a dive are larger and settle less, and nothing but parts follows.
FEW = 250
_GREEDS, _DIVE_ROUNDS = (0.05, 0.02, 0.1), 12
_GREEDS_OF_MANY, _DIVE_ROUNDS_OF_MANY = (0.25, 0.15), 3
_MOST_GREED, _LEAST_ROUNDS = 0.25, 2
_FIRST_DIVES = 2
#: With many agents: shares of a stage's budget at which another dive is due.
_DIVE_EVERY = 0.12
#: Dives take at most this share of the time used so far, from the second on: parts gain more for their time.
_DIVES_SHARE = 0.25
#: A dive that takes longer than this share of a stage's budget is cut short; where none was ever finished,
#: the next one may take twice as long, with steps twice as large and half as many rounds between them.
_DIVE_MOST, _DIVE_MOST_OF_MANY = 0.1, 0.45
#: Share of the whole budget for pauses of a roster at most.
_PAUSES_SHARE = 0.03
#: Parts take turns with single days where intervals are covered, and with few agents with windows and with
#: dives in which a share of the agents are free; what gains much for its time gets more of it, and these are
#: the weights of what gains nothing.
_PARTS, _DAYS, _WINDOWS, _AGAIN = "parts", "days", "windows", "again"
_WEIGHTS = {_PARTS: 1.0, _DAYS: 1.0, _WINDOWS: 0.5, _AGAIN: 0.75}
_FIRST_PART, _PART_ROUNDS = 8, 8
#: Days of the first window, rounds of columns of one, and the share of the budget for its whole numbers.
_FIRST_WINDOW, _WINDOW_ROUNDS, _WINDOW_SHARE = 7, 60, 0.02
#: The share of the agents a dive frees at first, and how it grows where that gains nothing, until all are
#: free; then again from the first.  The more are free, the smaller its steps and the more rounds there are.
_FIRST_FREE, _MORE_FREE = 0.5, 1.3
_GREED_AGAIN, _LESS_GREED, _ROUNDS_AGAIN = 0.15, 0.1, 12


@dataclass(slots=True)
class Improvement:
    """Turn by turn.  ``begun``: the share of the whole budget that was used before the first."""

    columns: ColumnSearch
    chance: random.Random
    begun: float
    sizes: PartSizes
    lengths: PartSizes
    ways: tuple[str, ...]
    turns: Turns
    dive_most: float
    days: list[int] = field(default_factory=list)
    dives: int = 0
    landed: int = 0
    dived: float = 0.0
    haste: int = 1
    settled_at: float = math.inf
    free: float = _FIRST_FREE
    few: bool = field(init=False)

    def __post_init__(self) -> None:
        self.few = len(self.columns.space.agents) <= FEW

    @classmethod
    def of(cls, columns: ColumnSearch, chance: random.Random, *, begun: float) -> Improvement:
        """At the beginning."""
        agents, days = len(columns.space.agents), columns.space.problem.period.days
        budget = columns.search.budget
        few = agents <= FEW
        ways = [_PARTS]
        ways += [_DAYS] if columns.master.places.any() else []
        ways += [_WINDOWS, _AGAIN] if few else []
        return cls(
            columns=columns,
            chance=chance,
            begun=begun,
            sizes=PartSizes(
                most=agents, size=float(min(agents, _FIRST_PART)), quick=0.001 * budget, slow=0.005 * budget
            ),
            lengths=PartSizes(
                most=days, size=float(min(days, _FIRST_WINDOW)), quick=0.003 * budget, slow=0.015 * budget
            ),
            ways=tuple(ways),
            turns=Turns.of([_WEIGHTS[way] for way in ways]),
            dive_most=_DIVE_MOST if few else _DIVE_MOST_OF_MANY,
        )

    def next_roster(self, best: TourRoster) -> TourRoster | None:
        """The roster of one turn, which need not be better; None where there is none."""
        if self.few and self.dives and best.objective < self.settled_at - _TINY:
            self.settled_at = best.objective
            found = settle(self.columns, best)
            if found is not None:
                return found
        used = self.columns.search.share_used - self.begun
        stage = 1.0 - self.begun
        due = self.dives < _FIRST_DIVES or (not self.few and used > _DIVE_EVERY * stage * self.dives)
        if self.dives == 0 or (due and self.dived <= _DIVES_SHARE * used):
            return self._dive(best, used, stage)
        turn = self.turns.next()
        way = self.ways[turn]
        spent = self.columns.search.spent
        if way == _PARTS:
            found = improve_by_parts(self.columns, best, self.chance, self.sizes, rounds=_PART_ROUNDS)
        elif way == _DAYS:
            found = self._day(best)
        elif way == _WINDOWS:
            found = improve_by_window(
                self.columns, best, self.chance, self.lengths, share=_WINDOW_SHARE, rounds=_WINDOW_ROUNDS
            )
        else:
            found = self._dive_again(best)
        gain = 0.0 if found is None else max(0.0, best.objective - found.objective)
        self.turns.learn(turn, spent=self.columns.search.spent - spent, gain=gain)
        return found

    def _day(self, best: TourRoster) -> TourRoster | None:
        """A day decided anew; each has its turn before any has another."""
        if not self.days:
            self.days = list(range(best.space.problem.period.days))
            self.chance.shuffle(self.days)
        first, columns = self.days.pop(), self.columns
        return improve_days(
            best, columns.search, self.chance, columns.noise, first=first, last=first + 1, worth=_TINY
        )

    def _dive(self, best: TourRoster, used: float, stage: float) -> TourRoster | None:
        """A whole roster from the program alone."""
        greeds, rounds = (_GREEDS, _DIVE_ROUNDS) if self.few else (_GREEDS_OF_MANY, _DIVE_ROUNDS_OF_MANY)
        search = self.columns.search
        self.columns.until = min(1.0, self.begun + used + self.dive_most * stage)
        found = self.columns.dive(
            self.chance,
            greed=min(_MOST_GREED, self.haste * greeds[self.landed % len(greeds)]),
            rounds=max(_LEAST_ROUNDS, rounds // self.haste),
            below=best.objective,
        )
        cut_off = self.columns.is_over()
        self.columns.until = 1.0
        self.dives += 1
        self.dived += search.share_used - self.begun - used
        if cut_off and not self.landed:
            self.dive_most *= 2
            self.haste *= 2
        self.landed += not cut_off
        if found is None:
            return None
        found.sweep(self.chance)
        return place_all_pauses(found, search, share=_PAUSES_SHARE) or found

    def _dive_again(self, best: TourRoster) -> TourRoster | None:
        """A roster of which a share is from the best one."""
        found = dive_again(
            self.columns,
            best,
            self.chance,
            share=self.free,
            greed=_GREED_AGAIN - _LESS_GREED * self.free,
            rounds=round(_ROUNDS_AGAIN * self.free),
        )
        if found is not None:
            found.sweep(self.chance)
        if self.columns.program() is not None:
            self.columns.prune()
        gains = found is not None and found.objective < best.objective - _TINY
        self.free = _FIRST_FREE if gains or self.free >= 1 else min(1.0, _MORE_FREE * self.free)
        return found
