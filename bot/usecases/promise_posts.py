"""What a promise says to people, and what becomes of it when the promise is over.  Called inside a unit."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bot.core.messages import DeliveryState, Message, Outgoing, Recipient, Urgency
from bot.core.promise_messages import PromiseOver
from bot.core.promises import Promise
from bot.store.unit_of_work import UnitOfWork

__all__ = ["close_posts", "messages", "tell"]


def messages(
    promise: Promise,
    what: str,
    recipients: Iterable[Recipient],
    message: Message,
    now: datetime,
    *,
    urgency: Urgency = Urgency.ALERT,
) -> list[Outgoing]:
    """One message to each, once for a promise and ``what`` is said of it."""
    return [
        Outgoing(
            recipient=recipient,
            message=message,
            dedupe_key=f"promise:{promise.promise}:{what}:{recipient.kind.value}:{recipient.name}",
            urgency=urgency,
            not_before=now,
        )
        for recipient in recipients
    ]


def tell(
    uow: UnitOfWork,
    promise: Promise,
    what: str,
    recipients: Iterable[Recipient],
    message: Message,
    now: datetime,
    *,
    urgency: Urgency = Urgency.ALERT,
) -> None:
    """The same, put into the outbox and remembered, to be edited when nothing is left to do."""
    said = messages(promise, what, recipients, message, now, urgency=urgency)
    uow.promises.told(promise.promise, [one.dedupe_key for one in said if uow.outbox.put(one, now)])


def close_posts(uow: UnitOfWork, promise: Promise, over: PromiseOver, now: datetime) -> None:
    """Every post that asked somebody to act says what became of it; those still waiting are dropped."""
    for key in promise.posts:
        post = uow.outbox.by_key(key)
        if post is None or post.state in (DeliveryState.FAILED, DeliveryState.DROPPED):
            continue
        if post.state is DeliveryState.WAITING and not post.attempts:
            uow.outbox.drop_all([post.id])
            dropped = uow.outbox.by_key(key)
            if dropped is not None and dropped.state is DeliveryState.DROPPED:
                continue  # else somebody began to send it just now
        uow.outbox.put(
            Outgoing(
                recipient=post.outgoing.recipient,
                message=over,
                dedupe_key=f"{key}:over",
                urgency=Urgency.NOTICE,
                not_before=now,
                edits=key,
            ),
            now,
        )
