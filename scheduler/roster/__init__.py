"""The nouns of a roster; no behaviour beyond checks at birth."""

from scheduler.roster.diff import AgentChanges, ShiftChange, diff
from scheduler.roster.errors import ProblemError
from scheduler.roster.people import Contract, FairShare, RosterAgent, ShiftLimit, TimeSpan
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
from scheduler.roster.rules import CoverStep, ObjectiveWeights, OpeningHours, Presence, RosterRules
from scheduler.roster.sessions import Activity, Session
from scheduler.roster.shifts import BREAK, LUNCH, PREPARE, BreakRule, Segment, Shift, ShiftTemplate
from scheduler.roster.violation import Violation
from scheduler.roster.wishes import Pairing, ShiftCover, Wish

__all__ = [
    "BREAK",
    "LUNCH",
    "PREPARE",
    "Activity",
    "AgentChanges",
    "Assignment",
    "BreakRule",
    "Contract",
    "CoverStep",
    "Explanation",
    "FairShare",
    "ObjectiveWeights",
    "OpeningHours",
    "Pairing",
    "Presence",
    "ProblemError",
    "Roster",
    "RosterAgent",
    "RosterOutcome",
    "RosterPeriod",
    "RosterProblem",
    "RosterResult",
    "RosterRules",
    "Segment",
    "Session",
    "Shift",
    "ShiftChange",
    "ShiftCover",
    "ShiftLimit",
    "ShiftTemplate",
    "TimeSpan",
    "UncoveredInterval",
    "Violation",
    "Wish",
    "diff",
]
