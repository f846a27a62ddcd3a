"""Is a queue's service level below its target?  By the answers of the last half hour (SP4, SP5).

A service level is a promise about many contacts, never about one: no case has a clock for it.
"""

from __future__ import annotations

from datetime import timedelta
from math import comb
from typing import Final

__all__ = ["LEAST", "STRETCH", "is_back", "is_below"]

STRETCH: Final = timedelta(minutes=30)
"""The answers of this long are looked at together."""
LEAST: Final = 10
"""Fewer contacts say nothing about a share of them."""
_BY_ACCIDENT: Final = 0.02


def is_below(judged: int, within: int, share: float) -> bool:
    """Whether ``within`` of ``judged`` answers in time is too few to be an accident at a target of ``share``.

    So it is where a queue that keeps its target exactly would see so few with a probability of at most 2 %.

    >>> is_below(20, 15, 0.8), is_below(20, 11, 0.8)
    (False, True)
    """
    if judged < LEAST or within >= share * judged:
        return False
    return _at_most(within, judged, share) <= _BY_ACCIDENT


def is_back(judged: int, within: int, share: float) -> bool:
    """Whether the target is kept again: over the whole stretch, or nobody came to be kept waiting."""
    return within >= share * judged


def _at_most(successes: int, trials: int, share: float) -> float:
    """P(X <= successes), X binomial."""
    return sum(comb(trials, k) * share**k * (1 - share) ** (trials - k) for k in range(successes + 1))
