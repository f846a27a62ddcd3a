"""Changes of a roster in use, and what is asked of a repair."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from scheduler.roster.errors import ProblemError
from scheduler.roster.people import TimeSpan, require_utc
from scheduler.roster.problem import RosterProblem
from scheduler.roster.roster import Assignment, Roster, UncoveredInterval
from scheduler.roster.shifts import BREAK, LUNCH, Shift

__all__ = [
    "Absence",
    "Change",
    "ChangeKind",
    "ChangePrices",
    "RepairOption",
    "RepairResult",
    "RepairTask",
    "kind_of",
    "with_changes",
]

_ZERO = timedelta(0)


class ChangeKind(StrEnum):
    """What happens to one person, mildest first."""

    MOVE_PAUSES = "move_pauses"
    LENGTHEN = "lengthen"
    SHORTEN = "shorten"
    MOVE = "move"
    CALL_IN = "call_in"
    SEND_HOME = "send_home"


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """``agent`` cannot work in ``span``.  A shift that began before ends with the beginning of the span."""

    agent: str
    span: TimeSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePrices:
    """What a change costs besides its paid time and its cover [paid minutes].

    ``shift``: a shift moved, dropped or added; ``pauses``: pauses of a shift moved; ``consent``: a change
    that begins inside the notice window, on top.  ``overtime``: share of the usual pay that a minute beyond
    a shift's planned length costs extra.
    """

    shift: float = 60.0
    pauses: float = 10.0
    consent: float = 60.0
    overtime: float = 0.5

    def __post_init__(self) -> None:
        if min(self.shift, self.pauses, self.consent, self.overtime) < 0:
            raise ProblemError(f"prices of changes must not be negative, got {self}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairTask:
    """A roster in use and what has happened to it.

    ``problem``: the period as it is needed now; its ``fixed`` shifts are left alone.  ``roster``: what is
    published.  ``dates``: days to mend besides those of the absences; today where there is neither.  Nothing
    that begins before ``now`` changes but pauses and the end of shifts under way, and those not within
    ``begun``.  Changes that begin within ``notice`` need the consent of whom they concern.
    ``most_overtime``: how much longer a shift may become; ``overtime_left``: what an agent may still work
    beyond the contract's week (nothing where not named).  ``most_changes``: people changed at most.
    """

    problem: RosterProblem
    roster: Roster
    now: datetime
    absences: tuple[Absence, ...] = ()
    dates: tuple[date, ...] = ()
    notice: timedelta = timedelta(hours=24)
    begun: timedelta = timedelta(minutes=5)
    most_overtime: timedelta = timedelta(hours=2)
    overtime_left: Mapping[str, timedelta] = field(default_factory=dict)
    most_changes: int = 3
    prices: ChangePrices = field(default_factory=ChangePrices)

    def __post_init__(self) -> None:
        require_utc("the time of a repair", self.now)
        if min(self.notice, self.begun, self.most_overtime) < _ZERO or self.most_changes < 1:
            raise ProblemError("a repair needs times from 0 on and at least one change")
        known = {a.agent for a in self.problem.agents}
        for absence in self.absences:
            if absence.agent not in known:
                raise ProblemError(f"absence of the unknown agent {absence.agent!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One person's shift before and after (None: no shift); ``dropped`` is what is given up for ``after`` on
    another day.  ``needs_consent``: it begins inside the notice window, or is overtime."""

    agent: str
    kind: ChangeKind
    before: Shift | None
    after: Shift | None
    dropped: Shift | None = None
    needs_consent: bool = False

    @property
    def date(self) -> date:
        """The day it is about."""
        shift = self.after if self.after is not None else self.before
        assert shift is not None
        return shift.date

    @property
    def paid_minutes(self) -> float:
        """Paid minutes more than before."""
        gone = [s for s in (self.before, self.dropped) if s is not None]
        paid = self.after.paid_time if self.after is not None else _ZERO
        return (paid - sum((s.paid_time for s in gone), start=_ZERO)) / timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairOption:
    """One way to mend it.

    ``changes`` come in an order in which they can be made.  ``cost`` is what the roster then costs more than
    before the event, prices of changes included [paid minutes]; options are ranked by it.  ``uncovered``:
    what stays open on the days touched.  ``paid_minutes`` and ``overtime_minutes``: more than was planned.
    """

    changes: tuple[Change, ...]
    cost: float
    uncovered: tuple[UncoveredInterval, ...]
    paid_minutes: float
    overtime_minutes: float

    @property
    def kinds(self) -> tuple[ChangeKind, ...]:
        """Kinds of change, each once, mildest first; empty where everything is left as it is."""
        held = {c.kind for c in self.changes}
        return tuple(k for k in ChangeKind if k in held)

    @property
    def consent(self) -> tuple[str, ...]:
        """Who has to agree first."""
        return tuple(sorted({c.agent for c in self.changes if c.needs_consent}))


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairResult:
    """Ranked ``options``, the best first; leaving the gap is always among them.

    ``gone``: what the absent no longer work (before, after), ``opened``: what that leaves uncovered on the
    days touched, also what was uncovered before.  ``dates``: the days touched.
    """

    gone: tuple[Change, ...]
    opened: tuple[UncoveredInterval, ...]
    options: tuple[RepairOption, ...]
    dates: tuple[date, ...]
    seconds: float

    @property
    def best(self) -> RepairOption:
        """The cheapest option."""
        return self.options[0]

    @property
    def leave_gap(self) -> RepairOption:
        """Changing nobody."""
        return next(o for o in self.options if not o.changes)


def kind_of(before: Shift | None, after: Shift | None, dropped: Shift | None = None) -> ChangeKind:
    """What it means for a person to have ``after`` in the place of ``before`` (and ``dropped``)."""
    if dropped is not None:
        return ChangeKind.MOVE
    if before is None or after is None:
        if after is None and before is None:
            raise ProblemError("a change needs a shift before or after it")
        return ChangeKind.CALL_IN if before is None else ChangeKind.SEND_HOME
    same_work = before.queues == after.queues and len(_pauses(before)) == len(_pauses(after))
    if same_work and (before.start, before.end) == (after.start, after.end):
        return ChangeKind.MOVE_PAUSES
    kept = _pauses(before) == _pauses(after) and before.queues == after.queues
    if kept and after.start <= before.start and before.end <= after.end:
        return ChangeKind.LENGTHEN
    if before.start <= after.start and after.end <= before.end and set(after.queues) <= set(before.queues):
        return ChangeKind.SHORTEN
    return ChangeKind.MOVE


def _pauses(shift: Shift) -> list[tuple[str, datetime, datetime]]:
    return [(s.activity, s.start, s.end) for s in shift.segments if s.activity in (LUNCH, BREAK)]


def with_changes(roster: Roster, changes: Iterable[Change]) -> Roster:
    """The roster after changes.  Raises ProblemError where a shift to be changed is not on it."""
    held = {(a.agent, a.shift.date, a.shift.start): a for a in roster.assignments}
    for change in changes:
        for gone in (change.before, change.dropped):
            if gone is None:
                continue
            key = (change.agent, gone.date, gone.start)
            if key not in held or held[key].shift != gone:
                raise ProblemError(
                    f"{change.agent!r} no longer has the shift of {gone.date} that was to be changed; "
                    "nothing was changed"
                )
            del held[key]
        if change.after is not None:
            key = (change.agent, change.after.date, change.after.start)
            held[key] = Assignment(agent=change.agent, shift=change.after)
    return Roster(period=roster.period, assignments=tuple(held.values()))
