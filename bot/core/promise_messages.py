"""What promises say to people.  No kind carries what was promised in words: only the case's reference."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    """Somebody on shift when a promise falls due, and until when."""

    agent: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseReminder:
    """CP3: a promise falls due soon.  ``to_lead``: its owner is not there, so a lead is told."""

    promise: int
    ref: str
    queue: str
    kind: str
    due_at: datetime
    owner: str
    to_lead: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseBroken:
    """CP3: its time has passed.  ``noticed_late_seconds`` > 0 where Muster learned of it late."""

    promise: int
    ref: str
    queue: str
    kind: str
    due_at: datetime
    owner: str
    noticed_late_seconds: float = 0.0
    nobody_on_duty: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseOwnerOff:
    """CP4: the published roster does not have the owner on shift when the promise falls due.

    ``leaves_at``: when the owner's shift of that day ends; ``absent``: on leave.
    """

    promise: int
    ref: str
    queue: str
    kind: str
    due_at: datetime
    owner: str
    leaves_at: datetime | None = None
    absent: bool = False
    colleagues: tuple[Colleague, ...] = ()
    nobody_on_duty: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseHanded:
    """To its new owner."""

    promise: int
    ref: str
    queue: str
    kind: str
    due_at: datetime
    by: str
    broken: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseOver:
    """Edit of a post that asked to act: nothing is left to do.  ``owner``: who has it now, if handed over."""

    promise: int
    ref: str
    queue: str
    kind: str
    due_at: datetime
    state: str
    by: str
    at: datetime
    owner: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerUntold:
    """CP5: the customer has not been told for long how the case stands.  ``told_at`` None: never was."""

    promise: int
    ref: str
    queue: str
    type: str
    opened_at: datetime
    told_at: datetime | None
    owner: str
    to_lead: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DelayNotice:
    """CP1: the case will be late; the words for its customer, with a new time.

    ``left_seconds``: of the promised time.  ``wait_seconds``: what the queue needs, where that is the
    reason; else nobody has worked on it since ``idle_since``.  ``leaves_at``: the owner's shift ends before
    the new time; ``colleagues`` could take it over.
    """

    ref: str
    queue: str
    measure: str
    cycle: int
    due_at: datetime
    new_at: datetime
    language: str
    owner: str | None = None
    wait_seconds: float | None = None
    idle_since: datetime | None = None
    leaves_at: datetime | None = None
    colleagues: tuple[Colleague, ...] = ()


PromiseMessage = (
    PromiseReminder
    | PromiseBroken
    | PromiseOwnerOff
    | PromiseHanded
    | PromiseOver
    | CustomerUntold
    | DelayNotice
)
