"""A department holds a case up: somebody named chases it until it is free (ES6)."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.core.calendar import BusinessCalendar, add_business_time
from bot.core.case_work import CaseBlock
from bot.core.contacts import Contact, EventKind
from bot.core.errors import NotFoundError, RefusedError
from bot.core.ids import AgentId
from bot.core.messages import Outgoing, Recipient, RecipientKind, Urgency
from bot.core.people import Agent
from bot.core.records_messages import ChaseReminder
from bot.core.settings import Settings
from bot.store.unit_of_work import Store, UnitOfWork
from bot.usecases.case_events import case_event, tell
from bot.usecases.case_files import Viewer, find_case
from bot.usecases.departments import department_of

__all__ = ["block_case", "next_due", "tick", "unblock_case"]


def block_case(
    store: Store,
    settings: Settings,
    named: str,
    department: str,
    chaser: Agent,
    *,
    viewer: Viewer,
    now: datetime,
) -> CaseBlock:
    """Note that a department holds a case up; ``chaser`` is reminded every ``records.chase_every`` of
    working time.  A block that stood before is replaced."""
    with store.unit() as uow:
        contact = find_case(uow, settings, named, viewer)
        chosen = department_of(settings, department)
        event = case_event(
            contact.ref, EventKind.BLOCKED, now, department=chosen.department, agent=chaser.agent
        )
        tell(uow, settings, event, now=now)
        block = uow.case_work.block(
            contact.ref, chosen.department, chaser.agent, now=now, next_at=_next(settings, contact, now)
        )
        detail = {"department": chosen.department, "chaser": chaser.agent}
        uow.audit.add(viewer.actor, "case_blocked", f"case:{contact.ref}", detail, now)
        uow.commit()
    return block


def unblock_case(store: Store, settings: Settings, named: str, *, viewer: Viewer, now: datetime) -> CaseBlock:
    """The case is free; no reminder follows.  Raises RefusedError where nothing blocked it."""
    with store.unit() as uow:
        contact = find_case(uow, settings, named, viewer)
        block = uow.case_work.unblock(contact.ref, now=now)
        if block is None:
            raise RefusedError(
                "not_blocked", f"nothing blocks {contact.ref}; nothing was changed.", ref=contact.ref
            )
        event = case_event(contact.ref, EventKind.UNBLOCKED, now, department=block.department)
        tell(uow, settings, event, now=now)
        detail = {"department": block.department, "reminders": block.told}
        uow.audit.add(viewer.actor, "case_unblocked", f"case:{contact.ref}", detail, now)
        uow.commit()
    return block


def case_of_block(store: Store, number: int) -> str:
    """The case a reminder's button is about.  Raises NotFoundError."""
    with store.read() as uow:
        block = uow.case_work.get_block(number)
    if block is None:
        raise NotFoundError("block_unknown", "that block does not exist (any more); nothing was changed.")
    return block.ref


def tick(store: Store, settings: Settings, *, now: datetime, limit: int = 200) -> int:
    """Remind every chaser whose time has come; returns how many were reminded."""
    if (first := next_due(store)) is None or first > now:
        return 0
    told = 0
    with store.unit() as uow:
        due = uow.case_work.chases_due(now, limit)
        contacts = uow.contacts.many({block.ref for block in due}) if due else {}
        for block in due:
            contact = contacts.get(block.ref)
            if contact is None:
                continue
            # From now, not from when it was due: an outage is not made up for by a volley.
            if uow.case_work.claim_chase(block, next_at=_next(settings, contact, now)):
                _remind(uow, settings, block, contact, now)
                told += 1
        if due:
            uow.commit()
    return told


def next_due(store: Store) -> datetime | None:
    with store.read() as uow:
        return uow.case_work.next_chase()


def _next(settings: Settings, contact: Contact, now: datetime) -> datetime:
    calendar = _calendar(settings, contact)
    every = settings.records.chase_every
    if calendar is None:
        return now + every
    try:
        return add_business_time(calendar, now, every)
    except RefusedError:
        return now + max(every, timedelta(hours=1))  # a calendar that never opens


def _calendar(settings: Settings, contact: Contact) -> BusinessCalendar | None:
    queue = settings.queues.get(contact.queue)
    return None if queue is None else settings.calendars[settings.teams[queue.team].calendar]


def _remind(uow: UnitOfWork, settings: Settings, block: CaseBlock, contact: Contact, now: datetime) -> None:
    department = settings.departments.get(block.department)
    message = ChaseReminder(
        block=block.id,
        ref=block.ref,
        queue=contact.queue,
        department=block.department if department is None else department.name,
        since=block.since,
        told=block.told + 1,
    )
    uow.outbox.put(
        Outgoing(
            recipient=Recipient(kind=RecipientKind.AGENT, name=AgentId(block.chaser)),
            message=message,
            dedupe_key=f"chase:{block.id}:{block.told + 1}",
            urgency=Urgency.NOTICE,
            not_before=now,
        ),
        now,
    )
