"""Contacts and their events.  No column holds a customer's name, address, number or text."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.base import Base, BigId


class ContactRow(Base):
    __tablename__ = "contacts"
    __table_args__ = (Index("ix_contacts_queue_opened_at", "queue", "opened_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True)
    queue: Mapped[str]
    channel: Mapped[str]
    type: Mapped[str]
    priority: Mapped[str]
    tier: Mapped[str]
    status: Mapped[str] = mapped_column(index=True)
    opened_at: Mapped[datetime]
    responded_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    agent: Mapped[str | None]
    outcome: Mapped[str | None]
    handle_seconds: Mapped[float | None]
    source: Mapped[str]


class ContactEventRow(Base):
    """Events name their contact by ``ref``, not by key: an event may arrive before the contact's opening."""

    __tablename__ = "contact_events"
    __table_args__ = (UniqueConstraint("source", "source_event_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ref: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str]
    at: Mapped[datetime]
    source: Mapped[str]
    source_event_id: Mapped[str]
    queue: Mapped[str | None]
    type: Mapped[str | None]
    priority: Mapped[str | None]
    tier: Mapped[str | None]
    agent: Mapped[str | None]
    outcome: Mapped[str | None]
    handle_seconds: Mapped[float | None]
    received_at: Mapped[datetime]
