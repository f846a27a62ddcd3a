"""Live states of agents, and the systems that tell Muster anything."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.base import Base


class PresenceRow(Base):
    """``state`` from ``since`` on; rows stay for the adherence of days gone by."""

    __tablename__ = "presence"
    __table_args__ = (Index("ix_presence_source_heard", "source", "heard_at"),)

    agent: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    heard_at: Mapped[datetime]


class SourceRow(Base):
    """``last_event_at``: the latest time this system spoke of; ``heard_at``: when it last spoke."""

    __tablename__ = "sources"

    name: Mapped[str] = mapped_column(primary_key=True)
    last_event_at: Mapped[datetime | None]
    heard_at: Mapped[datetime]
