"""Readiness of a campaign: what has to be there before it starts, by whom (CA3-CA5).

The default items ship as data: their codes here, their words in the catalogues (``campaign.item.CODE``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.core.campaigns import Duty
from bot.core.ids import AgentId

__all__ = ["DEFAULT_ITEMS", "LONGEST_ITEM", "ReadinessItem", "open_items"]

LONGEST_ITEM: Final = 140

DEFAULT_ITEMS: Final[tuple[tuple[str, Duty], ...]] = (
    ("aim", Duty.KNOWLEDGE),
    ("time", Duty.KNOWLEDGE),
    ("place", Duty.KNOWLEDGE),
    ("audience", Duty.KNOWLEDGE),
    ("rules", Duty.KNOWLEDGE),
    ("faq", Duty.KNOWLEDGE),
    ("system_fault", Duty.KNOWLEDGE),
    ("double_registration", Duty.KNOWLEDGE),
    ("training", Duty.TRAINING),
    ("rehearsal", Duty.TRAINING),
    ("load_test", Duty.SYSTEM),
    ("entry", Duty.SYSTEM),
    ("quick_replies", Duty.SYSTEM),
    ("bot", Duty.SYSTEM),
    ("hand_over", Duty.LEAD),
)
"""Code and whose duty it is; the knowledge base first, as S2 has them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadinessItem:
    """``number`` counts within the campaign from 1.  ``code`` of a default item, else one's own ``words``."""

    number: int
    code: str | None
    words: str
    owner: AgentId | None = None
    done_at: datetime | None = None
    done_by: str | None = None


def open_items(items: Iterable[ReadinessItem]) -> tuple[ReadinessItem, ...]:
    """What is not done, in the list's order."""
    return tuple(i for i in items if i.done_at is None)
