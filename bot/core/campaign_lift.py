"""How much a campaign brings, judged by earlier ones (FP5).

A day's factor is its contacts over the mean of the same weekday in the four weeks before the campaign; days
without such a weekday are left out.  A campaign's factor is the ratio of the sums.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from forecasting.events import Lift

__all__ = ["MOST_SIMILAR", "expected_lift", "measured_factor"]

MOST_SIMILAR: Final = 5
_WEEKS: Final = 4
_ALONE: Final = 0.5


def measured_factor(contacts: Mapping[date, float], first: date, last: date) -> float | None:
    """What came on the days against what the weeks before would have; None where that cannot be said.

    >>> week = {date(2026, 11, 2) + timedelta(days=n): 100.0 for n in range(28)}
    >>> measured_factor(week | {date(2026, 11, 30): 130.0}, date(2026, 11, 30), date(2026, 11, 30))
    1.3
    """
    came = usual = 0.0
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        # Whole weeks back from the first day on, so that a long campaign is not its own yardstick.
        nearest = day - timedelta(days=7 * (n // 7 + 1))
        before = [contacts.get(nearest - timedelta(days=7 * w)) for w in range(_WEEKS)]
        known = [b for b in before if b is not None]
        if day in contacts and known and sum(known) > 0:
            came += contacts[day]
            usual += sum(known) / len(known)
    return round(came / usual, 4) if usual > 0 and came > 0 else None


def expected_lift(factors: Sequence[float]) -> Lift | None:
    """The range to expect: of several the least, their geometric mean and the most.

    One alone says little of the next: half as much to half as much again of its effect.

    >>> expected_lift([1.1, 1.4]).mid.__round__(3), expected_lift([])
    (1.241, None)
    >>> one = expected_lift([1.4])
    >>> round(one.low, 3), one.mid, round(one.high, 3)
    (1.183, 1.4, 1.657)
    """
    if not factors:
        return None
    mean = math.exp(sum(map(math.log, factors)) / len(factors))
    # Rounding must not put the middle outside of what it is the middle of.
    mean = min(max(mean, min(factors)), max(factors))
    if len(factors) == 1:
        low, high = sorted((mean**_ALONE, mean ** (1 + _ALONE)))
        return Lift(low=low, mid=mean, high=high)
    return Lift(low=min(factors), mid=mean, high=max(factors))
