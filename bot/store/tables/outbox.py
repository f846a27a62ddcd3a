"""The outbox: messages that are to leave, written in the transaction of their cause."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, false, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.base import Base, BigId


class OutboxRow(Base):
    """``alert``: what this is about, so that its posts are found again; no key, messages outlive alerts.

    ``loud``: it claims its reader's attention, and counts against the noise budget.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_state_not_before", "state", "not_before"),
        Index(
            "ix_outbox_line",
            "recipient_kind",
            "recipient",
            "urgency",
            "created_at",
            "id",
            sqlite_where=text("state IN ('waiting', 'sending')"),
            postgresql_where=text("state IN ('waiting', 'sending')"),
        ),
        Index(
            "ix_outbox_loud",
            "recipient_kind",
            "recipient",
            "created_at",
            sqlite_where=text("loud"),
            postgresql_where=text("loud"),
        ),
        Index(
            "ix_outbox_edits",
            "edits",
            sqlite_where=text("edits IS NOT NULL"),
            postgresql_where=text("edits IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str]
    recipient_kind: Mapped[str]
    recipient: Mapped[str]
    team: Mapped[str | None]
    payload: Mapped[dict[str, Any]]
    dedupe_key: Mapped[str] = mapped_column(unique=True)
    alert: Mapped[int | None] = mapped_column(BigId, index=True)
    urgency: Mapped[int]
    not_before: Mapped[datetime]
    edits: Mapped[str | None]
    thread_of: Mapped[str | None]
    loud: Mapped[bool] = mapped_column(server_default=false())
    state: Mapped[str]
    attempts: Mapped[int]
    claimed_by: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    last_error: Mapped[str | None]
    channel: Mapped[str | None]
    ts: Mapped[str | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None] = mapped_column(index=True)


class DeliveryGateRow(Base):
    """Until when Slack asked us to wait ("post", "edit").  Taking a message locks these rows, which puts
    the workers in line and lets them keep one pace per channel between them."""

    __tablename__ = "delivery_gates"

    gate: Mapped[str] = mapped_column(primary_key=True)
    closed_until: Mapped[datetime | None]
