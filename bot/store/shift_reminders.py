"""Who wants to be told of the next day's shift, and at what local time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.core.ids import AgentId
from bot.store.bulk import upsert
from bot.store.tables import ShiftReminderRow

__all__ = ["ShiftReminders"]


class ShiftReminders:
    def __init__(self, session: Session) -> None:
        self._session = session

    def keep(self, agent: AgentId, at: time, *, now: datetime) -> None:
        """Remind an agent at this local time from now on."""
        row = {"agent": agent, "at": at, "made_at": now}
        upsert(self._session, ShiftReminderRow, [row], keys=("agent",))

    def end(self, agent: AgentId) -> bool:
        """Remind an agent no more; False where nobody did."""
        done = self._session.execute(
            delete(ShiftReminderRow).where(ShiftReminderRow.agent == agent).returning(ShiftReminderRow.agent)
        )
        return len(done.all()) == 1

    def of(self, agent: AgentId) -> time | None:
        """When an agent is reminded; None: not at all."""
        return self._session.scalar(select(ShiftReminderRow.at).where(ShiftReminderRow.agent == agent))

    def all(self) -> Mapping[AgentId, time]:
        """Everybody who is reminded, and when."""
        rows = self._session.execute(select(ShiftReminderRow.agent, ShiftReminderRow.at))
        return {AgentId(agent): at for agent, at in rows}
