"""Shifts: what a template allows, and what one agent does on one day."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from scheduler.roster.errors import ProblemError
from scheduler.roster.people import require_utc

__all__ = [
    "BREAK",
    "LUNCH",
    "NO_BREAKS",
    "PREPARE",
    "RESERVED_ACTIVITIES",
    "SESSION_KINDS",
    "BreakRule",
    "PauseWindow",
    "Segment",
    "SessionKind",
    "Shift",
    "ShiftTemplate",
]

LUNCH: Final = "lunch"
BREAK: Final = "break"
PREPARE: Final = "prepare"


class SessionKind(StrEnum):
    """What a planned session is, paid and away from the queues; in a shift it is a segment's activity."""

    STAND_UP = "stand_up"
    TRAINING = "training"
    ONE_TO_ONE = "one_to_one"
    MEETING = "meeting"

    @property
    def is_personal(self) -> bool:
        """Whether it is for the one who was invited, and not for whoever is at work then."""
        return self in (SessionKind.TRAINING, SessionKind.ONE_TO_ONE)


SESSION_KINDS: Final = frozenset(SessionKind)
#: Activities that are not work on a queue; no queue may have one of these names.
RESERVED_ACTIVITIES: Final = frozenset({LUNCH, BREAK, PREPARE}) | SESSION_KINDS

_ZERO: Final = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One activity inside a shift, [start, end) UTC.  ``activity`` is a queue when working."""

    activity: str
    start: datetime
    end: datetime
    paid: bool

    def __post_init__(self) -> None:
        require_utc("start of a segment", self.start)
        require_utc("end of a segment", self.end)
        if not self.activity:
            raise ProblemError("a segment needs an activity")
        if self.end <= self.start:
            raise ProblemError(
                f"segment {self.activity!r} must end after it starts: {self.start} to {self.end}"
            )

    @property
    def is_work(self) -> bool:
        """Whether the agent is at a queue in this segment."""
        return self.activity not in RESERVED_ACTIVITIES

    @property
    def duration(self) -> timedelta:
        return self.end - self.start


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseWindow:
    """One pause a shift must contain; its start lies ``earliest`` to ``latest`` after the shift's start."""

    activity: str
    length: timedelta
    earliest: timedelta
    latest: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakRule:
    """Lunch and short breaks of a shift.

    Lunch (none where ``lunch`` is zero) starts ``lunch_earliest`` to ``lunch_latest`` after the shift.
    ``break_count`` short breaks of ``break_length`` surround it: half of them (rounded down) before,
    the others after.  Between the shift's ends and pauses, and between two pauses, at least
    ``min_spacing`` passes.  Shifts of at most ``longer_than`` have no pauses.
    """

    lunch: timedelta = _ZERO
    lunch_earliest: timedelta = _ZERO
    lunch_latest: timedelta = _ZERO
    break_length: timedelta = _ZERO
    break_count: int = 0
    min_spacing: timedelta = _ZERO
    longer_than: timedelta = _ZERO

    def __post_init__(self) -> None:
        for name in ("lunch", "lunch_earliest", "lunch_latest", "break_length", "min_spacing", "longer_than"):
            if getattr(self, name) < _ZERO:
                raise ProblemError(f"break rule: {name} must not be negative, got {getattr(self, name)}")
        if self.break_count < 0:
            raise ProblemError(f"break rule: break_count must not be negative, got {self.break_count}")
        if self.break_count and not self.break_length:
            raise ProblemError("break rule: short breaks need a break_length above zero")
        if self.lunch and self.lunch_latest < self.lunch_earliest:
            raise ProblemError(
                f"break rule: the lunch window ends ({self.lunch_latest}) before it starts "
                f"({self.lunch_earliest})"
            )

    def pauses(self, presence: timedelta) -> tuple[PauseWindow, ...]:
        """The pauses of a shift of this presence, in order, each with the window the others leave it.

        Windows are necessary bounds; spacing between neighbours holds besides.  Raises ProblemError
        where the pauses cannot fit.

        >>> rule = BreakRule(
        ...     lunch=timedelta(hours=1), lunch_earliest=timedelta(hours=3),
        ...     lunch_latest=timedelta(hours=5), min_spacing=timedelta(hours=1),
        ...     break_length=timedelta(minutes=15), break_count=2,
        ... )
        >>> [(p.activity, str(p.earliest), str(p.latest)) for p in rule.pauses(timedelta(hours=9))]
        [('break', '1:00:00', '3:45:00'), ('lunch', '3:00:00', '5:00:00'), ('break', '5:00:00', '7:45:00')]
        """
        if presence <= self.longer_than:
            return ()
        plan: list[tuple[str, timedelta, timedelta, timedelta]] = []
        before = self.break_count // 2 if self.lunch else self.break_count
        plan += [(BREAK, self.break_length, _ZERO, presence)] * before
        if self.lunch:
            plan.append((LUNCH, self.lunch, self.lunch_earliest, self.lunch_latest))
            plan += [(BREAK, self.break_length, _ZERO, presence)] * (self.break_count - before)
        earliest: list[timedelta] = []
        free_from = self.min_spacing
        for _, length, low, _ in plan:
            earliest.append(max(low, free_from))
            free_from = earliest[-1] + length + self.min_spacing
        latest: list[timedelta] = []
        free_until = presence - self.min_spacing
        for _, length, _, high in reversed(plan):
            latest.append(min(high, free_until - length))
            free_until = latest[-1] - self.min_spacing
        latest.reverse()
        if any(low > high for low, high in zip(earliest, latest, strict=True)):
            raise ProblemError(f"lunch and breaks do not fit into a shift of {presence}")
        return tuple(
            PauseWindow(activity=activity, length=length, earliest=low, latest=high)
            for (activity, length, _, _), low, high in zip(plan, earliest, latest, strict=True)
        )


NO_BREAKS: Final = BreakRule()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftTemplate:
    """A family of shifts: starts every ``start_step`` from ``earliest_start`` to ``latest_start``.

    Times are local to the *agent's* zone.  ``lengths`` are presence, pauses included.  Short breaks are
    paid, lunch only with ``paid_lunch``.  ``prepare`` is paid time before the start, for logging in and
    reading open cases: the shift begins that much earlier than the start its template names.
    """

    name: str
    earliest_start: time
    latest_start: time
    start_step: timedelta
    lengths: tuple[timedelta, ...]
    breaks: BreakRule = NO_BREAKS
    paid_lunch: bool = False
    prepare: timedelta = _ZERO

    def __post_init__(self) -> None:
        label = f"shift template {self.name!r}"
        if self.earliest_start.tzinfo is not None or self.latest_start.tzinfo is not None:
            raise ProblemError(f"{label}: start times are local and carry no zone")
        if self.latest_start < self.earliest_start:
            raise ProblemError(
                f"{label}: latest start {self.latest_start} is before earliest start {self.earliest_start}"
            )
        if self.start_step <= _ZERO:
            raise ProblemError(f"{label}: start_step must be above zero, got {self.start_step}")
        if not _ZERO <= self.prepare <= timedelta(hours=2) or self.prepare % timedelta(minutes=1):
            raise ProblemError(f"{label}: prepare must be whole minutes, 0 to 2 hours, got {self.prepare}")
        if not self.lengths or any(not _ZERO < n <= timedelta(hours=24) for n in self.lengths):
            raise ProblemError(f"{label}: lengths must be above 0 and at most 24 hours, got {self.lengths}")
        for length in self.lengths:
            try:
                self.breaks.pauses(length)
            except ProblemError as error:
                raise ProblemError(f"{label}: {error}") from error

    def starts(self) -> tuple[time, ...]:
        """Every start the template allows, local."""
        first = _minutes(self.earliest_start)
        last = _minutes(self.latest_start)
        step = int(self.start_step.total_seconds() // 60)
        return tuple(time(m // 60, m % 60) for m in range(first, last + 1, step))

    def paid(self, presence: timedelta) -> timedelta:
        """Paid time of a shift of this presence (``prepare`` comes on top of the presence)."""
        if self.paid_lunch:
            return self.prepare + presence
        return (self.prepare + presence) - sum(
            (p.length for p in self.breaks.pauses(presence) if p.activity == LUNCH), start=_ZERO
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One agent's work on one day; ``date`` is the local date of its start in the *roster's* zone.

    ``template`` is the name of the one it was made from, empty where that is not known; shifts with the same
    times and activities are equal whatever theirs.
    ``segments`` are sorted by start.  A shift made by hand may have gaps or overlaps between them; that
    is for the checker to say, not for the type.
    """

    date: date
    start: datetime
    end: datetime
    segments: tuple[Segment, ...]
    template: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        require_utc("start of a shift", self.start)
        require_utc("end of a shift", self.end)
        if self.end <= self.start:
            raise ProblemError(f"a shift must end after it starts: {self.start} to {self.end}")
        object.__setattr__(self, "segments", tuple(sorted(self.segments, key=lambda s: (s.start, s.end))))

    @property
    def presence(self) -> timedelta:
        return self.end - self.start

    @property
    def paid_time(self) -> timedelta:
        """Sum of the paid segments."""
        return sum((s.duration for s in self.segments if s.paid), start=_ZERO)

    @property
    def queues(self) -> tuple[str, ...]:
        """Queues worked, each once, in order of first appearance."""
        return tuple(dict.fromkeys(s.activity for s in self.segments if s.is_work))


def _minutes(moment: time) -> int:
    return moment.hour * 60 + moment.minute
