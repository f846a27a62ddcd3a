"""A call's record is due some minutes after its end (CR5): its agent is reminded once, by direct message.

The reminder is put into the outbox when the call ends, to leave when the record would be late, and dropped
when the record is finished before: nothing has to look for late records.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.core.contacts import Contact, ContactEvent, EventKind
from bot.core.ids import ContactRef
from bot.core.messages import DeliveryState, Outgoing, Recipient, RecipientKind, Urgency
from bot.core.queues import Channel
from bot.core.records_messages import RecordDue
from bot.core.settings import Settings
from bot.store.unit_of_work import UnitOfWork

__all__ = ["calls_ended", "recorded"]

STALE = timedelta(hours=1)
"""A call that ended longer ago than this is of the past: nobody is reminded of it."""


def calls_ended(
    uow: UnitOfWork,
    settings: Settings,
    events: Iterable[tuple[ContactEvent, Contact]],
    now: datetime,
) -> None:
    """Put a reminder of each call that these events (with their contacts) end without a finished record."""
    within = settings.records.within
    if within is None:
        return
    ended = {
        event.ref: (event.at, contact)
        for event, contact in events
        if event.kind is EventKind.RESOLVED
        and contact.channel is Channel.PHONE
        and contact.agent is not None
        and event.at + within > now - STALE
    }
    if not ended:
        return
    records = uow.records.many(ended)
    for ref, (at, contact) in ended.items():
        record = records.get(ref)
        if record is None or not record.complete:
            _remind(uow, contact, at, within, now)


def recorded(uow: UnitOfWork, ref: ContactRef) -> None:
    """The record is finished: no reminder leaves any more."""
    waiting = uow.outbox.by_key(_key(ref))
    if waiting is not None and waiting.state is DeliveryState.WAITING:
        uow.outbox.drop_all([waiting.id])


def _remind(uow: UnitOfWork, contact: Contact, ended_at: datetime, within: timedelta, now: datetime) -> None:
    message = RecordDue(
        ref=contact.ref,
        queue=contact.queue,
        ended_at=ended_at,
        within_seconds=within.total_seconds(),
    )
    uow.outbox.put(
        Outgoing(
            recipient=Recipient(kind=RecipientKind.AGENT, name=contact.agent or ""),
            message=message,
            dedupe_key=_key(contact.ref),
            urgency=Urgency.NOTICE,
            not_before=max(now, ended_at + within),
        ),
        now,
    )


def _key(ref: ContactRef) -> str:
    return f"record_due:{ref}"
