"""Rules of a roster, one dataclass each, and the weights of its objective.

Every hard rule here is of the kind "not more than": taking work away never breaks it.  So fixed
assignments are the only thing that can make a problem contradict itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import ClassVar

from scheduler.roster.errors import ProblemError
from scheduler.roster.people import TimeSpan

__all__ = [
    "Availability",
    "BreaksRule",
    "CoverStep",
    "LeaveRule",
    "MaxConsecutiveDays",
    "MaxDaysPerWeek",
    "MinimumHours",
    "MinimumRest",
    "ObjectiveWeights",
    "OneShiftPerDay",
    "OpeningHours",
    "RosterRules",
    "SegmentsRule",
    "SkillRule",
    "TemplateRule",
    "WeeklyHours",
    "WeeklyRestDays",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class MinimumRest:
    """At least ``hours`` of *elapsed* time between the end of a shift and the next start."""

    name: ClassVar[str] = "minimum_rest"
    hard: ClassVar[bool] = True
    hours: float = 11.0

    def __post_init__(self) -> None:
        if not 0 <= self.hours <= 48:
            raise ProblemError(f"minimum rest: 0 to 48 hours, got {self.hours:g}")


@dataclass(frozen=True, slots=True, kw_only=True)
class MaxConsecutiveDays:
    """At most ``days`` days of work in a row, days of the previous roster included."""

    name: ClassVar[str] = "max_consecutive_days"
    hard: ClassVar[bool] = True
    days: int = 6

    def __post_init__(self) -> None:
        if not 1 <= self.days <= 31:
            raise ProblemError(f"consecutive days: 1 to 31, got {self.days}")


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyRestDays:
    """At most ``7 - days`` days with a shift in an ISO week, days of the previous roster included."""

    name: ClassVar[str] = "weekly_rest_days"
    hard: ClassVar[bool] = True
    days: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.days <= 7:
            raise ProblemError(f"weekly rest days: 0 to 7, got {self.days}")


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyHours:
    """Paid hours per ISO week at most the contract's maximum."""

    name: ClassVar[str] = "weekly_hours"
    hard: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class MinimumHours:
    """Paid hours per ISO week at least the contract's minimum; soft.

    A part week counts with its share of seven days; each day of leave takes off one of the contract's
    days per week.
    """

    name: ClassVar[str] = "minimum_hours"
    hard: ClassVar[bool] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MaxDaysPerWeek:
    """Days with a shift per ISO week at most the contract's maximum."""

    name: ClassVar[str] = "max_days_per_week"
    hard: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Availability:
    """A shift lies inside the agent's availability."""

    name: ClassVar[str] = "availability"
    hard: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveRule:
    """No part of a shift falls into leave."""

    name: ClassVar[str] = "leave"
    hard: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SkillRule:
    """An agent works only queues whose required skill they have."""

    name: ClassVar[str] = "skill"
    hard: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningHours:
    """Work on a queue lies inside that queue's opening spans, rounded outward to whole intervals.

    A queue that is not named is always open.  Touching spans (over midnight) count as one.
    """

    name: ClassVar[str] = "opening_hours"
    hard: ClassVar[bool] = True
    spans: Mapping[str, tuple[TimeSpan, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "spans", MappingProxyType({q: tuple(s) for q, s in self.spans.items()}))

    def __reduce__(self) -> tuple[object, ...]:
        # A mapping proxy cannot be pickled, and problems are sent to a child process.
        return _rebuild_opening_hours, (dict(self.spans),)


def _rebuild_opening_hours(spans: dict[str, tuple[TimeSpan, ...]]) -> OpeningHours:
    return OpeningHours(spans=spans)


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateRule:
    """Start and length of a shift come from a template of the agent's contract."""

    name: ClassVar[str] = "shift_template"
    hard: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class BreaksRule:
    """Lunch and short breaks are as the template's BreakRule says."""

    name: ClassVar[str] = "breaks"
    hard: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentsRule:
    """Segments fill the shift without gap and overlap, and work is for queues of the problem."""

    name: ClassVar[str] = "segments"
    hard: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class OneShiftPerDay:
    """At most one shift starts on a local day."""

    name: ClassVar[str] = "one_shift_per_day"
    hard: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterRules:
    """The rules in force; None switches one off.

    Segments, one shift per day and skills are what makes a roster one; they cannot be switched off.
    """

    rest: MinimumRest | None = field(default_factory=MinimumRest)
    consecutive_days: MaxConsecutiveDays | None = field(default_factory=MaxConsecutiveDays)
    weekly_rest: WeeklyRestDays | None = field(default_factory=WeeklyRestDays)
    weekly_hours: WeeklyHours | None = field(default_factory=WeeklyHours)
    minimum_hours: MinimumHours | None = field(default_factory=MinimumHours)
    days_per_week: MaxDaysPerWeek | None = field(default_factory=MaxDaysPerWeek)
    availability: Availability | None = field(default_factory=Availability)
    leave: LeaveRule | None = field(default_factory=LeaveRule)
    opening_hours: OpeningHours | None = None
    templates: TemplateRule | None = field(default_factory=TemplateRule)
    breaks: BreaksRule | None = field(default_factory=BreaksRule)


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverStep:
    """Price of staff-minutes off the requirement, up to a share of it.

    The step holds up to ``ceil(up_to_share * required)`` agents off; ``None`` is without end.
    ``weight`` is in paid minutes per staff-minute.
    """

    up_to_share: float | None
    weight: int

    def __post_init__(self) -> None:
        if self.up_to_share is not None and not self.up_to_share > 0:
            raise ProblemError(f"cover step: up_to_share must be above 0, got {self.up_to_share}")
        if self.weight < 0:
            raise ProblemError(f"cover step: weight must not be negative, got {self.weight}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectiveWeights:
    """What a roster costs; everything in paid minutes, whole numbers, no constants.

    ``under_cover`` and ``over_cover`` are convex: steps with growing shares and growing weights, the last
    without end.  ``minimum_hours`` is per minute short of a contract's weekly minimum.
    """

    paid_minutes: int = 1
    under_cover: tuple[CoverStep, ...] = (
        CoverStep(up_to_share=0.1, weight=10),
        CoverStep(up_to_share=0.3, weight=15),
        CoverStep(up_to_share=None, weight=30),
    )
    over_cover: tuple[CoverStep, ...] = (
        CoverStep(up_to_share=0.2, weight=1),
        CoverStep(up_to_share=None, weight=2),
    )
    minimum_hours: int = 20

    def __post_init__(self) -> None:
        if self.paid_minutes < 0 or self.minimum_hours < 0:
            raise ProblemError("objective weights must not be negative")
        for name in ("under_cover", "over_cover"):
            steps: tuple[CoverStep, ...] = getattr(self, name)
            if not steps or steps[-1].up_to_share is not None:
                raise ProblemError(f"{name}: the last step must be without end (up_to_share None)")
            shares = [s.up_to_share for s in steps[:-1]]
            if any(s is None for s in shares) or shares != sorted({s for s in shares if s is not None}):
                raise ProblemError(f"{name}: shares must grow from step to step, got {shares}")
            weights = [s.weight for s in steps]
            if weights != sorted(weights):
                raise ProblemError(f"{name}: weights must not fall from step to step, got {weights}")
