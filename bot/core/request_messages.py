"""What is said about changes of published shifts.  No kind carries a reason for an absence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftTimes:
    """One shift as it is told; times aware UTC, shown in the reader's zone."""

    start: datetime
    end: datetime
    queue: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseMoved:
    """A lunch or break that begins at ``to`` instead of ``start``."""

    activity: str
    start: datetime
    to: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkChange:
    """A talk of two people in their shifts; ``gone``: it was taken out again."""

    start: datetime
    end: datetime
    gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonChange:
    """What becomes of one person's day: ``kind`` is a `scheduler.repair.changes.ChangeKind`.

    ``pauses``: those that move, where nothing else does.  ``talk``: one that comes into the shift or goes.
    """

    agent: str
    kind: str
    before: ShiftTimes | None = None
    after: ShiftTimes | None = None
    dropped: ShiftTimes | None = None
    needs_consent: bool = False
    pauses: tuple[PauseMoved, ...] = ()
    talk: TalkChange | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeAsked:
    """To one of those a change depends on: may it be?  ``change`` is their own part of it.

    ``cause``: a `bot.core.requests.Cause`; ``asker``: for whom, None where a lead asks; ``others``: how many
    more have to agree.  ``granted``: a lead took the gap it leaves.  ``hours_left`` of the
    ``hours_limit`` that law allows in a month, before overtime is taken; None where no rule limits it.
    """

    request: int
    cause: str
    change: PersonChange
    ends_at: datetime
    asker: str | None = None
    others: int = 0
    granted: bool = False
    hours_left: float | None = None
    hours_limit: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeEnded:
    """In the place of a question, or to the asker: how it ended; ``state`` is a `RequestState`.

    ``by``: whoever ended it, ``change``: the reader's own part.  ``filled_at``: since when nobody is missing
    any more where hours were offered (SCENARIOS A10).
    """

    request: int
    cause: str
    state: str
    by: str
    change: PersonChange
    filled_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftsChanged:
    """To everybody whose shifts changed: before and after, and for what kind of cause."""

    changes: tuple[PersonChange, ...]
    cause: str
    request: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeMade:
    """To the leads: rules decided, shifts changed hands, nothing is left to do (SCENARIOS L11)."""

    cause: str
    changes: tuple[PersonChange, ...]
    request: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanUnanswered:
    """To the leads: who said no to changes of the published roster, or nothing in time (SCENARIOS A12).

    ``declined``: no was said.  ``made``: the changes stand on the roster; else nothing was changed.
    """

    declined: bool
    made: bool
    changes: tuple[PersonChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSpan:
    """``missing`` people on a queue in [start, end)."""

    queue: str
    start: datetime
    end: datetime
    missing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairWay:
    """One way to mend; ``number`` is its place among all.

    ``probability``: that the weakest peak of the day then meets its target, None where nothing can be said.
    """

    number: int
    changes: tuple[PersonChange, ...]
    open_spans: tuple[OpenSpan, ...]
    paid_minutes: float
    overtime_minutes: float
    probability: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairProposed:
    """To the leads: somebody will be away, and what could be done (SCENARIOS L2).

    ``gone``: the shift that falls out.  ``ways``: the best first; the one without changes leaves the gap.
    ``probability_before``: what the published roster promised of that day's weakest peak.
    """

    absence: int
    agent: str
    day: date
    gone: ShiftTimes
    ways: tuple[RepairWay, ...]
    probability_before: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairSettled:
    """In the place of a proposal: what a lead chose.  ``asked``: whose word is still needed."""

    absence: int
    agent: str
    by: str
    changes: tuple[PersonChange, ...] = ()
    asked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestReferred:
    """To the leads: somebody asks for what would leave a gap; a lead decides (SCENARIOS P9).

    ``cause``: a `bot.core.requests.Cause`; ``others``: what it changes for others, who are asked if granted.
    ``open_spans``: who would be missing then, as it was when it was asked.  ``ends_at``: no decision by then
    means no.
    """

    request: int
    agent: str
    change: PersonChange
    open_spans: tuple[OpenSpan, ...]
    ends_at: datetime
    cause: str = "leave"
    others: tuple[PersonChange, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralDecided:
    """In the place of what was referred: how it ended, or (``open``) that the others are asked; ``state`` is
    a `RequestState`.

    ``open_spans``: who is missing for it, as it was found when it was granted; None where nothing was.
    """

    request: int
    agent: str
    change: PersonChange
    state: str
    by: str
    open_spans: tuple[OpenSpan, ...] | None = None
    others: tuple[PersonChange, ...] = ()


RequestMessage = (
    ChangeAsked
    | ChangeEnded
    | ShiftsChanged
    | ExchangeMade
    | RepairProposed
    | RepairSettled
    | RequestReferred
    | ReferralDecided
    | PlanUnanswered
)

KINDS: Final[Mapping[str, type[Any]]] = {
    "change_asked": ChangeAsked,
    "change_ended": ChangeEnded,
    "shifts_changed": ShiftsChanged,
    "exchange_made": ExchangeMade,
    "repair_proposed": RepairProposed,
    "repair_settled": RepairSettled,
    "request_referred": RequestReferred,
    "referral_decided": ReferralDecided,
    "plan_unanswered": PlanUnanswered,
}
