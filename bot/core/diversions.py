"""Diversion: contacts of a queue are led to self-service for a while, by a bot or an IVR outside (CA13)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.core.ids import QueueId

__all__ = ["AGAIN_AFTER", "TRIES", "Diversion", "payload"]

AGAIN_AFTER: Final = timedelta(seconds=30)
TRIES: Final = 10
"""After so many the operators are told, and nothing more is tried until somebody switches again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diversion:
    """``told_at``: when the system outside said that it has taken it over; None: not yet."""

    queue: QueueId
    on: bool
    changed_at: datetime
    changed_by: str
    told_at: datetime | None = None
    tries: int = 0


def payload(held: Diversion) -> Mapping[str, object]:
    """What is sent: a queue's name and whether to divert; the same ``id`` where it is sent again.

    >>> from datetime import UTC
    >>> at = datetime(2026, 11, 28, 7, tzinfo=UTC)
    >>> sent = payload(Diversion(queue=QueueId("chat"), on=True, changed_at=at, changed_by="lin"))
    >>> sent["queue"], sent["divert"], sent["id"]
    ('chat', True, 'chat-2026-11-28T07:00:00+00:00')
    """
    at = held.changed_at.isoformat()
    return {"id": f"{held.queue}-{at}", "queue": held.queue, "divert": held.on, "at": at}
