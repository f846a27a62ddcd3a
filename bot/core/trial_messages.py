"""What is said to try the way alerts take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

__all__ = ["TrialAlert"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialAlert:
    """A TEST card as ``by`` asked for it (K6); ``key`` names it to its button.

    ``pressed_by``: pressed; then this is the edit of the card, and the way there and back took ``seconds``,
    without the time somebody thought.
    """

    key: str
    by: str
    sent_at: datetime
    pressed_by: str | None = None
    seconds: float | None = None
