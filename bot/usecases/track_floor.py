"""Live states of agents as other systems tell them.  One transaction for a batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.core.changes import ChangeCounts
from bot.core.floor import PresenceEntry
from bot.core.ids import AgentId
from bot.store.unit_of_work import Store
from bot.usecases.intake import FUTURE

__all__ = ["PresenceResult", "record_presence"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PresenceResult:
    """``refused``: (index, kind, text) of states that were not kept."""

    counts: ChangeCounts
    refused: tuple[tuple[int, str, str], ...]


def record_presence(store: Store, entries: Sequence[PresenceEntry], *, now: datetime) -> PresenceResult:
    """Keep states; they may come late, twice and in any order: the latest ``since`` is in force.

    An agent is named by id or by e-mail address.  Nobody's state is kept under a name we do not know.
    """
    refused: list[tuple[int, str, str]] = []
    kept: list[PresenceEntry] = []
    spoken: dict[str, datetime | None] = {}
    with store.unit() as uow:
        names: dict[str, AgentId] = {}
        for agent in uow.people.all(active=False):
            names[agent.email] = agent.agent
        # An id wins over an address that happens to look the same.
        names |= {agent: agent for agent in names.values()}
        for index, entry in enumerate(entries):
            known = names.get(entry.agent) or names.get(entry.agent.lower())
            if known is None:
                text = (
                    "the agent is not known; the state was not kept. Import the agent (muster import agents)."
                )
                refused.append((index, "unknown_agent", text))
            elif entry.since > now + FUTURE:
                text = "'since' lies in the future; the state was not kept. Check the clock of the source."
                refused.append((index, "state_in_future", text))
            else:
                kept.append(replace(entry, agent=known))
                latest = spoken.get(entry.source)
                spoken[entry.source] = entry.since if latest is None else max(latest, entry.since)
        counts = uow.presence.save(kept, now) if kept else ChangeCounts()
        uow.sources.heard_all(spoken, now)
        uow.commit()
    return PresenceResult(counts=counts, refused=tuple(refused))
