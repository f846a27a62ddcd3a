"""Watch promises: remind before they fall due, tell a lead when one is broken or its owner will be off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import structlog

from bot.core.alerts import Concern, ConcernKind
from bot.core.contacts import Contact
from bot.core.ids import AgentId, PromiseId, TeamId
from bot.core.messages import Message, OperatorNotice, Recipient, RecipientKind
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
from bot.usecases.alert_posts import raise_concern
from bot.usecases.operator_notices import tell_operators
from bot.usecases.promise_events import CONCERN
from bot.usecases.promise_keepers import Keepers, named
from bot.usecases.promise_posts import tell

__all__ = ["check_customers", "check_owners", "next_due", "tick"]

log = structlog.get_logger(__name__)

_OWNERS = "promise_owners"
_SET_ASIDE = timedelta(minutes=5)
_LATE_SECONDS = 60.0
_AHEAD = timedelta(days=14)
_URGENT = timedelta(hours=1)
_BATCH = 200


def tick(store: Store, settings: Settings, *, now: datetime, limit: int = 200) -> int:
    """Judge every promise that has something to say; returns how many were handled.

    Promise and messages change in one transaction; one that another process judged first is left to it.
    A promise that cannot be judged is set aside for five minutes and does not stop the others.
    """
    handled = 0
    with store.unit() as uow:
        for promise in uow.promises.due(now, limit):
            try:
                with uow.part():
                    handled += _look(uow, settings, promise, now)
            except Exception as error:
                if is_temporary(error):
                    raise  # the database, not the promise: the next tick looks again
                log.exception("promise_set_aside", promise=promise.promise)
                uow.promises.postpone(promise.promise, now + _SET_ASIDE)
                _tell_operators(uow, settings, promise, type(error).__name__, now)
        uow.commit()
    return handled


def next_due(store: Store) -> datetime | None:
    """When the next promise has something to say; None with nothing to watch."""
    with store.read() as uow:
        return uow.promises.next_due()


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
                told += sum(_look_at_owner(uow, settings, promise, now) for promise in held)
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
        with store.unit() as uow:
            for contact in uow.contacts.untold(kind, now - after, limit):
                told += _owe_news(uow, settings, contact, after, now)
            uow.commit()
    return told


def _take_owner_slots(store: Store, now: datetime) -> list[str]:
    """Something for one caller an hour, and for one after each publication; nothing for the others."""
    with store.unit() as uow:
        published = uow.rosters.last_published()
        slots = [f"{now:%Y-%m-%dT%H}", *([] if published is None else [f"roster:{published}"])]
        taken = [slot for slot in slots if uow.job_slots.take(_OWNERS, slot, now)]
        uow.commit()
    return taken


def _look(uow: UnitOfWork, settings: Settings, promise: Promise, now: datetime) -> bool:
    contact = uow.contacts.get(promise.ref)
    judged, verdict = judge(promise, now)
    if contact is None or not uow.promises.claim(promise, judged):
        return False
    if verdict is PromiseVerdict.REMIND:
        _remind(uow, settings, judged, contact, now)
    elif verdict is PromiseVerdict.BROKEN:
        _break(uow, settings, judged, contact, now)
    return True


def _remind(uow: UnitOfWork, settings: Settings, promise: Promise, contact: Contact, now: datetime) -> None:
    keepers = Keepers(uow=uow, settings=settings)
    leads: tuple[Recipient, ...] = ()
    if not keepers.can_act(promise.owner, now):
        leads = keepers.leads(_team(settings, contact), now)
    owner = Recipient(kind=RecipientKind.AGENT, name=promise.owner)
    message = PromiseReminder(
        promise=promise.promise,
        ref=promise.ref,
        queue=contact.queue,
        kind=promise.kind.value,
        due_at=promise.due_at,
        owner=promise.owner,
        to_lead=bool(leads),
    )
    tell(uow, promise, "reminder", leads or (owner,), message, now)


def _break(uow: UnitOfWork, settings: Settings, promise: Promise, contact: Contact, now: datetime) -> None:
    late = (now - promise.due_at).total_seconds()
    leads, nobody = _leads(uow, settings, contact, now)
    message = PromiseBroken(
        promise=promise.promise,
        ref=promise.ref,
        queue=contact.queue,
        kind=promise.kind.value,
        due_at=promise.due_at,
        owner=promise.owner,
        noticed_late_seconds=late if late >= _LATE_SECONDS else 0.0,
        nobody_on_duty=nobody,
    )
    tell(uow, promise, "broken", leads, message, now)
    if contact.queue in settings.queues:
        concern = Concern(
            kind=ConcernKind.PROMISE_BROKEN,
            key=CONCERN,
            since=promise.due_at,
            due_at=promise.due_at,
        )
        raise_concern(uow, settings, contact, concern, now)
    uow.audit.add("muster", "promise_broken", f"promise:{promise.promise}", {"ref": promise.ref}, now)


def _look_at_owner(uow: UnitOfWork, settings: Settings, promise: Promise, now: datetime) -> bool:
    contact, owner = uow.contacts.get(promise.ref), uow.people.get(promise.owner)
    if contact is None:
        return False
    keepers = Keepers(uow=uow, settings=settings)
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
    return (found, False) if found else ((keepers.last_resort(team),), True)


def _team(settings: Settings, contact: Contact) -> TeamId:
    """The team of the case's queue; of a queue that has left app.yaml, any team: somebody has to know."""
    queue = settings.queues.get(contact.queue)
    return next(iter(settings.teams)) if queue is None else queue.team


def _tell_operators(
    uow: UnitOfWork, settings: Settings, promise: Promise, detail: str, now: datetime
) -> None:
    notice = OperatorNotice(code="promise_failed", subject=str(promise.promise), detail=detail)
    tell_operators(uow, settings, notice, now)
