"""What alerts say: a card with the whole state of a case's alert, and news in its thread.

A card is drawn anew at every change and replaces the one before; a piece of news is said once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.core.cause import StaffingCause


@dataclass(frozen=True, slots=True, kw_only=True)
class CardConcern:
    """`bot.core.alerts.Concern` as the card shows it."""

    kind: str
    since: datetime
    measure: str | None = None
    due_at: datetime | None = None
    fraction: float | None = None
    over_at: datetime | None = None
    over_by: str | None = None
    ending: str | None = None
    excused: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Away:
    """Why the owner cannot act now: ``break``, ``session``, ``off_shift`` or ``unlinked``, and until when."""

    why: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    """Somebody at the queue now, whom a lead may give the case to."""

    agent: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertCard:
    """The whole state of a case's alert.

    ``state``: open, acknowledged, snoozed or resolved; ``by`` and ``at``: who took or snoozed it and when,
    ``until`` the end of a snooze.  ``level``: by which level of the chain
    this reader is told, ``escalated`` where others were told before.
    ``passed_over``: levels where nobody was.  ``next_level`` is told at ``next_at`` unless somebody takes
    it (``repeat``: it is said again).  ``mention``: people on duty who are called by name.
    ``noticed_late_seconds`` > 0 where Muster learned of it late.  ``heard_at``: when the last contact event
    came in, None where none ever did.  ``grouped``: it is told in a grouped card.  ``goes_on``: a newer
    post has taken this one's place.
    """

    alert: int
    ref: str
    queue: str
    priority: str
    opened_at: datetime
    state: str
    concerns: tuple[CardConcern, ...]
    owner: str | None = None
    away: Away | None = None
    by: str | None = None
    at: datetime | None = None
    until: datetime | None = None
    level: str | None = None
    escalated: bool = False
    passed_over: tuple[str, ...] = ()
    next_level: str | None = None
    next_at: datetime | None = None
    mention: tuple[str, ...] = ()
    colleagues: tuple[Colleague, ...] = ()
    cause: StaffingCause | None = None
    noticed_late_seconds: float = 0.0
    heard_at: datetime | None = None
    complaint: bool = False
    tags: tuple[str, ...] = ()
    grouped: bool = False
    goes_on: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertNews:
    """What just happened to an alert, said in its thread.

    ``what``: warned, broken, reopened, ended, taken, given, snoozed, back, undone, escalated or repeated.
    ``by`` did it, ``to`` was given the case.  ``mention``: who is called by name.
    """

    alert: int
    ref: str
    queue: str
    what: str
    at: datetime
    concern: CardConcern | None = None
    by: str | None = None
    to: str | None = None
    until: datetime | None = None
    level: str | None = None
    passed_over: tuple[str, ...] = ()
    mention: tuple[str, ...] = ()
    over: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StormCard:
    """Many breaches of a queue in one card.

    ``count`` broke since ``opened_at``, ``open`` of them wait still; of those ``urgent`` are urgent and
    ``oldest_ref`` was due first, at ``oldest_due``.  ``type``: what most of them are about, with how many.
    The other fields are those of `AlertCard`.
    """

    storm: int
    queue: str
    state: str
    opened_at: datetime
    count: int
    open: int
    urgent: int = 0
    oldest_ref: str | None = None
    oldest_due: datetime | None = None
    type: str | None = None
    of_type: int = 0
    by: str | None = None
    at: datetime | None = None
    level: str | None = None
    escalated: bool = False
    passed_over: tuple[str, ...] = ()
    next_level: str | None = None
    next_at: datetime | None = None
    mention: tuple[str, ...] = ()
    cause: StaffingCause | None = None
    heard_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StormNews:
    """What just happened to a storm, said in its thread.  ``what``: taken, escalated, repeated or over."""

    storm: int
    queue: str
    what: str
    at: datetime
    count: int
    open: int
    by: str | None = None
    level: str | None = None
    passed_over: tuple[str, ...] = ()
    mention: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldedAlert:
    """An alert beyond somebody's noise budget."""

    alert: int
    ref: str
    queue: str
    due_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSummary:
    """Alerts beyond a reader's noise budget since ``since``: their number, the oldest, and the newest few."""

    since: datetime
    count: int
    oldest: FoldedAlert
    newest: tuple[FoldedAlert, ...]
