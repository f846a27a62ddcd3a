"""Alerts: one per contact; storms: many of them told as one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.base import Base, BigId


class AlertRow(Base):
    """``concerns``, ``passed_over`` and ``told`` are always read and written with their alert."""

    __tablename__ = "alerts"
    __table_args__ = (
        Index(
            "ix_alerts_due",
            "next_step_at",
            sqlite_where=text("next_step_at IS NOT NULL"),
            postgresql_where=text("next_step_at IS NOT NULL"),
        ),
        Index(
            "ix_alerts_storm_id",
            "storm_id",
            sqlite_where=text("storm_id IS NOT NULL"),
            postgresql_where=text("storm_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"), unique=True)
    queue: Mapped[str]
    team: Mapped[str]
    state: Mapped[str]
    concerns: Mapped[list[Any]]
    opened_at: Mapped[datetime]
    posted_at: Mapped[datetime]
    step: Mapped[int]
    next_step_at: Mapped[datetime | None]
    repeats: Mapped[int]
    answered_by: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    snoozed_until: Mapped[datetime | None]
    posts: Mapped[int]
    revision: Mapped[int]
    storm_id: Mapped[int | None] = mapped_column(BigId)
    passed_over: Mapped[list[Any]]
    told: Mapped[list[Any]]


class BreachLineRow(Base):
    """One row per team and queue, locked by whoever raises breaches there: ``recent`` as [alert, time]."""

    __tablename__ = "breach_lines"

    team: Mapped[str] = mapped_column(primary_key=True)
    queue: Mapped[str] = mapped_column(primary_key=True)
    recent: Mapped[list[Any]]
    storm_id: Mapped[int | None] = mapped_column(BigId)
    last_at: Mapped[datetime | None]


class StormRow(Base):
    """A group of alerts told as one; its members point here.  ``counted``: as last told."""

    __tablename__ = "storms"
    __table_args__ = (
        Index(
            "ix_storms_live",
            "id",
            sqlite_where=text("state != 'resolved'"),
            postgresql_where=text("state != 'resolved'"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    team: Mapped[str]
    queue: Mapped[str]
    state: Mapped[str]
    opened_at: Mapped[datetime]
    step: Mapped[int]
    next_step_at: Mapped[datetime | None]
    repeats: Mapped[int]
    answered_by: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    revision: Mapped[int]
    counted: Mapped[list[Any]]
    passed_over: Mapped[list[Any]]
    told: Mapped[list[Any]]


class FoldRow(Base):
    """The summary of one reader's alerts beyond their noise budget: ``alerts`` as `FoldedAlert`, newest
    last, of which only the oldest and the newest are kept."""

    __tablename__ = "folds"

    recipient_kind: Mapped[str] = mapped_column(primary_key=True)
    recipient: Mapped[str] = mapped_column(primary_key=True)
    began_at: Mapped[datetime | None]
    revision: Mapped[int]
    count: Mapped[int]
    alerts: Mapped[list[Any]]
