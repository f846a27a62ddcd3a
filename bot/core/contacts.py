"""Contact and ContactEvent: what a customer asked, and everything that happened to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Final

from bot.core.errors import RefusedError
from bot.core.ids import AgentId, ContactRef, QueueId
from bot.core.queues import Channel


class ContactType(Enum):
    """CR7; aliases in both languages are resolved where data enters."""

    CONSULT = "consult"
    ORDER = "order"
    AFTER_SALES = "after_sales"
    COMPLAINT = "complaint"
    URGENT = "urgent"
    SUGGESTION = "suggestion"
    OTHER = "other"


class Priority(Enum):
    """CR8, most pressing first."""

    URGENT = "urgent"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class ContactStatus(Enum):
    """CR11: nothing is untracked between these."""

    NEW = "new"  # arrived, nobody has answered
    RESPONDED = "responded"  # first answer given, being worked on
    PENDING = "pending"  # waiting for the customer or another department
    SOLVED = "solved"
    ARCHIVED = "archived"


class EventKind(Enum):
    OPENED = "opened"
    ASSIGNED = "assigned"
    RESPONDED = "responded"
    PENDING = "pending"
    RESUMED = "resumed"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    PRIORITY_CHANGED = "priority_changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One case, whatever the channel it came through.  Times are aware UTC."""

    ref: ContactRef
    queue: QueueId
    channel: Channel
    type: ContactType
    priority: Priority
    tier: str
    status: ContactStatus
    opened_at: datetime
    responded_at: datetime | None = None
    resolved_at: datetime | None = None
    agent: AgentId | None = None
    outcome: str | None = None
    handle_seconds: float | None = None
    source: str = "api"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactEvent:
    """Something that happened to a contact, at its own time ``at``, told by ``source``.

    (source, source_event_id) is unique: a repeated delivery changes nothing.  The optional fields are
    read by the kinds that need them: OPENED (queue, type, priority, tier), ASSIGNED and RESPONDED
    (agent), RESOLVED (outcome, handle_seconds), PRIORITY_CHANGED (priority).
    """

    ref: ContactRef
    kind: EventKind
    at: datetime
    source: str
    source_event_id: str
    queue: QueueId | None = None
    type: ContactType | None = None
    priority: Priority | None = None
    tier: str | None = None
    agent: AgentId | None = None
    outcome: str | None = None
    handle_seconds: float | None = None


CLOSED: Final = frozenset({ContactStatus.SOLVED, ContactStatus.ARCHIVED})

_ALLOWED_FROM: Final = {
    EventKind.ASSIGNED: frozenset(ContactStatus) - {ContactStatus.ARCHIVED},
    EventKind.RESPONDED: frozenset(ContactStatus) - {ContactStatus.ARCHIVED},
    EventKind.PENDING: frozenset({ContactStatus.NEW, ContactStatus.RESPONDED}),
    EventKind.RESUMED: frozenset({ContactStatus.PENDING}),
    EventKind.RESOLVED: frozenset({ContactStatus.NEW, ContactStatus.RESPONDED, ContactStatus.PENDING}),
    EventKind.REOPENED: CLOSED,
    EventKind.PRIORITY_CHANGED: frozenset(ContactStatus) - {ContactStatus.ARCHIVED},
}
"""CR11: the states in which an event makes sense."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """A contact as its events tell it; ``waiting`` do not fit yet: one before them may be on its way."""

    contact: Contact | None
    waiting: tuple[tuple[ContactEvent, RefusedError], ...]


def apply(contact: Contact | None, event: ContactEvent, *, channel: Channel | None = None) -> Contact:
    """The contact after an event that follows everything already applied.

    OPENED makes a contact (``channel``: that of its queue); every other kind needs one.  The first answer
    counts as the response, and so does solving without one.  An event dated before the opening counts
    from the opening.  Raises RefusedError, with nothing changed, for a transition that makes no sense.
    """
    if event.kind is EventKind.OPENED:
        return _opened(contact, event, channel)
    if contact is None:
        raise RefusedError(
            "contact_not_opened",
            f"{event.ref} was never opened, so {event.kind.value!r} changed nothing. Send 'opened' first.",
            ref=event.ref,
            event=event.kind.value,
        )
    if contact.status not in _ALLOWED_FROM[event.kind]:
        raise RefusedError(
            "illegal_transition",
            f"{event.ref} is {contact.status.value}, so {event.kind.value!r} changed nothing. It is possible "
            f"for contacts that are {' or '.join(sorted(s.value for s in _ALLOWED_FROM[event.kind]))}.",
            ref=event.ref,
            event=event.kind.value,
            status=contact.status.value,
        )
    at = max(event.at, contact.opened_at)
    if event.kind is EventKind.ASSIGNED:
        return replace(contact, agent=event.agent or contact.agent)
    if event.kind is EventKind.RESPONDED:
        return replace(
            contact,
            status=ContactStatus.RESPONDED if contact.status is ContactStatus.NEW else contact.status,
            responded_at=contact.responded_at or at,
            agent=event.agent or contact.agent,
        )
    if event.kind is EventKind.PENDING:
        return replace(contact, status=ContactStatus.PENDING)
    if event.kind is EventKind.RESUMED:
        return replace(contact, status=_working(contact))
    if event.kind is EventKind.RESOLVED:
        return replace(
            contact,
            status=ContactStatus.SOLVED,
            responded_at=contact.responded_at or at,
            resolved_at=at,
            agent=event.agent or contact.agent,
            outcome=event.outcome or contact.outcome,
            handle_seconds=contact.handle_seconds if event.handle_seconds is None else event.handle_seconds,
        )
    if event.kind is EventKind.REOPENED:
        return replace(contact, status=_working(contact), resolved_at=None)
    return replace(contact, priority=event.priority or contact.priority)


def rebuild(events: Iterable[ContactEvent], *, channel: Channel | None = None) -> Rebuilt:
    """The contact that these events of one case make, in whatever order they arrived.

    Events are applied by their own time; of equal times, in the order of the states they lead to.  The
    result depends on the set of events only.  Those that do not fit are returned with the reason.
    """
    contact: Contact | None = None
    waiting: list[tuple[ContactEvent, RefusedError]] = []
    for event in sorted(events, key=_in_time):
        try:
            contact = apply(contact, event, channel=channel)
        except RefusedError as error:
            waiting.append((event, error))
    return Rebuilt(contact=contact, waiting=tuple(waiting))


def events_of(contact: Contact) -> tuple[ContactEvent, ...]:
    """The events that would have made a contact that came from a file, so that live ones can follow."""
    opened = ContactEvent(
        ref=contact.ref,
        kind=EventKind.OPENED,
        at=contact.opened_at,
        source="import",
        source_event_id=f"{contact.ref}:opened",
        queue=contact.queue,
        type=contact.type,
        priority=contact.priority,
        tier=contact.tier,
        agent=contact.agent,
    )
    later = [(EventKind.RESPONDED, contact.responded_at)]
    if contact.status is ContactStatus.PENDING:
        later.append((EventKind.PENDING, contact.responded_at or contact.opened_at))
    if contact.status in CLOSED:
        later.append((EventKind.RESOLVED, contact.resolved_at or contact.responded_at or contact.opened_at))
    return (
        opened,
        *(
            replace(
                opened,
                kind=kind,
                at=at,
                source_event_id=f"{contact.ref}:{kind.value}",
                outcome=contact.outcome,
                handle_seconds=contact.handle_seconds,
            )
            for kind, at in later
            if at is not None
        ),
    )


def answered_at(contact: Contact) -> datetime | None:
    """When the customer had the first answer; a contact solved without one was answered then."""
    return contact.responded_at or contact.resolved_at


def _opened(contact: Contact | None, event: ContactEvent, channel: Channel | None) -> Contact:
    if contact is not None:
        raise RefusedError(
            "already_opened",
            f"{event.ref} is open since {contact.opened_at.isoformat()}; nothing was changed. "
            "Give a new case its own reference, or send 'reopened'.",
            ref=event.ref,
        )
    if event.queue is None or channel is None:
        raise RefusedError(
            "event_incomplete",
            f"'opened' of {event.ref} names no queue; nothing was changed. Send 'queue'.",
            ref=event.ref,
            field="queue",
        )
    return Contact(
        ref=event.ref,
        queue=event.queue,
        channel=channel,
        type=event.type or ContactType.OTHER,
        priority=event.priority or Priority.MEDIUM,
        tier=event.tier or "",
        status=ContactStatus.NEW,
        opened_at=event.at,
        agent=event.agent,
        source=event.source,
    )


def _working(contact: Contact) -> ContactStatus:
    return ContactStatus.NEW if contact.responded_at is None else ContactStatus.RESPONDED


_ORDER: Final = {
    EventKind.OPENED: 0,
    EventKind.PRIORITY_CHANGED: 1,
    EventKind.ASSIGNED: 2,
    EventKind.RESPONDED: 3,
    EventKind.PENDING: 4,
    EventKind.RESUMED: 5,
    EventKind.RESOLVED: 6,
    EventKind.REOPENED: 7,
}


def _in_time(event: ContactEvent) -> tuple[bool, datetime, int, str, str]:
    # The opening comes first whatever its clock says: sources round their times differently.
    later = event.kind is not EventKind.OPENED
    return (later, event.at, _ORDER[event.kind], event.source, event.source_event_id)
