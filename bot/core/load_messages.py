"""What is said about load.  The leads get counts, one person their own; nobody is named to anybody else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

__all__ = ["KINDS", "LoadMessage", "LoadPatterns", "OwnPattern", "PatternCount"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PatternCount:
    """``people`` show a pattern (`bot.core.work_load.Pattern`)."""

    pattern: str
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadPatterns:
    """To the leads of a team: ``concerned`` of ``people`` show a pattern in the week from ``week`` on."""

    team: str
    week: date
    people: int
    concerned: int
    patterns: tuple[PatternCount, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPattern:
    """To one person of ``team``: what their own week shows.  The words on counselling are the team's."""

    team: str
    week: date
    patterns: tuple[str, ...]


LoadMessage = LoadPatterns | OwnPattern

KINDS: Final[Mapping[str, type[Any]]] = {"load_patterns": LoadPatterns, "own_pattern": OwnPattern}
