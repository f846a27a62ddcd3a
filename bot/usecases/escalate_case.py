"""Pass a case on to somebody who may decide more (ES2), and ask for a special solution (ES3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.core import privacy
from bot.core.allowed_text import code_problem
from bot.core.case_work import Approval, ApprovalState, Level
from bot.core.contacts import Contact, EventKind, Priority
from bot.core.errors import NotAllowedError, NotFoundError, RefusedError
from bot.core.ids import AgentId, ContactRef
from bot.core.messages import Outgoing, Recipient, RecipientKind, Urgency
from bot.core.permissions import Action, demand
from bot.core.promises import PromiseKind
from bot.core.records_messages import ApprovalAsked, ApprovalDecided, CaseEscalated
from bot.core.settings import Settings
from bot.store.unit_of_work import Store, UnitOfWork
from bot.usecases import promise
from bot.usecases.case_events import case_event, tell
from bot.usecases.case_files import Viewer, find_case, team_of
from bot.usecases.departments import department_of
from bot.usecases.levels import Reached, deciders, people_of_level, possible_supervisors

__all__ = ["Decided", "ask_approval", "decide_approval", "escalate_case", "read_approval", "set_priority"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """``won``: this press decided; else the others say who did, when, and what."""

    won: bool
    approval: Approval


def escalate_case(
    store: Store,
    settings: Settings,
    named: str,
    level: Level,
    reason: str,
    *,
    department: str | None = None,
    viewer: Viewer,
    now: datetime,
) -> tuple[ContactRef, Reached]:
    """Tell a level about a case at once.  ``reason`` is a code: words about a customer travel nowhere."""
    _check_code(reason, "reason_code")
    with store.unit() as uow:
        contact = find_case(uow, settings, named, viewer)
        chosen = None if department is None else department_of(settings, department)
        reached = people_of_level(uow, settings, contact, level, department=chosen, now=now)
        message = CaseEscalated(
            ref=contact.ref,
            queue=contact.queue,
            priority=contact.priority.value,
            level=level.value,
            reason=reason,
            by=viewer.actor,
            at=now,
            nobody_on_duty=reached.nobody_on_duty,
        )
        for recipient in reached.recipients:
            key = f"escalated:{contact.ref}:{level.value}:{now.isoformat()}:{recipient.name}"
            _put(uow, recipient, message, key, Urgency.ALERT, now)
        detail = {"level": level.value, "reason": reason}
        uow.audit.add(viewer.actor, "case_escalated", f"case:{contact.ref}", detail, now)
        uow.commit()
    return contact.ref, reached


def ask_approval(
    store: Store,
    settings: Settings,
    named: str,
    code: str,
    solution: str,
    *,
    tell_by: datetime,
    viewer: Viewer,
    now: datetime,
) -> tuple[Approval, Reached]:
    """Ask the supervisor to agree to a special solution; the customer is told by ``tell_by``.

    ``code`` travels in the card, the words of ``solution`` stay with the case.  That the customer hears by
    then is a promise of whoever asks.  Raises RefusedError, with nothing asked, where nobody else could
    decide.
    """
    _check_code(code, "solution_code")
    if not solution.strip():
        raise RefusedError(
            "solution_needed", "say what is to be agreed to; nothing was asked. Write it after the time."
        )
    privacy.refuse_personal(solution)
    with store.unit() as uow:
        contact = find_case(uow, settings, named, viewer)
        reached = deciders(uow, settings, contact, actor=viewer.actor, email=viewer.email, now=now)
        approval = uow.case_work.ask_approval(
            contact.ref, code, solution.strip(), by=viewer.actor, now=now, tell_by=tell_by
        )
        _promise_answer(uow, settings, approval, now)
        message = ApprovalAsked(
            approval=approval.id,
            ref=contact.ref,
            queue=contact.queue,
            code=code,
            asked_by=viewer.actor,
            asked_at=now,
            tell_by=tell_by,
        )
        for recipient in reached.recipients:
            _put(uow, recipient, message, _key(approval, recipient), Urgency.ALERT, now)
        uow.audit.add(viewer.actor, "approval_asked", f"case:{contact.ref}", {"code": code}, now)
        uow.commit()
    return approval, reached


def _promise_answer(uow: UnitOfWork, settings: Settings, approval: Approval, now: datetime) -> None:
    """The customer hears by the stated time whatever is decided: that is a promise of whoever asked."""
    asker = AgentId(approval.asked_by)
    contact = uow.contacts.get(approval.ref)
    if uow.people.get(asker) is None or contact is None or contact.complained_about == asker:
        return
    promise.make_in(
        uow,
        settings,
        approval.ref,
        due_at=approval.tell_by,
        by=promise.Actor(name=approval.asked_by),
        now=now,
        owner=asker,
        kind=PromiseKind.FOLLOW_UP,
        origin=f"approval:{approval.id}",
    )


def read_approval(
    store: Store, settings: Settings, number: int, *, viewer: Viewer, now: datetime
) -> Approval:
    """What is to be agreed to, in words, for those who may see the case.  Raises NotFoundError."""
    with store.unit() as uow:
        approval, _ = _approval(uow, settings, number, viewer)
        uow.audit.add(viewer.actor, "approval_read", f"case:{approval.ref}", {}, now)
        uow.commit()
    return approval


def decide_approval(
    store: Store, settings: Settings, number: int, *, approve: bool, viewer: Viewer, now: datetime
) -> Decided:
    """Approve or decline; the first who presses decides.  The cards say so and whoever asked is told.

    Raises NotAllowedError for whoever may not approve and for whoever asked.
    """
    with store.unit() as uow:
        approval, contact = _approval(uow, settings, number, viewer)
        if approval.asked_by == viewer.actor:
            raise NotAllowedError(
                "approval_own", "whoever asked does not decide it; nothing was changed. Ask another lead."
            )
        if not _named(settings, viewer):
            demand(Action.APPROVE, viewer.rights, team=team_of(settings, contact))
        state = ApprovalState.APPROVED if approve else ApprovalState.DECLINED
        if not uow.case_work.decide(number, state, by=viewer.actor, now=now):
            return Decided(won=False, approval=uow.case_work.get_approval(number) or approval)
        message = ApprovalDecided(
            approval=approval.id,
            ref=approval.ref,
            queue=contact.queue,
            code=approval.code,
            asked_by=approval.asked_by,
            tell_by=approval.tell_by,
            approved=approve,
            decided_by=viewer.actor,
            decided_at=now,
        )
        for recipient in possible_supervisors(uow, settings, contact):
            key = _key(approval, recipient)
            if uow.outbox.by_key(key) is not None:
                _put(uow, recipient, message, f"{key}:decided", Urgency.ALERT, now, edits=key)
        if uow.people.get(AgentId(approval.asked_by)) is not None:
            back = Recipient(kind=RecipientKind.AGENT, name=approval.asked_by)
            _put(uow, back, message, f"approval_told:{approval.id}", Urgency.ALERT, now)
        detail = {"approved": approve, "code": approval.code}
        uow.audit.add(viewer.actor, "approval_decided", f"case:{approval.ref}", detail, now)
        decided = uow.case_work.get_approval(number) or approval
        uow.commit()
    return Decided(won=True, approval=decided)


def set_priority(
    store: Store, settings: Settings, named: str, priority: Priority, *, viewer: Viewer, now: datetime
) -> Contact:
    """A person's own choice (CR8): logged, and no rule changes it afterwards."""
    with store.unit() as uow:
        contact = find_case(uow, settings, named, viewer)
        event = case_event(
            contact.ref, EventKind.PRIORITY_CHANGED, now, priority=priority, agent=viewer_agent(viewer)
        )
        tell(uow, settings, event, now=now)
        detail = {"from": contact.priority.value, "to": priority.value}
        uow.audit.add(viewer.actor, "priority_set", f"case:{contact.ref}", detail, now)
        held = uow.contacts.get(contact.ref)
        uow.commit()
    return held or contact


def viewer_agent(viewer: Viewer) -> AgentId | None:
    return viewer.rights.agent


def _approval(uow: UnitOfWork, settings: Settings, number: int, viewer: Viewer) -> tuple[Approval, Contact]:
    approval = uow.case_work.get_approval(number)
    if approval is None:
        raise NotFoundError(
            "approval_unknown", "that approval does not exist (any more); nothing was changed."
        )
    if _named(settings, viewer):
        contact = uow.contacts.get(approval.ref)
        if contact is not None:
            return approval, contact
    return approval, find_case(uow, settings, approval.ref, viewer)


def _named(settings: Settings, viewer: Viewer) -> bool:
    """A supervisor of app.yaml, who may be in no team."""
    return viewer.email is not None and viewer.email in settings.records.supervisors


def _check_code(text: str, kind: str) -> None:
    if not text or code_problem(text) is not None:
        raise RefusedError(
            kind, "that is no code; nothing was done. Write one word, such as beyond_authority or refund."
        )


def _put(
    uow: UnitOfWork,
    recipient: Recipient,
    message: CaseEscalated | ApprovalAsked | ApprovalDecided,
    key: str,
    urgency: Urgency,
    now: datetime,
    *,
    edits: str | None = None,
) -> None:
    uow.outbox.put(
        Outgoing(
            recipient=recipient,
            message=message,
            dedupe_key=key,
            urgency=urgency,
            not_before=now,
            edits=edits,
        ),
        now,
    )


def _key(approval: Approval, recipient: Recipient) -> str:
    return f"approval:{approval.id}:{recipient.kind.value}:{recipient.name}"
