"""Timetable slots that ran, long runs with their progress, and the audit trail."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.base import Base, BigId


class JobSlotRow(Base):
    """Whoever inserts (job, slot) runs it; the slot is the local date, so a clock change repeats nothing."""

    __tablename__ = "job_slots"

    job: Mapped[str] = mapped_column(primary_key=True)
    slot: Mapped[str] = mapped_column(primary_key=True)
    taken_at: Mapped[datetime]


class RunRow(Base):
    """A roster solve: queued, running or over; progress and the stop request travel here."""

    __tablename__ = "runs"
    __table_args__ = (Index("ix_runs_state", "state"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str]
    state: Mapped[str]
    parameters: Mapped[dict[str, Any]]
    requested_by: Mapped[str]
    requested_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    stop_requested: Mapped[bool]
    progress: Mapped[dict[str, Any]]
    result: Mapped[dict[str, Any]]
    digest: Mapped[str | None]
    seed: Mapped[int | None]
    error: Mapped[str | None]


class AuditRow(Base):
    """Who did what: acknowledgements, publications, overrides, links.  No customer data."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    detail: Mapped[dict[str, Any]]
