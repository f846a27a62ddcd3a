"""SLA clocks; the partial indexes make a tick cost what is due, and a digest what is open and late."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.base import Base, BigId


class SlaClockRow(Base):
    __tablename__ = "sla_clocks"
    __table_args__ = (
        UniqueConstraint("contact_id", "measure", "cycle"),
        Index(
            "ix_sla_clocks_due",
            "next_check_at",
            sqlite_where=text("next_check_at IS NOT NULL"),
            postgresql_where=text("next_check_at IS NOT NULL"),
        ),
        Index("ix_sla_clocks_due_at", "due_at"),
        Index(
            "ix_sla_clocks_open",
            "due_at",
            sqlite_where=text("stopped_at IS NULL"),
            postgresql_where=text("stopped_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    measure: Mapped[str]
    cycle: Mapped[int] = mapped_column(server_default="0")
    policy: Mapped[str]
    started_at: Mapped[datetime]
    due_at: Mapped[datetime]
    state: Mapped[str]
    next_check_at: Mapped[datetime | None]
    warnings: Mapped[list[Any]] = mapped_column(server_default="[]")
    warned: Mapped[list[Any]]
    stopped_at: Mapped[datetime | None]
    paused_since: Mapped[datetime | None]
