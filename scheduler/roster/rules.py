"""Rules of a roster, one dataclass each, and the weights of its objective.

The empty roster obeys every hard rule here, so fixed assignments are the only thing that can make a
problem contradict itself; minima of hours are priced.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any, ClassVar, Final

from scheduler.roster.errors import ProblemError
from scheduler.roster.people import TimeSpan

__all__ = [
    "SOFTENABLE",
    "Availability",
    "BreaksRule",
    "CompleteWeekends",
    "CoverStep",
    "ForbiddenSuccessions",
    "LeaveRule",
    "MaxConsecutiveDays",
    "MaxDaysPerWeek",
    "MaxShifts",
    "MaxWeekends",
    "MinConsecutiveDays",
    "MinConsecutiveDaysOff",
    "MinimumHours",
    "MinimumRest",
    "ObjectiveWeights",
    "OneShiftPerDay",
    "OpeningHours",
    "PeriodHours",
    "Presence",
    "RosterRules",
    "SegmentsRule",
    "SkillRule",
    "SteadyStarts",
    "TemplateRule",
    "WeekendRotation",
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
class MinConsecutiveDays:
    """Working days come in runs of at least the contract's length."""

    name: ClassVar[str] = "min_consecutive_days"
    hard: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class MinConsecutiveDaysOff:
    """Days off come in runs of at least the contract's length."""

    name: ClassVar[str] = "min_consecutive_days_off"
    hard: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class MaxWeekends:
    """Weekends worked in the period at most the contract's number."""

    name: ClassVar[str] = "max_weekends"
    hard: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteWeekends:
    """Both days of a weekend are worked or none, where the contract says so and both are in the period."""

    name: ClassVar[str] = "complete_weekends"
    hard: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekendRotation:
    """At most one worked weekend in any so many successive ones as the contract says."""

    name: ClassVar[str] = "weekend_rotation"
    hard: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class MaxShifts:
    """Shifts of some templates in the period at most the contract's limit."""

    name: ClassVar[str] = "max_shifts"
    hard: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodHours:
    """Paid hours in the period at most the contract's maximum."""

    name: ClassVar[str] = "period_hours"
    hard: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ForbiddenSuccessions:
    """For each pair (a, b): a shift of template b never starts on the day after one of template a."""

    name: ClassVar[str] = "forbidden_succession"
    hard: ClassVar[bool] = True
    pairs: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class SteadyStarts:
    """Starts on successive days differ by at most ``hours``; soft: each larger change costs ``weight``."""

    name: ClassVar[str] = "steady_starts"
    hard: ClassVar[bool] = False
    hours: float = 2.0
    weight: int = 30

    def __post_init__(self) -> None:
        if not 0 <= self.hours <= 24 or self.weight < 0:
            raise ProblemError(
                f"steady starts: 0 to 24 hours and a weight from 0 on, got {self.hours:g}, {self.weight}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """How many people with an attribute are at work at once; soft, each staff-minute off costs ``weight``.

    At least ``least`` inside ``spans`` (a lead, somebody who can run an incident, a speaker of a language),
    at most ``most`` always (seats).  ``attribute`` None counts everybody.  A pause is not at work, but takes
    a seat.
    """

    name: str
    attribute: str | None = None
    least: int = 0
    most: int | None = None
    weight: int = 30
    spans: tuple[TimeSpan, ...] = ()

    def __post_init__(self) -> None:
        if self.least < 0 or self.weight < 0 or (self.most is not None and self.most < self.least):
            raise ProblemError(
                f"presence {self.name!r}: need 0 <= least <= most and a weight from 0 on, got least "
                f"{self.least}, most {self.most}, weight {self.weight}"
            )
        if self.least and not self.spans:
            raise ProblemError(f"presence {self.name!r}: at least {self.least} inside which spans?")
        object.__setattr__(self, "spans", tuple(sorted(self.spans)))


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

    Segments, one shift per day and skills are what makes a roster one; they cannot be switched off.  The
    limits of contracts about periods, runs and weekends are in force where the contract has them.  ``soft``
    maps a rule's name to the price of a unit beyond it: such a rule is a wish.
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
    successions: ForbiddenSuccessions | None = None
    steady_starts: SteadyStarts | None = None
    presence: tuple[Presence, ...] = ()
    soft: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, weight in self.soft.items():
            if name not in SOFTENABLE:
                raise ProblemError(
                    f"rule {name!r} cannot be made soft; those that can: {', '.join(sorted(SOFTENABLE))}"
                )
            if weight < 0:
                raise ProblemError(f"soft rule {name!r}: the price must not be negative, got {weight}")
        _refuse_doubles([p.name for p in self.presence])
        object.__setattr__(self, "soft", MappingProxyType(dict(self.soft)))

    def __reduce__(self) -> tuple[object, ...]:
        # A mapping proxy cannot be pickled, and problems are sent to a child process.
        held = {f.name: getattr(self, f.name) for f in fields(self)}
        return _rebuild_rules, ({**held, "soft": dict(self.soft)},)

    def price(self, rule: str) -> int | None:
        """Paid minutes a unit beyond the rule costs (a day, shift or weekend); None where it is hard."""
        return self.soft.get(rule)


def _refuse_doubles(names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise ProblemError(f"presence rule {name!r} is given twice")


def _rebuild_rules(held: dict[str, Any]) -> RosterRules:
    return RosterRules(**held)


#: Rules that may be given a price per unit instead of being hard.
SOFTENABLE: Final = frozenset(
    {
        MaxConsecutiveDays.name,
        MinConsecutiveDays.name,
        MinConsecutiveDaysOff.name,
        MaxWeekends.name,
        CompleteWeekends.name,
        WeekendRotation.name,
        MaxShifts.name,
        ForbiddenSuccessions.name,
    }
)


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
    without end.  ``minimum_hours`` is per minute short of a contract's weekly minimum.  ``proficiency`` is
    per minute of work lost where somebody less than fully proficient is at a queue: at 0.8 a fifth of it.
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
    proficiency: int = 10

    def __post_init__(self) -> None:
        if min(self.paid_minutes, self.minimum_hours, self.proficiency) < 0:
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
