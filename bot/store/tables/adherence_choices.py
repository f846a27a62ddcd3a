"""Who chose to see their adherence, and let their lead see it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.base import Base


class AdherenceChoiceRow(Base):
    """No row, no figures; nothing before ``since`` is counted."""

    __tablename__ = "adherence_choices"

    agent: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime]
