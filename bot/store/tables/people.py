"""Agents, when they can work, and when they are away."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.base import Base, BigId


class AgentRow(Base):
    __tablename__ = "agents"

    agent: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    email: Mapped[str] = mapped_column(unique=True)
    team: Mapped[str]
    skills: Mapped[dict[str, Any]]
    contract: Mapped[str]
    zone: Mapped[str]
    role: Mapped[str]
    slack_user: Mapped[str | None] = mapped_column(unique=True)
    locale: Mapped[str | None]
    active: Mapped[bool]


class AvailabilityRow(Base):
    """Local times of the agent's zone, of a weekday (Monday 0) or a day; an end of 00:00 is midnight.

    An agent without rows is always available; with rows, only then.  Rows of a date win over its weekday's.
    """

    __tablename__ = "availability"
    __table_args__ = (UniqueConstraint("agent", "weekday", "day", "start", "end"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    agent: Mapped[str] = mapped_column(index=True)
    weekday: Mapped[int | None]
    day: Mapped[date | None]
    start: Mapped[time]
    end: Mapped[time]


class LeaveRow(Base):
    """Whole local days, first to last inclusive."""

    __tablename__ = "leave"
    __table_args__ = (UniqueConstraint("agent", "first", "last", "kind"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    agent: Mapped[str] = mapped_column(index=True)
    first: Mapped[date]
    last: Mapped[date]
    kind: Mapped[str]
