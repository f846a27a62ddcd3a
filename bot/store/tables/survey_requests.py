"""Which cases the survey tool outside was told of; no word of the customer's."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.base import Base


class SurveyRequestRow(Base):
    """``customer_key``: as of the case's record when it was told, so that nobody is asked too often."""

    __tablename__ = "survey_requests"
    __table_args__ = (
        Index(
            "ix_survey_requests_due",
            "due_at",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("ix_survey_requests_queue_asked_at", "queue", "asked_at"),
    )

    ref: Mapped[str] = mapped_column(ForeignKey("contacts.ref", ondelete="CASCADE"), primary_key=True)
    queue: Mapped[str]
    channel: Mapped[str]
    token: Mapped[str] = mapped_column(unique=True)
    customer_key: Mapped[str | None] = mapped_column(index=True)
    solved_at: Mapped[datetime]
    due_at: Mapped[datetime]
    state: Mapped[str]
    why: Mapped[str | None]
    tries: Mapped[int]
    asked_at: Mapped[datetime | None]
