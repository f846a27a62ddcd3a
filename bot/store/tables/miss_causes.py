"""Why promises were broken, in the words of the team."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.base import Base, BigId


class MissCauseRow(Base):
    """One cause for one promise of a case; it goes with its case."""

    __tablename__ = "miss_causes"
    __table_args__ = (UniqueConstraint("contact_id", "measure", "cycle"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    measure: Mapped[str]
    cycle: Mapped[int]
    cause: Mapped[str]
    note: Mapped[str | None]
    named_by: Mapped[str]
    named_at: Mapped[datetime]
