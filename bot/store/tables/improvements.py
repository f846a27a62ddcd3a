"""Actions that are to move a figure."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.base import Base, BigId


class ImprovementRow(Base):
    """One per action, which has its words and its owner; it goes with it."""

    __tablename__ = "improvements"

    item_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("action_items.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    kpi: Mapped[str]
    goal: Mapped[float | None]
    since: Mapped[datetime]
    window_days: Mapped[int]
    state: Mapped[str]
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
    because: Mapped[str | None]
