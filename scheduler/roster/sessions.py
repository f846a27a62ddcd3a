"""Paid time away from the queues that is planned: stand-ups, training, talks; what is asked, and what is set.

An `Activity` says what should take place; the solver sets `Session`s for it, each with a time and with those
who are invited.  An invited agent attends where their shift has a segment of the session's kind and times.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduler.roster.errors import ProblemError
from scheduler.roster.people import TimeSpan, require_utc
from scheduler.roster.shifts import SESSION_KINDS, SessionKind

__all__ = ["Activity", "Session"]

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """Sessions of ``length`` for ``agents``, one for everybody of them on each occasion.

    An occasion is the spans a session may lie in: one morning for a daily stand-up, all days of a week for a
    weekly training.  All come together in one session, or in groups of up to ``group``.  ``leader``: with
    each session goes one more agent who has this attribute.  ``on_shift``: who does not work then is
    excused; otherwise the session is worth a shift of its own.  ``share``: of those who could, at least so
    many are invited, the ones who are missed least.  Each minute an invited agent misses costs ``weight``
    paid minutes.
    """

    name: str
    kind: SessionKind
    length: timedelta
    agents: frozenset[str]
    occasions: tuple[tuple[TimeSpan, ...], ...]
    group: int | None = None
    leader: str | None = None
    on_shift: bool = True
    share: float = 1.0
    weight: int = 20

    def __post_init__(self) -> None:
        what = f"activity {self.name!r}"
        _check_kind(what, self.kind)
        if self.length <= timedelta(0):
            raise ProblemError(f"{what}: the length must be above zero, got {self.length}")
        if self.group is not None and self.group < 1:
            raise ProblemError(f"{what}: groups have one member or more, got {self.group}")
        if not 0 < self.share <= 1:
            raise ProblemError(f"{what}: a share is above 0 and at most 1, got {self.share:g}")
        if self.weight < 0:
            raise ProblemError(f"{what}: the weight must not be negative, got {self.weight}")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Session:
    """One meeting of ``agents`` in [start, end) UTC; ``activity`` is the name of what it is for.

    Missing it costs each of them ``price`` paid minutes; with ``on_shift`` only where their shift covers it.
    """

    start: datetime
    end: datetime
    activity: str
    kind: SessionKind
    agents: frozenset[str]
    price: int
    on_shift: bool = True

    def __post_init__(self) -> None:
        what = f"session of {self.activity!r}"
        _check_kind(what, self.kind)
        require_utc(f"start of a {what}", self.start)
        require_utc(f"end of a {what}", self.end)
        if self.end <= self.start:
            raise ProblemError(f"{what} must end after it starts: {self.start} to {self.end}")
        if self.price < 0:
            raise ProblemError(f"{what}: the price must not be negative, got {self.price}")

    @property
    def minutes(self) -> int:
        return int((self.end - self.start) / _MINUTE)


def _check_kind(what: str, kind: str) -> None:
    if kind not in SESSION_KINDS:
        raise ProblemError(f"{what} has the unknown kind {kind!r}; there are {', '.join(SessionKind)}")
