"""What agents wish of their rosters."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.base import Base, BigId


class WishRow(Base):
    """``weekdays`` are numbers, Monday 0; a wish stands until ``withdrawn_at``."""

    __tablename__ = "wishes"
    __table_args__ = (Index("ix_wishes_agent", "agent"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    agent: Mapped[str]
    kind: Mapped[str]
    weekdays: Mapped[list[Any]]
    day: Mapped[date | None]
    colleague: Mapped[str | None]
    made_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
