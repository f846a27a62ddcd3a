"""Hand a case to a department and take its answer (CR14, CP6, MA13)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.core import privacy
from bot.core.case_work import HandOver
from bot.core.contacts import Contact, EventKind, Priority
from bot.core.errors import NotFoundError, RefusedError
from bot.core.ids import AgentId
from bot.core.messages import Outgoing, Recipient, RecipientKind, Urgency
from bot.core.record_settings import Department
from bot.core.records_messages import HandedOver, HandOverAnswered
from bot.core.settings import Settings
from bot.store.unit_of_work import Store, UnitOfWork
from bot.usecases.case_events import case_event, tell
from bot.usecases.case_files import Viewer, find_case
from bot.usecases.departments import channel_of, department_of

__all__ = ["Answered", "answer_hand_over", "hand_over", "put_hand_over", "read_hand_over"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """``won``: this press answered it; else ``by`` and ``at`` say who was first."""

    won: bool
    by: str
    at: datetime


def hand_over(
    store: Store,
    settings: Settings,
    named: str,
    department: str,
    *,
    expected_at: datetime,
    summary: str,
    viewer: Viewer,
    now: datetime,
) -> HandOver:
    """Hand a case over with what is known about it and the time by which an answer is expected.

    The hand-over clock starts, the department's channel gets the reference without a customer's word.
    Raises RefusedError without a summary, for personal data in it, and for an unknown department.
    """
    with store.unit() as uow:
        contact = find_case(uow, settings, named, viewer)
        if not summary.strip():
            raise RefusedError(
                "summary_needed",
                "a hand-over needs a summary of what is known; nothing was handed over. "
                "Write it after the time.",
            )
        privacy.refuse_personal(summary)
        handed = put_hand_over(
            uow,
            settings,
            contact,
            department_of(settings, department).department,
            by=viewer.actor,
            now=now,
            expected_at=expected_at,
            summary=summary.strip(),
        )
        uow.commit()
    return handed


def put_hand_over(
    uow: UnitOfWork,
    settings: Settings,
    contact: Contact,
    department: str,
    *,
    by: str,
    now: datetime,
    expected_at: datetime,
    summary: str,
    feedback: bool = False,
) -> HandOver:
    """The same inside a unit; ``feedback`` is passed on for an opinion and says so (CR21)."""
    chosen = department_of(settings, department)
    handed = uow.case_work.hand_over(
        contact.ref, chosen.department, by=by, now=now, expected_at=expected_at, summary=summary
    )
    tell(
        uow,
        settings,
        case_event(contact.ref, EventKind.HANDED_OVER, now, department=chosen.department),
        now=now,
    )
    message = HandedOver(
        hand_over=handed.id,
        ref=contact.ref,
        queue=contact.queue,
        department=chosen.name,
        priority=contact.priority.value,
        type=contact.type.value,
        asked_by=by,
        asked_at=now,
        expected_at=expected_at,
        feedback=feedback,
        tags=tuple(sorted(contact.tags)),
        user_group=chosen.user_group,
        on_shift=_on_shift(uow, chosen, contact, now),
    )
    urgent = contact.priority is Priority.URGENT
    uow.outbox.put(
        Outgoing(
            recipient=channel_of(settings, chosen, contact),
            message=message,
            dedupe_key=_key(handed),
            urgency=Urgency.ALERT if urgent else Urgency.NOTICE,
            not_before=now,
        ),
        now,
    )
    uow.audit.add(by, "case_handed_over", f"case:{contact.ref}", {"department": chosen.department}, now)
    return handed


def _on_shift(
    uow: UnitOfWork, department: Department, contact: Contact, now: datetime
) -> tuple[AgentId, ...]:
    """ES5: who has the group's skill and is at work now; never the agent a complaint is about."""
    if department.skill is None:
        return ()
    skilled = {a.agent for a in uow.people.all() if a.skills.get(department.skill, 0.0) > 0}
    present = {entry.agent for entry in uow.rosters.on_shift(now)}
    return tuple(sorted(skilled & present - {contact.complained_about}))


def answer_hand_over(store: Store, settings: Settings, number: int, *, by: str, now: datetime) -> Answered:
    """The department answers; one press counts.  The post is edited and whoever asked is told."""
    with store.unit() as uow:
        handed = uow.case_work.get_hand_over(number)
        contact = None if handed is None else uow.contacts.get(handed.ref)
        if handed is None or contact is None:
            raise NotFoundError(
                "hand_over_unknown",
                "that hand-over does not exist (any more); nothing was changed.",
            )
        if not uow.case_work.answer_hand_over(number, by=by, now=now):
            held = uow.case_work.get_hand_over(number) or handed
            return Answered(won=False, by=held.answered_by or "", at=held.answered_at or now)
        tell(
            uow,
            settings,
            case_event(handed.ref, EventKind.HAND_OVER_ANSWERED, now, department=handed.department),
            now=now,
        )
        _tell_answer(uow, settings, handed, contact, by, now)
        uow.audit.add(by, "hand_over_answered", f"case:{handed.ref}", {"department": handed.department}, now)
        uow.commit()
    return Answered(won=True, by=by, at=now)


def read_hand_over(store: Store, number: int, *, by: str, now: datetime) -> HandOver:
    """A hand-over with its summary; that it was read is noted.  Raises NotFoundError."""
    with store.unit() as uow:
        handed = uow.case_work.get_hand_over(number)
        if handed is None:
            raise NotFoundError(
                "hand_over_unknown",
                "that hand-over does not exist (any more); nothing was changed.",
            )
        uow.audit.add(by, "hand_over_read", f"case:{handed.ref}", {}, now)
        uow.commit()
    return handed


def _tell_answer(
    uow: UnitOfWork, settings: Settings, handed: HandOver, contact: Contact, by: str, now: datetime
) -> None:
    department = settings.departments.get(handed.department)
    message = HandOverAnswered(
        hand_over=handed.id,
        ref=handed.ref,
        queue=contact.queue,
        department=handed.department if department is None else department.name,
        answered_by=by,
        answered_at=now,
        expected_at=handed.expected_at,
    )
    key = _key(handed)
    if department is not None:
        edit = Outgoing(
            recipient=channel_of(settings, department, contact),
            message=message,
            dedupe_key=f"{key}:answered",
            urgency=Urgency.NOTICE,
            not_before=now,
            edits=key,
        )
        uow.outbox.put(edit, now)
    if uow.people.get(AgentId(handed.asked_by)) is not None:
        back = Outgoing(
            recipient=Recipient(kind=RecipientKind.AGENT, name=handed.asked_by),
            message=message,
            dedupe_key=f"{key}:told",
            urgency=Urgency.NOTICE,
            not_before=now,
        )
        uow.outbox.put(back, now)


def _key(handed: HandOver) -> str:
    return f"hand_over:{handed.id}"
