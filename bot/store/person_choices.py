"""What agents chose to get or to be part of."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.core.ids import AgentId
from bot.core.person_choices import DEFAULTS, Choice
from bot.store.bulk import upsert
from bot.store.tables import PersonChoiceRow

__all__ = ["PersonChoices"]


class PersonChoices:
    def __init__(self, session: Session) -> None:
        self._session = session

    def keep(self, agent: AgentId, choice: Choice, wanted: bool, *, now: datetime) -> None:
        """What an agent wants from now on."""
        row = {"agent": agent, "kind": choice.value, "wanted": wanted, "made_at": now}
        upsert(self._session, PersonChoiceRow, [row], keys=("agent", "kind"))

    def wanted(self, agent: AgentId, choice: Choice) -> bool:
        """What an agent chose, else the default of the kind."""
        found = self._session.scalar(
            select(PersonChoiceRow.wanted).where(
                PersonChoiceRow.agent == agent, PersonChoiceRow.kind == choice.value
            )
        )
        return DEFAULTS[choice] if found is None else found

    def differing(self, choice: Choice) -> set[AgentId]:
        """Who chose something else than the default."""
        query = select(PersonChoiceRow.agent).where(
            PersonChoiceRow.kind == choice.value, PersonChoiceRow.wanted.is_not(DEFAULTS[choice])
        )
        return {AgentId(agent) for agent in self._session.scalars(query)}
