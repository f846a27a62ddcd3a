"""Alert: somebody must know, and it stays open until somebody takes it or it is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum

from bot.core.contacts import Contact, answered_at
from bot.core.courses import Measure
from bot.core.ids import AgentId, AlertId, ContactRef, QueueId, TeamId
from bot.core.messages import AlertOver, AlertTaken, Escalated, SlaBreach, SlaWarning


class AlertKind(Enum):
    WARNING = "warning"  # pre-breach
    BREACH = "breach"


class AlertState(Enum):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"  # the contact was answered or solved


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One per contact and measure.  ``opened_at`` is when it became true, not when it was noticed.

    ``step`` is the escalation step already told, ``next_step_at`` when the next one is due (None: none left).
    ``acknowledged_by`` is an agent id, or the Slack user id of a person who is not on the agents file.
    """

    alert: AlertId
    kind: AlertKind
    ref: ContactRef
    queue: QueueId
    team: TeamId
    measure: Measure
    state: AlertState
    opened_at: datetime
    due_at: datetime
    step: int
    next_step_at: datetime | None
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    owner: AgentId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Staffing:
    """People in the interval of a breach, None where no requirement or roster is known."""

    required: int | None = None
    rostered: int | None = None


def post_key(alert: Alert, what: str) -> str:
    """Dedupe key of a message about an alert; a due time that was moved makes a new promise and new keys.

    >>> from datetime import timedelta
    >>> at = datetime(2026, 11, 22, 2, 10, tzinfo=UTC)
    >>> alert = Alert(
    ...     alert=AlertId(7), kind=AlertKind.BREACH, ref=ContactRef("GD1"), queue=QueueId("chat"),
    ...     team=TeamId("harbour"), measure=Measure.FIRST_RESPONSE, state=AlertState.OPEN,
    ...     opened_at=at, due_at=at, step=0, next_step_at=None,
    ... )
    >>> post_key(alert, "step:0:channel:harbour-alerts")
    'alert:7:20261122T021000Z:step:0:channel:harbour-alerts'
    """
    return f"alert:{alert.alert}:{alert.due_at.astimezone(UTC):%Y%m%dT%H%M%SZ}:{what}"


def warning(alert: Alert, contact: Contact, fraction: float) -> SlaWarning:
    return SlaWarning(
        alert=alert.alert,
        ref=alert.ref,
        queue=alert.queue,
        measure=alert.measure.value,
        priority=contact.priority.value,
        opened_at=contact.opened_at,
        due_at=alert.due_at,
        fraction=fraction,
        owner=contact.agent,
    )


def breach(alert: Alert, contact: Contact, staffing: Staffing, noticed_late_seconds: float) -> SlaBreach:
    return SlaBreach(
        alert=alert.alert,
        ref=alert.ref,
        queue=alert.queue,
        measure=alert.measure.value,
        priority=contact.priority.value,
        opened_at=contact.opened_at,
        due_at=alert.due_at,
        owner=contact.agent,
        required=staffing.required,
        rostered=staffing.rostered,
        noticed_late_seconds=noticed_late_seconds,
    )


def escalated(alert: Alert, contact: Contact, step: int, *, nobody_on_duty: bool) -> Escalated:
    return Escalated(
        alert=alert.alert,
        ref=alert.ref,
        queue=alert.queue,
        measure=alert.measure.value,
        priority=contact.priority.value,
        opened_at=contact.opened_at,
        due_at=alert.due_at,
        step=step,
        nobody_on_duty=nobody_on_duty,
    )


def taken(alert: Alert, contact: Contact, *, by: str, at: datetime) -> AlertTaken:
    return AlertTaken(
        alert=alert.alert,
        ref=alert.ref,
        queue=alert.queue,
        measure=alert.measure.value,
        priority=contact.priority.value,
        opened_at=contact.opened_at,
        due_at=alert.due_at,
        taken_by=by,
        taken_at=at,
    )


def over(alert: Alert, contact: Contact, now: datetime) -> AlertOver:
    """The contact was answered (solved, for a resolution); ``now`` stands in where it does not say when."""
    ended = answered_at(contact) if alert.measure is Measure.FIRST_RESPONSE else contact.resolved_at
    return AlertOver(
        alert=alert.alert,
        ref=alert.ref,
        queue=alert.queue,
        measure=alert.measure.value,
        priority=contact.priority.value,
        opened_at=contact.opened_at,
        due_at=alert.due_at,
        answered_at=ended or now,
        by=contact.agent,
    )
