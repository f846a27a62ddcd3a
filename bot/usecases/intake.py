"""Record contact events: contacts, their clocks, and alerts that are over.  One transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.alerts import Alert
from bot.core.contacts import Contact, ContactEvent, EventKind, events_of, rebuild
from bot.core.errors import RefusedError
from bot.core.ids import ContactRef
from bot.core.messages import OperatorNotice
from bot.core.near_names import nearest
from bot.core.settings import Settings
from bot.core.sla import Measure, SlaClock, carry_on, counted_by, start_clocks
from bot.store.unit_of_work import Store, UnitOfWork
from bot.usecases.alert_posts import resolve
from bot.usecases.operator_notices import tell_operators

__all__ = ["FUTURE", "IntakeResult", "record"]

FUTURE = timedelta(minutes=5)
"""How far ahead of ours the clock of a source may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeResult:
    """``accepted`` are kept; of those, ``waiting`` take effect when events before them arrive.

    ``refused``: (index, kind, text) of events that were not kept.
    """

    accepted: int
    repeated: int
    waiting: int
    refused: tuple[tuple[int, str, str], ...]


def record(
    store: Store, settings: Settings, events: Sequence[ContactEvent], *, now: datetime
) -> IntakeResult:
    """Keep events, bring contacts and clocks up to date; once this returns, a crash loses nothing.

    Idempotent by (source, source_event_id); events may come in any order and in any batches.  A refused
    event does not touch the others.
    """
    refused: list[tuple[int, str, str]] = []
    sound: list[tuple[int, ContactEvent]] = []
    for index, event in enumerate(events):
        try:
            _check(settings, event, now)
        except RefusedError as error:
            refused.append((index, error.kind, str(error)))
        else:
            sound.append((index, event))
    # Events of one case in one batch in one order, whoever locks first.
    sound.sort(key=lambda item: (item[1].ref, item[0]))
    with store.unit() as uow:
        fresh = uow.contacts.add_events([e for _, e in sound], now)
        counted: set[tuple[str, str]] = set()
        refs: set[ContactRef] = set()
        new: list[tuple[int, ContactEvent]] = []
        for index, event in sound:
            key = (event.source, event.source_event_id)
            if key in fresh and key not in counted:
                counted.add(key)
                refs.add(event.ref)
                new.append((index, event))
        unlocked, unfit = _update(uow, settings, refs, now)
        waiting = 0
        for index, event in new:
            reason = unfit.get((event.source, event.source_event_id))
            if reason is None:
                continue
            if event.kind is EventKind.OPENED:
                uow.contacts.forget_event(event.source, event.source_event_id)
                refused.append((index, reason.kind, str(reason)))
            else:
                waiting += 1
        uow.sources.heard_all(_spoken(e for _, e in sound), now)
        uow.commit()
    _settle(store, settings, unlocked, now)
    late = {index for index, _, _ in refused}
    accepted = sum(1 for index, _ in new if index not in late)
    return IntakeResult(
        accepted=accepted,
        repeated=len(sound) - len(new),
        waiting=waiting,
        refused=tuple(sorted(refused)),
    )


def _spoken(events: Iterable[ContactEvent]) -> dict[str, datetime | None]:
    """Each source of a batch and the latest time it spoke of; repeated words count, it is alive."""
    spoken: dict[str, datetime | None] = {}
    for event in events:
        before = spoken.get(event.source)
        spoken[event.source] = event.at if before is None else max(before, event.at)
    return spoken


def _check(settings: Settings, event: ContactEvent, now: datetime) -> None:
    """What no other event could put right.  Raises RefusedError."""
    if event.at.tzinfo is None:
        raise RefusedError(
            "event_without_zone",
            f"time {event.at.isoformat()} of {event.ref} has no offset; the event was not kept. Send one.",
            ref=event.ref,
        )
    if event.at > now + FUTURE:
        raise RefusedError(
            "event_in_future",
            f"{event.kind.value!r} of {event.ref} lies in the future ({event.at.isoformat()}); the event was "
            "not kept. Check the clock of the source.",
            ref=event.ref,
            at=event.at.isoformat(),
        )
    if event.kind is EventKind.OPENED:
        if event.queue is None:
            raise _incomplete(event, "queue")
        if event.queue not in settings.queues:
            # What was sent may be a customer's text: only names we know are said.
            known = ", ".join(sorted(settings.queues))
            near = nearest(event.queue, settings.queues)
            question = f"Did you mean {near}? " if near else ""
            raise RefusedError(
                "unknown_queue",
                f"the queue of {event.ref} is not in app.yaml; the event was not kept. {question}"
                f"Queues: {known}.",
                ref=event.ref,
                near=near,
                known=known,
            )
    if event.kind is EventKind.PRIORITY_CHANGED and event.priority is None:
        raise _incomplete(event, "priority")
    if event.kind is EventKind.ASSIGNED and event.agent is None:
        raise _incomplete(event, "agent")


def _incomplete(event: ContactEvent, name: str) -> RefusedError:
    return RefusedError(
        "event_incomplete",
        f"{event.kind.value!r} of {event.ref} needs {name!r}; the event was not kept. Send it with {name!r}.",
        ref=event.ref,
        field=name,
    )


def _update(
    uow: UnitOfWork, settings: Settings, refs: Collection[ContactRef], now: datetime
) -> tuple[dict[ContactRef, int], dict[tuple[str, str], RefusedError]]:
    """Make contacts, clocks and alerts what the events of ``refs`` say.

    Returns the cases that could not be locked, being new, with the number of events read; and the events
    that do not fit, with the reason.
    """
    held = uow.contacts.for_update(refs)
    events = uow.contacts.events(refs)
    imported = [
        event
        for ref, contact in held.items()
        if not any(e.kind is EventKind.OPENED for e in events.get(ref, ()))
        for event in events_of(contact)
    ]
    if imported:
        uow.contacts.add_events(imported, now)
        events = uow.contacts.events(refs)
    contacts: dict[ContactRef, Contact] = {}
    unfit: dict[tuple[str, str], RefusedError] = {}
    # In one order whoever writes: rows of new contacts cannot be locked before.
    for ref in sorted(refs):
        told = events.get(ref, [])
        opening = min((e for e in told if e.kind is EventKind.OPENED), key=lambda e: e.at, default=None)
        queue = None if opening is None or opening.queue is None else settings.queues.get(opening.queue)
        channel = held[ref].channel if ref in held else None
        rebuilt = rebuild(told, channel=channel if queue is None else queue.channel)
        unfit |= {(e.source, e.source_event_id): error for e, error in rebuilt.waiting}
        if rebuilt.contact is not None:
            contacts[ref] = rebuilt.contact
    uow.contacts.save(c for ref, c in contacts.items() if held.get(ref) != c)
    _update_clocks(uow, settings, contacts, now)
    return {ref: len(events.get(ref, ())) for ref in refs if ref not in held}, unfit


def _update_clocks(
    uow: UnitOfWork, settings: Settings, contacts: dict[ContactRef, Contact], now: datetime
) -> None:
    held = uow.clocks.for_update(contacts)
    changed: list[SlaClock] = []
    stopped: dict[tuple[ContactRef, Measure], Contact] = {}
    for ref, contact in contacts.items():
        queue = settings.queues.get(contact.queue)
        if queue is None:
            continue  # the queue has left app.yaml; its open clocks run on as they are
        calendar = settings.calendars[queue.calendar]
        try:
            started = start_clocks(contact, settings.policies, calendar, settings.warn_at)
        except RefusedError as error:
            # A calendar that never opens promises nothing; the contact is kept and the operator told.
            notice = OperatorNotice(code=error.kind, subject=queue.calendar, detail=str(error))
            tell_operators(uow, settings, notice, now)
            continue
        for fresh in started:
            before = held.get(ref, {}).get(fresh.measure)
            after = carry_on(
                before,
                fresh,
                now,
                counted=counted_by(settings.policies, fresh),
                calendar=calendar,
                warn_at=settings.warn_at,
            )
            if after != before:
                changed.append(after)
            if after.stopped_at is not None and before is not None and before.stopped_at is None:
                stopped[(ref, after.measure)] = contact
    uow.clocks.save(changed)
    if stopped:
        for alert in _over(uow, stopped):
            resolve(uow, alert, stopped[(alert.ref, alert.measure)], now)


def _over(uow: UnitOfWork, stopped: Collection[tuple[ContactRef, Measure]]) -> list[Alert]:
    found = uow.alerts.unresolved_of({ref for ref, _ in stopped})
    return [alert for alert in found if (alert.ref, alert.measure) in stopped]


def _settle(store: Store, settings: Settings, unlocked: dict[ContactRef, int], now: datetime) -> None:
    """Look again at cases that were new: another process may have told of the same one at the same time.

    Before its row exists a case cannot be locked, so each of two writers may have missed the other's
    events; the one that commits last sees both here.
    """
    if not unlocked:
        return
    with store.unit() as uow:
        counts = uow.contacts.event_counts(unlocked)
        again = {ref for ref, count in counts.items() if count != unlocked[ref]}
        if again:
            _update(uow, settings, again, now)
            uow.commit()
