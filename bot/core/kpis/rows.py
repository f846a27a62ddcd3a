"""The plain rows figures are computed from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from bot.core.satisfaction import Satisfaction

__all__ = ["Answer", "ContactFact"]


class ContactFact(NamedTuple):
    """What figures need of one contact; times aware UTC, None where it has not happened.

    ``customer`` matches a customer's contacts and says nothing of who it is.  ``response_due`` (of a file's
    contacts without a clock) and ``resolution_due``: of promises that stand; None where none was made.
    ``resolution_policy``: the row of app.yaml that promised the resolution.  A tuple, because a pack makes
    tens of thousands: a frozen dataclass costs ten times as much each.
    """

    ref: str
    queue: str
    type: str
    priority: str
    opened_at: datetime
    responded_at: datetime | None = None
    resolved_at: datetime | None = None
    agent: str | None = None
    handle_seconds: float | None = None
    customer: str | None = None
    response_due: datetime | None = None
    resolution_due: datetime | None = None
    resolution_policy: str | None = None

    @property
    def answered_at(self) -> datetime | None:
        """The first answer; a contact solved without one was answered then."""
        return self.responded_at or self.resolved_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a customer said of satisfaction, on the scale it was asked on.

    ``aspects``: single aspects, from 0 (worst) to 1 (best).
    """

    queue: str
    at: datetime
    satisfaction: Satisfaction
    aspects: Mapping[str, float]
