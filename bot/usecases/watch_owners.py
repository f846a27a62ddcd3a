"""Watch for open cases that nobody owns: each is an alert of its own after a while (CR12)."""

from __future__ import annotations

from datetime import datetime

from bot.core.alerts import OWNERLESS_KEY, Concern, ConcernKind
from bot.core.settings import Settings
from bot.store.unit_of_work import Store
from bot.usecases.alert_posts import raise_concerns

__all__ = ["tick"]


def tick(store: Store, settings: Settings, *, now: datetime, limit: int = 500) -> int:
    """Raise a concern for every open case without an owner since ``alerts.ownerless_after``.

    Each case once; cases that only came from a file, and so were promised nothing, are left out.  Returns
    how many were found.
    """
    after = settings.alerts.ownerless_after
    if after is None:
        return 0
    with store.read() as reading:
        if not reading.contacts.any_ownerless(now - after):
            return 0
    with store.unit() as uow:
        contacts = uow.contacts.ownerless(now - after, limit, now)
        found = [
            (
                contact,
                Concern(kind=ConcernKind.OWNERLESS, key=OWNERLESS_KEY, since=contact.opened_at + after),
            )
            for contact in contacts
            if contact.queue in settings.queues
        ]
        raise_concerns(uow, settings, found, now)
        uow.commit()
    return len(contacts)
