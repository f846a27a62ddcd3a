"""Incidents and drills: their steps, their times, their reviews (ES8 to ES11)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.base import Base, BigId


class IncidentRow(Base):
    """``titles``, ``notices``: pairs of language and text; ``contacts``: pairs of name and how to reach them.

    ``revision`` counts what the card has said; ``backlog_left``: of ``backlog_total`` cases.
    """

    __tablename__ = "incidents"
    __table_args__ = (Index("ix_incidents_team_closed_at", "team", "closed_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    team: Mapped[str]
    scenario: Mapped[str]
    titles: Mapped[list[Any]]
    what: Mapped[str]
    drill: Mapped[bool]
    contacts: Mapped[list[Any]]
    notices: Mapped[list[Any]]
    started_at: Mapped[datetime]
    started_by: Mapped[str]
    cause: Mapped[str | None]
    recover_by: Mapped[datetime | None]
    compensation: Mapped[str | None]
    window_id: Mapped[int | None] = mapped_column(ForeignKey("exception_windows.id", ondelete="SET NULL"))
    revision: Mapped[int]
    over_at: Mapped[datetime | None]
    over_by: Mapped[str | None]
    backlog_total: Mapped[int | None]
    backlog_left: Mapped[int | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None]
    review: Mapped[dict[str, Any] | None]
    reminded_at: Mapped[datetime | None]


class IncidentStepRow(Base):
    """``texts``: pairs of language and text; ``told_at``: its lateness was told."""

    __tablename__ = "incident_steps"

    incident_id: Mapped[int] = mapped_column(
        ForeignKey("incidents.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    texts: Mapped[list[Any]]
    role: Mapped[str | None]
    owner: Mapped[str | None]
    due_at: Mapped[datetime | None]
    taken_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    done_by: Mapped[str | None]
    told_at: Mapped[datetime | None]


class IncidentEntryRow(Base):
    """What happened, in order."""

    __tablename__ = "incident_entries"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    by: Mapped[str]
    kind: Mapped[str]
    number: Mapped[int | None]
    words: Mapped[str]


class DrillCaseRow(Base):
    """A simulated case: no contact, no clock, no count anywhere else."""

    __tablename__ = "drill_cases"

    incident_id: Mapped[int] = mapped_column(
        ForeignKey("incidents.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    arrived_at: Mapped[datetime]
    due_at: Mapped[datetime]
    handled_at: Mapped[datetime | None]
    handled_by: Mapped[str | None]
