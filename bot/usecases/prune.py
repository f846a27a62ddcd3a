"""Retention (PS8): what is older than app.yaml allows is deleted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.core.settings import Settings
from bot.store.unit_of_work import Store

__all__ = ["Pruned", "tick"]

_BATCH = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """``contacts`` with their events, clocks and alerts; ``messages`` of the outbox."""

    contacts: int
    messages: int


def tick(store: Store, settings: Settings, *, now: datetime) -> Pruned:
    """Delete resolved contacts and ended messages past their retention, in small transactions.

    Open contacts and unsent messages stay, however old: somebody still waits for them.
    """
    contacts = messages = 0
    while True:
        with store.unit() as uow:
            gone = uow.contacts.delete_resolved(now - settings.retention.contacts, _BATCH)
            uow.commit()
        contacts += gone
        if gone < _BATCH:
            break
    while True:
        with store.unit() as uow:
            gone = uow.outbox.delete_ended(now - settings.retention.messages, _BATCH)
            uow.commit()
        messages += gone
        if gone < _BATCH:
            break
    if contacts or messages:
        with store.unit() as uow:
            uow.audit.add("retention", "pruned", "store", {"contacts": contacts, "messages": messages}, now)
            uow.commit()
    return Pruned(contacts=contacts, messages=messages)
