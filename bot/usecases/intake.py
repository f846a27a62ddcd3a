"""Record contact events: contacts, their clocks, and alerts that are over.  One transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from bot.core.alerts import OWNERLESS_KEY, Ending, clock_key
from bot.core.case_history import Rebuilt, Step, events_of, opening_of, rebuild
from bot.core.contacts import CLOSED, Contact, ContactEvent, EventKind
from bot.core.errors import RefusedError
from bot.core.ids import ContactRef, QueueId
from bot.core.messages import OperatorNotice
from bot.core.near_names import nearest
from bot.core.priorities import rule_event
from bot.core.settings import Settings
from bot.core.sla import ClockState, SlaClock, make_clocks, replaced
from bot.store.clocks import ClockKey
from bot.store.unit_of_work import Store, UnitOfWork
from bot.usecases import ask_surveys
from bot.usecases.alert_posts import Over, settle_all
from bot.usecases.campaign_tags import tagged
from bot.usecases.follow_events import follow
from bot.usecases.operator_notices import tell_operators
from bot.usecases.promise_events import fulfil, not_to_archive, to_keep

__all__ = ["FUTURE", "IntakeResult", "Recorded", "rebuilt", "record", "record_in"]

FUTURE = timedelta(minutes=5)
"""How far ahead of ours the clock of a source may be."""

_NEEDED: Final = {
    EventKind.PRIORITY_CHANGED: ("priority",),
    EventKind.HANDED_OVER: ("department",),
    EventKind.BLOCKED: ("department",),
    EventKind.MERGED: ("into",),
    EventKind.ABSORBED: ("opened_at",),
}
"""What an event says nothing without."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeResult:
    """``accepted`` are kept; of those, ``waiting`` take effect when events before them arrive.

    ``kept``: indices of the accepted ones.  ``refused``: (index, kind, text) of events that were not kept.
    """

    accepted: int
    repeated: int
    waiting: int
    refused: tuple[tuple[int, str, str], ...]
    kept: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """``unfit``: why events wait; ``unlocked``: new cases, with the number of events they were made of."""

    result: IntakeResult
    unfit: tuple[RefusedError, ...]
    unlocked: Mapping[ContactRef, int]


def record(
    store: Store, settings: Settings, events: Sequence[ContactEvent], *, now: datetime
) -> IntakeResult:
    """Keep events, bring contacts and clocks up to date; once this returns, a crash loses nothing.

    Idempotent by (source, source_event_id); events may come in any order and in any batches.  A refused
    event does not touch the others.
    """
    with store.unit() as uow:
        recorded = record_in(uow, settings, events, now=now)
        uow.commit()
    _settle(store, settings, recorded.unlocked, now)
    return recorded.result


def record_in(
    uow: UnitOfWork, settings: Settings, events: Sequence[ContactEvent], *, now: datetime
) -> Recorded:
    """The same inside a unit that does more; the caller commits.

    For cases that exist or that nobody else can name yet: of others two writers at once might miss each
    other's events, which `record` looks after.
    """
    refused: list[tuple[int, str, str]] = []
    sound: list[tuple[int, ContactEvent]] = []
    named = tagged(uow, settings, _under_own_names(uow, events))
    owing = not_to_archive(uow, named)
    for index, event in enumerate(named):
        try:
            _check(settings, event, now)
            if event.kind is EventKind.ARCHIVED and event.ref in owing:
                raise owing[event.ref]
        except RefusedError as error:
            refused.append((index, error.kind, str(error)))
        else:
            sound.append((index, event))
    # Events of one case in one batch in one order, whoever locks first.
    sound.sort(key=lambda item: (item[1].ref, item[0]))
    owed = to_keep(uow, [e for _, e in sound])
    fresh = uow.contacts.add_events([e for _, e in sound], now)
    counted: set[tuple[str, str]] = set()
    refs: set[ContactRef] = set()
    new: list[tuple[int, ContactEvent]] = []
    for index, event in sound:
        key = (event.source, event.source_event_id)
        if key in fresh and key not in counted:
            counted.add(key)
            refs |= _touched(event)
            new.append((index, event))
    updated = _update(uow, settings, refs, now)
    waiting: list[RefusedError] = []
    for index, event in new:
        reason = updated.unfit.get((event.source, event.source_event_id))
        if reason is None:
            continue
        if event.kind is EventKind.OPENED:
            uow.contacts.forget_event(event.source, event.source_event_id)
            refused.append((index, reason.kind, str(reason)))
        else:
            waiting.append(reason)
    follow(uow, settings, [e for _, e in new], updated.contacts, now)
    fitting = [e for _, e in new if (e.source, e.source_event_id) not in updated.unfit]
    fulfil(uow, settings, owed, fitting, now)
    uow.sources.heard_all(_spoken(e for _, e in sound), now)
    late = {index for index, _, _ in refused}
    kept = frozenset(index for index, _ in new if index not in late)
    result = IntakeResult(
        accepted=len(kept),
        repeated=len(sound) - len(new),
        waiting=len(waiting),
        refused=tuple(sorted(refused)),
        kept=kept,
    )
    return Recorded(result=result, unfit=tuple(waiting), unlocked=updated.unlocked)


def _under_own_names(uow: UnitOfWork, events: Sequence[ContactEvent]) -> list[ContactEvent]:
    """Events about a name that was linked to a case are about that case (CR13).

    An opening under such a name is the customer writing again.
    """
    own = uow.records.resolve({ref for event in events for ref in _touched(event)})
    if not own:
        return list(events)
    found: list[ContactEvent] = []
    for event in events:
        into = None if event.into is None else own.get(event.into, event.into)
        named = replace(event, ref=own.get(event.ref, event.ref), into=into)
        if event.kind is EventKind.OPENED and event.ref in own:
            named = replace(named, kind=EventKind.CUSTOMER_REPLIED)
        found.append(named)
    return found


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
        _check_queue(settings, event, event.queue)
    for name in _NEEDED.get(event.kind, ()):
        if getattr(event, name) is None:
            raise _incomplete(event, name)
    if event.kind is EventKind.MERGED and event.into == event.ref:
        raise RefusedError(
            "merged_into_itself",
            f"{event.ref} cannot be merged into itself; the event was not kept. "
            "Send the other case as 'into'.",
            ref=event.ref,
        )
    if event.kind is EventKind.RECLASSIFIED and event.queue is not None:
        _check_queue(settings, event, event.queue)


def _check_queue(settings: Settings, event: ContactEvent, queue: QueueId) -> None:
    if queue in settings.queues:
        return
    # What was sent may be a customer's text: only names we know are said.
    known = ", ".join(sorted(settings.queues))
    near = nearest(queue, settings.queues)
    question = f"Did you mean {near}? " if near else ""
    raise RefusedError(
        "unknown_queue",
        f"the queue of {event.ref} is not in app.yaml; the event was not kept. {question}Queues: {known}.",
        ref=event.ref,
        near=near,
        known=known,
    )


def _incomplete(event: ContactEvent, name: str) -> RefusedError:
    return RefusedError(
        "event_incomplete",
        f"{event.kind.value!r} of {event.ref} needs {name!r}; the event was not kept. Send it with {name!r}.",
        ref=event.ref,
        field=name,
    )


def _touched(event: ContactEvent) -> set[ContactRef]:
    """The cases an event changes: a merge changes both."""
    return {event.ref} if event.into is None else {event.ref, event.into}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Updated:
    """``unlocked``: cases that could not be locked, being new, with the number of events read.

    ``unfit``: the events that do not fit, with the reason.
    """

    unlocked: dict[ContactRef, int]
    unfit: dict[tuple[str, str], RefusedError]
    contacts: dict[ContactRef, Contact]


def _update(uow: UnitOfWork, settings: Settings, refs: Collection[ContactRef], now: datetime) -> _Updated:
    """Make contacts, clocks and alerts what the events of ``refs`` say."""
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
    unfit: dict[tuple[str, str], RefusedError] = {}
    cases: dict[ContactRef, tuple[Step, ...]] = {}
    # In one order whoever writes: rows of new contacts cannot be locked before.
    for ref in sorted(refs):
        case = rebuilt(settings, events.get(ref, []), held.get(ref))
        cases[ref] = case.steps
        unfit |= {(e.source, e.source_event_id): error for e, error in case.waiting}
    for into, absorbed in _absorbed(cases, refs, now).items():
        if uow.contacts.add_events(absorbed, now):
            events[into] = uow.contacts.events([into])[into]
            cases[into] = rebuilt(settings, events[into], held.get(into)).steps
    for ref in cases:
        # Each round raises a priority once more, which has an end.
        while (by_rule := rule_event(settings.records.priorities, cases[ref])) is not None:
            uow.contacts.add_events([by_rule], now)
            events[ref] = [*events.get(ref, ()), by_rule]
            cases[ref] = rebuilt(settings, events[ref], held.get(ref)).steps
    contacts = {ref: steps[-1].contact for ref, steps in cases.items() if steps}
    uow.contacts.save(c for ref, c in contacts.items() if held.get(ref) != c)
    ask_surveys.plan(uow, settings, held, contacts, now)
    over = [ending for ref, contact in contacts.items() for ending in _case_over(held.get(ref), contact, now)]
    _update_clocks(uow, settings, {ref: cases[ref] for ref in contacts}, now, over)
    unlocked = {ref: len(events.get(ref, ())) for ref in refs if ref not in held}
    return _Updated(unlocked=unlocked, unfit=unfit, contacts=contacts)


def rebuilt(settings: Settings, told: Sequence[ContactEvent], held: Contact | None) -> Rebuilt:
    """A case as its events tell it; ``held``: as it is stored, None where it is new."""
    opening = opening_of(told)
    queue = None if opening is None or opening.queue is None else settings.queues.get(opening.queue)
    channel = None if held is None else held.channel
    return rebuild(told, channel=channel if queue is None else queue.channel)


def _absorbed(
    cases: Mapping[ContactRef, tuple[Step, ...]], refs: Collection[ContactRef], now: datetime
) -> dict[ContactRef, list[ContactEvent]]:
    """What the cases that others were merged into are told: since when the customer has been waiting."""
    found: dict[ContactRef, list[ContactEvent]] = {}
    for ref, steps in cases.items():
        merged = next((s for s in reversed(steps) if s.kind is EventKind.MERGED), None)
        into = None if merged is None else merged.contact.merged_into
        if merged is None or into is None or into not in refs:
            continue
        event = ContactEvent(
            ref=into,
            kind=EventKind.ABSORBED,
            at=min(merged.at, now),
            source="muster",
            source_event_id=f"merged:{ref}",
            opened_at=merged.contact.opened_at,
        )
        found.setdefault(into, []).append(event)
    return found


def _update_clocks(
    uow: UnitOfWork,
    settings: Settings,
    cases: Mapping[ContactRef, tuple[Step, ...]],
    now: datetime,
    over: list[tuple[Contact, Over]],
) -> None:
    held = uow.clocks.for_update(cases)
    terms = settings.terms
    changed: list[SlaClock] = []
    for ref, steps in cases.items():
        contact = steps[-1].contact
        queue = settings.queues.get(contact.queue)
        if queue is None:
            continue  # the queue has left app.yaml; its open clocks run on as they are
        calendar = settings.calendars[queue.calendar]
        try:
            fresh = make_clocks(steps, terms, calendar)
        except RefusedError as error:
            # A calendar that never opens promises nothing; the contact is kept and the operator told.
            notice = OperatorNotice(code=error.kind, subject=queue.calendar, detail=str(error))
            tell_operators(uow, settings, notice, now)
            continue
        before = held.get(ref, {})
        after = replaced(before, fresh, now)
        changed += [clock for key, clock in after.items() if clock != before.get(key)]
        over += [(contact, ending) for ending in _endings(before, after, contact, now)]
    uow.clocks.save(changed)
    settle_all(uow, settings, over, now)


def _case_over(was: Contact | None, contact: Contact, now: datetime) -> Iterator[tuple[Contact, Over]]:
    """What is over for a case that has an owner now, or is closed."""
    if was is None or was.status in CLOSED:
        return
    if contact.status in CLOSED:
        yield contact, Over(keys=(OWNERLESS_KEY,), at=now, by=contact.agent, closed=True)
    elif was.agent is None and contact.agent is not None:
        yield contact, Over(keys=(OWNERLESS_KEY,), at=now, by=contact.agent)


def _endings(
    before: Mapping[ClockKey, SlaClock],
    after: Mapping[ClockKey, SlaClock],
    contact: Contact,
    now: datetime,
) -> Iterator[Over]:
    """What is over with these clocks: promises kept at last, given no more, or due later than was told."""
    for key, clock in after.items():
        was = before.get(key)
        if was is None or was.stopped_at is not None:
            continue
        keys = (clock_key(*key),)
        if clock.stopped_at is not None:
            cancelled = clock.state is ClockState.CANCELLED
            why = Ending.CANCELLED if cancelled else Ending.DONE
            yield Over(keys=keys, at=clock.stopped_at, by=None if cancelled else contact.agent, why=why)
        elif was.state is ClockState.BREACHED and clock.state is ClockState.RUNNING:
            yield Over(keys=keys, at=now, why=Ending.MOVED)
        elif clock.state is ClockState.PAUSED and was.state is not ClockState.PAUSED:
            yield Over(keys=keys, at=clock.paused_since or now, why=Ending.PAUSED)


def _settle(store: Store, settings: Settings, unlocked: Mapping[ContactRef, int], now: datetime) -> None:
    """Look again at cases that were new: another process may have told of the same one at the same time.

    Before its row exists a case cannot be locked, so each of two writers may have missed the other's
    events; the one that commits last sees both here.
    """
    if not unlocked or store.writes_alone:
        return
    with store.read() as uow:
        counts = uow.contacts.event_counts(unlocked)
    if all(counts.get(ref) == count for ref, count in unlocked.items()):
        return
    with store.unit() as uow:
        counts = uow.contacts.event_counts(unlocked)
        again = {ref for ref, count in counts.items() if count != unlocked[ref]}
        if again:
            _update(uow, settings, again, now)
            uow.commit()
