"""Open a case by hand (K7): for trying a set-up, and for what came in while a source was down."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.core.contacts import Contact, ContactType, EventKind, Priority
from bot.core.errors import NotFoundError, RefusedError
from bot.core.ids import AgentId, ContactRef, QueueId
from bot.core.queues import Channel
from bot.core.settings import Settings
from bot.core.sla import SlaClock
from bot.store.unit_of_work import Store
from bot.usecases.case_events import case_event, tell
from bot.usecases.log_contact import new_case_number

__all__ = ["add_case"]


def add_case(
    store: Store,
    settings: Settings,
    *,
    channel: Channel | None,
    queue: str | None,
    priority: Priority | None,
    type_: ContactType,
    tier: str | None,
    agent: str | None,
    at: datetime,
    by: str,
    now: datetime,
) -> tuple[Contact, tuple[SlaClock, ...]]:
    """The case and its clocks.  Without ``queue`` the only one of the channel is meant.

    Raises RefusedError where no queue or several could be meant, NotFoundError for an unknown agent.
    """
    chosen = _queue(settings, channel, queue)
    with store.unit() as uow:
        if agent is not None and uow.people.get(AgentId(agent)) is None:
            raise NotFoundError("agent_unknown", "there is no such agent; nothing was changed.")
        ref = new_case_number(uow, settings, now)
        opened = case_event(ref, EventKind.OPENED, at, queue=chosen)
        told = replace(
            opened,
            channel=channel,
            priority=priority,
            type=type_,
            tier=tier,
            agent=None if agent is None else AgentId(agent),
        )
        tell(uow, settings, told, now=now)
        uow.audit.add(by, "case_added", f"case:{ref}", {"queue": chosen}, now)
        contact = uow.contacts.get(ContactRef(ref))
        clocks = tuple(uow.clocks.of([ref]).get(ref, {}).values())
        uow.commit()
    if contact is None:
        raise NotFoundError("case_unknown", f"no case {ref} is known; nothing was changed.", ref=ref)
    return contact, clocks


def _queue(settings: Settings, channel: Channel | None, named: str | None) -> QueueId:
    names = ", ".join(sorted(settings.queues))
    if named is not None:
        if QueueId(named) not in settings.queues:
            raise RefusedError(
                "no_such_queue",
                f"there is no such queue; nothing was changed. app.yaml has: {names}.",
                queues=names,
            )
        return QueueId(named)
    fit = [q.queue for q in settings.queues.values() if channel is None or q.channel is channel]
    if len(fit) != 1:
        raise RefusedError(
            "which_queue",
            f"say which queue with --queue; nothing was changed. There are: {names}.",
            queues=names,
        )
    return fit[0]
