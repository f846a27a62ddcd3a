"""Queues of contacts and the channels they come through."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from bot.core.ids import QueueId, TeamId


class Channel(Enum):
    PHONE = "phone"
    CHAT = "chat"
    EMAIL = "email"


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """Where contacts wait: who works it (team, skill), when (calendar) and how fast (target).

    ``aht_seconds`` holds until history says otherwise; ``patience_seconds`` is the mean time before a
    waiting customer gives up, None for never; ``concurrency`` is conversations per agent.
    """

    queue: QueueId
    team: TeamId
    channel: Channel
    skill: str
    calendar: str
    target: str
    aht_seconds: float
    patience_seconds: float | None = None
    concurrency: int = 1
