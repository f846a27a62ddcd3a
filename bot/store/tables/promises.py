"""Promises to customers; the partial indexes make looking at them cost what is due and what is owed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.base import Base, BigId


class PromiseRow(Base):
    """``note`` is what was promised, in its maker's words: free of personal data, and for nobody else."""

    __tablename__ = "promises"
    __table_args__ = (
        Index(
            "ix_promises_due",
            "next_check_at",
            sqlite_where=text("next_check_at IS NOT NULL"),
            postgresql_where=text("next_check_at IS NOT NULL"),
        ),
        Index(
            "ix_promises_owed",
            "owner",
            "due_at",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]
    owner: Mapped[str]
    due_at: Mapped[datetime]
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    state: Mapped[str]
    remind_at: Mapped[datetime | None]
    next_check_at: Mapped[datetime | None]
    note: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
    posts: Mapped[list[Any]]
    origin: Mapped[str | None] = mapped_column(unique=True)
    owner_off_told_at: Mapped[datetime | None]
