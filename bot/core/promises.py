"""Promise: what a person told a customer would happen by a time, who owes it, and what became of it (CP2).

A promise is never changed, it is ended: moving it or handing it over ends one and makes its successor, so
that what was told to the customer, and by whom, stays on record.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from bot.core.contacts import Contact, EventKind, result_told
from bot.core.errors import NotAllowedError, RefusedError
from bot.core.ids import AgentId, ContactRef, PromiseId
from bot.core.people import Role
from bot.core.privacy import refuse_personal

NOTE_CHARACTERS: Final = 200


class PromiseKind(Enum):
    FOLLOW_UP = "follow_up"  # the customer hears from us
    CALL_BACK = "call_back"  # the customer is called (SP14)
    DELAY_NOTICE = "delay_notice"  # an answer by the new time that a delay notice gave (CP1)
    HANDLER = "handler"  # the named handler of a complaint gets in touch (ES12)
    UPDATE = "update"  # the customer is told how it stands; owed since the last news grew old (CP5)


class PromiseState(Enum):
    OPEN = "open"
    KEPT = "kept"
    BROKEN = "broken"  # its time passed; one kept late stays broken, and has an end
    HANDED_OVER = "handed_over"
    WITHDRAWN = "withdrawn"  # moved to another time, or taken back


_TOLD: Final = frozenset({EventKind.CALLED_BACK, EventKind.INFORMED, EventKind.PLAN_GIVEN})

KEEPS: Final = {
    PromiseKind.FOLLOW_UP: _TOLD | {EventKind.RESOLVED},
    PromiseKind.CALL_BACK: frozenset({EventKind.CALLED_BACK}),
    PromiseKind.DELAY_NOTICE: _TOLD | {EventKind.RESPONDED, EventKind.RESOLVED},
    PromiseKind.HANDLER: _TOLD | {EventKind.RESPONDED, EventKind.RESOLVED},
    PromiseKind.UPDATE: _TOLD | {EventKind.RESOLVED},
}
"""What has to happen to a case for a promise of a kind to be kept.  A call is only kept by calling."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What is owed.  All times aware UTC.

    ``remind_at`` is when the owner is reminded, None once that is done or there is no time for it.
    ``next_check_at``: the reminder or the due time, whichever comes first; None when nothing is left to
    watch.  ``ended_at``: kept (late or not), handed over or taken back; until then it is owed.
    ``note``: what was promised, in its maker's words; for the people who keep it, never for channels or logs.
    ``posts``: dedupe keys of the messages that asked somebody to act.
    """

    promise: PromiseId
    ref: ContactRef
    kind: PromiseKind
    owner: AgentId
    due_at: datetime
    made_at: datetime
    made_by: str
    state: PromiseState
    remind_at: datetime | None
    next_check_at: datetime | None
    note: str | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None
    posts: tuple[str, ...] = ()

    @property
    def owed(self) -> bool:
        return self.ended_at is None


class PromiseVerdict(Enum):
    NOTHING = "nothing"
    REMIND = "remind"
    BROKEN = "broken"


def reminder_at(made_at: datetime, due_at: datetime, before: timedelta) -> datetime:
    """When the owner is reminded: ``before`` the due time, or half way where the promise is that near.

    >>> from datetime import UTC
    >>> made = datetime(2026, 11, 26, 10, tzinfo=UTC)
    >>> quarter = timedelta(minutes=15)
    >>> reminder_at(made, made + timedelta(hours=2), quarter).strftime("%H:%M")
    '11:45'
    >>> reminder_at(made, made + timedelta(minutes=10), quarter).strftime("%H:%M")
    '10:05'
    """
    return max(due_at - before, made_at + (due_at - made_at) / 2)


def judge(promise: Promise, now: datetime) -> tuple[Promise, PromiseVerdict]:
    """Look at a promise at ``now``: the one that takes its place, and what to say.

    After an outage a broken promise is not reminded of first.
    """
    if promise.state is not PromiseState.OPEN:
        return replace(promise, next_check_at=None, remind_at=None), PromiseVerdict.NOTHING
    if now >= promise.due_at:
        broken = replace(promise, state=PromiseState.BROKEN, remind_at=None, next_check_at=None)
        return broken, PromiseVerdict.BROKEN
    if promise.remind_at is not None and now >= promise.remind_at:
        return replace(promise, remind_at=None, next_check_at=promise.due_at), PromiseVerdict.REMIND
    following = min(t for t in (promise.remind_at, promise.due_at) if t is not None)
    return replace(promise, next_check_at=following), PromiseVerdict.NOTHING


def kept(promise: Promise, *, at: datetime, by: str) -> Promise:
    """Kept at ``at``, whenever we learn of it: up to and including the due time in time, else broken."""
    state = PromiseState.KEPT if at <= promise.due_at else PromiseState.BROKEN
    return ended(promise, state, at=at, by=by)


def ended(promise: Promise, state: PromiseState, *, at: datetime, by: str) -> Promise:
    """Over.  A broken promise stays broken, whatever became of it later.

    Raises RefusedError for one that is over already: the first who ended it did.
    """
    if not promise.owed:
        raise RefusedError(
            "promise_over",
            f"promise {promise.promise} is over already ({promise.state.value}); nothing was changed. "
            "See /muster promises.",
            promise=promise.promise,
            state=promise.state.value,
            by=promise.ended_by or "",
            at=promise.ended_at,
        )
    final = PromiseState.BROKEN if promise.state is PromiseState.BROKEN else state
    return replace(promise, state=final, remind_at=None, next_check_at=None, ended_at=at, ended_by=by)


def keeps(kind: PromiseKind, event: EventKind) -> bool:
    """Whether such an event keeps a promise of a kind."""
    return event in KEEPS[kind]


def checked_note(text: str | None) -> str | None:
    """What was promised, as it may be kept: one line, without personal data.

    Raises RefusedError, which repeats nothing of it.
    """
    line = " ".join((text or "").split())
    if not line:
        return None
    if len(line) > NOTE_CHARACTERS:
        raise RefusedError(
            "promise_note_long",
            f"what was promised is longer than {NOTE_CHARACTERS} characters; nothing was saved. "
            "A few words are enough.",
            limit=NOTE_CHARACTERS,
        )
    refuse_personal(line)
    return line


_CALL: Final = re.compile(r"回电|回个电|致电|电话|call|phone|ring|callback", re.IGNORECASE)


def kind_of_words(note: str | None) -> PromiseKind:
    """Whether what was promised is a call.

    >>> kind_of_words("回电说明退款进度"), kind_of_words("物流核实")
    (<PromiseKind.CALL_BACK: 'call_back'>, <PromiseKind.FOLLOW_UP: 'follow_up'>)
    """
    return PromiseKind.CALL_BACK if note and _CALL.search(note) else PromiseKind.FOLLOW_UP


def may_touch(promise: Promise, *, actor: str, role: Role) -> None:
    """Its owner, whoever made it, and leads may end or move a promise.  Raises NotAllowedError."""
    if role.rank < Role.LEAD.rank and actor not in (promise.owner, promise.made_by):
        raise NotAllowedError(
            "promise_of_another",
            f"promise {promise.promise} is somebody else's; nothing was changed. Ask them or your lead.",
            promise=promise.promise,
        )


def may_own(contact: Contact, owner: AgentId | None) -> AgentId:
    """CP2, ES7: a promise has an owner, and never the person complained about.  Raises RefusedError."""
    if owner is None:
        raise RefusedError(
            "promise_without_owner",
            "nobody would own this promise; nothing was saved. "
            "Name the owner: /muster promise CASE TIME @name",
            ref=contact.ref,
        )
    if contact.complained_about == owner:
        raise RefusedError(
            "promise_owner_complained_about",
            "the customer complains about this person, who cannot own the promise; nothing was saved. "
            "Name a colleague.",
            ref=contact.ref,
        )
    return owner


def soonest(promises: Iterable[Promise]) -> tuple[Promise, ...]:
    """What is owed, broken first, then by due time."""
    owed = (p for p in promises if p.owed)
    return tuple(sorted(owed, key=lambda p: (p.state is not PromiseState.BROKEN, p.due_at, p.promise)))


def may_archive(contact: Contact, promises: Iterable[Promise]) -> None:
    """CP11: no complaint is archived before its result was told, and no case that still owes something.

    ``promises`` of the case.  Raises RefusedError.
    """
    if not result_told(contact):
        raise RefusedError(
            "result_not_told",
            f"the customer of {contact.ref} was not told the result; it was not archived. "
            "Tell them, record 'informed', then archive it.",
            ref=contact.ref,
        )
    owed = soonest(p for p in promises if p.ref == contact.ref)
    if owed:
        raise RefusedError(
            "promises_owed",
            f"{len(owed)} promises of {contact.ref} are not kept yet; it was not archived. "
            "Keep them or take them back: /muster promises",
            ref=contact.ref,
            count=len(owed),
        )
