"""Who can be rostered: contracts, agents, and the times they can or cannot work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from scheduler.roster.errors import ProblemError

__all__ = ["Contract", "RosterAgent", "TimeSpan", "require_utc"]


def require_utc(what: str, instant: datetime) -> None:
    """Raise ProblemError unless ``instant`` is aware and in UTC."""
    if instant.tzinfo is None or instant.utcoffset() != timedelta(0):
        raise ProblemError(f"{what} must be an aware time in UTC, got {instant!r}")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class TimeSpan:
    """A half-open span of time [start, end), UTC."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        require_utc("start of a time span", self.start)
        require_utc("end of a time span", self.end)
        if self.end <= self.start:
            raise ProblemError(f"a time span must end after it starts: {self.start} to {self.end}")

    def overlaps(self, start: datetime, end: datetime) -> bool:
        """Whether any part of [start, end) is inside."""
        return self.start < end and start < self.end

    def contains(self, start: datetime, end: datetime) -> bool:
        """Whether all of [start, end) is inside."""
        return self.start <= start and end <= self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """What an agent may and should work.  Hours are paid hours per ISO week.

    The minimum is a strong wish (leave and part weeks reduce it pro rata), the maxima are hard.
    ``templates`` are names of the shift templates this contract may be given.
    """

    name: str
    min_hours_per_week: float
    max_hours_per_week: float
    max_days_per_week: int
    templates: tuple[str, ...]

    def __post_init__(self) -> None:
        if not 0 <= self.min_hours_per_week <= self.max_hours_per_week <= 168:
            raise ProblemError(
                f"contract {self.name!r}: need 0 <= min hours <= max hours <= 168 per week, got "
                f"{self.min_hours_per_week:g} and {self.max_hours_per_week:g}"
            )
        if not 1 <= self.max_days_per_week <= 7:
            raise ProblemError(
                f"contract {self.name!r}: days per week are 1 to 7, got {self.max_days_per_week}"
            )
        if not self.templates:
            raise ProblemError(f"contract {self.name!r} names no shift template")


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterAgent:
    """One person on the roster.

    ``skills`` maps a skill to a proficiency above 0.  Template times are local to ``zone``, the agent's
    own.  ``available`` None means always; otherwise a shift must lie inside one of the (merged) spans.
    A shift never overlaps ``leave``.  ``attributes`` are facts rules may count, such as ``lead``.
    """

    agent: str
    skills: Mapping[str, float]
    contract: Contract
    zone: str
    available: tuple[TimeSpan, ...] | None = None
    leave: tuple[TimeSpan, ...] = ()
    attributes: frozenset[str] = field(default_factory=frozenset)

    def __post_init__(self) -> None:
        if not self.agent:
            raise ProblemError("an agent needs a name or number")
        for skill, proficiency in self.skills.items():
            if not proficiency > 0:
                raise ProblemError(
                    f"agent {self.agent!r}: proficiency of {skill!r} must be above 0, got {proficiency}"
                )
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ProblemError(f"agent {self.agent!r}: unknown time zone {self.zone!r}") from error
        object.__setattr__(self, "skills", MappingProxyType(dict(self.skills)))
        object.__setattr__(self, "leave", tuple(sorted(self.leave)))
        if self.available is not None:
            object.__setattr__(self, "available", _merged(self.available))

    def __reduce__(self) -> tuple[object, ...]:
        # A mapping proxy cannot be pickled, and problems are sent to a child process.
        return _rebuild_agent, (
            self.agent, dict(self.skills), self.contract, self.zone, self.available, self.leave,
            self.attributes,
        )  # fmt: skip

    def is_available(self, start: datetime, end: datetime) -> bool:
        """Whether [start, end) lies inside one span of availability."""
        return self.available is None or any(span.contains(start, end) for span in self.available)

    def is_on_leave(self, start: datetime, end: datetime) -> bool:
        """Whether any part of [start, end) is leave."""
        return any(span.overlaps(start, end) for span in self.leave)


def _rebuild_agent(
    agent: str,
    skills: dict[str, float],
    contract: Contract,
    zone: str,
    available: tuple[TimeSpan, ...] | None,
    leave: tuple[TimeSpan, ...],
    attributes: frozenset[str],
) -> RosterAgent:
    return RosterAgent(
        agent=agent,
        skills=skills,
        contract=contract,
        zone=zone,
        available=available,
        leave=leave,
        attributes=attributes,
    )


def _merged(spans: tuple[TimeSpan, ...]) -> tuple[TimeSpan, ...]:
    """Sorted spans with touching and overlapping ones joined."""
    merged: list[TimeSpan] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end:
            merged[-1] = TimeSpan(start=merged[-1].start, end=max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return tuple(merged)
