"""Live states of agents: what somebody is doing, since when, and how old that word is (MA7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final

from bot.core.ids import AgentId

__all__ = ["AT_WORK", "AgentState", "PresenceEntry", "PresenceState"]


class AgentState(Enum):
    """What an agent is doing, as the system they are logged in to says it."""

    AVAILABLE = "available"  # at the queue, free
    BUSY = "busy"  # with a customer, or in the work after one
    BREAK = "break"
    LUNCH = "lunch"
    TRAINING = "training"
    AWAY = "away"  # logged in, not at the queue for a reason nobody told
    OFFLINE = "offline"


AT_WORK: Final = frozenset({AgentState.AVAILABLE, AgentState.BUSY})
"""States that count as present for the queue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PresenceEntry:
    """One word about an agent: ``state`` from ``since`` on, by the source's own clock."""

    agent: AgentId
    state: AgentState
    since: datetime
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PresenceState:
    """The state in force: the one with the latest ``since``, whatever order the words arrived in.

    ``heard_at``: when it was said last; a state nobody has repeated for hours may be over.
    """

    state: AgentState
    since: datetime
    heard_at: datetime
    source: str

    @property
    def at_work(self) -> bool:
        return self.state in AT_WORK
