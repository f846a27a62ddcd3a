"""Requests that wait for people's word, and the changes made to published shifts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.base import Base, BigId


class RequestRow(Base):
    """``trades`` and ``answers`` are JSON (`bot.core.requests`); ``posts``: keys of the messages that ask."""

    __tablename__ = "requests"
    __table_args__ = (Index("ix_requests_state_ends", "state", "ends_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    roster_id: Mapped[int] = mapped_column(ForeignKey("rosters.id", ondelete="CASCADE"), index=True)
    cause: Mapped[str]
    asker: Mapped[str | None]
    trades: Mapped[list[Any]]
    answers: Mapped[dict[str, Any]]
    posts: Mapped[list[Any]]
    event: Mapped[str | None] = mapped_column(index=True)
    state: Mapped[str]
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    ends_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]


class ShiftChangeRow(Base):
    """One published shift as it was and as it became; never changed."""

    __tablename__ = "shift_changes"
    __table_args__ = (Index("ix_shift_changes_agent_day", "agent", "day"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    roster_id: Mapped[int] = mapped_column(ForeignKey("rosters.id", ondelete="CASCADE"), index=True)
    request_id: Mapped[int | None] = mapped_column(ForeignKey("requests.id", ondelete="SET NULL"), index=True)
    agent: Mapped[str]
    day: Mapped[date]
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    cause: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime]
