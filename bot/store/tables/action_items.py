"""What teams have agreed to do."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.base import Base, BigId


class ActionItemRow(Base):
    """``contact_id``: the case it came from; an item outlives its case."""

    __tablename__ = "action_items"
    __table_args__ = (Index("ix_action_items_team_state", "team", "state"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    team: Mapped[str]
    what: Mapped[str]
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id", ondelete="SET NULL"), index=True)
    owner: Mapped[str | None]
    due_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    state: Mapped[str]
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
    dropped_because: Mapped[str | None]
