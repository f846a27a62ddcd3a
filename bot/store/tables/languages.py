"""Which language somebody chose."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.base import Base


class LanguageChoiceRow(Base):
    """``person``: an agent's id, or the Slack user id of who is no agent; no row, Slack decides."""

    __tablename__ = "language_choices"

    person: Mapped[str] = mapped_column(primary_key=True)
    locale: Mapped[str]
    made_at: Mapped[datetime]
