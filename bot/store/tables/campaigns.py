"""Campaigns, what has to be ready for them, and announcements with who has read them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.base import Base, BigId


class CampaignRow(Base):
    """``goals``: [kind, target, baseline] each; ``duties``: [duty, agent] each."""

    __tablename__ = "campaigns"
    __table_args__ = (Index("ix_campaigns_team_state", "team", "state"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    team: Mapped[str]
    name: Mapped[str]
    first_day: Mapped[date]
    last_day: Mapped[date]
    queues: Mapped[list[Any]]
    types: Mapped[list[Any]]
    channel: Mapped[str]
    department: Mapped[str | None]
    goals: Mapped[list[Any]]
    lift_low: Mapped[float]
    lift_mid: Mapped[float]
    lift_high: Mapped[float]
    lift_from: Mapped[list[Any]]
    duties: Mapped[list[Any]]
    report_every: Mapped[int]
    state: Mapped[str]
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
    causes: Mapped[str]


class CampaignItemRow(Base):
    """``number`` counts within the campaign."""

    __tablename__ = "campaign_items"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str | None]
    words: Mapped[str]
    owner: Mapped[str | None]
    done_at: Mapped[datetime | None]
    done_by: Mapped[str | None]


class AnnouncementRow(Base):
    __tablename__ = "announcements"
    __table_args__ = (Index("ix_announcements_team_made_at", "team", "made_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    team: Mapped[str]
    what: Mapped[str]
    reason: Mapped[str]
    content: Mapped[str]
    effect: Mapped[str]
    made_at: Mapped[datetime]
    made_by: Mapped[str]


class AnnouncementReaderRow(Base):
    """Who was asked to read it; ``asked_again_at``: at the last shift start without an answer."""

    __tablename__ = "announcement_readers"

    announcement_id: Mapped[int] = mapped_column(
        ForeignKey("announcements.id", ondelete="CASCADE"), primary_key=True
    )
    agent: Mapped[str] = mapped_column(primary_key=True)
    read_at: Mapped[datetime | None]
    asked_again_at: Mapped[datetime | None]
