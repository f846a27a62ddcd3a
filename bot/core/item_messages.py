"""What is said about action items.  Their words are the team's own; none carries a customer's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from bot.core.action_items import ActionItem

__all__ = ["KINDS", "ItemDue", "ItemGiven", "ItemLine", "ItemMessage", "ItemNews", "StandUpClosed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemLine:
    """One item as it stands when the message is written."""

    item: int
    what: str
    made_at: datetime
    about: str | None = None
    owner: str | None = None
    due_at: datetime | None = None

    @classmethod
    def of(cls, item: ActionItem) -> ItemLine:
        return cls(
            item=item.item,
            what=item.what,
            made_at=item.made_at,
            about=item.about,
            owner=item.owner,
            due_at=item.due_at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemNews:
    """To the thread of the day's digest.  ``news``: noted, given, done, dropped (``because``)."""

    line: ItemLine
    news: str
    by: str
    because: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemGiven:
    """To the owner, when somebody else gave it."""

    line: ItemLine
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemDue:
    """To the owner, when its time has come and it is not done."""

    line: ItemLine


@dataclass(frozen=True, slots=True, kw_only=True)
class StandUpClosed:
    """The end of a stand-up: the team's open items, in order, and how many there are (SR3)."""

    team: str
    day: date
    lines: tuple[ItemLine, ...]
    total: int
    owners: int
    unowned: int


ItemMessage = ItemNews | ItemGiven | ItemDue | StandUpClosed

KINDS: Final[Mapping[str, type[Any]]] = {
    "item_news": ItemNews,
    "item_given": ItemGiven,
    "item_due": ItemDue,
    "stand_up_closed": StandUpClosed,
}
