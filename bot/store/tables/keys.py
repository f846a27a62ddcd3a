"""Secrets that Muster made for itself."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.base import Base


class KeyRow(Base):
    __tablename__ = "keys"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
