"""Promise something to a customer; keep it, move it, hand it over, take it back.  One transaction each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from bot.core.calendar import BusinessCalendar
from bot.core.contacts import Contact, ContactEvent, ContactStatus, EventKind
from bot.core.errors import NotFoundError, RefusedError
from bot.core.ids import AgentId, ContactRef, PromiseId
from bot.core.messages import Recipient, RecipientKind, Urgency
from bot.core.people import Agent, Role
from bot.core.promise_messages import PromiseHanded
from bot.core.promise_owners import OwnerThen, StandIn
from bot.core.promises import (
    Promise,
    PromiseKind,
    PromiseState,
    checked_note,
    ended,
    kept,
    kind_of_words,
    may_own,
    may_touch,
    reminder_at,
    soonest,
)
from bot.core.records import FollowUp
from bot.core.settings import Settings
from bot.core.sla import ClockState
from bot.store.unit_of_work import ReadUnit, Store, UnitOfWork
from bot.usecases import intake
from bot.usecases.promise_events import audit, close
from bot.usecases.promise_keepers import Keepers
from bot.usecases.promise_posts import tell

__all__ = [
    "Actor",
    "Ended",
    "Made",
    "calendar_of",
    "follow_up",
    "hand_over",
    "keep",
    "make",
    "make_in",
    "move",
    "owed_by",
    "withdraw",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who asks: as records name them (agent id or Slack user id), and what they may do."""

    name: str
    role: Role = Role.AGENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A promise, and what its maker should know at once.

    ``then``: whether the owner is on shift when it falls due; ``colleagues``: who is, where the owner is
    not there or it is tight.  ``earlier_clock``: (measure, due) of a running clock of the case that is due
    before the promise; ``later_clock``: of one due after it, so that the promise is what counts (F6).
    """

    promise: Promise
    contact: Contact
    owner: Agent
    then: OwnerThen
    colleagues: tuple[StandIn, ...]
    earlier_clock: tuple[str, datetime] | None = None
    later_clock: tuple[str, datetime] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """``won``: this request ended it; else ``promise`` says who did, and when."""

    promise: Promise
    won: bool
    made: Made | None = None


def calendar_of(settings: Settings, contact: Contact) -> BusinessCalendar:
    """The calendar whose days and hours a time about this case means: its queue's."""
    queue = settings.queues.get(contact.queue)
    if queue is None:
        return next(iter(settings.calendars.values()))
    return settings.calendars[queue.calendar]


def make(
    store: Store,
    settings: Settings,
    ref: ContactRef,
    *,
    due_at: datetime,
    by: Actor,
    now: datetime,
    owner: AgentId | None = None,
    note: str | None = None,
    kind: PromiseKind | None = None,
) -> Made:
    """Keep a promise on a case (CP2).

    ``owner``: whoever asks, where that is an agent, else the case's own.  ``kind``: by the words of the
    note.  Raises NotFoundError for the case or the owner, RefusedError for everything a promise may not be;
    then nothing is kept.
    """
    with store.unit() as uow:
        made = make_in(uow, settings, ref, due_at=due_at, by=by, now=now, owner=owner, note=note, kind=kind)
        uow.commit()
    return made


def make_in(
    uow: UnitOfWork,
    settings: Settings,
    ref: ContactRef,
    *,
    due_at: datetime,
    by: Actor,
    now: datetime,
    owner: AgentId | None = None,
    note: str | None = None,
    kind: PromiseKind | None = None,
    origin: str | None = None,
) -> Made:
    """The same inside a unit that does more; the caller commits.

    ``origin``: as `bot.store.promises.Promises.add`; RefusedError ``promise_made_before`` where it has made
    one.
    """
    line = checked_note(note)
    contact = _contact(uow, ref)
    if contact.status is ContactStatus.ARCHIVED:
        raise RefusedError(
            "promise_on_archived", f"{ref} is archived; nothing was saved. Reopen it first.", ref=ref
        )
    agent = _owner(uow, contact, owner, by)
    remind_at = reminder_at(now, due_at, settings.promises.remind_before)
    promise = uow.promises.add(
        ref=ref,
        kind=kind or kind_of_words(line),
        owner=agent.agent,
        due_at=due_at,
        made_at=now,
        made_by=by.name,
        remind_at=remind_at,
        next_check_at=remind_at,
        note=line,
        origin=origin,
    )
    if promise is None:
        raise _made_before(uow, origin or "")
    audit(uow, promise, "promise_made", by.name, now)
    if agent.agent != by.name:
        _tell_owner(uow, promise, contact, by.name, now)
    return _told(uow, settings, promise, contact, agent)


def follow_up(
    uow: UnitOfWork, settings: Settings, contact: Contact, what: FollowUp | None, *, by: str, now: datetime
) -> None:
    """Make the follow-up of a record a promise (CP2, F4); called inside the unit that keeps the record.

    The same one again is one promise; another one takes the place of what the record said before.
    """
    said = f"record:{contact.ref}:"
    origin = None
    if what is not None:
        origin = f"{said}{what.owner}:{what.due_at.astimezone(UTC):%Y%m%dT%H%M%S%f}"
    for before in uow.promises.owed_from(contact.ref, said):
        if origin is None or uow.promises.by_origin(origin) != before:
            close(uow, settings, before, ended(before, PromiseState.WITHDRAWN, at=now, by=by), now)
    known = uow.people.get(AgentId(by)) if what is None else uow.people.get(what.owner)
    if what is None or origin is None or known is None or uow.promises.by_origin(origin) is not None:
        return
    make_in(
        uow,
        settings,
        contact.ref,
        due_at=what.due_at,
        by=Actor(name=by),
        now=now,
        owner=what.owner,
        note=what.text,
        origin=origin,
    )


def keep(store: Store, settings: Settings, promise: PromiseId, *, by: Actor, now: datetime) -> Ended:
    """Somebody says it is kept: the customer was called, or told.  Raises NotFoundError, NotAllowedError.

    The case hears of it as well, as of an event of its own, in the same transaction.
    """
    return _end(store, settings, promise, PromiseState.KEPT, by=by, now=now)


def withdraw(store: Store, settings: Settings, promise: PromiseId, *, by: Actor, now: datetime) -> Ended:
    """Take a promise back.  Raises NotFoundError, NotAllowedError."""
    return _end(store, settings, promise, PromiseState.WITHDRAWN, by=by, now=now)


def move(
    store: Store, settings: Settings, promise: PromiseId, *, due_at: datetime, by: Actor, now: datetime
) -> Ended:
    """Promise another time: the promise ends, broken if its time has passed, and a new one is made."""
    return _end(store, settings, promise, PromiseState.WITHDRAWN, by=by, now=now, due_at=due_at)


def hand_over(
    store: Store, settings: Settings, promise: PromiseId, *, to: AgentId, by: Actor, now: datetime
) -> Ended:
    """Give a promise to a colleague, who is told; the time stays.  Raises as `make`."""
    return _end(store, settings, promise, PromiseState.HANDED_OVER, by=by, now=now, to=to)


def owed_by(store: Store, agent: AgentId) -> tuple[Promise, ...]:
    """What a person owes, broken promises first, then by due time."""
    with store.read() as uow:
        return soonest(uow.promises.owed_by(agent))


def _end(
    store: Store,
    settings: Settings,
    number: PromiseId,
    state: PromiseState,
    *,
    by: Actor,
    now: datetime,
    due_at: datetime | None = None,
    to: AgentId | None = None,
) -> Ended:
    with store.unit() as uow:
        seen = uow.promises.get(number)
        # Every promise of the case, as whoever records its events locks them.
        owed = () if seen is None else uow.promises.of_contacts([seen.ref], locked=True)
        promise = next((p for p in owed if p.promise == number), None) or uow.promises.get(number)
        contact = None if promise is None else uow.contacts.get(promise.ref)
        if promise is None or contact is None:
            raise NotFoundError(
                "promise_unknown",
                f"promise {number} does not exist (any more); nothing was changed. See /muster promises.",
                promise=number,
            )
        may_touch(promise, actor=by.name, role=by.role)
        if not promise.owed:
            return Ended(promise=promise, won=False)
        if state is PromiseState.KEPT:
            over = kept(promise, at=now, by=by.name)
        else:
            over = ended(promise, state, at=now, by=by.name)
        made = None
        if due_at is not None or to is not None:
            made = _succeed(uow, settings, promise, contact, due_at=due_at, to=to, by=by, now=now)
        close(uow, settings, promise, over, now, owner=to)
        if state is PromiseState.KEPT:
            intake.record_in(uow, settings, [_kept_event(promise, now)], now=now)
        uow.commit()
    return Ended(promise=over, won=True, made=made)


def _kept_event(promise: Promise, now: datetime) -> ContactEvent:
    call = promise.kind is PromiseKind.CALL_BACK
    return ContactEvent(
        ref=promise.ref,
        kind=EventKind.CALLED_BACK if call else EventKind.INFORMED,
        at=now,
        source="muster",
        source_event_id=f"promise:{promise.promise}:kept",
    )


def _succeed(
    uow: UnitOfWork,
    settings: Settings,
    promise: Promise,
    contact: Contact,
    *,
    due_at: datetime | None,
    to: AgentId | None,
    by: Actor,
    now: datetime,
) -> Made:
    """The promise that takes the place of one that is moved or handed over."""
    agent = _owner(uow, contact, to or promise.owner, by)
    at = due_at or promise.due_at
    # A broken promise stays broken in other hands; a new time makes a new promise.
    broken = due_at is None and promise.state is PromiseState.BROKEN
    remind_at = None if broken else reminder_at(now, at, settings.promises.remind_before)
    heir = uow.promises.add(
        ref=promise.ref,
        kind=promise.kind,
        owner=agent.agent,
        due_at=at,
        made_at=now,
        made_by=by.name,
        remind_at=remind_at,
        next_check_at=remind_at,
        note=promise.note,
        state=PromiseState.BROKEN if broken else PromiseState.OPEN,
    )
    if heir is None:
        raise _made_before(uow, "")
    audit(uow, heir, "promise_moved" if to is None else "promise_handed_over", by.name, now)
    if to is not None:
        _tell_owner(uow, heir, contact, by.name, now)
    return _told(uow, settings, heir, contact, agent)


def _told(uow: UnitOfWork, settings: Settings, promise: Promise, contact: Contact, agent: Agent) -> Made:
    keepers = Keepers(uow=uow, settings=settings)
    then = keepers.owner_then(agent, promise.due_at)
    clocks = [
        (clock.measure.value, clock.due_at)
        for clock in uow.clocks.of([promise.ref]).get(promise.ref, {}).values()
        if clock.state is ClockState.RUNNING
    ]
    earlier = [c for c in clocks if c[1] < promise.due_at]
    later = [c for c in clocks if c[1] > promise.due_at]
    return Made(
        promise=promise,
        contact=contact,
        owner=agent,
        then=then,
        colleagues=keepers.colleagues(contact, agent.agent, promise.due_at),
        earlier_clock=min(earlier, key=lambda c: c[1], default=None),
        later_clock=min(later, key=lambda c: c[1], default=None),
    )


def _tell_owner(uow: UnitOfWork, promise: Promise, contact: Contact, by: str, now: datetime) -> None:
    message = PromiseHanded(
        promise=promise.promise,
        ref=promise.ref,
        queue=contact.queue,
        kind=promise.kind.value,
        due_at=promise.due_at,
        by=by,
        broken=promise.state is PromiseState.BROKEN,
    )
    owner = Recipient(kind=RecipientKind.AGENT, name=promise.owner)
    tell(uow, promise, "handed", [owner], message, now, urgency=Urgency.NOTICE)


def _owner(uow: UnitOfWork, contact: Contact, owner: AgentId | None, by: Actor) -> Agent:
    named = owner
    if named is None and uow.people.get(AgentId(by.name)) is not None:
        named = AgentId(by.name)
    wanted = may_own(contact, named or contact.agent)
    agent = uow.people.get(wanted)
    if agent is None or not agent.active:
        raise NotFoundError(
            "promise_owner_unknown",
            "the owner is not on the agents file (any more); nothing was saved. Name somebody who is.",
            agent=wanted,
        )
    return agent


def _contact(uow: ReadUnit, ref: ContactRef) -> Contact:
    contact = uow.contacts.get(ref)
    if contact is None:
        # What was typed may be anything, so it is not repeated.
        raise NotFoundError(
            "promise_case_unknown", "there is no such case; nothing was saved. Check its number.", ref=""
        )
    return contact


def _made_before(uow: UnitOfWork, origin: str) -> RefusedError:
    before = uow.promises.by_origin(origin)
    return RefusedError(
        "promise_made_before",
        "this was promised before; nothing was saved again. See /muster promises.",
        by="" if before is None else before.made_by,
        at=None if before is None else before.made_at,
    )
