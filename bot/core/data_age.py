"""DataAge: how old each thing is that a message rests on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DataAge:
    """When each datum was last heard of, as of ``at``; None where nothing was ever heard.

    ``contacts``: the latest time any contact event speaks of.  ``presence``: when somebody's state was last
    reported.  ``forecast``, ``roster``: when they were made and published.
    """

    at: datetime
    contacts: datetime | None = None
    presence: datetime | None = None
    forecast: datetime | None = None
    roster: datetime | None = None
