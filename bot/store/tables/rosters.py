"""Roster versions with their shifts, segments, certificates and receipts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.base import Base, BigId


class RosterRow(Base):
    __tablename__ = "rosters"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    first: Mapped[date] = mapped_column(index=True)
    days: Mapped[int]
    zone: Mapped[str]
    status: Mapped[str]
    made_at: Mapped[datetime]
    run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id", ondelete="SET NULL"))
    outcome: Mapped[str | None]
    gap: Mapped[float | None]
    published_at: Mapped[datetime | None]
    published_by: Mapped[str | None]
    accepted_because: Mapped[str | None]


class ShiftRow(Base):
    __tablename__ = "shifts"
    __table_args__ = (
        UniqueConstraint("roster_id", "agent", "day", "start"),
        Index("ix_shifts_agent_start", "agent", "start"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    roster_id: Mapped[int] = mapped_column(ForeignKey("rosters.id", ondelete="CASCADE"), index=True)
    agent: Mapped[str]
    day: Mapped[date]
    start: Mapped[datetime]
    end: Mapped[datetime]
    template: Mapped[str] = mapped_column(server_default="")


class SegmentRow(Base):
    __tablename__ = "segments"

    shift_id: Mapped[int] = mapped_column(ForeignKey("shifts.id", ondelete="CASCADE"), primary_key=True)
    start: Mapped[datetime] = mapped_column(primary_key=True)
    end: Mapped[datetime]
    activity: Mapped[str]
    paid: Mapped[bool]


class CertificateRow(Base):
    """The latest certificate of a roster: what was simulated and what came of it."""

    __tablename__ = "certificates"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    roster_id: Mapped[int] = mapped_column(ForeignKey("rosters.id", ondelete="CASCADE"), index=True)
    made_at: Mapped[datetime]
    weakest: Mapped[float]
    inside_share: Mapped[float]
    seed: Mapped[int]
    paths: Mapped[int]
    report: Mapped[dict[str, Any]]


class ReceiptRow(Base):
    """How a published roster stood to the packs of labour law when it was published."""

    __tablename__ = "roster_receipts"

    roster_id: Mapped[int] = mapped_column(ForeignKey("rosters.id", ondelete="CASCADE"), primary_key=True)
    made_at: Mapped[datetime]
    report: Mapped[dict[str, Any]]
