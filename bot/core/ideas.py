"""Ideas of the team, each answered by a day (TI6), and kudos somebody may want to be seen (TI4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from bot.core.errors import RefusedError
from bot.core.ids import AgentId, IdeaId, KudosId, TeamId
from bot.core.privacy import refuse_personal

__all__ = ["ANSWER_WITHIN", "LONGEST", "Idea", "IdeaState", "Kudos", "checked"]

LONGEST: Final = 200
"""Characters of an idea, an answer, or what somebody is thanked for."""
ANSWER_WITHIN: Final = timedelta(days=7)


class IdeaState(Enum):
    OPEN = "open"
    ADOPTED = "adopted"
    DECLINED = "declined"  # with a reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Idea:
    """``due_at``: when a lead should have answered."""

    idea: IdeaId
    team: TeamId
    words: str
    by: AgentId
    made_at: datetime
    due_at: datetime
    state: IdeaState = IdeaState.OPEN
    answered_by: str | None = None
    answer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kudos:
    """``shown_from``: since when whoever is thanked wants it seen; None: not."""

    kudos: KudosId
    team: TeamId
    whom: AgentId
    by: AgentId
    words: str
    made_at: datetime
    shown_from: datetime | None = None


def checked(text: str) -> str:
    """The words on one line.  Raises RefusedError for none, too many, and personal data."""
    words = " ".join(text.split())
    if not words:
        raise RefusedError("idea_empty", "Write it in words; nothing was kept.")
    if len(words) > LONGEST:
        raise RefusedError(
            "idea_long",
            f"That is {len(words)} characters, at most {LONGEST}; nothing was kept.",
            length=len(words),
            longest=LONGEST,
        )
    refuse_personal(words)
    return words
