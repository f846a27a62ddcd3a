"""Alerts: one per contact."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.base import Base, BigId


class AlertRow(Base):
    """``concerns``, ``passed_over`` and ``told`` are always read and written with their alert."""

    __tablename__ = "alerts"
    __table_args__ = (
        Index(
            "ix_alerts_due",
            "next_step_at",
            sqlite_where=text("next_step_at IS NOT NULL"),
            postgresql_where=text("next_step_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"), unique=True)
    queue: Mapped[str]
    team: Mapped[str]
    state: Mapped[str]
    concerns: Mapped[list[Any]]
    opened_at: Mapped[datetime]
    posted_at: Mapped[datetime]
    step: Mapped[int]
    next_step_at: Mapped[datetime | None]
    repeats: Mapped[int]
    answered_by: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    snoozed_until: Mapped[datetime | None]
    posts: Mapped[int]
    revision: Mapped[int]
    passed_over: Mapped[list[Any]]
    told: Mapped[list[Any]]
