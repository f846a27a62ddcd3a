"""What is said about ideas and kudos: the team's own words, never a customer's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from bot.core.ideas import Idea, Kudos

__all__ = ["KINDS", "IdeaAnswered", "IdeaLine", "IdeaMade", "IdeaMessage", "KudosGiven", "KudosLine"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IdeaLine:
    idea: int
    words: str
    by: str
    due_at: datetime

    @classmethod
    def of(cls, idea: Idea) -> IdeaLine:
        return cls(idea=idea.idea, words=idea.words, by=idea.by, due_at=idea.due_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class KudosLine:
    whom: str
    by: str
    words: str

    @classmethod
    def of(cls, kudos: Kudos) -> KudosLine:
        return cls(whom=kudos.whom, by=kudos.by, words=kudos.words)


@dataclass(frozen=True, slots=True, kw_only=True)
class IdeaMade:
    """To the team's leads, with the day by which it should be answered."""

    line: IdeaLine


@dataclass(frozen=True, slots=True, kw_only=True)
class IdeaAnswered:
    """To whoever had it.  ``state``: adopted or declined."""

    line: IdeaLine
    state: str
    by: str
    answer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KudosGiven:
    """To whoever is thanked; ``shown``: it will stand in the next digest, as the person always wants."""

    kudos: int
    line: KudosLine
    shown: bool = False


IdeaMessage = IdeaMade | IdeaAnswered | KudosGiven

KINDS: Final[Mapping[str, type[Any]]] = {
    "idea_made": IdeaMade,
    "idea_answered": IdeaAnswered,
    "kudos_given": KudosGiven,
}
