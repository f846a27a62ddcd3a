"""What was predicted and found on the way: risk calls, episodes of unusual volume or silence, count marks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.base import Base, BigId


class RiskCallRow(Base):
    """The latest prediction of one queue and window.  ``told_at``: when a card about it went out."""

    __tablename__ = "risk_calls"
    __table_args__ = (
        UniqueConstraint("queue", "window_start"),
        Index("ix_risk_calls_window_end", "window_end"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    queue: Mapped[str]
    window_start: Mapped[datetime]
    window_end: Mapped[datetime]
    made_at: Mapped[datetime]
    chance: Mapped[float]
    expected: Mapped[float]
    breaches: Mapped[int]
    seed: Mapped[int]
    told_at: Mapped[datetime | None]
    told_chance: Mapped[float | None]
    judged_at: Mapped[datetime | None]
    happened: Mapped[int | None]
    detail: Mapped[dict[str, Any]]


class WatchEpisodeRow(Base):
    """Something unusual from its beginning to its end; at most one open per kind and queue."""

    __tablename__ = "watch_episodes"
    __table_args__ = (
        Index(
            "uq_watch_episodes_open",
            "kind",
            "queue",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_watch_episodes_since", "since"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str]
    queue: Mapped[str]
    since: Mapped[datetime]
    noticed_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    detail: Mapped[dict[str, Any]]


class CountMarkRow(Base):
    """Up to which event and instant live contacts were counted into volumes."""

    __tablename__ = "count_marks"

    name: Mapped[str] = mapped_column(primary_key=True)
    event: Mapped[int] = mapped_column(BigId)
    since: Mapped[datetime | None]
    counted_at: Mapped[datetime]
