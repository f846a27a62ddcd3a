"""Is what came still what was forecast?  Unusual volume and silent sources, decided from plain numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from forecasting.intraday import Stretch, chance_of_none, tails

__all__ = [
    "BACK_INSIDE",
    "FAR",
    "HIGH",
    "LOW",
    "OUTSIDE",
    "SILENT",
    "Block",
    "band",
    "block_length",
    "is_back_inside",
    "is_silent",
    "unusual_side",
]

OUTSIDE: Final = 0.025
"""Tail beyond which a stretch lies outside the 95 % band."""
BACK_INSIDE: Final = 0.10
"""Tail from which a stretch lies inside the 80 % band again."""
FAR: Final = 1e-4
"""Tail beyond which one stretch alone is enough."""
SILENT: Final = 1e-3
"""P(nobody came by accident) below which a source counts as silent."""
HIGH: Final = "volume_high"
LOW: Final = "volume_low"
SHORTEST: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """``contacts`` came in [start, end), where the forecast says ``expected``.

    ``as_today``: what the day so far, before these blocks, made of that; None where it is the same.
    """

    start: datetime
    end: datetime
    contacts: int
    expected: Stretch
    as_today: Stretch | None = None

    def tail(self, side: str) -> float:
        """P(so many or more) for the high side, P(so few or fewer) for the low one, by the forecast."""
        low, high = tails(self.contacts, self.expected)
        return high if side == HIGH else low

    def surprise(self, side: str) -> float:
        """The same, by the forecast or by the day so far, whichever is less surprised.

        A day that runs a little high all along is outside the forecast's band again and again by one cause;
        that is no news once the morning has shown it.
        """
        if self.as_today is None:
            return self.tail(side)
        low, high = tails(self.contacts, self.as_today)
        return max(self.tail(side), high if side == HIGH else low)


def block_length(interval: timedelta) -> timedelta:
    """The stretch that is judged: whole intervals, at least a quarter of an hour.

    >>> [int(block_length(timedelta(minutes=m)).total_seconds() // 60) for m in (5, 10, 15, 30, 60)]
    [15, 20, 15, 30, 60]
    """
    return interval * -(-SHORTEST // interval)


def unusual_side(blocks: Sequence[Block]) -> str | None:
    """The side on which the latest of these blocks are unusual; None where they are not.

    Two in a row outside the 95 % band on one side, or the last one far outside.
    """
    if not blocks:
        return None
    for side in (HIGH, LOW):
        last = blocks[-1].surprise(side)
        if last < FAR or (len(blocks) > 1 and last < OUTSIDE and blocks[-2].surprise(side) < OUTSIDE):
            return side
    return None


def is_back_inside(block: Block, side: str) -> bool:
    """Whether the latest block ends an episode: inside the 80 % band, or over on the other side."""
    return block.tail(side) >= BACK_INSIDE


def is_silent(expected: Stretch, since: datetime, now: datetime, least: timedelta) -> float | None:
    """P(nobody came since ``since`` by accident) where that is a silence; None where it is not.

    At least ``least`` must have passed, and so many contacts been expected that none is no accident.
    """
    if now - since < least:
        return None
    chance = chance_of_none(expected)
    return chance if chance < SILENT else None


def band(expected: Stretch) -> tuple[int, int]:
    """The 95 % band of a stretch: fewest and most contacts that are nothing unusual."""
    low = 0
    while tails(low, expected)[0] < OUTSIDE:
        low += 1
    high = max(low, int(expected.mean))
    while tails(high + 1, expected)[1] >= OUTSIDE:
        high += 1
    return low, high
