"""An agent's adherence, for who chose it: that person and their lead (PS11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.adherence import Adherence, adherence
from bot.core.ids import AgentId
from bot.core.people import Agent
from bot.store.unit_of_work import Store

__all__ = ["Seen", "begin", "end", "seen"]

_LONGEST_SHIFT = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """``since``: from when on it counts, the later of the choice and what was asked for."""

    since: datetime
    found: Adherence


def begin(store: Store, agent: AgentId, *, now: datetime) -> None:
    """Count from now on."""
    with store.unit() as uow:
        uow.adherence_choices.keep(agent, now=now)
        uow.audit.add(agent, "adherence_chosen", f"agent:{agent}", {}, now)
        uow.commit()


def end(store: Store, agent: AgentId, *, now: datetime) -> bool:
    """Count no more; False where nothing was counted.  States that were told stay, but nobody counts them."""
    with store.unit() as uow:
        ended = uow.adherence_choices.end(agent)
        if ended:
            uow.audit.add(agent, "adherence_ended", f"agent:{agent}", {}, now)
        uow.commit()
    return ended


def seen(store: Store, agent: Agent, *, days: int, now: datetime) -> Seen | None:
    """The last ``days`` days of who chose it; None for who did not."""
    with store.read() as uow:
        chosen = uow.adherence_choices.since(agent.agent)
        if chosen is None:
            return None
        since = max(chosen, now - timedelta(days=days))
        shifts = uow.rosters.shifts_of(agent.agent, since, now)
        states = uow.presence.history([agent.agent], since - _LONGEST_SHIFT, now).get(agent.agent, [])
    return Seen(since=since, found=adherence(shifts, states, since=since, until=now))
