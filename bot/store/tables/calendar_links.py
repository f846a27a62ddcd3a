"""Secret addresses under which agents' calendars read their shifts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.base import Base


class CalendarLinkRow(Base):
    """One per agent; ``digest`` is the SHA-256 of the token, which is kept nowhere."""

    __tablename__ = "calendar_links"

    agent: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(unique=True)
    made_at: Mapped[datetime]
