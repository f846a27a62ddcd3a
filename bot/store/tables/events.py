"""Dated events that act on the volume of queues: campaigns, deadlines, outages, deflection (FP5, FP8)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.base import Base, BigId


class QueueEventRow(Base):
    """``queue`` is empty for every queue, so that the key holds; ``lift_*`` are null where it is learned."""

    __tablename__ = "queue_events"
    __table_args__ = (UniqueConstraint("queue", "kind", "first_day", "last_day"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    queue: Mapped[str]
    kind: Mapped[str]
    first_day: Mapped[date]
    last_day: Mapped[date]
    name: Mapped[str]
    nature: Mapped[str]
    size: Mapped[float]
    lift_low: Mapped[float | None]
    lift_mid: Mapped[float | None]
    lift_high: Mapped[float | None]
    lead_days: Mapped[int]
    tail_days: Mapped[int]
    added_by: Mapped[str]
    added_at: Mapped[datetime]
