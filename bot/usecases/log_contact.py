"""Write a case down: open it if it is new, keep the record, and let the rules speak.  One transaction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from bot.core.case_ids import local_day
from bot.core.contacts import CLOSED, Contact, ContactEvent, ContactType, EventKind, Priority
from bot.core.errors import FieldProblem, InvalidFormError, NotFoundError
from bot.core.ids import AgentId, ContactRef, QueueId
from bot.core.priorities import tags_by_words
from bot.core.records import RecordForm, RecordKind, fill
from bot.core.settings import Settings
from bot.store.unit_of_work import Store, UnitOfWork
from bot.usecases.case_events import case_event, tell
from bot.usecases.case_files import Viewer, find_case
from bot.usecases.hand_over import put_hand_over
from bot.usecases.promise import follow_up
from bot.usecases.record_duty import recorded

__all__ = ["NEW_CUSTOMER", "Entry", "Logged", "log_contact", "new_case_number"]

NEW_CUSTOMER = frozenset({"new", "新", "新客户"})
"""Written as the customer number: Muster gives the next one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What somebody wrote down.  Without ``ref`` a case is opened in ``queue`` at ``started_at``.

    ``agent``: who took the contact, None for somebody who is not on the roster.  ``tags`` None leaves them
    as they are.  ``solved``: there is nothing more to do.  ``department`` takes up feedback (CR21).
    """

    form: RecordForm
    started_at: datetime
    ref: ContactRef | None = None
    queue: QueueId | None = None
    agent: AgentId | None = None
    complete: bool = True
    tags: frozenset[str] | None = None
    tier: str | None = None
    priority: Priority | None = None
    complained_about: AgentId | None = None
    solved: bool = False
    department: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """``opened``: the case is new."""

    contact: Contact
    complete: bool
    opened: bool


def log_contact(store: Store, settings: Settings, entry: Entry, *, viewer: Viewer, now: datetime) -> Logged:
    """Keep a record, finished or as a draft.

    Raises InvalidFormError with every wrong field, NotFoundError and NotAllowedError for the case; then
    nothing was kept.
    """
    with store.unit() as uow:
        known = None if entry.ref is None else find_case(uow, settings, entry.ref, viewer)
        ref = ContactRef("-") if known is None else known.ref
        before = None if known is None else uow.records.get(known.ref)
        # What was finished stays so: a draft is for what was not.
        entry = replace(entry, complete=entry.complete or (before is not None and before.complete))
        record = fill(
            _numbered(uow, settings, entry.form, now),
            settings.records.rules,
            ref=ref,
            by=viewer.actor,
            now=now,
            complete=entry.complete,
            before=before,
        )
        _check(settings, entry, known)
        tags = (known.tags if known is not None else frozenset()) if entry.tags is None else entry.tags
        words = " ".join((entry.form.description, entry.form.remarks))
        tags |= tags_by_words(settings.records.priorities, words)
        if known is None:
            ref = new_case_number(uow, settings, now)
        tell(uow, settings, *_events(entry, known, ref, tags, now), now=now)
        contact = uow.contacts.get(ref)
        if contact is None:
            raise NotFoundError("case_unknown", f"no case {ref} is known; nothing was saved.", ref=ref)
        record = replace(record, ref=ref)
        uow.records.save(record)
        if entry.complete:
            recorded(uow, ref)
            follow_up(uow, settings, contact, record.follow_up, by=viewer.actor, now=now)
        if entry.complete and record.kind is RecordKind.FEEDBACK and entry.department is not None:
            put_hand_over(
                uow,
                settings,
                contact,
                entry.department,
                by=viewer.actor,
                now=now,
                expected_at=record.follow_up.due_at if record.follow_up is not None else now,
                summary="",
                feedback=True,
            )
        detail = {"complete": entry.complete, "opened": known is None}
        uow.audit.add(viewer.actor, "record_saved", f"case:{ref}", detail, now)
        uow.commit()
    return Logged(contact=contact, complete=entry.complete, opened=known is None)


def new_case_number(uow: UnitOfWork, settings: Settings, now: datetime) -> ContactRef:
    """The next free case number of the local day; numbers that files or people took are left out."""
    pattern, day = settings.records.case_id, local_day(now, settings.zone)
    while True:
        n = uow.records.next_number("case", pattern.scope(day))
        ref = ContactRef(pattern.number(day, n))
        if uow.contacts.get(ref) is None and not uow.contacts.event_counts([ref]):
            return ref


def _numbered(uow: UnitOfWork, settings: Settings, form: RecordForm, now: datetime) -> RecordForm:
    """The form with the next customer number (CR4) where it asks for one."""
    if form.customer_no.strip().casefold() not in NEW_CUSTOMER:
        return form
    pattern, day = settings.records.customer_no, local_day(now, settings.zone)
    n = uow.records.next_number("customer", pattern.scope(day))
    return replace(form, customer_no=pattern.number(day, n))


def _check(settings: Settings, entry: Entry, known: Contact | None) -> None:
    """What needs more than the form.  Raises InvalidFormError."""
    problems = []
    if known is None and (entry.queue is None or entry.queue not in settings.queues):
        problems.append(FieldProblem(name="queue", kind="queue_missing"))
    feedback = entry.complete and entry.form.kind is RecordKind.FEEDBACK and entry.department is not None
    if feedback and (entry.form.follow_up_at is None or not entry.form.follow_up_owner):
        problems.append(FieldProblem(name="follow_up_at", kind="feedback_needs_follow_up"))
    if entry.solved and _about_themselves(entry, known):
        problems.append(FieldProblem(name="ticks", kind="solved_by_the_one_complained_about"))
    if problems:
        raise InvalidFormError(problems)


def _about_themselves(entry: Entry, known: Contact | None) -> bool:
    """ES7: a complaint about whoever writes it down, which they may record and never handle."""
    about = entry.complained_about or (None if known is None else known.complained_about)
    return entry.form.type is ContactType.COMPLAINT and about is not None and about == entry.agent


def _events(
    entry: Entry, known: Contact | None, ref: ContactRef, tags: frozenset[str], now: datetime
) -> list[ContactEvent]:
    """What the case learns from what was written down; its texts are not part of it."""
    started = min(entry.started_at, now)
    about = entry.complained_about or (None if known is None else known.complained_about)
    agent = None if _about_themselves(entry, known) else entry.agent
    found: list[ContactEvent] = []
    if known is None:
        opened = case_event(ref, EventKind.OPENED, started, queue=entry.queue, agent=agent)
        found.append(
            replace(
                opened,
                type=entry.form.type,
                tier=entry.tier,
                priority=entry.priority,
                tags=tags,
                complained_about=about,
            )
        )
        if entry.agent is not None:
            # Whoever writes a new case down is in contact with the customer.
            found.append(case_event(ref, EventKind.RESPONDED, started, agent=agent))
    elif (entry.form.type, tags, about) != (known.type, known.tags, known.complained_about):
        changed = case_event(ref, EventKind.RECLASSIFIED, now)
        found.append(replace(changed, type=entry.form.type, tags=tags, complained_about=about))
    if entry.solved and (known is None or known.status not in CLOSED):
        outcome = entry.form.outcome.strip() or None
        found.append(case_event(ref, EventKind.RESOLVED, now, agent=agent, outcome=outcome))
    return found
