"""Declared exception windows: targets may slip, and it is said so; no clock stops for them (SP17)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.base import Base, BigId


class ExceptionWindowRow(Base):
    __tablename__ = "exception_windows"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    team: Mapped[str]
    queue: Mapped[str | None]
    reason: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(index=True)
    declared_by: Mapped[str]
    declared_at: Mapped[datetime]
