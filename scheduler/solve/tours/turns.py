"""Whose turn it is among ways to improve a roster: what gains more for its time gets more of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

__all__ = ["Turns"]

_NEW: Final = 0.5
"""Weight of the latest turn in what a way is thought to gain."""
_BEST: Final = 4.0
"""Weight of what gains most for its time."""


@dataclass(slots=True)
class Turns:
    """Time is shared by weight: a way's ``least`` one, and up to four more the more it gained of late.

    >>> turns = Turns.of([1.0, 0.5])
    >>> turns.next()
    0
    >>> turns.learn(0, spent=1.0, gain=0.0)
    >>> turns.next()
    1
    >>> turns.learn(1, spent=1.0, gain=10.0)
    >>> turns.next()
    1
    """

    least: tuple[float, ...]
    rates: list[float]
    waited: list[float]

    @classmethod
    def of(cls, least: Sequence[float]) -> Turns:
        """All ways at their beginning."""
        return cls(least=tuple(least), rates=[0.0] * len(least), waited=[0.0] * len(least))

    def next(self) -> int:
        """The way that had least of its share; the first of several."""
        return min(range(len(self.least)), key=lambda way: (self.waited[way], way))

    def learn(self, way: int, *, spent: float, gain: float) -> None:
        """Take account of one turn: the time it took, and by how much the roster became cheaper."""
        self.rates[way] += _NEW * (gain / max(spent, 1e-9) - self.rates[way])
        most = max(self.rates)
        weight = self.least[way] + (_BEST * self.rates[way] / most if most > 0 else 0.0)
        self.waited[way] += spent / weight
