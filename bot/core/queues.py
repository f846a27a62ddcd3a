"""Queues of contacts and the channels they come through."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import Enum

from bot.core.calendar import Period
from bot.core.errors import RefusedError
from bot.core.ids import QueueId, TeamId
from bot.core.near_names import nearest


class Channel(Enum):
    """CR13: where a customer turns to us.  A case keeps the one it began in, and one clock for all."""

    PHONE = "phone"
    CHAT = "chat"
    EMAIL = "email"
    WEB = "web"  # a form, answered like e-mail
    APP = "app"  # messages in our own app, held like chat
    SOCIAL = "social"  # public or private messages, answered like e-mail


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """Where contacts wait: who works it (team, skill), when (calendar) and how fast (target).

    ``aht_seconds`` holds until history says otherwise; ``patience_seconds`` is the mean time before a
    waiting customer gives up, None for never; ``concurrency`` is conversations per agent.  ``peaks``: the
    operator's peak windows by weekday, local; without any the busiest quarter of each week's forecast.
    ``self_service``: the share of contacts it is reckoned to take where they are diverted.
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
    peaks: Mapping[int, tuple[Period, ...]] = field(default_factory=dict)
    self_service: float = 0.1


def check_queue(name: str, queues: Collection[str]) -> None:
    """Raises RefusedError for a name that is none of ``queues``, with the nearest of them."""
    if name in queues:
        return
    known = ", ".join(queues)
    raise RefusedError(
        "unknown_queue",
        f"There is no queue {name!r}; app.yaml has: {known}.",
        queue=name,
        queues=known,
        near=nearest(name, queues),
    )
