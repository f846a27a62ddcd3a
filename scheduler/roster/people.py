"""Who can be rostered: contracts, agents, and the times they can or cannot work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from scheduler.roster.errors import ProblemError

__all__ = [
    "Contract",
    "FairShare",
    "RosterAgent",
    "ShiftLimit",
    "TimeSpan",
    "attribute_skill",
    "require_utc",
    "skill_attribute",
]


_SKILL = "skill:"


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
class ShiftLimit:
    """At most ``most`` shifts of these templates, taken together, in the period (nights, late shifts)."""

    templates: tuple[str, ...]
    most: int

    def __post_init__(self) -> None:
        if not self.templates or self.most < 0:
            raise ProblemError(
                f"a shift limit needs templates and a number from 0 on, got {self.templates} and {self.most}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class FairShare:
    """A share of what nobody likes: each shift (or weekend) beyond ``most`` costs ``weight`` paid minutes.

    ``templates`` empty: weekends worked.  Shares come from the ledger of the months before.
    """

    templates: tuple[str, ...] = ()
    most: int
    weight: int

    def __post_init__(self) -> None:
        if self.most < 0 or self.weight < 0:
            raise ProblemError(
                f"a fair share needs numbers from 0 on, got most {self.most}, weight {self.weight}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """What an agent may and should work.  Hours are paid hours.

    The minima of hours are strong wishes (leave and part weeks reduce the weekly one pro rata), all else is
    hard unless ``RosterRules.soft`` gives it a price.  ``templates`` are names of the shift templates this
    contract may be given.

    ``min_consecutive_days`` (working days) and ``min_consecutive_days_off`` do not apply to runs that touch
    the first day of a period without previous shifts, or the last day.  A weekend counts as worked when a
    shift starts on its Saturday or Sunday; ``complete_weekends``: on both or none; ``weekend_rotation`` n:
    at most one worked weekend in any n successive ones.
    """

    name: str
    min_hours_per_week: float
    max_hours_per_week: float
    max_days_per_week: int
    templates: tuple[str, ...]
    min_hours_per_period: float = 0.0
    max_hours_per_period: float | None = None
    max_consecutive_days: int | None = None
    min_consecutive_days: int = 1
    min_consecutive_days_off: int = 1
    max_weekends: int | None = None
    complete_weekends: bool = False
    weekend_rotation: int = 1
    shift_limits: tuple[ShiftLimit, ...] = ()

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
        self._check_period()

    def _check_period(self) -> None:
        label = f"contract {self.name!r}"
        if self.max_hours_per_period is not None and self.max_hours_per_period < self.min_hours_per_period:
            raise ProblemError(
                f"{label}: need min hours <= max hours per period, got {self.min_hours_per_period:g} and "
                f"{self.max_hours_per_period:g}"
            )
        for name in ("min_consecutive_days", "min_consecutive_days_off", "weekend_rotation"):
            if not 1 <= getattr(self, name) <= 31:
                raise ProblemError(f"{label}: {name} is 1 to 31, got {getattr(self, name)}")
        most = self.max_consecutive_days
        if most is not None and not self.min_consecutive_days <= most <= 366:
            raise ProblemError(
                f"{label}: max_consecutive_days must be {self.min_consecutive_days} to 366, got {most}"
            )
        if self.min_hours_per_period < 0 or (self.max_weekends is not None and self.max_weekends < 0):
            raise ProblemError(f"{label}: hours and weekends of a period must not be negative")


def skill_attribute(skill: str) -> str:
    """The attribute by which a rule counts whoever has a skill, apart from roles of the same name.

    >>> skill_attribute("english")
    'skill:english'
    """
    return f"{_SKILL}{skill}"


def attribute_skill(attribute: str | None) -> str | None:
    """The skill an attribute stands for; None for roles.

    >>> attribute_skill("skill:english"), attribute_skill("lead")
    ('english', None)
    """
    if attribute is None or not attribute.startswith(_SKILL):
        return None
    return attribute.removeprefix(_SKILL)


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterAgent:
    """One person on the roster.

    ``skills`` maps a skill to a proficiency above 0.  Template times are local to ``zone``, the agent's
    own.  ``available`` None means always; otherwise a shift must lie inside one of the (merged) spans.
    A shift never overlaps ``leave``.  ``attributes`` are facts rules may count, such as ``lead``.
    ``fair_shares`` are due shares of weekends and kinds of shift; each beyond one has a price.
    """

    agent: str
    skills: Mapping[str, float]
    contract: Contract
    zone: str
    available: tuple[TimeSpan, ...] | None = None
    leave: tuple[TimeSpan, ...] = ()
    attributes: frozenset[str] = field(default_factory=frozenset)
    fair_shares: tuple[FairShare, ...] = ()

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
            self.attributes, self.fair_shares,
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
    fair_shares: tuple[FairShare, ...],
) -> RosterAgent:
    return RosterAgent(
        agent=agent,
        skills=skills,
        contract=contract,
        zone=zone,
        available=available,
        leave=leave,
        attributes=attributes,
        fair_shares=fair_shares,
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
