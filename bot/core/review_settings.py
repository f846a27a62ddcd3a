"""What the operator decided about reviews."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

__all__ = ["CAUSES", "STAFFING", "ReviewSettings"]

STAFFING: Final = "staffing"
"""The cause Muster proposes itself, where too few people were there when a promise broke."""
CAUSES: Final = ("process", "training", "system", STAFFING, "other-party", "customer")
"""SR10 names the first three."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewSettings:
    """``causes``: codes a broken promise may be given, in the order they are offered.

    ``measure_window``: how long before and after a measure its figure is looked at (SR12).
    """

    causes: tuple[str, ...] = CAUSES
    measure_window: timedelta = timedelta(days=28)
