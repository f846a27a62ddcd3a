"""Give a complaint to its owner: somebody with the skill for it, never the agent it is about (ES7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.core.contacts import EventKind
from bot.core.errors import NotFoundError, RefusedError
from bot.core.ids import AgentId
from bot.core.messages import Outgoing, Urgency
from bot.core.records_messages import ComplaintAssigned
from bot.core.settings import Settings
from bot.store.unit_of_work import Store
from bot.usecases.case_events import case_event, tell
from bot.usecases.case_files import Viewer, find_case
from bot.usecases.complaint_cards import card_key
from bot.usecases.levels import possible_supervisors

__all__ = ["GivenTo", "give_complaint"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenTo:
    """``won``: this press gave the complaint away; else it had the owner already."""

    won: bool
    owner: str


def give_complaint(
    store: Store, settings: Settings, named: str, to: AgentId, *, viewer: Viewer, now: datetime
) -> GivenTo:
    """Give a complaint to its owner; the cards say so.  Raises RefusedError for the agent it is about."""
    with store.unit() as uow:
        ref = find_case(uow, settings, named, viewer).ref
        # Locked: of two who press at once the second must see what the first did.
        contact = uow.contacts.for_update([ref])[ref]
        agent = uow.people.get(to)
        if agent is None or not agent.active:
            raise NotFoundError("agent_unknown", "there is no such agent; nothing was changed.")
        if contact.complained_about == to:
            raise RefusedError(
                "complained_about",
                f"{to} is the one complained about and cannot handle {contact.ref}; nothing was changed.",
                ref=contact.ref,
                agent=to,
            )
        if contact.agent == to:
            return GivenTo(won=False, owner=to)
        tell(uow, settings, case_event(contact.ref, EventKind.ASSIGNED, now, agent=to), now=now)
        message = ComplaintAssigned(
            ref=contact.ref,
            queue=contact.queue,
            priority=contact.priority.value,
            opened_at=contact.opened_at,
            owner=to,
            by=viewer.actor,
            at=now,
        )
        for recipient in possible_supervisors(uow, settings, contact):
            key = card_key(contact, recipient)
            if uow.outbox.by_key(key) is not None:
                uow.outbox.put(
                    Outgoing(
                        recipient=recipient,
                        message=message,
                        dedupe_key=f"{key}:given:{to}:{now.isoformat()}",
                        urgency=Urgency.ALERT,
                        not_before=now,
                        edits=key,
                    ),
                    now,
                )
        uow.audit.add(viewer.actor, "complaint_given", f"case:{contact.ref}", {"agent": to}, now)
        uow.commit()
    return GivenTo(won=True, owner=to)
