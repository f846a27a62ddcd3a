"""One case, one clock, whatever the channel (CR13): names of other systems are linked to one case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.core.allowed_text import reference_problem
from bot.core.contacts import CLOSED, EventKind
from bot.core.errors import RefusedError
from bot.core.ids import ContactRef
from bot.core.settings import Settings
from bot.store.records import split_name
from bot.store.unit_of_work import Store
from bot.usecases.case_events import case_event, tell
from bot.usecases.case_files import Viewer, find_case

__all__ = ["Linked", "link_case"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """``merged``: what had the name was a case of its own, which goes on in ``ref``."""

    ref: ContactRef
    merged: bool


def link_case(
    store: Store, settings: Settings, named: str, other: str, *, viewer: Viewer, now: datetime
) -> Linked:
    """Make ``other`` a name of the case ``named``.

    Events about it then belong to this case.  Where ``other`` is a case itself it is merged: its customer
    has waited since the earlier of the two openings, and it keeps no clock of its own.
    """
    name = other.strip()
    if reference_problem(name) is not None:
        raise RefusedError(
            "not_a_name",
            "that is no name of a case; nothing was linked. Write zendesk:1001 or GD20261124001.",
        )
    with store.unit() as uow:
        contact = find_case(uow, settings, named, viewer)
        source, external = split_name(name)
        if ContactRef(name) == contact.ref:
            raise RefusedError("linked_to_itself", "that is the same case; nothing was linked.")
        copy = uow.contacts.get(ContactRef(name))
        merged = False
        if copy is not None and copy.merged_into is None:
            find_case(uow, settings, name, viewer)
            if copy.status not in CLOSED:
                tell(uow, settings, case_event(copy.ref, EventKind.MERGED, now, into=contact.ref), now=now)
                merged = True
            uow.records.move_links(copy.ref, contact.ref)
        held = uow.records.link(source, external, contact.ref, by=viewer.actor, now=now)
        if held != contact.ref:
            raise RefusedError(
                "linked_elsewhere",
                f"that name belongs to {held} already; nothing was linked.",
                ref=held,
            )
        detail = {"name": name, "merged": merged}
        uow.audit.add(viewer.actor, "case_linked", f"case:{contact.ref}", detail, now)
        uow.commit()
    return Linked(ref=contact.ref, merged=merged)
