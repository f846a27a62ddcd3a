"""A clock that runs faster than the wall, and the same in every process of this machine."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(frozen=True, kw_only=True)
class FastClock:
    """``speed`` seconds pass for each real one since ``zero``, an instant of the monotonic clock."""

    start: datetime
    speed: float
    zero: float = field(default_factory=time.monotonic)

    def __call__(self) -> datetime:
        return self.start + timedelta(seconds=(time.monotonic() - self.zero) * self.speed)

    def seconds(self) -> float:
        return self().timestamp()

    def real(self, seconds: float) -> float:
        """So many seconds of this clock, in real ones."""
        return seconds / self.speed
