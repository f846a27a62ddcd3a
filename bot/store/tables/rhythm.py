"""The people's side of the week: their self-reviews, and what they chose to get."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.base import Base, BigId


class WeeklyReviewRow(Base):
    """``measured`` and ``told``: figure to number; ``missing``: figure to why there is none.

    ``told``, ``points`` and ``goals`` are None until the form is back.
    """

    __tablename__ = "weekly_reviews"
    __table_args__ = (UniqueConstraint("agent", "day"), Index("ix_weekly_reviews_team_day", "team", "day"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    agent: Mapped[str]
    team: Mapped[str]
    day: Mapped[date]
    sent_at: Mapped[datetime]
    measured: Mapped[dict[str, Any]]
    missing: Mapped[dict[str, Any]]
    told: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    points: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    goals: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    back_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]


class PersonChoiceRow(Base):
    """``wanted``: whether somebody wants what ``kind`` names; without a row its own default holds."""

    __tablename__ = "person_choices"

    agent: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    wanted: Mapped[bool]
    made_at: Mapped[datetime]
