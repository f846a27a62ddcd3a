"""Contacts and their events.  No column holds a customer's name, address, number or text."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.base import Base, BigId

_OWNERLESS = text("agent IS NULL AND owner_asked_at IS NULL AND status NOT IN ('solved', 'archived')")

_REOPENED = text("kind = 'reopened'")


class ContactRow(Base):
    """``owner_asked_at``: when it was noticed that nobody owns it; whoever writes cases leaves it alone.

    ``response_due_at``: the first response as a file's row was promised it; read where no clock says more.
    """

    __tablename__ = "contacts"
    __table_args__ = (
        Index("ix_contacts_queue_opened_at", "queue", "opened_at"),
        Index("ix_contacts_queue_resolved_at", "queue", "resolved_at"),
        Index("ix_contacts_agent_resolved_at", "agent", "resolved_at"),
        Index("ix_contacts_ownerless", "opened_at", sqlite_where=_OWNERLESS, postgresql_where=_OWNERLESS),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True)
    queue: Mapped[str]
    channel: Mapped[str]
    type: Mapped[str]
    priority: Mapped[str]
    tier: Mapped[str]
    status: Mapped[str] = mapped_column(index=True)
    opened_at: Mapped[datetime]
    owner_asked_at: Mapped[datetime | None]
    responded_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    agent: Mapped[str | None]
    outcome: Mapped[str | None]
    handle_seconds: Mapped[float | None]
    source: Mapped[str]
    tags: Mapped[list[Any]] = mapped_column(server_default="[]")
    priority_manual: Mapped[bool] = mapped_column(server_default=false())
    waiting_for: Mapped[str | None]
    department: Mapped[str | None]
    blocked_by: Mapped[str | None]
    chaser: Mapped[str | None]
    complained_about: Mapped[str | None]
    informed_at: Mapped[datetime | None]
    merged_into: Mapped[str | None]
    response_due_at: Mapped[datetime | None]


class ContactEventRow(Base):
    """Events name their contact by ``ref``, not by key: an event may arrive before the contact's opening."""

    __tablename__ = "contact_events"
    __table_args__ = (
        UniqueConstraint("source", "source_event_id"),
        Index("ix_contact_events_reopened", "at", "ref", sqlite_where=_REOPENED, postgresql_where=_REOPENED),
    )

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
    channel: Mapped[str | None]
    tags: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    waiting_for: Mapped[str | None]
    department: Mapped[str | None]
    complained_about: Mapped[str | None]
    merged_into: Mapped[str | None]
    opened_at: Mapped[datetime | None]
    received_at: Mapped[datetime]
