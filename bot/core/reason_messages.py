"""Why somebody has a shift, or not another one, as it is told; no reason of anybody's absence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from bot.core.planner_messages import BrokenRule, Detail
from bot.core.request_messages import OpenSpan, PersonChange, ShiftTimes

__all__ = ["KINDS", "ReasonMessage", "ReasonsAgainst", "ReasonsUnknown", "ShiftReasons"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftReasons:
    """What a shift is for.  ``without``: who would be missing were it not there.

    ``skilled`` of ``agents`` people can do its work, ``free`` of those could lawfully have it as well.
    ``instead``: the cheapest mending without it; empty where nobody can.  ``kept`` of ``wishes`` of the
    roster's days.  ``lates`` of the last ``weeks``, beside the team's median; None where nothing is known.
    """

    shift: ShiftTimes
    without: tuple[OpenSpan, ...]
    skilled: int
    agents: int
    free: int
    instead: tuple[PersonChange, ...] = ()
    wishes: int = 0
    kept: int = 0
    weeks: int = 0
    lates: int = 0
    lates_median: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonsAgainst:
    """What stands against a shift of ``template`` on ``day``, or against the day off (None).

    ``exists``: the agent could have such a shift at all.  ``missing``: who would be missing then; where
    ``mended`` it was tried what others would have to do, and ``instead`` is it, empty where nothing helps.
    """

    day: date
    template: str | None
    exists: bool
    broken: tuple[BrokenRule, ...] = ()
    missing: tuple[OpenSpan, ...] = ()
    mended: bool = False
    instead: tuple[PersonChange, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonsUnknown:
    """In the place of reasons that were promised: why there are none; ``details`` of the error's sentence."""

    day: date
    error: str
    details: tuple[Detail, ...] = ()


ReasonMessage = ShiftReasons | ReasonsAgainst | ReasonsUnknown

KINDS: Final[Mapping[str, type[Any]]] = {
    "shift_reasons": ShiftReasons,
    "reasons_against": ReasonsAgainst,
    "reasons_unknown": ReasonsUnknown,
}
