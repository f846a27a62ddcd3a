"""What is said about campaigns.  Figures, names of the staff and codes; never a customer's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

__all__ = [
    "KINDS",
    "AnnouncementCard",
    "CampaignClosed",
    "CampaignIssues",
    "CampaignMessage",
    "CampaignReport",
    "CampaignStart",
    "GoalLine",
    "OpenLine",
    "TypeLine",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLine:
    """One readiness item: ``code`` of a default item, else ``words``."""

    item: int
    code: str | None
    words: str
    owner: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalLine:
    """``kind`` a `GoalKind`; target and actual in per cent; the baseline in seconds or per cent."""

    kind: str
    target: float
    baseline: float
    actual: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeLine:
    """``count`` contacts of one type."""

    type: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignStart:
    """L15: a day before, or at, the start, to the channel: what is not ready."""

    campaign: int
    name: str
    starts_at: datetime
    lines: tuple[OpenLine, ...]
    total: int
    begun: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignReport:
    """CA7: figures against goals from the first day to ``day``; ``suggestions`` are codes."""

    campaign: int
    name: str
    day: date
    of_days: int
    through: int
    contacts: int
    goals: tuple[GoalLine, ...]
    top_types: tuple[TypeLine, ...]
    questions: int
    complaints: int
    wishes: int
    rated: int
    suggestions: tuple[str, ...]
    mean_response_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignIssues:
    """CA15: to the department the campaign is of: what people asked most on ``day``."""

    campaign: int
    name: str
    day: date
    contacts: int
    top_types: tuple[TypeLine, ...]
    questions: int
    complaints: int
    wishes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignClosed:
    """CA10: goals against what came, why, and the measures: ``words`` and owners of what is to be done."""

    campaign: int
    name: str
    first_day: date
    last_day: date
    contacts: int
    goals: tuple[GoalLine, ...]
    causes: str
    measures: tuple[OpenLine, ...]
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncementCard:
    """CP12: a rule that changed: why, what it says now, what it does.

    In a direct message ``personal`` with a button to say one has read it; ``again``: it is asked anew at the
    start of a shift.
    """

    announcement: int
    what: str
    reason: str
    content: str
    effect: str
    by: str
    made_at: datetime
    personal: bool = False
    again: bool = False


CampaignMessage = CampaignStart | CampaignReport | CampaignIssues | CampaignClosed | AnnouncementCard

KINDS: Final[Mapping[str, type[Any]]] = {
    "campaign_start": CampaignStart,
    "campaign_report": CampaignReport,
    "campaign_issues": CampaignIssues,
    "campaign_closed": CampaignClosed,
    "announcement_card": AnnouncementCard,
}
