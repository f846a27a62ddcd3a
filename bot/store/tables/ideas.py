"""Ideas and kudos of a team."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.base import Base, BigId


class IdeaRow(Base):
    __tablename__ = "ideas"
    __table_args__ = (Index("ix_ideas_team_state", "team", "state"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    team: Mapped[str]
    words: Mapped[str]
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    due_at: Mapped[datetime]
    state: Mapped[str]
    answered_by: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    answer: Mapped[str | None]


class KudosRow(Base):
    """``shown_from`` is None until whoever is thanked wants it seen."""

    __tablename__ = "kudos"
    __table_args__ = (Index("ix_kudos_team_shown_from", "team", "shown_from"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    team: Mapped[str]
    whom: Mapped[str]
    made_by: Mapped[str]
    words: Mapped[str]
    made_at: Mapped[datetime]
    shown_from: Mapped[datetime | None]
