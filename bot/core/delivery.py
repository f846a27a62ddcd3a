"""Delivery policy of the outbox: which message leaves next, and what becomes of one that did not.

Nothing here reads the clock or a table.  Per recipient messages leave one at a time and at most one a
second (Slack's limit per channel), most urgent first, then oldest first.  A message that waits to be
tried again holds back the less urgent and younger ones of its recipient, so that order survives an
outage, but not for ever: after PATIENCE attempts it stands aside.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from bot.core.ids import MessageId
from bot.core.messages import DeliveryState, Recipient
from bot.core.ports import DeliveryError

LEASE: Final = timedelta(seconds=60)
"""How long a claimed message belongs to its worker; far longer than any call to Slack may take."""
PACE: Final = timedelta(seconds=1)
PATIENCE: Final = 10
LONGEST_BACKOFF: Final = timedelta(seconds=60)
TOKEN_REFUSED: Final = frozenset(
    {
        "not_authed",
        "invalid_auth",
        "account_inactive",
        "token_revoked",
        "token_expired",
        "not_allowed_token_type",
    }
)
"""The token itself is refused: nothing can be sent until an operator sets a good one; everything is kept."""
OUT_OF_REACH: Final = TOKEN_REFUSED | {"unreachable", "no_answer", "bad_answer", "rate_limited"}
"""Slack itself was away, busy or refused everything; no other reason why a message had to wait."""
_FOR_EVERYBODY: Final = TOKEN_REFUSED | {"rate_limited"}


class Gate(Enum):
    """Slack limits posts and edits apart; a Retry-After closes one gate for everybody."""

    POST = "post"
    EDIT = "edit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """The first message in line of one recipient.

    ``due_at``: when it may be tried (``not_before``, or the end of the lease of one being sent).
    """

    id: MessageId
    recipient: Recipient
    gate: Gate
    urgency: int
    created_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """``message`` to be sent now, or the instant at which there will be one (None: nothing in line)."""

    message: MessageId | None
    next_due: datetime | None


def choose(
    candidates: Iterable[Candidate],
    *,
    busy_until: Mapping[Recipient, datetime],
    last_sent: Mapping[Recipient, datetime],
    closed_until: Mapping[Gate, datetime],
    now: datetime,
) -> Choice:
    """The most urgent, then oldest, message that may leave at ``now``.

    ``busy_until``: recipients a worker is sending to, with the end of its lease.  ``last_sent``: when a
    message last reached a recipient.  ``closed_until``: what Retry-After asked for.
    """
    ready: list[Candidate] = []
    later: list[datetime] = []
    for candidate in candidates:
        at = candidate.due_at
        if (busy := busy_until.get(candidate.recipient)) is not None:
            at = max(at, busy)
        if (last := last_sent.get(candidate.recipient)) is not None:
            at = max(at, last + PACE)
        if (closed := closed_until.get(candidate.gate)) is not None:
            at = max(at, closed)
        if at <= now:
            ready.append(candidate)
        else:
            later.append(at)
    if ready:
        first = min(ready, key=lambda c: (c.urgency, c.created_at, c.id))
        return Choice(message=first.id, next_due=now)
    return Choice(message=None, next_due=min(later, default=None))


def backoff(attempts: int) -> timedelta:
    """Wait before the next attempt after ``attempts`` of them: 1, 2, 4 ... at most 60 seconds.

    >>> [int(backoff(n).total_seconds()) for n in (1, 2, 3, 7, 50)]
    [1, 2, 4, 60, 60]
    """
    return min(timedelta(seconds=2 ** min(max(attempts - 1, 0), 10)), LONGEST_BACKOFF)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What becomes of a message after an attempt failed.

    SENDING with ``again_at``: it may have been accepted and is looked up then, before it is sent again.
    ``close_gate_until``: nothing of this gate leaves before.
    """

    state: DeliveryState
    again_at: datetime | None
    close_gate_until: datetime | None = None


def after_failure(error: DeliveryError, *, attempts: int, now: datetime) -> Outcome:
    """A temporary failure waits for Retry-After or the backoff; a permanent one ends the message."""
    if not error.temporary and not error.uncertain:
        return Outcome(state=DeliveryState.FAILED, again_at=None)
    again = now + max(backoff(attempts), error.retry_after or timedelta(0))
    return Outcome(
        state=DeliveryState.SENDING if error.uncertain else DeliveryState.WAITING,
        again_at=again,
        # What concerns one recipient or one scope must not keep the others waiting.
        close_gate_until=now + error.retry_after
        if error.retry_after is not None and error.code in _FOR_EVERYBODY
        else None,
    )
