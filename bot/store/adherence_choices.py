"""Who chose to see their adherence, and from when on."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.core.ids import AgentId
from bot.store.bulk import insert_new
from bot.store.tables import AdherenceChoiceRow

__all__ = ["AdherenceChoices"]


class AdherenceChoices:
    def __init__(self, session: Session) -> None:
        self._session = session

    def keep(self, agent: AgentId, *, now: datetime) -> None:
        """Count from now on; from when it counts already, where it does."""
        insert_new(
            self._session,
            AdherenceChoiceRow,
            [{"agent": agent, "since": now}],
            keys=("agent",),
            returning="agent",
        )

    def end(self, agent: AgentId) -> bool:
        """Count no more; False where nothing was counted."""
        done = self._session.execute(
            delete(AdherenceChoiceRow)
            .where(AdherenceChoiceRow.agent == agent)
            .returning(AdherenceChoiceRow.agent)
        )
        return len(done.all()) == 1

    def since(self, agent: AgentId) -> datetime | None:
        """From when on an agent is counted; None: not at all."""
        return self._session.scalar(select(AdherenceChoiceRow.since).where(AdherenceChoiceRow.agent == agent))
