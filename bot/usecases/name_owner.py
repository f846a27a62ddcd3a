"""Name somebody for a stage of a case (CR12), or as one more who works on it (CR15)."""

from __future__ import annotations

from datetime import datetime

from bot.core.case_work import Stage
from bot.core.contacts import ContactType, EventKind
from bot.core.errors import RefusedError
from bot.core.ids import AgentId, ContactRef
from bot.core.settings import Settings
from bot.store.unit_of_work import Store
from bot.usecases.case_events import case_event, tell
from bot.usecases.case_files import Viewer, find_case

__all__ = ["name_owner"]


def name_owner(
    store: Store,
    settings: Settings,
    named: str,
    stage: Stage,
    agent: AgentId,
    *,
    viewer: Viewer,
    now: datetime,
) -> ContactRef:
    """Whoever processes a case is its agent, so that is an event; the other stages are noted.

    Raises RefusedError for the agent a complaint is about.
    """
    with store.unit() as uow:
        contact = find_case(uow, settings, named, viewer)
        if contact.type is ContactType.COMPLAINT and contact.complained_about == agent:
            raise RefusedError(
                "complained_about",
                f"{agent} is the one complained about and cannot handle {contact.ref}; nothing was changed.",
                ref=contact.ref,
                agent=agent,
            )
        if stage is Stage.PROCESS:
            tell(uow, settings, case_event(contact.ref, EventKind.ASSIGNED, now, agent=agent), now=now)
        uow.case_work.name_owner(contact.ref, stage, agent, now=now)
        detail = {"stage": stage.value, "agent": agent}
        uow.audit.add(viewer.actor, "owner_named", f"case:{contact.ref}", detail, now)
        uow.commit()
    return contact.ref
