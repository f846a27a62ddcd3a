"""Asking customers after the solution (CP7): whom, when, and what the survey tool outside is told.

It is told the case's reference and a token that comes back with the answer: no name, no text, no address.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from bot.core.contacts import Contact, ContactStatus, result_told
from bot.core.ids import ContactRef, QueueId

__all__ = [
    "LATEST",
    "LOOK_AGAIN",
    "TOKEN",
    "TRIES",
    "AskState",
    "LeftOut",
    "SurveyRequest",
    "SurveySettings",
    "again_after",
    "chosen",
    "hindrance",
    "payload",
]

TRIES: Final = 10
"""After so many the operators are told, and this case is not asked about any more."""
LATEST: Final = timedelta(days=3)
"""A question that comes so long after its time is none about this contact."""
LOOK_AGAIN: Final = timedelta(hours=1)
"""A complaint whose result the customer has not been told is looked at again so much later."""
TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{22}")


class AskState(Enum):
    WAITING = "waiting"
    ASKED = "asked"
    LEFT_OUT = "left_out"
    FAILED = "failed"


class LeftOut(Enum):
    """Why a customer is not asked about a case."""

    REOPENED = "reopened"
    COMPLAINT_OPEN = "complaint_open"
    ASKED_LATELY = "asked_lately"
    TOO_LATE = "too_late"


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveySettings:
    """``after`` the solution one case of ``one_of`` is asked about, a customer at most once in ``once_per``.

    ``queues``: those whose customers are asked; empty for all.
    """

    after: timedelta = timedelta(hours=1)
    one_of: int = 1
    once_per: timedelta = timedelta(days=30)
    queues: frozenset[QueueId] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyRequest:
    """``due_at``: when it is asked, or tried again.  ``tries``: how often it was sent."""

    ref: ContactRef
    queue: QueueId
    channel: str
    token: str
    solved_at: datetime
    due_at: datetime
    state: AskState = AskState.WAITING
    why: LeftOut | None = None
    tries: int = 0
    asked_at: datetime | None = None


def chosen(settings: SurveySettings, contact: Contact) -> bool:
    """Whether this case is one of those asked about: by its reference, so that it is the same each time."""
    if settings.queues and contact.queue not in settings.queues:
        return False
    digest = hashlib.sha256(contact.ref.encode()).digest()
    return int.from_bytes(digest[:8], "big") % settings.one_of == 0


def hindrance(request: SurveyRequest, contact: Contact | None, now: datetime) -> LeftOut | None:
    """Why a case is not asked about now, as far as the case itself tells."""
    if contact is None or contact.resolved_at is None or contact.merged_into is not None:
        return LeftOut.REOPENED
    if contact.status not in (ContactStatus.SOLVED, ContactStatus.ARCHIVED):
        return LeftOut.REOPENED
    if not result_told(contact):
        return LeftOut.COMPLAINT_OPEN
    return LeftOut.TOO_LATE if now > request.solved_at + LATEST and not request.tries else None


def again_after(tries: int) -> timedelta:
    """How long after the ``tries``-th time without success it is tried again: twice as long each time.

    >>> [str(again_after(n)) for n in (1, 2, 7, 9)]
    ['0:01:00', '0:02:00', '1:00:00', '1:00:00']
    """
    return timedelta(minutes=min(60, 2 ** (tries - 1)))


def payload(request: SurveyRequest, locale: str) -> Mapping[str, object]:
    """What the survey tool is told; the same ``token`` where it is told again."""
    return {
        "token": request.token,
        "contact": request.ref,
        "queue": request.queue,
        "channel": request.channel,
        "locale": locale,
        "solved_at": request.solved_at.isoformat(),
    }
