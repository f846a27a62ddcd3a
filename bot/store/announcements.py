"""Announcements and who has read them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from bot.core.announcements import Announcement, Reader
from bot.core.ids import AgentId, AnnouncementId, TeamId
from bot.store.tables import AnnouncementReaderRow, AnnouncementRow

__all__ = ["Announcements"]


class Announcements:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(
        self,
        team: TeamId,
        *,
        what: str,
        reason: str,
        content: str,
        effect: str,
        readers: Sequence[AgentId],
        by: str,
        now: datetime,
    ) -> Announcement:
        row = AnnouncementRow(
            team=team, what=what, reason=reason, content=content, effect=effect, made_at=now, made_by=by
        )
        self._session.add(row)
        self._session.flush()
        self._session.add_all(AnnouncementReaderRow(announcement_id=row.id, agent=a) for a in readers)
        self._session.flush()
        return _announcement(row)

    def get(self, number: AnnouncementId) -> Announcement | None:
        row = self._session.get(AnnouncementRow, number)
        return None if row is None else _announcement(row)

    def latest(self, team: TeamId, limit: int) -> list[Announcement]:
        query = (
            select(AnnouncementRow)
            .where(AnnouncementRow.team == team)
            .order_by(AnnouncementRow.made_at.desc(), AnnouncementRow.id.desc())
            .limit(limit)
        )
        return [_announcement(row) for row in self._session.scalars(query)]

    def readers(self, number: AnnouncementId) -> list[Reader]:
        query = (
            select(AnnouncementReaderRow)
            .where(AnnouncementReaderRow.announcement_id == number)
            .order_by(AnnouncementReaderRow.agent)
        )
        return [
            Reader(agent=AgentId(r.agent), read_at=r.read_at, asked_again_at=r.asked_again_at)
            for r in self._session.scalars(query)
        ]

    def mark_read(self, number: AnnouncementId, agent: AgentId, now: datetime) -> bool:
        """False where it was read already, or this person was never asked."""
        done = self._session.execute(
            update(AnnouncementReaderRow)
            .where(
                AnnouncementReaderRow.announcement_id == number,
                AnnouncementReaderRow.agent == agent,
                AnnouncementReaderRow.read_at.is_(None),
            )
            .values(read_at=now)
            .returning(AnnouncementReaderRow.agent)
        )
        return len(done.all()) == 1

    def unread_since(self, since: datetime) -> list[tuple[Announcement, Reader]]:
        """Announcements made since then, with everybody who has not read them, the oldest first."""
        query = (
            select(AnnouncementRow, AnnouncementReaderRow)
            .join(AnnouncementReaderRow, AnnouncementReaderRow.announcement_id == AnnouncementRow.id)
            .where(AnnouncementReaderRow.read_at.is_(None), AnnouncementRow.made_at >= since)
            .order_by(AnnouncementRow.id, AnnouncementReaderRow.agent)
        )
        return [
            (_announcement(a), Reader(agent=AgentId(r.agent), asked_again_at=r.asked_again_at))
            for a, r in self._session.execute(query)
        ]

    def mark_asked(
        self, number: AnnouncementId, agent: AgentId, *, shift_start: datetime, now: datetime
    ) -> bool:
        """False where it was asked in this shift already, or is read."""
        done = self._session.execute(
            update(AnnouncementReaderRow)
            .where(
                AnnouncementReaderRow.announcement_id == number,
                AnnouncementReaderRow.agent == agent,
                AnnouncementReaderRow.read_at.is_(None),
                or_(
                    AnnouncementReaderRow.asked_again_at.is_(None),
                    AnnouncementReaderRow.asked_again_at < shift_start,
                ),
            )
            .values(asked_again_at=now)
            .returning(AnnouncementReaderRow.agent)
        )
        return len(done.all()) == 1


def _announcement(row: AnnouncementRow) -> Announcement:
    return Announcement(
        number=AnnouncementId(row.id),
        team=TeamId(row.team),
        what=row.what,
        reason=row.reason,
        content=row.content,
        effect=row.effect,
        made_at=row.made_at,
        made_by=row.made_by,
    )
