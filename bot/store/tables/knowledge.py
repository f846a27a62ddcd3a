"""Words the team proposed and accepted, and one's own phrases."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.base import Base, BigId


class KnowledgeProposalRow(Base):
    """``version`` is 0 until it is accepted."""

    __tablename__ = "knowledge_proposals"
    __table_args__ = (Index("ix_knowledge_proposals_state", "state"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    team: Mapped[str]
    key: Mapped[str]
    kind: Mapped[str]
    locale: Mapped[str]
    title: Mapped[str]
    text: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[str]
    made_at: Mapped[datetime]
    state: Mapped[str]
    version: Mapped[int]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    reason: Mapped[str | None]


class OwnPhraseRow(Base):
    """Seen by nobody but the agent."""

    __tablename__ = "own_phrases"

    agent: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]
