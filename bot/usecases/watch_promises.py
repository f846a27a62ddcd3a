"""Watch promises: remind before they fall due, tell a lead when one is broken or its owner will be off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import structlog

from bot.core.alerts import Concern, ConcernKind
from bot.core.contacts import CLOSED, Contact
from bot.core.ids import AgentId, ContactRef, PromiseId, TeamId
from bot.core.messages import Message, OperatorNotice, Outgoing, Recipient, RecipientKind
from bot.core.on_duty import reachable
from bot.core.promise_messages import (
    CustomerUntold,
    PromiseBroken,
    PromiseOwnerOff,
    PromiseReminder,
)
from bot.core.promise_owners import Attendance
from bot.core.promises import Promise, PromiseKind, PromiseState, PromiseVerdict, judge
from bot.core.settings import Settings
from bot.store.failures import is_temporary
from bot.store.unit_of_work import Store, UnitOfWork
from bot.usecases.alert_posts import raise_concerns
from bot.usecases.on_the_floor import Present
from bot.usecases.operator_notices import tell_operators
from bot.usecases.promise_events import CONCERN
from bot.usecases.promise_keepers import Keepers, absent, last_resort_of, named
from bot.usecases.promise_posts import messages, tell

__all__ = ["check_customers", "check_owners", "tick"]

log = structlog.get_logger(__name__)

_OWNERS = "promise_owners"
_SET_ASIDE = timedelta(minutes=5)
_LATE_SECONDS = 60.0
_AHEAD = timedelta(days=14)
_URGENT = timedelta(hours=1)
_BATCH = 200


def tick(store: Store, settings: Settings, *, now: datetime, limit: int = 500) -> int:
    """Judge every promise that has something to say; returns how many were handled.

    Promise, alert and messages change in one transaction, in a number of statements that does not grow
    with the promises.  One that another process judges is left to it.  Where one fails, each is judged
    alone: that one is set aside for five minutes and does not stop the others.
    """
    with store.read() as look:
        first = look.promises.next_due()
    if first is None or first > now:
        return 0
    with store.unit() as uow:
        due = uow.promises.due(now, limit)
        if not due:
            return 0
        watch = _Watch(
            uow=uow,
            settings=settings,
            now=now,
            present=Present(uow, settings, now),
            contacts=uow.contacts.many({p.ref for p in due}),
        )
        try:
            with uow.part():
                handled = watch.look(due)
        except Exception as error:
            if is_temporary(error):
                raise  # the database, not a promise: the next tick looks again
            handled = sum(_alone(watch, promise) for promise in due)
        uow.commit()
    return handled


def check_owners(store: Store, settings: Settings, *, now: datetime) -> int:
    """CP4: tell a lead of each promise whose owner the roster has off when it falls due; returns how many.

    Looks once an hour, and at once after a roster was published, for promises of the next two weeks.  Each
    is told once.  With no lead on duty it waits for one, unless the promise falls due within the hour.
    """
    taken = _take_owner_slots(store, now)
    if not taken:
        return 0
    told = 0
    after = (now, PromiseId(0))
    try:
        while True:
            with store.unit() as uow:
                held = uow.promises.to_come(after, now + _AHEAD, _BATCH)
                keepers = Keepers(uow=uow, settings=settings)
                if held:
                    keepers.look_ahead(held[0].due_at, held[-1].due_at)
                told += sum(_look_at_owner(uow, settings, keepers, promise, now) for promise in held)
                uow.commit()
            if len(held) < _BATCH:
                return told
            after = (held[-1].due_at, held[-1].promise)
    except Exception:
        with store.unit() as uow:
            for slot in taken:
                uow.job_slots.give_back(_OWNERS, slot)
            uow.commit()
        raise


def check_customers(store: Store, settings: Settings, *, now: datetime, limit: int = 200) -> int:
    """CP5: tell who owes a customer news, where the last has grown too old; returns how many.

    What is owed is a promise of kind UPDATE, broken already, until the customer is told or the case solved.
    """
    told = 0
    for kind, after in sorted(settings.promises.stale_after.items(), key=lambda item: item[0].value):
        # Looking takes a while where many cases are open; it keeps no writer waiting.
        with store.read() as seen:
            untold = seen.contacts.untold(kind, now - after, limit)
        if not untold:
            continue
        with store.unit() as uow:
            for contact in uow.contacts.many({c.ref for c in untold}).values():
                still = (contact.informed_at or contact.opened_at) <= now - after
                if still and contact.status not in CLOSED:
                    told += _owe_news(uow, settings, contact, after, now)
            uow.commit()
    return told


def _take_owner_slots(store: Store, now: datetime) -> list[str]:
    """Something for one caller an hour, and for one after each publication; nothing for the others."""
    with store.read() as look:
        published = look.rosters.last_published()
        slots = [f"{now:%Y-%m-%dT%H}", *([] if published is None else [f"roster:{published}"])]
        free = [slot for slot in slots if not look.job_slots.taken(_OWNERS, slot)]
    if not free:
        return []
    with store.unit() as uow:
        taken = [slot for slot in free if uow.job_slots.take(_OWNERS, slot, now)]
        uow.commit()
    return taken


def _alone(watch: _Watch, promise: Promise) -> int:
    """One promise in a part of its own; where it fails, it waits and the others do not."""
    try:
        with watch.uow.part():
            return watch.look([promise])
    except Exception as error:
        if is_temporary(error):
            raise
        log.exception("promise_set_aside", promise=promise.promise)
        watch.uow.promises.postpone(promise.promise, watch.now + _SET_ASIDE)
        notice = OperatorNotice(
            code="promise_failed", subject=str(promise.promise), detail=type(error).__name__
        )
        tell_operators(watch.uow, watch.settings, notice, watch.now)
        return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Watch:
    """What a tick knows of the people, asked once for all of its promises."""

    uow: UnitOfWork
    settings: Settings
    now: datetime
    present: Present
    contacts: Mapping[ContactRef, Contact]

    def look(self, promises: Sequence[Promise]) -> int:
        changed: list[Promise] = []
        posts: list[Outgoing] = []
        broken: list[tuple[Contact, Concern]] = []
        for promise in promises:
            contact = self.contacts.get(promise.ref)
            if contact is None:
                continue
            judged, verdict = judge(promise, self.now)
            said: list[Outgoing] = []
            if verdict is PromiseVerdict.REMIND:
                said = self._remind(judged, contact)
            elif verdict is PromiseVerdict.BROKEN:
                said = self._break(judged, contact)
                if contact.queue in self.settings.queues:
                    broken.append((contact, _concern(judged)))
            posts += said
            keys = {*judged.posts, *(o.dedupe_key for o in said)}
            changed.append(replace(judged, posts=tuple(sorted(keys))))
        self.uow.promises.judged(changed)
        self.uow.outbox.put_all(posts, self.now)
        raise_concerns(self.uow, self.settings, broken, self.now, present=self.present)
        return len(changed)

    def _remind(self, promise: Promise, contact: Contact) -> list[Outgoing]:
        leads: tuple[Recipient, ...] = ()
        if not self._at_work(promise.owner):
            leads = self._leads(contact)
        message = PromiseReminder(
            promise=promise.promise,
            ref=promise.ref,
            queue=contact.queue,
            kind=promise.kind.value,
            due_at=promise.due_at,
            owner=promise.owner,
            to_lead=bool(leads),
        )
        owner = Recipient(kind=RecipientKind.AGENT, name=promise.owner)
        return messages(promise, "reminder", leads or (owner,), message, self.now)

    def _break(self, promise: Promise, contact: Contact) -> list[Outgoing]:
        late = (self.now - promise.due_at).total_seconds()
        leads = self._leads(contact)
        message = PromiseBroken(
            promise=promise.promise,
            ref=promise.ref,
            queue=contact.queue,
            kind=promise.kind.value,
            due_at=promise.due_at,
            owner=promise.owner,
            noticed_late_seconds=late if late >= _LATE_SECONDS else 0.0,
            nobody_on_duty=not leads,
        )
        last = last_resort_of(self.settings, _team(self.settings, contact))
        return messages(promise, "broken", leads or (last,), message, self.now)

    def _leads(self, contact: Contact) -> tuple[Recipient, ...]:
        team = _team(self.settings, contact)
        found = self.present.leads(team, contact.complained_about)
        return tuple(Recipient(kind=RecipientKind.AGENT, name=lead, team=team) for lead in found)

    def _at_work(self, owner: AgentId) -> bool:
        """A break is not away: it is over before the promise is due, or the owner sees it on the phone."""
        agent = self.present.agents.get(owner)
        if agent is None or not reachable(agent) or absent(self.uow, [agent], self.now):
            return False
        return owner in self.present.on_shift or not self._roster_known()

    def _roster_known(self) -> bool:
        return bool(self.present.on_shift) or self.uow.rosters.published_at(self.now) is not None


def _concern(promise: Promise) -> Concern:
    return Concern(kind=ConcernKind.PROMISE_BROKEN, key=CONCERN, since=promise.due_at, due_at=promise.due_at)


def _look_at_owner(
    uow: UnitOfWork, settings: Settings, keepers: Keepers, promise: Promise, now: datetime
) -> bool:
    contact, owner = uow.contacts.get(promise.ref), uow.people.get(promise.owner)
    if contact is None:
        return False
    gone = owner is None or not owner.active
    then = None if owner is None or gone else keepers.owner_then(owner, promise.due_at)
    if then is not None and then.there:
        return False
    leads, nobody = _leads(uow, settings, contact, now)
    if nobody and promise.due_at - now > _URGENT:
        return False
    if not uow.promises.claim_owner_off(promise.promise, now):
        return False
    message: Message = PromiseOwnerOff(
        promise=promise.promise,
        ref=promise.ref,
        queue=contact.queue,
        kind=promise.kind.value,
        due_at=promise.due_at,
        owner=promise.owner,
        leaves_at=None if then is None else then.ends,
        absent=then is not None and then.attendance is Attendance.ABSENT,
        colleagues=named(keepers.colleagues(contact, promise.owner, promise.due_at)),
        nobody_on_duty=nobody,
    )
    tell(uow, promise, "owner_off", leads, message, now)
    return True


def _owe_news(uow: UnitOfWork, settings: Settings, contact: Contact, after: timedelta, now: datetime) -> bool:
    """Make the customer's news something that is owed, and tell who owes it; False where that was done."""
    leads, nobody = _leads(uow, settings, contact, now)
    owner = contact.agent
    if owner is None:
        if nobody:
            return False  # nobody could owe it yet: the next look asks again
        owner = AgentId(leads[0].name)
    told_at = contact.informed_at
    since = told_at or contact.opened_at
    promise = uow.promises.add(
        ref=contact.ref,
        kind=PromiseKind.UPDATE,
        owner=owner,
        due_at=since + after,
        made_at=since,
        made_by="muster",
        remind_at=None,
        next_check_at=None,
        state=PromiseState.BROKEN,
        origin=f"untold:{contact.ref}:{since.astimezone(UTC):%Y%m%dT%H%M%S%f}",
    )
    if promise is None:
        return False
    to_lead = not Keepers(uow=uow, settings=settings).can_act(owner, now)
    message = CustomerUntold(
        promise=promise.promise,
        ref=contact.ref,
        queue=contact.queue,
        type=contact.type.value,
        opened_at=contact.opened_at,
        told_at=told_at,
        owner=owner,
        to_lead=to_lead,
    )
    recipients = leads if to_lead else (Recipient(kind=RecipientKind.AGENT, name=owner),)
    tell(uow, promise, "untold", recipients, message, now)
    return True


def _leads(
    uow: UnitOfWork, settings: Settings, contact: Contact, now: datetime
) -> tuple[tuple[Recipient, ...], bool]:
    """The leads on duty; where nobody is, the last resort of the team's chain, and True."""
    keepers = Keepers(uow=uow, settings=settings)
    team = _team(settings, contact)
    found = keepers.leads(team, now)
    return (found, False) if found else ((last_resort_of(settings, team),), True)


def _team(settings: Settings, contact: Contact) -> TeamId:
    """The team of the case's queue; of a queue that has left app.yaml, any team: somebody has to know."""
    queue = settings.queues.get(contact.queue)
    return next(iter(settings.teams)) if queue is None else queue.team
