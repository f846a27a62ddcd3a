"""Action items: what a team has agreed to do, each with an owner and a time, until it is done (SR3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from bot.core.ids import ActionItemId, AgentId, ContactRef, TeamId

__all__ = ["LONGEST", "ActionItem", "ItemState", "in_order"]

LONGEST = 140
"""Characters of what is to be done."""


class ItemState(Enum):
    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"  # with a reason


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionItem:
    """``what`` in the words of whoever noted it; ``about``: the case it came from.

    Without an ``owner`` it stands first wherever items are shown.  ``reminded_at``: the owner was told that
    its time has come.
    """

    item: ActionItemId
    team: TeamId
    what: str
    made_at: datetime
    made_by: str
    about: ContactRef | None = None
    owner: AgentId | None = None
    due_at: datetime | None = None
    reminded_at: datetime | None = None
    state: ItemState = ItemState.OPEN
    ended_at: datetime | None = None
    ended_by: str | None = None
    dropped_because: str | None = None

    def overdue(self, now: datetime) -> bool:
        """Whether it should have been done by ``now``."""
        return self.state is ItemState.OPEN and self.due_at is not None and self.due_at <= now


def in_order(items: Iterable[ActionItem]) -> list[ActionItem]:
    """Those nobody owns first, then by the time they are due, those without one last; the older first."""
    return sorted(
        items,
        key=lambda i: (
            i.owner is not None,
            i.due_at is None,
            i.made_at if i.due_at is None else i.due_at,
            i.item,
        ),
    )
