"""The nouns of a roster; no behaviour beyond checks at birth."""

from scheduler.roster.diff import AgentChanges, ShiftChange, diff
from scheduler.roster.errors import ProblemError
from scheduler.roster.people import Contract, RosterAgent, TimeSpan
from scheduler.roster.problem import RosterProblem
from scheduler.roster.roster import (
    Assignment,
    Explanation,
    Roster,
    RosterOutcome,
    RosterPeriod,
    RosterResult,
    UncoveredInterval,
)
from scheduler.roster.rules import CoverStep, ObjectiveWeights, OpeningHours, RosterRules
from scheduler.roster.shifts import BREAK, LUNCH, PREPARE, BreakRule, Segment, Shift, ShiftTemplate
from scheduler.roster.violation import Violation

__all__ = [
    "BREAK",
    "LUNCH",
    "PREPARE",
    "AgentChanges",
    "Assignment",
    "BreakRule",
    "Contract",
    "CoverStep",
    "Explanation",
    "ObjectiveWeights",
    "OpeningHours",
    "ProblemError",
    "Roster",
    "RosterAgent",
    "RosterOutcome",
    "RosterPeriod",
    "RosterProblem",
    "RosterResult",
    "RosterRules",
    "Segment",
    "Shift",
    "ShiftChange",
    "ShiftTemplate",
    "TimeSpan",
    "UncoveredInterval",
    "Violation",
    "diff",
]
