"""What the operator decided about promises and delay notices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from bot.core.contacts import ContactType
from bot.core.outgoing_text import ForbiddenPhrase


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseSettings:
    """``remind_before``: of the due time (CP3).  ``delay_notice_at``: the first warning from this share of
    the promised time on offers a delay notice (CP1).  ``stale_after``: how old the last word to the customer
    may grow, by type; types that are absent are not watched (CP5).  ``forbidden``: more phrases not to be
    promised with (CP10).
    """

    remind_before: timedelta = timedelta(minutes=15)
    delay_notice_at: float = 0.8
    stale_after: Mapping[ContactType, timedelta] = field(
        default_factory=lambda: {ContactType.COMPLAINT: timedelta(hours=24)}
    )
    forbidden: tuple[ForbiddenPhrase, ...] = ()
