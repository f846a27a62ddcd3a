"""What a queue is staffed for: the kind of work and its service target."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

from scheduler.errors import QueueingError


class WorkKind(Enum):
    """How contacts of a queue are worked on."""

    LIVE = "live"
    """One at a time, the customer waits for it (telephone)."""
    CONCURRENT = "concurrent"
    """Several at a time by one agent, the customers wait (chat)."""
    DEFERRABLE = "deferrable"
    """One at a time, nobody waits on the line (e-mail, tickets, call-backs)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceTarget:
    """The share of contacts to be answered within a time; an abandoned contact counts as missed.

    ``share``: between 0 and 1, both excluded.  ``within_seconds`` [s]: the longest wait that counts as
    answered in time, zero allowed; for deferrable work the time to respond within, which counts only
    while the queue is open unless ``count_closed_time``.  ``max_occupancy``: highest share of their
    time agents may be busy, in (0, 1].  ``max_abandonment``: highest share that may abandon, in (0, 1).

    >>> ServiceTarget().share, ServiceTarget().within_seconds
    (0.8, 20.0)
    """

    share: float = 0.80
    within_seconds: float = 20.0
    max_occupancy: float | None = None
    max_abandonment: float | None = None
    count_closed_time: bool = False

    def __post_init__(self) -> None:
        # Compiled code is compiled once more for whole numbers.
        object.__setattr__(self, "within_seconds", float(self.within_seconds))
        if not 0.0 < self.share < 1.0:
            raise QueueingError(f"share must lie between 0 and 1, both excluded, got {self.share}")
        if not (math.isfinite(self.within_seconds) and self.within_seconds >= 0.0):
            raise QueueingError(f"within_seconds must be finite and not negative, got {self.within_seconds}")
        if self.max_occupancy is not None and not 0.0 < self.max_occupancy <= 1.0:
            raise QueueingError(f"max_occupancy must lie in (0, 1], got {self.max_occupancy}")
        if self.max_abandonment is not None and not 0.0 < self.max_abandonment < 1.0:
            raise QueueingError(
                f"max_abandonment must lie between 0 and 1, both excluded, got {self.max_abandonment}"
            )
