"""An agent's shifts for their own calendar, under an address only they know (SCENARIOS A2, ST14)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.errors import NotFoundError
from bot.core.ids import AgentId
from bot.core.people import Agent
from bot.store.unit_of_work import Store
from scheduler.roster.shifts import Shift

__all__ = ["Feed", "feed", "link", "standing_since", "unlink"]

BACK = timedelta(days=31)
AHEAD = timedelta(days=120)
"""What a feed holds; published shifts only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """An agent's published shifts from a month back on, by start.

    ``locale``: the language the agent chose, or that of the agent's Slack; None where neither is known.
    """

    agent: Agent
    shifts: tuple[Shift, ...]
    locale: str | None


def link(store: Store, agent: AgentId, token: str, *, now: datetime) -> None:
    """From now on ``token``, and no earlier one, opens the agent's feed.  Only its digest is kept."""
    with store.unit() as uow:
        uow.calendar_links.replace(agent, _digest(token), now=now)
        uow.commit()


def unlink(store: Store, agent: AgentId) -> bool:
    """No token opens the agent's feed any more; False where none did."""
    with store.unit() as uow:
        ended = uow.calendar_links.end(agent)
        uow.commit()
    return ended


def standing_since(store: Store, agent: AgentId) -> datetime | None:
    """Since when the agent has a link; None without one."""
    with store.read() as uow:
        return uow.calendar_links.made_at(agent)


def feed(store: Store, token: str, *, now: datetime) -> Feed:
    """What a token opens.  Raises NotFoundError where it opens nothing, whether it ever did or not."""
    with store.read() as uow:
        owner = uow.calendar_links.owner(_digest(token))
        agent = None if owner is None else uow.people.get(owner)
        if agent is None or not agent.active:
            raise NotFoundError(
                "no_calendar", "This address opens no calendar (any more). Make a new one: /shift calendar."
            )
        shifts = uow.rosters.shifts_of(agent.agent, now - BACK, now + AHEAD)
        locale = uow.languages.of(agent.agent, agent.slack_user) or agent.locale
    return Feed(agent=agent, shifts=tuple(sorted(shifts, key=lambda s: s.start)), locale=locale)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
