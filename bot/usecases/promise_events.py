"""What contact events do to promises, and how a promise ends.  Called inside a unit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.core.contacts import ContactEvent, EventKind, result_told
from bot.core.errors import RefusedError
from bot.core.ids import AgentId, ContactRef
from bot.core.promise_messages import PromiseOver
from bot.core.promises import Promise, PromiseKind, PromiseState, keeps, kept, may_archive
from bot.core.settings import Settings
from bot.store.unit_of_work import UnitOfWork
from bot.usecases.alert_posts import settle
from bot.usecases.promise_posts import close_posts

__all__ = ["CONCERN", "audit", "close", "fulfil", "not_to_archive", "to_keep"]


CONCERN = "promise"
"""Key of the concern about a case's broken promises: one for all of them."""


def to_keep(uow: UnitOfWork, events: Sequence[ContactEvent]) -> list[Promise]:
    """What is owed on the cases these events may keep promises of, locked.

    Before anything else of the unit is: whoever locks promises locks them first.
    """
    refs = {e.ref for e in events if any(keeps(kind, e.kind) for kind in PromiseKind)}
    return uow.promises.of_contacts(refs, locked=True) if refs else []


def fulfil(
    uow: UnitOfWork,
    settings: Settings,
    owed: Sequence[Promise],
    events: Sequence[ContactEvent],
    now: datetime,
) -> int:
    """End the promises that contact events keep; returns how many.  Called inside the unit of the events.

    An event keeps what was promised before it happened, at its own time, whenever it is told.
    """
    done = 0
    for promise in owed:
        keeping = [
            e for e in events if e.ref == promise.ref and e.at > promise.made_at and _keeps(promise, e)
        ]
        if keeping:
            first = min(keeping, key=lambda e: e.at)
            by = first.agent or promise.owner
            close(uow, settings, promise, kept(promise, at=first.at, by=by), now)
            done += 1
    return done


def not_to_archive(uow: UnitOfWork, events: Sequence[ContactEvent]) -> dict[ContactRef, RefusedError]:
    """CP11: the cases that these events would archive while something is owed, and what to say of each.

    One whose result was not told is refused by the order of its events (`bot.core.case_history`).
    """
    refs = {event.ref for event in events if event.kind is EventKind.ARCHIVED}
    owed = uow.promises.of_contacts(refs) if refs else []
    found: dict[ContactRef, RefusedError] = {}
    for contact in uow.contacts.many({promise.ref for promise in owed}).values():
        if result_told(contact):
            try:
                may_archive(contact, owed)
            except RefusedError as error:
                found[contact.ref] = error
    return found


def _keeps(promise: Promise, event: ContactEvent) -> bool:
    # A delay notice is news, and so is another promise that was kept; neither is what was promised here.
    own = event.source == "muster" and event.source_event_id.startswith(("notice:", "promise:"))
    return keeps(promise.kind, event.kind) and (promise.kind is PromiseKind.UPDATE or not own)


def close(
    uow: UnitOfWork,
    settings: Settings,
    promise: Promise,
    over: Promise,
    now: datetime,
    *,
    owner: AgentId | None = None,
) -> None:
    """Write the end of a promise, who ended it, edit the posts that asked to act, and end its concern."""
    uow.promises.claim(promise, over)
    audit(uow, over, f"promise_{over.state.value}", over.ended_by or promise.owner, now)
    contact = uow.contacts.get(promise.ref)
    said = PromiseOver(
        promise=promise.promise,
        ref=promise.ref,
        queue="" if contact is None else contact.queue,
        kind=promise.kind.value,
        due_at=promise.due_at,
        state=PromiseState.HANDED_OVER.value if owner is not None else over.state.value,
        by=over.ended_by or promise.owner,
        at=over.ended_at or now,
        owner=owner,
    )
    close_posts(uow, promise, said, now)
    if contact is not None and promise.state is PromiseState.BROKEN and not _still_broken(uow, promise):
        settle(uow, settings, contact, [CONCERN], now, at=over.ended_at, by=over.ended_by)


def _still_broken(uow: UnitOfWork, promise: Promise) -> bool:
    """Whether the case owes another broken promise."""
    return any(
        p.state is PromiseState.BROKEN and p.kind is not PromiseKind.UPDATE
        for p in uow.promises.of_contacts([promise.ref])
    )


def audit(uow: UnitOfWork, promise: Promise, action: str, by: str, now: datetime) -> None:
    """Who did what to a promise; never its words."""
    detail = {
        "ref": promise.ref,
        "kind": promise.kind.value,
        "owner": promise.owner,
        "due_at": promise.due_at.isoformat(),
    }
    uow.audit.add(by, action, f"promise:{promise.promise}", detail, now)
