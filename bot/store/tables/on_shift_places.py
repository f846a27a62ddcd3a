"""Places in Slack that follow who is on shift."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.base import Base


class OnShiftPlaceRow(Base):
    """One per user group or topic.  ``shown`` is what Slack took last, NULL before the first time;
    ``claimed_until``: somebody is telling it; ``again_at``: not before, for Slack refused with ``error``."""

    __tablename__ = "on_shift_places"

    place: Mapped[str] = mapped_column(primary_key=True)
    shown: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    changed_at: Mapped[datetime | None]
    left_out: Mapped[int]
    claimed_until: Mapped[datetime | None]
    again_at: Mapped[datetime | None]
    error: Mapped[str | None]
