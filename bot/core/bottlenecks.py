"""Where in the week response targets fail, and how many people were there (FP10)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.core.ids import QueueId

__all__ = ["ENOUGH", "Bottleneck", "Slot", "concentration", "worst_first"]

ENOUGH = 5
"""Fewer judged promises in an hour of the week say nothing about it."""


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """An hour of the local week of a queue's calendar; Monday is 0."""

    queue: QueueId
    weekday: int
    hour: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bottleneck:
    """What became of the first responses promised to contacts that came in this hour, over some weeks.

    ``broken`` of ``judged``, ``excused`` of these inside a declared exception window.  ``excess``: broken
    beyond what the queue's own share would make of so many.  ``contacts``: a week [count], ``needed`` and
    ``rostered``: people at the queue, mean over the weeks in which that is known; None where it never is.
    """

    slot: Slot
    judged: int
    broken: int
    excused: int
    excess: float
    contacts: float | None
    needed: float | None
    rostered: float | None

    @property
    def share(self) -> float:
        """Broken of judged."""
        return self.broken / self.judged

    @property
    def short(self) -> float | None:
        """People missing; below 0 where more were there than needed, None where either is not known."""
        return None if self.needed is None or self.rostered is None else self.needed - self.rostered


def worst_first(hours: Iterable[Bottleneck]) -> list[Bottleneck]:
    """Hours with broken promises that say something, by what is broken beyond the queue's own share."""
    telling = [h for h in hours if h.broken and h.judged >= ENOUGH and h.excess > 0]
    return sorted(telling, key=lambda h: (-h.excess, h.slot))


def concentration(hours: Sequence[Bottleneck]) -> tuple[int, int]:
    """(fewest hours of the week that hold half of what is broken, hours in which anything was judged).

    >>> def hour(at: int, broken: int) -> Bottleneck:
    ...     return Bottleneck(
    ...         slot=Slot(QueueId("chat"), 0, at), judged=50, broken=broken, excused=0, excess=0.0,
    ...         contacts=None, needed=None, rostered=None,
    ...     )
    >>> concentration([hour(9, 10), hour(10, 2), hour(11, 3), hour(12, 1)])
    (1, 4)
    """
    broken = sorted((h.broken for h in hours), reverse=True)
    total, held = sum(broken), 0
    for count, number in enumerate(broken, start=1):
        held += number
        if total and 2 * held >= total:
            return count, len(broken)
    return 0, len(broken)
