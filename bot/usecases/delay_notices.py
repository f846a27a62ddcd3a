"""Delay notices (CP1): offered before the deadline, and what follows when one was sent."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.core.contacts import CLOSED, Contact, ContactEvent, ContactStatus, EventKind
from bot.core.courses import Measure
from bot.core.delay_notices import NOTICED_MEASURES, idle_since, new_time, predicted_wait, threshold
from bot.core.errors import NotFoundError, RefusedError
from bot.core.ids import AgentId, ContactRef, QueueId
from bot.core.messages import Outgoing, Recipient, RecipientKind, Urgency
from bot.core.on_duty import working_on
from bot.core.promise_messages import DelayNotice
from bot.core.promises import PromiseKind
from bot.core.settings import Settings
from bot.core.sla import ClockState, SlaClock
from bot.store.unit_of_work import ReadUnit, Store, UnitOfWork
from bot.usecases import intake
from bot.usecases.on_the_floor import Present
from bot.usecases.promise import Actor, Made, make_in
from bot.usecases.promise_keepers import Keepers, named

__all__ = ["NoticeKey", "Warned", "offer", "prepare", "sent"]

_AT_ONCE = 5
_COUNTED = 500
"""Contacts ahead in a queue are counted up to here: more waits are too long all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeKey:
    """Which notice was sent: of which clock of a case, with its due time then, and the new time it told."""

    ref: ContactRef
    measure: str
    cycle: int
    due_at: datetime
    new_at: datetime

    @property
    def origin(self) -> str:
        """One delay of one clock is told once."""
        return f"notice:{self.ref}:{self.measure}:{self.cycle}:{self.due_at.astimezone(UTC):%Y%m%dT%H%M%S%f}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """A clock whose warning has just come, and at which share of its time."""

    contact: Contact
    clock: SlaClock
    fraction: float


def offer(
    uow: UnitOfWork, settings: Settings, warned: Sequence[Warned], now: datetime, *, present: Present
) -> int:
    """Offer the notice for each of these that is predicted to be late; returns how many.

    To the owner at work, else to the leads on duty; once for a clock and its due time.  Nobody gets more
    than a few at once: in a storm the rest waits to be asked for (`prepare`).  Called inside a unit, with
    the warnings.
    """
    asked = [
        w
        for w in warned
        if w.clock.measure.value in NOTICED_MEASURES
        and w.contact.status not in CLOSED
        and now < w.clock.due_at
    ]
    if not asked:
        return 0
    late = _Late.look(uow, settings, asked, now, present)
    given: Counter[str] = Counter()
    chosen: list[tuple[Warned, list[Recipient], datetime | None, timedelta | None]] = []
    for one in asked:
        idle, wait = late.idle(one), late.wait(one)
        if idle is None and wait is None:
            continue
        to = [r for r in _readers(present, settings, one.contact) if given[r.name] < _AT_ONCE]
        key = _key(one.clock, new_at=now)
        if to and uow.job_slots.take("delay_notice", key.origin, now):
            given.update(r.name for r in to)
            chosen.append((one, to, idle, wait))
    if not chosen:
        return 0
    keepers = Keepers(uow=uow, settings=settings)
    times = [_new_time(settings, one.contact, one.clock, now) for one, _, _, _ in chosen]
    keepers.look_ahead(min(times), max(times))
    posts = []
    for (one, to, idle, wait), at in zip(chosen, times, strict=True):
        notice = _notice(keepers, settings, one.contact, one.clock, at, idle=idle, wait=wait)
        origin = _key(one.clock, new_at=now).origin
        posts += [
            Outgoing(
                recipient=recipient,
                message=notice,
                dedupe_key=f"{origin}:{recipient.name}",
                urgency=Urgency.ALERT,
                not_before=now,
            )
            for recipient in to
        ]
    uow.outbox.put_all(posts, now)
    return len(chosen)


def prepare(
    store: Store,
    settings: Settings,
    ref: ContactRef,
    *,
    now: datetime,
    new_at: datetime | None = None,
) -> DelayNotice:
    """Fill a notice in for whoever asks: for the clock of the case that is due next.

    Raises NotFoundError for a case that is not there, RefusedError where nothing of it is still to come.
    """
    with store.read() as uow:
        contact = uow.contacts.get(ref)
        if contact is None:
            raise NotFoundError(
                "promise_case_unknown", "there is no such case; nothing was saved. Check its number."
            )
        clocks = [
            c
            for c in uow.clocks.of([ref]).get(ref, {}).values()
            if c.measure.value in NOTICED_MEASURES
            and c.stopped_at is None
            and c.state is not ClockState.PAUSED
        ]
        if not clocks or contact.status in CLOSED or contact.queue not in settings.queues:
            raise RefusedError(
                "nothing_late",
                f"nothing of {ref} is still awaited, so there is nothing to give notice of; "
                "nothing was saved.",
                ref=ref,
            )
        ahead = [c for c in clocks if c.due_at > now]
        clock = min(ahead or clocks, key=lambda c: (c.due_at, c.key[0].value))
        keepers = Keepers(uow=uow, settings=settings)
        at = new_at or _new_time(settings, contact, clock, now)
        return _notice(keepers, settings, contact, clock, at, idle=None, wait=None)


def sent(
    store: Store,
    settings: Settings,
    key: NoticeKey,
    *,
    by: Actor,
    now: datetime,
    owner: AgentId | None = None,
) -> Made:
    """The notice was sent: the customer is informed, and the new time is a promise of its owner.

    Raises RefusedError ``promise_made_before`` for the second who says so, ``time_past`` where the new time
    has passed meanwhile, NotFoundError for a case that is gone.
    """
    if key.new_at <= now:
        raise RefusedError("time_past", "That time is past; nothing saved. Give the notice a new time.")
    with store.unit() as uow:
        # Its own news first: it must not keep the promise that is made of it.
        told = ContactEvent(
            ref=key.ref, kind=EventKind.INFORMED, at=now, source="muster", source_event_id=key.origin
        )
        if uow.contacts.get(key.ref) is not None:
            intake.record_in(uow, settings, [told], now=now)
        made = make_in(
            uow,
            settings,
            key.ref,
            due_at=key.new_at,
            by=by,
            now=now,
            owner=owner,
            kind=PromiseKind.DELAY_NOTICE,
            origin=key.origin,
        )
        uow.commit()
    return made


def _key(clock: SlaClock, *, new_at: datetime) -> NoticeKey:
    return NoticeKey(
        ref=clock.ref, measure=clock.measure.value, cycle=clock.cycle, due_at=clock.due_at, new_at=new_at
    )


def _readers(present: Present, settings: Settings, contact: Contact) -> tuple[Recipient, ...]:
    """The owner at work, else the leads on duty; never the person complained about."""
    never, owner = contact.complained_about, contact.agent
    if owner is not None and owner != never and present.away(owner) is None:
        return (Recipient(kind=RecipientKind.AGENT, name=owner),)
    leads = present.leads(settings.queues[contact.queue].team, never)
    return tuple(Recipient(kind=RecipientKind.AGENT, name=lead) for lead in leads)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Late:
    """What predicts a delay, read once for all the clocks that were warned of."""

    settings: Settings
    now: datetime
    events: Mapping[ContactRef, Sequence[ContactEvent]]
    waiting: Mapping[QueueId, Sequence[datetime]]
    people: Mapping[QueueId, int]

    @classmethod
    def look(
        cls,
        uow: ReadUnit,
        settings: Settings,
        warned: Sequence[Warned],
        now: datetime,
        present: Present,
    ) -> _Late:
        from_here = _from_here(settings)
        old = {w.clock.ref for w in warned if from_here is not None and w.fraction >= from_here}
        queues = {w.contact.queue for w in warned if _awaits_first(w)}
        return cls(
            settings=settings,
            now=now,
            events=uow.contacts.events(old) if old else {},
            waiting={q: uow.contacts.unanswered_since(q, _COUNTED) for q in sorted(queues)},
            people={q: working_on(present.on_shift.values(), q) for q in sorted(queues)},
        )

    def idle(self, one: Warned) -> datetime | None:
        """Since when nobody has worked on the case, where the warning is late enough to ask."""
        from_here = _from_here(self.settings)
        if from_here is None or one.fraction < from_here:
            return None
        events = self.events.get(one.clock.ref, ())
        return idle_since(events, started_at=one.clock.started_at, due_at=one.clock.due_at)

    def wait(self, one: Warned) -> timedelta | None:
        """What the queue needs for those ahead, where that is more than is left of a first response."""
        if not _awaits_first(one):
            return None
        queue = self.settings.queues[one.contact.queue]
        wait = predicted_wait(
            bisect_left(self.waiting[queue.queue], one.contact.opened_at),
            aht_seconds=queue.aht_seconds,
            people=self.people[queue.queue],
            concurrency=queue.concurrency,
        )
        return wait if wait is not None and wait > one.clock.due_at - self.now else None


def _from_here(settings: Settings) -> float | None:
    return threshold(settings.promises.delay_notice_at, settings.warn_at)


def _awaits_first(one: Warned) -> bool:
    return one.clock.measure is Measure.FIRST_RESPONSE and one.contact.status is ContactStatus.NEW


def _new_time(settings: Settings, contact: Contact, clock: SlaClock, now: datetime) -> datetime:
    calendar = settings.calendars[settings.queues[contact.queue].calendar]
    return new_time(started_at=clock.started_at, due_at=clock.due_at, now=now, calendar=calendar)


def _notice(
    keepers: Keepers,
    settings: Settings,
    contact: Contact,
    clock: SlaClock,
    at: datetime,
    *,
    idle: datetime | None,
    wait: timedelta | None,
) -> DelayNotice:
    owner = None if contact.agent is None else keepers.agents.get(contact.agent)
    then = None if owner is None else keepers.owner_then(owner, at)
    off = then is None or not then.there
    return DelayNotice(
        ref=contact.ref,
        queue=contact.queue,
        measure=clock.measure.value,
        cycle=clock.cycle,
        due_at=clock.due_at,
        new_at=at,
        language=settings.teams[settings.queues[contact.queue].team].locale,
        owner=contact.agent,
        wait_seconds=None if wait is None else wait.total_seconds(),
        idle_since=idle,
        leaves_at=None if then is None or then.there else then.ends,
        colleagues=named(keepers.colleagues(contact, contact.agent, at)) if off else (),
    )
