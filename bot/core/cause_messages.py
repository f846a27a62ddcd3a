"""Broken promises that nobody has given a cause yet, as messages list them.  No customer's words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

__all__ = ["UnnamedMiss"]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnnamedMiss:
    """``short``: so many people were missing at the queue when it broke, where Muster proposes `staffing`."""

    ref: str
    measure: str
    queue: str
    due_at: datetime
    owner: str | None = None
    short: int | None = None
