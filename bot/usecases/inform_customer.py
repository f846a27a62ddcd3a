"""The customer was told how a case stands (CP5), or its result (CP11, CR21)."""

from __future__ import annotations

from datetime import datetime

from bot.core.contacts import EventKind
from bot.core.ids import ContactRef
from bot.core.settings import Settings
from bot.store.unit_of_work import Store
from bot.usecases.case_events import case_event, tell
from bot.usecases.case_files import Viewer, find_case

__all__ = ["inform_customer"]


def inform_customer(
    store: Store, settings: Settings, named: str, *, viewer: Viewer, now: datetime
) -> ContactRef:
    """Note it as an event of the case: it stops clocks and keeps promises.  Raises as `find_case`."""
    with store.unit() as uow:
        contact = find_case(uow, settings, named, viewer)
        event = case_event(contact.ref, EventKind.INFORMED, now, agent=viewer.rights.agent)
        tell(uow, settings, event, now=now)
        uow.audit.add(viewer.actor, "customer_informed", f"case:{contact.ref}", {}, now)
        uow.commit()
    return contact.ref
