"""Campaigns: what is planned for days that will bring more contacts, and its goals (CA1, CA2, T8)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Final

from bot.core.contacts import ContactType
from bot.core.errors import RefusedError
from bot.core.ids import AgentId, CampaignId, QueueId, TeamId
from forecasting.events import Lift

__all__ = [
    "EVERY_CAMPAIGN",
    "LONGEST_DAYS",
    "LONGEST_NAME",
    "REPORT_EVERY",
    "Campaign",
    "CampaignPlan",
    "CampaignState",
    "Duty",
    "DutyHolder",
    "Goal",
    "GoalKind",
    "check_plan",
    "event_kind",
    "own_tag",
    "read_goal",
    "report_days",
    "tags_of",
]

LONGEST_NAME: Final = 60
LONGEST_DAYS: Final = 92
REPORT_EVERY: Final = (1, 3)
"""Days from one report to the next (S2)."""
EVERY_CAMPAIGN: Final = "campaign"
"""The tag of every contact that belongs to any campaign; rows of app.yaml may ask for it."""


class CampaignState(Enum):
    PLANNED = "planned"  # from its making to its closing, also while it runs
    CLOSED = "closed"
    CANCELLED = "cancelled"


class GoalKind(Enum):
    """The three of S2: cut the mean response, satisfaction with solutions, positive feedback."""

    RESPONSE = "response"
    SATISFACTION = "satisfaction"
    FEEDBACK = "feedback"


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """``target`` in per cent: RESPONSE by how much the mean response is cut, the others at least.

    ``baseline``: seconds of the mean response, per cent of the others, without the campaign.
    """

    kind: GoalKind
    target: float
    baseline: float


class Duty(Enum):
    """Who answers for what (CA2)."""

    LEAD = "lead"  # runs the campaign
    KNOWLEDGE = "knowledge"
    TRAINING = "training"
    SYSTEM = "system"  # load test, entry, bot
    FEEDBACK = "feedback"  # collects what customers say and hands it on


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyHolder:
    duty: Duty
    agent: AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignPlan:
    """What people enter.  ``types`` empty: every type.  ``channel`` without '#' gets the reports.

    ``lift``: expected factor on the volume; ``lift_from``: earlier campaigns it was worked out from, empty
    where somebody entered it.  ``department`` (a key of app.yaml) is told each day what people ask most.
    """

    name: str
    first_day: date
    last_day: date
    queues: tuple[QueueId, ...]
    channel: str
    goals: tuple[Goal, ...]
    lift: Lift
    types: tuple[ContactType, ...] = ()
    lift_from: tuple[str, ...] = ()
    duties: tuple[DutyHolder, ...] = ()
    report_every: int = 1
    department: str | None = None

    def goal(self, kind: GoalKind) -> Goal:
        return next(g for g in self.goals if g.kind is kind)

    def holder(self, duty: Duty) -> AgentId | None:
        return next((d.agent for d in self.duties if d.duty is duty), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """``causes``: why goals were missed, in the words of whoever closed it."""

    number: CampaignId
    team: TeamId
    plan: CampaignPlan
    made_at: datetime
    made_by: str
    state: CampaignState = CampaignState.PLANNED
    ended_at: datetime | None = None
    ended_by: str | None = None
    causes: str = ""

    def runs_on(self, day: date) -> bool:
        """Whether ``day`` is one of its days and nobody has ended it."""
        return self.state is CampaignState.PLANNED and self.plan.first_day <= day <= self.plan.last_day

    def concerns(self, queue: QueueId, kind: ContactType) -> bool:
        return queue in self.plan.queues and (not self.plan.types or kind in self.plan.types)


def event_kind(number: CampaignId) -> str:
    """The kind of its dated events: each campaign has one of its own, so that two may share days.

    >>> event_kind(CampaignId(3))
    'campaign_3'
    """
    return f"campaign_{number}"


def tags_of(number: CampaignId) -> frozenset[str]:
    """The tags of its contacts, for rows of app.yaml: that of every campaign, and its own.

    >>> sorted(tags_of(CampaignId(3)))
    ['campaign', 'campaign-3']
    """
    return frozenset({EVERY_CAMPAIGN, own_tag(number)})


def own_tag(number: CampaignId) -> str:
    """The tag of one campaign's contacts; whoever tells of a contact may give it as well."""
    return f"{EVERY_CAMPAIGN}-{number}"


def report_days(plan: CampaignPlan) -> tuple[date, ...]:
    """The days in whose evening a report is due: every one or every three, and the last in any case.

    >>> from bot.core.ids import QueueId
    >>> plan = CampaignPlan(
    ...     name="x", first_day=date(2026, 12, 1), last_day=date(2026, 12, 5), queues=(QueueId("chat"),),
    ...     channel="c", goals=(), lift=Lift(low=1.1, mid=1.2, high=1.3), report_every=3,
    ... )
    >>> [d.day for d in report_days(plan)]
    [3, 5]
    """
    days = (plan.last_day - plan.first_day).days + 1
    every = [
        plan.first_day + timedelta(days=n) for n in range(plan.report_every - 1, days, plan.report_every)
    ]
    return tuple(sorted({*every, plan.last_day}))


_NUMBER = r"(\d+(?:\.\d+)?)"
_PERCENT = r"\s*[%％]?"
_UNIT = r"\s*(s|sec|seconds?|秒钟?|m|min|minutes?|分钟?|h|hours?|小时|[%％])?"
_GOAL = re.compile(
    rf"(?:>=|≥|[-−–])?\s*{_NUMBER}{_PERCENT}(?:[\s,，;；(（/]*(?:from|baseline|now|基线|现在|目前|从)?[\s:：=]*"
    rf"{_NUMBER}{_UNIT}\s*[)）]?)?",
    re.IGNORECASE,
)
_SECONDS: Final = {"m": 60.0, "h": 3600.0, "分": 60.0, "小": 3600.0}


def read_goal(text: str, kind: GoalKind) -> tuple[float, float | None]:
    """A goal in per cent, and the baseline where it is named: ``20% from 90s``, ``85% from 80%``, ``90``.

    Raises RefusedError, naming the goal, for nothing and for what is no goal (T8).

    >>> read_goal("20% from 1.5 min", GoalKind.RESPONSE), read_goal("90%，基线 85%", GoalKind.FEEDBACK)
    ((20.0, 90.0), (90.0, 85.0))
    >>> read_goal("20", GoalKind.RESPONSE)
    (20.0, None)
    """
    found = _GOAL.fullmatch(text.strip())
    if found is None:
        raise _no_goal(kind)
    target = float(found[1])
    if not 0 < target <= 100 or (kind is GoalKind.RESPONSE and target >= 100):
        raise _no_goal(kind)
    if found[2] is None:
        return target, None
    unit = (found[3] or "").lower()
    baseline = float(found[2])
    if kind is GoalKind.RESPONSE:
        if unit in ("%", "％") or baseline <= 0:
            raise _no_goal(kind)
        return target, baseline * _SECONDS.get(unit[:1], 1.0)
    if unit not in ("", "%", "％") or baseline > 100:
        raise _no_goal(kind)
    return target, baseline


def _no_goal(kind: GoalKind) -> RefusedError:
    example = "20% from 90s" if kind is GoalKind.RESPONSE else "85% from 80%"
    return RefusedError(
        "campaign_goal",
        f"The goal {kind.value!r} is missing or not understood; nothing was saved. Write it with its "
        f"baseline: {example}.",
        variant=kind.value,
        example=example,
    )


def check_plan(plan: CampaignPlan, *, queues: Sequence[QueueId], today: date) -> None:
    """Raise RefusedError for a plan that cannot be: days, queues, name, goals.

    A campaign whose last day is past is refused: its figures would be a review, not a campaign.
    """
    if not plan.name.strip() or len(plan.name) > LONGEST_NAME:
        raise RefusedError(
            "campaign_name",
            f"A campaign has a name of 1 to {LONGEST_NAME} characters; nothing was saved.",
            longest=LONGEST_NAME,
        )
    days = (plan.last_day - plan.first_day).days + 1
    if not 1 <= days <= LONGEST_DAYS or plan.last_day < today:
        raise RefusedError(
            "campaign_days",
            f"A campaign ends today or later, not before it begins, and lasts {LONGEST_DAYS} days at most; "
            "nothing was saved.",
            longest=LONGEST_DAYS,
        )
    unknown = [q for q in plan.queues if q not in queues]
    if not plan.queues or unknown:
        names = ", ".join(queues)
        raise RefusedError(
            "campaign_queues",
            f"Name the queues the campaign concerns, of: {names}. Nothing was saved.",
            queues=names,
        )
    if plan.report_every not in REPORT_EVERY:
        raise RefusedError(
            "campaign_report", "Reports come every day (1d) or every three (3d); nothing was saved."
        )
    if {g.kind for g in plan.goals} != set(GoalKind):
        raise _no_goal(next(k for k in GoalKind if k not in {g.kind for g in plan.goals}))
