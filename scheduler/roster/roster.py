"""Assignments, rosters, and what a solve gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from forecasting.grid import local_midnight
from scheduler.roster.errors import ProblemError
from scheduler.roster.sessions import Session
from scheduler.roster.shifts import Shift
from scheduler.roster.violation import Violation

__all__ = [
    "Assignment",
    "Explanation",
    "Roster",
    "RosterOutcome",
    "RosterPeriod",
    "RosterResult",
    "UncoveredInterval",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterPeriod:
    """``days`` whole local days from ``first`` in the roster's zone."""

    first: date
    days: int
    zone: str

    def __post_init__(self) -> None:
        if not 1 <= self.days <= 366:
            raise ProblemError(f"a roster covers 1 to 366 days, got {self.days}")
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ProblemError(f"roster period: unknown time zone {self.zone!r}") from error

    @property
    def dates(self) -> tuple[date, ...]:
        """Local dates of the period, in order."""
        return tuple(self.first + timedelta(days=i) for i in range(self.days))

    @property
    def start(self) -> datetime:
        """The first instant, UTC."""
        return local_midnight(self.first, self.zone)

    @property
    def end(self) -> datetime:
        """The end (exclusive), UTC."""
        return local_midnight(self.first + timedelta(days=self.days), self.zone)

    def date_of(self, instant: datetime) -> date:
        """The local date of an instant in the roster's zone."""
        return instant.astimezone(ZoneInfo(self.zone)).date()

    def weeks(self) -> dict[tuple[int, int], tuple[date, ...]]:
        """(ISO year, ISO week) to the period's dates in it, in order; first and last may be part weeks."""
        found: dict[tuple[int, int], list[date]] = {}
        for day in self.dates:
            found.setdefault(day.isocalendar()[:2], []).append(day)
        return {week: tuple(days) for week, days in found.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """One shift of one agent."""

    agent: str
    shift: Shift


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """All shifts of a period, sorted by agent and start."""

    period: RosterPeriod
    assignments: tuple[Assignment, ...]

    def __post_init__(self) -> None:
        ordered = sorted(self.assignments, key=lambda a: (a.agent, a.shift.start, a.shift.end))
        object.__setattr__(self, "assignments", tuple(ordered))

    def by_agent(self) -> dict[str, tuple[Shift, ...]]:
        """Agent to shifts in order; agents without a shift are absent."""
        found: dict[str, list[Shift]] = {}
        for assignment in self.assignments:
            found.setdefault(assignment.agent, []).append(assignment.shift)
        return {agent: tuple(shifts) for agent, shifts in found.items()}


class RosterOutcome(StrEnum):
    """How a solve ended.  Every outcome but NO_ANSWER comes with a roster."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    #: Fixed assignments break hard rules; the roster is the best one round them.
    INFEASIBLE = "infeasible"
    NO_ANSWER = "no_answer"
    #: Stopped on request; the best roster found so far is kept.
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class UncoveredInterval:
    """``missing`` agents on a queue through [start, end)."""

    queue: str
    start: datetime
    end: datetime
    missing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why a roster is not all that was asked for.

    ``conflicts``: hard rules that the fixed assignments break, with amounts.  ``unmet``: soft rules
    missed, sessions among them.  ``uncovered``: neighbouring intervals with the same gap are joined.
    """

    conflicts: tuple[Violation, ...] = ()
    unmet: tuple[Violation, ...] = ()
    uncovered: tuple[UncoveredInterval, ...] = ()

    @property
    def conflicting_rules(self) -> tuple[str, ...]:
        """Names of the rules in conflict, each once."""
        return tuple(dict.fromkeys(v.rule for v in self.conflicts))


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterResult:
    """What a solve found and what it proved.

    ``objective`` and ``bound`` are in paid minutes (weights applied); ``gap`` is (objective - bound) /
    required staff-minutes, 0 where nothing is required and nothing is lost.  ``terms`` sum to the objective.
    ``sessions`` are those that were set for the problem's activities; objective and bound are those of the
    problem with them.
    """

    outcome: RosterOutcome
    roster: Roster | None
    terms: Mapping[str, float]
    objective: float | None
    bound: float | None
    gap: float | None
    seconds: float
    seed: int
    explanation: Explanation = field(default_factory=Explanation)
    sessions: tuple[Session, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "terms", MappingProxyType(dict(self.terms)))

    def __reduce__(self) -> tuple[object, ...]:
        # A mapping proxy cannot be pickled, and results come back from a child process.
        return _rebuild_result, (
            self.outcome, self.roster, dict(self.terms), self.objective, self.bound, self.gap,
            self.seconds, self.seed, self.explanation, self.sessions,
        )  # fmt: skip


def _rebuild_result(
    outcome: RosterOutcome,
    roster: Roster | None,
    terms: dict[str, float],
    objective: float | None,
    bound: float | None,
    gap: float | None,
    seconds: float,
    seed: int,
    explanation: Explanation,
    sessions: tuple[Session, ...],
) -> RosterResult:
    return RosterResult(
        outcome=outcome,
        roster=roster,
        terms=terms,
        objective=objective,
        bound=bound,
        gap=gap,
        seconds=seconds,
        seed=seed,
        explanation=explanation,
        sessions=sessions,
    )
