"""What follows from contact events besides clocks: reminders of records, complaints to supervisors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.core.contacts import Contact, ContactEvent, ContactType, EventKind
from bot.core.ids import ContactRef
from bot.core.settings import Settings
from bot.store.unit_of_work import UnitOfWork
from bot.usecases.complaint_cards import raise_complaints
from bot.usecases.record_duty import calls_ended

__all__ = ["follow"]

_MAY_RAISE = frozenset({EventKind.OPENED, EventKind.RECLASSIFIED, EventKind.ASSIGNED})


def follow(
    uow: UnitOfWork,
    settings: Settings,
    events: Sequence[ContactEvent],
    contacts: Mapping[ContactRef, Contact],
    now: datetime,
) -> None:
    """Called in the unit that recorded ``events``; ``contacts`` as they stand after them."""
    calls_ended(uow, settings, [(e, contacts[e.ref]) for e in events if e.ref in contacts], now)
    complaints = {
        e.ref: contacts[e.ref]
        for e in events
        if e.kind in _MAY_RAISE and e.ref in contacts and contacts[e.ref].type is ContactType.COMPLAINT
    }
    if complaints:
        raise_complaints(uow, settings, complaints.values(), now)
