"""Contact and ContactEvent: what a customer asked, and everything that happened to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final

from bot.core.ids import AgentId, ContactRef, QueueId
from bot.core.queues import Channel


class ContactType(Enum):
    """CR7; aliases in both languages are resolved where data enters."""

    CONSULT = "consult"
    ORDER = "order"
    AFTER_SALES = "after_sales"
    COMPLAINT = "complaint"
    URGENT = "urgent"
    SUGGESTION = "suggestion"
    OTHER = "other"


class Priority(Enum):
    """CR8, most pressing first."""

    URGENT = "urgent"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


def more_pressing(one: Priority, other: Priority) -> bool:
    """Whether ``one`` is more pressing than ``other``.

    >>> more_pressing(Priority.URGENT, Priority.HIGH), more_pressing(Priority.LOW, Priority.LOW)
    (True, False)
    """
    order = tuple(Priority)
    return order.index(one) < order.index(other)


class ContactStatus(Enum):
    """CR11: nothing is untracked between these."""

    NEW = "new"  # arrived, nobody has answered
    RESPONDED = "responded"  # first answer given, being worked on
    PENDING = "pending"  # waiting for the customer or another department
    SOLVED = "solved"
    ARCHIVED = "archived"


class EventKind(Enum):
    OPENED = "opened"
    ASSIGNED = "assigned"
    RESPONDED = "responded"  # the team answered the customer
    CUSTOMER_REPLIED = "customer_replied"  # ends a wait for the customer, reopens what was solved
    PENDING = "pending"  # waits for the customer (clocks pause) or for a department (they do not)
    RESUMED = "resumed"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    PRIORITY_CHANGED = "priority_changed"  # by a person: no rule changes it afterwards
    RECLASSIFIED = "reclassified"  # type, tier, tags, priority by rule, agent complained about
    HANDED_OVER = "handed_over"  # to a department, which owes an answer (T1)
    HAND_OVER_ANSWERED = "hand_over_answered"
    CALL_BACK_ASKED = "call_back_asked"
    CALLED_BACK = "called_back"
    INFORMED = "informed"  # the customer was told how it stands (CP5)
    PLAN_GIVEN = "plan_given"  # the customer was told what will be done (SP12)
    EXAMINED = "examined"  # after-sales examination done (SP11)
    BLOCKED = "blocked"  # by a department; somebody named chases it (ES6)
    UNBLOCKED = "unblocked"
    ARCHIVED = "archived"
    MERGED = "merged"  # into another case, which carries the clocks on
    ABSORBED = "absorbed"  # the other side of MERGED: this case goes on for one opened at ``opened_at``


class WaitingFor(Enum):
    """What a PENDING contact waits for; only a wait for the customer pauses its clocks (SP20)."""

    CUSTOMER = "customer"
    DEPARTMENT = "department"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One case, whatever the channel it came through.  Times are aware UTC.

    ``priority_manual``: a person set the priority, so no rule changes it.  ``department`` owes an answer,
    ``blocked_by`` holds the case up and ``chaser`` keeps asking there.  ``complained_about`` never handles
    the case (ES7).  ``informed_at``: when the customer was last told how it stands.
    """

    ref: ContactRef
    queue: QueueId
    channel: Channel
    type: ContactType
    priority: Priority
    tier: str
    status: ContactStatus
    opened_at: datetime
    responded_at: datetime | None = None
    resolved_at: datetime | None = None
    agent: AgentId | None = None
    outcome: str | None = None
    handle_seconds: float | None = None
    source: str = "api"
    tags: frozenset[str] = frozenset()
    priority_manual: bool = False
    waiting_for: WaitingFor | None = None
    department: str | None = None
    blocked_by: str | None = None
    chaser: AgentId | None = None
    complained_about: AgentId | None = None
    informed_at: datetime | None = None
    merged_into: ContactRef | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactEvent:
    """Something that happened to a contact, at its own time ``at``, told by ``source``.

    (source, source_event_id) is unique: a repeated delivery changes nothing.  The optional fields are
    read by the kinds that need them: OPENED (queue, channel, type, priority, tier, tags,
    complained_about, agent), ASSIGNED and RESPONDED (agent), RESOLVED (outcome, handle_seconds),
    PRIORITY_CHANGED (priority), RECLASSIFIED (all of OPENED's but the agent and channel), PENDING
    (waiting_for; the customer unless told), HANDED_OVER (department), BLOCKED (department, agent: the
    chaser), MERGED (into), ABSORBED (opened_at).  ``tags`` None leaves them as they are.
    """

    ref: ContactRef
    kind: EventKind
    at: datetime
    source: str
    source_event_id: str
    queue: QueueId | None = None
    type: ContactType | None = None
    priority: Priority | None = None
    tier: str | None = None
    agent: AgentId | None = None
    outcome: str | None = None
    handle_seconds: float | None = None
    channel: Channel | None = None
    tags: frozenset[str] | None = None
    waiting_for: WaitingFor | None = None
    department: str | None = None
    complained_about: AgentId | None = None
    into: ContactRef | None = None
    opened_at: datetime | None = None


CLOSED: Final = frozenset({ContactStatus.SOLVED, ContactStatus.ARCHIVED})

RULES: Final = "rules"
"""The source of RECLASSIFIED events that priority rules make; they only ever raise a priority (CR8)."""


def answered_at(contact: Contact) -> datetime | None:
    """When the customer had the first answer; a contact solved without one was answered then."""
    return contact.responded_at or contact.resolved_at


def result_told(contact: Contact) -> bool:
    """CP11: a solved complaint may be archived only after the customer was told its result."""
    if contact.type is not ContactType.COMPLAINT or contact.resolved_at is None:
        return True
    return contact.informed_at is not None and contact.informed_at >= contact.resolved_at
