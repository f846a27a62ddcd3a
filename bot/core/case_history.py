"""The case as its events tell it: which transition makes sense, and what it changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Final

from bot.core.contacts import (
    CLOSED,
    RULES,
    Contact,
    ContactEvent,
    ContactStatus,
    ContactType,
    EventKind,
    Priority,
    WaitingFor,
    more_pressing,
    result_told,
)
from bot.core.errors import RefusedError
from bot.core.queues import Channel

__all__ = ["Rebuilt", "Step", "apply", "counted_from", "events_of", "opening_of", "rebuild", "steps_of"]

_NOT_ARCHIVED: Final = frozenset(ContactStatus) - {ContactStatus.ARCHIVED}
_OPEN: Final = _NOT_ARCHIVED - {ContactStatus.SOLVED}

_ALLOWED_FROM: Final = {
    EventKind.ASSIGNED: _NOT_ARCHIVED,
    EventKind.RESPONDED: _NOT_ARCHIVED,
    EventKind.CUSTOMER_REPLIED: _NOT_ARCHIVED,
    EventKind.PENDING: _OPEN,
    EventKind.RESUMED: frozenset({ContactStatus.PENDING}),
    EventKind.RESOLVED: _NOT_ARCHIVED,
    EventKind.REOPENED: CLOSED,
    EventKind.PRIORITY_CHANGED: _NOT_ARCHIVED,
    EventKind.RECLASSIFIED: _NOT_ARCHIVED,
    EventKind.HANDED_OVER: _OPEN,
    EventKind.HAND_OVER_ANSWERED: _NOT_ARCHIVED,
    EventKind.CALL_BACK_ASKED: _OPEN,
    EventKind.CALLED_BACK: _NOT_ARCHIVED,
    EventKind.INFORMED: _NOT_ARCHIVED,
    EventKind.PLAN_GIVEN: _NOT_ARCHIVED,
    EventKind.EXAMINED: _NOT_ARCHIVED,
    EventKind.BLOCKED: _OPEN,
    EventKind.UNBLOCKED: _NOT_ARCHIVED,
    EventKind.ARCHIVED: _NOT_ARCHIVED,
    EventKind.MERGED: _NOT_ARCHIVED,
    EventKind.ABSORBED: frozenset(ContactStatus),
}
"""CR11: the states in which an event makes sense."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One event that took effect: its kind, the instant it counts from, and the contact after it."""

    kind: EventKind
    at: datetime
    contact: Contact


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """A contact as its events tell it; ``waiting`` do not fit yet: one before them may be on its way.

    ``steps``: the events that took effect, in order; the last one's contact is ``contact``.
    """

    contact: Contact | None
    steps: tuple[Step, ...]
    waiting: tuple[tuple[ContactEvent, RefusedError], ...]


def apply(contact: Contact | None, event: ContactEvent, *, channel: Channel | None = None) -> Contact:
    """The contact after an event that follows everything already applied.

    OPENED makes a contact (``channel``: that of its queue); every other kind needs one.  The first answer
    counts as the response, and so does solving without one.  What is solved again counts as solved then.
    An event dated before the opening counts from the opening.  Raises RefusedError, with nothing changed,
    for a transition that makes no sense, and for archiving a complaint whose result the customer was not
    told (CP11).
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
    return _CHANGES[event.kind](contact, event, counted_from(contact, event))


def counted_from(contact: Contact, event: ContactEvent) -> datetime:
    """The instant an event counts from: sources round their times, and nothing comes before the opening."""
    return max(event.at, contact.opened_at)


def rebuild(events: Iterable[ContactEvent], *, channel: Channel | None = None) -> Rebuilt:
    """The contact that these events of one case make, in whatever order they arrived.

    Events are applied by their own time.  Of equal times, as sources that round to minutes tell them, each
    in its place once it makes sense: a solved case that is reopened and solved in one minute is solved.  The
    result depends on the set of events only.  Those that do not fit are returned with the reason.
    """
    contact: Contact | None = None
    steps: list[Step] = []
    waiting: list[tuple[ContactEvent, RefusedError]] = []
    for _, together in groupby(sorted(events, key=_in_time), key=_instant):
        left = list(together)
        while left:
            fits, unfit = _fitting(contact, left, steps, channel)
            if not fits:
                waiting += unfit
                break
            first = contact
            event, step = next((f for f in fits if first is None or not _repeats(first, f[0])), fits[0])
            contact = step.contact
            steps.append(step)
            left.remove(event)
    return Rebuilt(contact=contact, steps=tuple(steps), waiting=tuple(waiting))


def _fitting(
    contact: Contact | None, events: Iterable[ContactEvent], before: Sequence[Step], channel: Channel | None
) -> tuple[list[tuple[ContactEvent, Step]], list[tuple[ContactEvent, RefusedError]]]:
    """Which of the events could come next, with the step each would be, and why the others could not."""
    fits: list[tuple[ContactEvent, Step]] = []
    unfit: list[tuple[ContactEvent, RefusedError]] = []
    for event in events:
        # Absorbing a case moves the opening, and not what was told before that.
        at = max(event.at, before[0].at) if before else event.at
        counted = event if at == event.at else replace(event, at=at)
        try:
            after = apply(contact, counted, channel=channel)
        except RefusedError as error:
            unfit.append((event, error))
        else:
            fits.append((event, Step(kind=event.kind, at=at, contact=after)))
    return fits, unfit


def _repeats(contact: Contact, event: ContactEvent) -> bool:
    """Whether the case is already what the event says it becomes."""
    if event.kind is EventKind.RESOLVED:
        return contact.status is ContactStatus.SOLVED
    return event.kind is EventKind.PENDING and contact.status is ContactStatus.PENDING


def opening_of(events: Iterable[ContactEvent]) -> ContactEvent | None:
    """The opening that counts where a case was opened more than once: the earliest.

    Of equal times the same one in whatever order they arrived.
    """
    return min((e for e in events if e.kind is EventKind.OPENED), key=_in_time, default=None)


def steps_of(contact: Contact) -> tuple[Step, ...]:
    """The steps that would have made a contact that came from a file."""
    return rebuild(events_of(contact), channel=contact.channel).steps


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
        channel=contact.channel,
        tags=contact.tags,
        complained_about=contact.complained_about,
    )
    later = [(EventKind.RESPONDED, contact.responded_at)]
    if contact.status is ContactStatus.PENDING:
        later.append((EventKind.PENDING, contact.responded_at or contact.opened_at))
    if contact.status is ContactStatus.SOLVED:
        later.append((EventKind.RESOLVED, contact.resolved_at or contact.responded_at or contact.opened_at))
    if contact.status is ContactStatus.ARCHIVED:
        # Such as a caller who gave up: nothing was solved, nothing is promised any more.
        ended = contact.resolved_at or contact.responded_at or contact.opened_at
        kinds = (EventKind.RESOLVED, EventKind.ARCHIVED) if contact.resolved_at else (EventKind.ARCHIVED,)
        later += [(kind, ended) for kind in kinds]
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
                waiting_for=contact.waiting_for,
            )
            for kind, at in later
            if at is not None
        ),
    )


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
        channel=event.channel or channel,
        type=event.type or ContactType.OTHER,
        priority=event.priority or Priority.MEDIUM,
        tier=event.tier or "",
        status=ContactStatus.NEW,
        opened_at=event.at,
        agent=event.agent,
        source=event.source,
        tags=event.tags or frozenset(),
        complained_about=event.complained_about,
    )


def _working(contact: Contact) -> Contact:
    """Being worked on: nothing is waited for."""
    status = ContactStatus.NEW if contact.responded_at is None else ContactStatus.RESPONDED
    return replace(contact, status=status, waiting_for=None, resolved_at=None)


def _assigned(contact: Contact, event: ContactEvent, _at: datetime) -> Contact:
    return replace(contact, agent=event.agent or contact.agent)


def _responded(contact: Contact, event: ContactEvent, at: datetime) -> Contact:
    return replace(
        contact,
        status=ContactStatus.RESPONDED if contact.status is ContactStatus.NEW else contact.status,
        responded_at=contact.responded_at or at,
        agent=event.agent or contact.agent,
    )


def _customer_replied(contact: Contact, _event: ContactEvent, _at: datetime) -> Contact:
    waited = contact.waiting_for is WaitingFor.CUSTOMER
    return _working(contact) if waited or contact.status is ContactStatus.SOLVED else contact


def _pending(contact: Contact, event: ContactEvent, _at: datetime) -> Contact:
    waiting_for = event.waiting_for or WaitingFor.CUSTOMER
    return replace(contact, status=ContactStatus.PENDING, waiting_for=waiting_for)


def _resumed(contact: Contact, _event: ContactEvent, _at: datetime) -> Contact:
    return _working(contact)


def _resolved(contact: Contact, event: ContactEvent, at: datetime) -> Contact:
    return replace(
        contact,
        status=ContactStatus.SOLVED,
        waiting_for=None,
        responded_at=contact.responded_at or at,
        resolved_at=at,
        agent=event.agent or contact.agent,
        outcome=event.outcome or contact.outcome,
        handle_seconds=contact.handle_seconds if event.handle_seconds is None else event.handle_seconds,
    )


def _reopened(contact: Contact, _event: ContactEvent, _at: datetime) -> Contact:
    return replace(_working(contact), merged_into=None)


def _priority_changed(contact: Contact, event: ContactEvent, _at: datetime) -> Contact:
    return replace(contact, priority=event.priority or contact.priority, priority_manual=True)


def _reclassified(contact: Contact, event: ContactEvent, _at: datetime) -> Contact:
    by_rule = contact.priority if contact.priority_manual else event.priority
    if by_rule is not None and event.source == RULES and not more_pressing(by_rule, contact.priority):
        by_rule = None
    return replace(
        contact,
        queue=event.queue or contact.queue,
        type=event.type or contact.type,
        priority=by_rule or contact.priority,
        tier=contact.tier if event.tier is None else event.tier,
        tags=contact.tags if event.tags is None else event.tags,
        complained_about=event.complained_about or contact.complained_about,
    )


def _handed_over(contact: Contact, event: ContactEvent, _at: datetime) -> Contact:
    return replace(contact, department=event.department or contact.department)


def _hand_over_answered(contact: Contact, _event: ContactEvent, _at: datetime) -> Contact:
    return replace(contact, department=None)


def _informed(contact: Contact, _event: ContactEvent, at: datetime) -> Contact:
    return replace(contact, informed_at=at)


def _blocked(contact: Contact, event: ContactEvent, _at: datetime) -> Contact:
    return replace(contact, blocked_by=event.department, chaser=event.agent)


def _unblocked(contact: Contact, _event: ContactEvent, _at: datetime) -> Contact:
    return replace(contact, blocked_by=None, chaser=None)


def _archived(contact: Contact, event: ContactEvent, _at: datetime) -> Contact:
    if not result_told(contact):
        raise RefusedError(
            "complaint_result_not_told",
            f"{contact.ref} is a complaint whose result the customer was not told, so it was not archived. "
            "Tell the customer, send 'informed', then archive it.",
            ref=contact.ref,
        )
    return replace(
        contact,
        status=ContactStatus.ARCHIVED,
        waiting_for=None,
        outcome=event.outcome or contact.outcome,
    )


def _merged(contact: Contact, event: ContactEvent, _at: datetime) -> Contact:
    return replace(contact, status=ContactStatus.ARCHIVED, waiting_for=None, merged_into=event.into)


def _absorbed(contact: Contact, event: ContactEvent, _at: datetime) -> Contact:
    return replace(contact, opened_at=min(contact.opened_at, event.opened_at or contact.opened_at))


def _unchanged(contact: Contact, _event: ContactEvent, _at: datetime) -> Contact:
    return contact


_CHANGES: Final[Mapping[EventKind, Callable[[Contact, ContactEvent, datetime], Contact]]] = {
    EventKind.ASSIGNED: _assigned,
    EventKind.RESPONDED: _responded,
    EventKind.CUSTOMER_REPLIED: _customer_replied,
    EventKind.PENDING: _pending,
    EventKind.RESUMED: _resumed,
    EventKind.RESOLVED: _resolved,
    EventKind.REOPENED: _reopened,
    EventKind.PRIORITY_CHANGED: _priority_changed,
    EventKind.RECLASSIFIED: _reclassified,
    EventKind.HANDED_OVER: _handed_over,
    EventKind.HAND_OVER_ANSWERED: _hand_over_answered,
    EventKind.CALL_BACK_ASKED: _unchanged,
    EventKind.CALLED_BACK: _unchanged,
    EventKind.INFORMED: _informed,
    EventKind.PLAN_GIVEN: _informed,
    EventKind.EXAMINED: _unchanged,
    EventKind.BLOCKED: _blocked,
    EventKind.UNBLOCKED: _unblocked,
    EventKind.ARCHIVED: _archived,
    EventKind.MERGED: _merged,
    EventKind.ABSORBED: _absorbed,
}


_ORDER: Final = {
    kind: place
    for place, kind in enumerate(
        (
            EventKind.OPENED,
            EventKind.ABSORBED,
            EventKind.RECLASSIFIED,
            EventKind.PRIORITY_CHANGED,
            EventKind.ASSIGNED,
            EventKind.CUSTOMER_REPLIED,
            EventKind.RESPONDED,
            EventKind.HANDED_OVER,
            EventKind.HAND_OVER_ANSWERED,
            EventKind.CALL_BACK_ASKED,
            EventKind.CALLED_BACK,
            EventKind.BLOCKED,
            EventKind.UNBLOCKED,
            EventKind.PENDING,
            EventKind.RESUMED,
            EventKind.EXAMINED,
            EventKind.PLAN_GIVEN,
            EventKind.RESOLVED,
            EventKind.INFORMED,
            EventKind.REOPENED,
            EventKind.ARCHIVED,
            EventKind.MERGED,
        )
    )
}
"""Of equal times: the order in which things happen when a source rounds to minutes."""


def _in_time(event: ContactEvent) -> tuple[bool, datetime, int, bool, str, str]:
    # The opening comes first whatever its clock says: sources round their times differently.  A rule speaks
    # after what it judges.
    later, by_rule = event.kind is not EventKind.OPENED, event.source == RULES
    return (later, event.at, _ORDER[event.kind], by_rule, event.source, event.source_event_id)


def _instant(event: ContactEvent) -> tuple[bool, datetime]:
    return event.kind is not EventKind.OPENED, event.at
