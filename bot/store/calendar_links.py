"""Who may read whose shifts as a calendar: by a token only its owner has seen."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.core.ids import AgentId
from bot.store.bulk import upsert
from bot.store.tables import CalendarLinkRow

__all__ = ["CalendarLinks"]


class CalendarLinks:
    def __init__(self, session: Session) -> None:
        self._session = session

    def replace(self, agent: AgentId, digest: str, *, now: datetime) -> None:
        """Keep the digest of an agent's new token; the one before no longer opens anything."""
        row = {"agent": agent, "digest": digest, "made_at": now}
        upsert(self._session, CalendarLinkRow, [row], keys=("agent",))

    def end(self, agent: AgentId) -> bool:
        """Take the link back; False where there is none."""
        done = self._session.execute(
            delete(CalendarLinkRow).where(CalendarLinkRow.agent == agent).returning(CalendarLinkRow.agent)
        )
        return len(done.all()) == 1

    def made_at(self, agent: AgentId) -> datetime | None:
        """Since when an agent has a link."""
        return self._session.scalar(select(CalendarLinkRow.made_at).where(CalendarLinkRow.agent == agent))

    def owner(self, digest: str) -> AgentId | None:
        """Whose link has this digest."""
        found = self._session.scalar(select(CalendarLinkRow.agent).where(CalendarLinkRow.digest == digest))
        return None if found is None else AgentId(found)
