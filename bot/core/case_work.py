"""What people do about a case besides answering it: hand it over, chase a department, ask for approval."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from bot.core.contacts import CLOSED, Contact, ContactEvent, ContactStatus, EventKind
from bot.core.ids import AgentId, ContactRef
from bot.core.people import Agent
from bot.core.records import ContactRecord

__all__ = [
    "Approval",
    "ApprovalState",
    "CaseBlock",
    "HandOver",
    "Level",
    "OrphanReason",
    "Proposal",
    "Stage",
    "orphan_reason",
    "propose_owner",
    "receiver_of",
    "stage_owners",
]

_NOT_RECEIVING = frozenset({EventKind.BLOCKED, EventKind.UNBLOCKED, EventKind.PRIORITY_CHANGED})


class Stage(Enum):
    """CR12: a case has somebody who answers for each of these; CO_OWNER is anybody else who works on it."""

    RECEIVE = "receive"
    ASSIGN = "assign"
    PROCESS = "process"
    FEEDBACK = "feedback"
    ARCHIVE = "archive"
    CO_OWNER = "co_owner"


class Level(Enum):
    """ES4: where a case is escalated to."""

    LEAD = "lead"
    SUPERVISOR = "supervisor"
    DEPARTMENT = "department"
    MANAGER = "manager"


class ApprovalState(Enum):
    ASKED = "asked"
    APPROVED = "approved"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """CR14: a case handed to a department with all that is known; ``expected_at`` as agreed (CP6)."""

    id: int
    ref: ContactRef
    department: str
    asked_by: str
    asked_at: datetime
    expected_at: datetime
    summary: str
    answered_by: str | None = None
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseBlock:
    """ES6: ``chaser`` is reminded at ``next_at``, ``told`` times so far; None once it is over."""

    id: int
    ref: ContactRef
    department: str
    chaser: AgentId
    since: datetime
    next_at: datetime | None
    told: int
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """ES3: a special solution a supervisor agrees to; the customer is told by ``tell_by``."""

    id: int
    ref: ContactRef
    code: str
    solution: str
    asked_by: str
    asked_at: datetime
    tell_by: datetime
    state: ApprovalState = ApprovalState.ASKED
    decided_by: str | None = None
    decided_at: datetime | None = None


def receiver_of(events: Iterable[ContactEvent]) -> AgentId | None:
    """Who had a case first, of its events in order.

    Whoever chases a department and whoever chose a priority did not receive the case by that.
    """
    return next((e.agent for e in events if e.agent is not None and e.kind not in _NOT_RECEIVING), None)


def stage_owners(
    contact: Contact,
    record: ContactRecord | None,
    named: Mapping[Stage, Sequence[AgentId]],
    received_by: AgentId | None,
) -> Mapping[Stage, tuple[AgentId, ...]]:
    """Who answers for each stage: whom people named, else who is plain from the case.

    Whoever had it first received and assigned it, its agent processes it, the owner of the follow-up (else
    the agent) tells the customer and archives it.
    """
    first = received_by or contact.agent
    told = record.follow_up.owner if record is not None and record.follow_up is not None else contact.agent
    plain = {
        Stage.RECEIVE: first,
        Stage.ASSIGN: first,
        Stage.PROCESS: contact.agent,
        Stage.FEEDBACK: told,
        Stage.ARCHIVE: told,
        Stage.CO_OWNER: None,
    }
    return {
        stage: tuple(named.get(stage, ())) or ((owner,) if owner is not None else ())
        for stage, owner in plain.items()
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """Who may handle a complaint (ES7, L9).  ``skilled``: on shift now with the skill for it.

    Otherwise ``agent`` is a lead (or None), and ``nobody_until`` says from when somebody skilled is on
    shift, None where the roster shows nobody.
    """

    agent: AgentId | None
    skilled: bool
    nobody_until: datetime | None = None


def propose_owner(
    agents: Iterable[Agent],
    *,
    skill: str,
    complained_about: AgentId | None,
    on_shift: frozenset[AgentId],
    leads: Sequence[AgentId],
    next_skilled_at: datetime | None,
    busy: Mapping[AgentId, int] | None = None,
) -> Proposal:
    """The independent owner of a complaint: skilled and on shift, never the agent complained about.

    Of several the one with the fewest open cases (``busy``), then by name.  Nobody: the first lead of
    ``leads`` who is not the one complained about either.
    """
    load = busy or {}
    fit = sorted(
        (load.get(a.agent, 0), a.agent)
        for a in agents
        if a.active and a.agent in on_shift and a.agent != complained_about and a.skills.get(skill, 0.0) > 0
    )
    if fit:
        return Proposal(agent=fit[0][1], skilled=True)
    lead = next((person for person in leads if person != complained_about), None)
    return Proposal(agent=lead, skilled=False, nobody_until=next_skilled_at)


class OrphanReason(Enum):
    """CR11: why an open case is nobody's."""

    NO_OWNER = "no_owner"
    NOTHING_HAPPENED = "nothing_happened"
    WAITS_WITHOUT_REASON = "waits_without_reason"


def orphan_reason(contact: Contact, last_event: datetime, *, quiet_before: datetime) -> OrphanReason | None:
    """Why an open case would be forgotten; None for one that is looked after, and for closed ones."""
    if contact.status in CLOSED:
        return None
    if contact.agent is None and contact.department is None:
        return OrphanReason.NO_OWNER
    if last_event < quiet_before:
        return OrphanReason.NOTHING_HAPPENED
    if contact.status is ContactStatus.PENDING and contact.waiting_for is None:
        return OrphanReason.WAITS_WITHOUT_REASON
    return None
