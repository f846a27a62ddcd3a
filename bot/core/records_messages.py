"""Messages about records and what people do about a case.  References only, never a customer's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

__all__ = [
    "KINDS",
    "ApprovalAsked",
    "ApprovalDecided",
    "CaseEscalated",
    "ChaseReminder",
    "ComplaintAssigned",
    "ComplaintRaised",
    "HandOverAnswered",
    "HandedOver",
    "OrphanCase",
    "OrphanCases",
    "RecordDue",
    "RecordsMessage",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDue:
    """CR5, to the agent: a call has ended and its record is not finished."""

    ref: str
    queue: str
    ended_at: datetime
    within_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver:
    """CR14, MA13, to the department's channel: a case is theirs to answer by ``expected_at``.

    ``user_group`` is called; ``on_shift``: who of the group the roster has at work now (ES5).
    """

    hand_over: int
    ref: str
    queue: str
    department: str
    priority: str
    type: str
    asked_by: str
    asked_at: datetime
    expected_at: datetime
    feedback: bool = False
    tags: tuple[str, ...] = ()
    user_group: str | None = None
    on_shift: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOverAnswered:
    """The edited post in the department's channel, and a direct message to whoever asked."""

    hand_over: int
    ref: str
    queue: str
    department: str
    answered_by: str
    answered_at: datetime
    expected_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChaseReminder:
    """ES6, to the chaser: the department still holds the case up."""

    block: int
    ref: str
    queue: str
    department: str
    since: datetime
    told: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintRaised:
    """ES1, ES7, L9: a complaint, to the supervisor, with whom to give it to.

    ``proposed`` is on shift with the skill where ``skilled``; else the next lead, and nobody skilled is on
    shift until ``nobody_until`` (None: the roster shows nobody).
    """

    ref: str
    queue: str
    priority: str
    opened_at: datetime
    owner: str | None = None
    complained_about: str | None = None
    proposed: str | None = None
    skilled: bool = False
    nobody_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintAssigned:
    """What the card becomes when somebody gave the complaint to its owner."""

    ref: str
    queue: str
    priority: str
    opened_at: datetime
    owner: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEscalated:
    """ES2: somebody passed a case on to a level.  ``nobody_on_duty``: the last resort is told instead."""

    ref: str
    queue: str
    priority: str
    level: str
    reason: str
    by: str
    at: datetime
    nobody_on_duty: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalAsked:
    """ES3: a special solution to agree to; what it is in words stands in the case, not here."""

    approval: int
    ref: str
    queue: str
    code: str
    asked_by: str
    asked_at: datetime
    tell_by: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalDecided:
    """The edited card, and a direct message to whoever asked."""

    approval: int
    ref: str
    queue: str
    code: str
    asked_by: str
    tell_by: datetime
    approved: bool
    decided_by: str
    decided_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OrphanCase:
    """``reason`` as in `bot.core.case_work.OrphanReason`; ``since``: when anything last happened."""

    ref: str
    queue: str
    priority: str
    reason: str
    since: datetime
    owner: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrphanCases:
    """CR11, to a lead every morning there are some: open cases nobody looks after."""

    team: str
    day: date
    total: int
    cases: tuple[OrphanCase, ...]


RecordsMessage = (
    RecordDue
    | HandedOver
    | HandOverAnswered
    | ChaseReminder
    | ComplaintRaised
    | ComplaintAssigned
    | CaseEscalated
    | ApprovalAsked
    | ApprovalDecided
    | OrphanCases
)

KINDS: Final[Mapping[str, type[RecordsMessage]]] = {
    "record_due": RecordDue,
    "handed_over": HandedOver,
    "hand_over_answered": HandOverAnswered,
    "chase_reminder": ChaseReminder,
    "complaint_raised": ComplaintRaised,
    "complaint_assigned": ComplaintAssigned,
    "case_escalated": CaseEscalated,
    "approval_asked": ApprovalAsked,
    "approval_decided": ApprovalDecided,
    "orphan_cases": OrphanCases,
}
"""Names of the kinds in rows, logs and Slack metadata; they never change."""
