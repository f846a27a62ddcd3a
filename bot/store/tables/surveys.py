"""Answers to satisfaction surveys, imported: numbers alone, never a customer's words."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.base import Base, BigId


class SurveyAnswerRow(Base):
    """``key`` tells answers apart: a file imported twice changes nothing.  ``ref`` None: of no known case.

    ``aspects``: name to its value, on the scale of the answer.
    """

    __tablename__ = "survey_answers"
    __table_args__ = (Index("ix_survey_answers_queue_answered_at", "queue", "answered_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    ref: Mapped[str | None] = mapped_column(ForeignKey("contacts.ref", ondelete="CASCADE"), index=True)
    queue: Mapped[str]
    answered_at: Mapped[datetime]
    scale: Mapped[str]
    value: Mapped[int]
    aspects: Mapped[dict[str, Any]]
