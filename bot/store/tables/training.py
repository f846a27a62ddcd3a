"""Trainings that were held, who was there, and skills on record (TI1, TI10)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.base import Base, BigId


class TrainingRow(Base):
    """``recorded_at`` is None until a lead has said who was there."""

    __tablename__ = "trainings"
    __table_args__ = (UniqueConstraint("team", "kind", "start", "end"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    team: Mapped[str]
    kind: Mapped[str]
    start: Mapped[datetime]
    end: Mapped[datetime]
    topic: Mapped[str | None]
    skill: Mapped[str | None]
    level: Mapped[float | None]
    asked_at: Mapped[datetime]
    recorded_at: Mapped[datetime | None]
    recorded_by: Mapped[str | None]


class TrainingPersonRow(Base):
    """``away``: reported absent when the leads were asked."""

    __tablename__ = "training_people"
    __table_args__ = (Index("ix_training_people_agent", "agent"),)

    training_id: Mapped[int] = mapped_column(
        ForeignKey("trainings.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    agent: Mapped[str] = mapped_column(primary_key=True)
    attended: Mapped[bool]
    away: Mapped[bool]


class SkillRecordRow(Base):
    """``decision`` is None where the roster had the skill, and ``training_id`` where no training gave it."""

    __tablename__ = "skill_records"
    __table_args__ = (UniqueConstraint("agent", "skill", "source", "since"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    agent: Mapped[str]
    skill: Mapped[str]
    level: Mapped[float | None]
    since: Mapped[date]
    source: Mapped[str]
    topic: Mapped[str | None]
    training_id: Mapped[int | None] = mapped_column(
        ForeignKey("trainings.id", ondelete="SET NULL"), index=True
    )
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    decision: Mapped[str | None]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
