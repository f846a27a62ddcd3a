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


class RemoteAnswerRow(Base):
    """``day``: the team's day whose digest it stands under; ``told_at``: when it was put there."""

    __tablename__ = "remote_answers"
    __table_args__ = (Index("ix_remote_answers_day", "day"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    team: Mapped[str]
    agent: Mapped[str]
    day: Mapped[date]
    done: Mapped[str]
    next: Mapped[str]
    blocked: Mapped[str]
    made_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
