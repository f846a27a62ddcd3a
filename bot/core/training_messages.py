"""What is said about trainings: to leads who was there, to an agent what the roster knows of them now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from bot.core.training import Training

__all__ = ["KINDS", "AttendanceAsked", "SkillGranted", "TrainingLine", "TrainingMessage"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingLine:
    """``people``: who was to be there; ``away``: those of them who were reported absent."""

    training: int
    kind: str
    start: datetime
    end: datetime
    people: tuple[str, ...]
    away: tuple[str, ...] = ()
    topic: str | None = None
    skill: str | None = None
    level: float | None = None

    @classmethod
    def of(cls, held: Training) -> TrainingLine:
        return cls(
            training=held.training,
            kind=held.kind,
            start=held.start,
            end=held.end,
            people=tuple(p.agent for p in held.people),
            away=tuple(p.agent for p in held.people if p.away),
            topic=held.topic,
            skill=held.skill,
            level=held.level,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendanceAsked:
    """To the team's leads, once, after a session has ended."""

    line: TrainingLine


@dataclass(frozen=True, slots=True, kw_only=True)
class SkillGranted:
    """To an agent: from the next roster on they may be planned for it."""

    skill: str
    by: str
    level: float | None = None
    topic: str | None = None


TrainingMessage = AttendanceAsked | SkillGranted

KINDS: Final[Mapping[str, type[Any]]] = {
    "attendance_asked": AttendanceAsked,
    "skill_granted": SkillGranted,
}
"""Messages as plain JSON and back: what the outbox keeps."""
