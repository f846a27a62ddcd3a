"""Campaigns and announcements: what is told of them, their lists and their buttons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from slack_sdk.models.blocks import Block

from bot.core.announcements import LONGEST_PART
from bot.core.campaign_messages import (
    AnnouncementCard,
    CampaignClosed,
    CampaignIssues,
    CampaignMessage,
    CampaignReport,
    CampaignStart,
    GoalLine,
    OpenLine,
    TypeLine,
)
from bot.core.campaign_readiness import LONGEST_ITEM, ReadinessItem
from bot.core.campaigns import Campaign, GoalKind
from bot.slack.blocks.kit import actions, button, code, context, escape, section
from bot.slack.blocks.voice import Voice

__all__ = [
    "CLOSE",
    "EDIT",
    "NEW",
    "READ",
    "SHOW",
    "TICK",
    "blocks",
    "goal_line",
    "item_words",
    "readiness",
    "summary",
]

NEW: Final = "campaign.new"
SHOW: Final = "campaign.show"
EDIT: Final = "campaign.edit"
CLOSE: Final = "campaign.close"
"""Values: the campaign's number."""
TICK: Final = "campaign.tick"
"""Value: the campaign's number and the item's, ``3:8``."""
READ: Final = "announcement.read"
"""Value: the announcement's number."""
_NAMED: Final = 20
_CAUSES: Final = 1000


def blocks(kind: CampaignMessage, voice: Voice) -> list[Block]:
    match kind:
        case CampaignStart():
            return _start(kind, voice)
        case CampaignReport():
            return _report(kind, voice)
        case CampaignIssues():
            return _issues(kind, voice)
        case CampaignClosed():
            return _closed(kind, voice)
        case AnnouncementCard():
            return _announcement(kind, voice)


def item_words(code: str | None, words: str, voice: Voice) -> str:
    """What a readiness item says: the catalogue's words of a default one, else the staff's own."""
    key = f"campaign.item.{code}"
    if code is not None and voice.t.has(key):
        return voice.t.text(key)
    return escape(words or code or "", LONGEST_ITEM)


def goal_line(goal: GoalLine, voice: Voice) -> str:
    """``Mean response: cut by 31% of 20% wanted (before 1 min 30 sec)``, with a sign for how it stands."""
    response = goal.kind == GoalKind.RESPONSE.value
    baseline = voice.length(goal.baseline) if response else _percent(goal.baseline, voice)
    if goal.actual is None:
        key, sign = "unknown", "–"
    else:
        key, sign = "actual", "✓" if goal.actual >= goal.target else "✗"
    return voice.t.text(
        f"campaign.goal.{goal.kind}.{key}",
        sign=sign,
        target=_percent(goal.target, voice),
        baseline=baseline,
        actual=_percent(goal.actual or 0.0, voice),
    )


def summary(campaign: Campaign, voice: Voice) -> str:
    """A campaign on one line."""
    plan, t = campaign.plan, voice.t
    lift = t.text(
        "campaign.lift", low=f"{100 * (plan.lift.low - 1):+.0f}%", high=f"{100 * (plan.lift.high - 1):+.0f}%"
    )
    return t.text(
        "campaign.line",
        number=campaign.number,
        name=escape(plan.name),
        first=voice.f.day(plan.first_day),
        last=voice.f.day(plan.last_day),
        queues=voice.f.join([escape(q) for q in plan.queues]),
        lift=lift,
        state=t.text(f"campaign.state.{campaign.state.value}"),
    )


def readiness(campaign: Campaign, items: Sequence[ReadinessItem], voice: Voice) -> list[Block]:
    """The list: open items with the press that ends each, and what is done."""
    t = voice.t
    todo = [i for i in items if i.done_at is None]
    done = [i for i in items if i.done_at is not None]
    shown: list[Block] = [section(t.text("campaign.readiness", done=len(done), total=len(items)))]
    for item in todo:
        press = button(t.text("campaign.button.tick"), action=TICK, value=f"{campaign.number}:{item.number}")
        owner = t.text("item.no_owner") if item.owner is None else voice.person(item.owner)
        text = f"{item.number}. {item_words(item.code, item.words, voice)} · {owner}"
        shown.append(section(text, button=press))
    if done:
        words = "; ".join(f"{i.number}. {item_words(i.code, i.words, voice)}" for i in done)
        shown.append(context(t.text("campaign.done", items=words)))
    return shown


def _percent(value: float, voice: Voice) -> str:
    return voice.f.percent(value / 100, decimals=1)


def _open(lines: Sequence[OpenLine], voice: Voice) -> str:
    named = []
    for one in lines[:_NAMED]:
        owner = "–" if one.owner is None else voice.person(one.owner)
        named.append(
            voice.t.text("campaign.open_item", item=item_words(one.code, one.words, voice), owner=owner)
        )
    said = voice.t.text("campaign.separator").join(named)
    if len(lines) > _NAMED:
        said += voice.t.plural("campaign.more", len(lines) - _NAMED)
    return said


def _start(kind: CampaignStart, voice: Voice) -> list[Block]:
    t = voice.t
    left = kind.starts_at - voice.now
    what = "begun" if kind.begun or left.total_seconds() <= 0 else "before"
    key = f"campaign.start.{what}" if kind.lines else f"campaign.start.{what}_ready"
    text = t.text(key, name=escape(kind.name), length=voice.length(left), items=_open(kind.lines, voice))
    press = button(t.text("campaign.button.show"), action=SHOW, value=str(kind.campaign))
    return [section(text), actions(f"campaign-{kind.campaign}", press)]


def _types(found: Sequence[TypeLine], contacts: int, voice: Voice) -> str:
    named = [
        voice.t.text(
            "campaign.type",
            type=voice.label("type", one.type),
            count=one.count,
            share=voice.f.percent(one.count / contacts if contacts else 0.0),
        )
        for one in found
    ]
    return voice.f.join(named) if named else "–"


def _report(kind: CampaignReport, voice: Voice) -> list[Block]:
    t = voice.t
    head = t.text(
        "campaign.report.title",
        name=escape(kind.name),
        day=voice.f.day(kind.day),
        through=kind.through,
        days=kind.of_days,
        contacts=voice.f.number(kind.contacts),
    )
    figures = [goal_line(goal, voice) for goal in kind.goals]
    feedback = t.text(
        "campaign.feedback",
        questions=kind.questions,
        complaints=kind.complaints,
        wishes=kind.wishes,
        rated=kind.rated,
    )
    issues = t.text("campaign.issues", types=_types(kind.top_types, kind.contacts, voice))
    said = [t.text(f"campaign.suggest.{s}") for s in kind.suggestions if t.has(f"campaign.suggest.{s}")]
    parts: list[Block] = [section(head), section("\n".join(figures)), section(f"{issues}\n{feedback}")]
    if said:
        parts.append(section(t.text("campaign.suggestions") + "".join(f"\n• {s}" for s in said)))
    return parts


def _issues(kind: CampaignIssues, voice: Voice) -> list[Block]:
    t = voice.t
    head = t.text("campaign.issues.title", name=escape(kind.name), day=voice.f.day(kind.day))
    body = t.text("campaign.issues", types=_types(kind.top_types, kind.contacts, voice))
    feedback = t.text(
        "campaign.feedback_day", questions=kind.questions, complaints=kind.complaints, wishes=kind.wishes
    )
    return [section(f"{head}\n{body}\n{feedback}")]


def _closed(kind: CampaignClosed, voice: Voice) -> list[Block]:
    t = voice.t
    head = t.text(
        "campaign.closed.title",
        name=escape(kind.name),
        first=voice.f.day(kind.first_day),
        last=voice.f.day(kind.last_day),
        contacts=voice.f.number(kind.contacts),
        person=voice.person(kind.by),
    )
    shown: list[Block] = [section(head), section("\n".join(goal_line(g, voice) for g in kind.goals))]
    if kind.causes:
        shown.append(section(t.text("campaign.closed.causes", causes=escape(kind.causes, _CAUSES))))
    if kind.measures:
        rows = [
            t.text(
                "campaign.closed.measure",
                number=m.item,
                what=escape(m.words, LONGEST_ITEM),
                owner="–" if m.owner is None else voice.person(m.owner),
            )
            for m in kind.measures
        ]
        shown.append(section(t.text("campaign.closed.measures") + "".join(f"\n{row}" for row in rows)))
    return shown


def _announcement(kind: AnnouncementCard, voice: Voice) -> list[Block]:
    t = voice.t
    head = t.text(
        "announcement.again" if kind.again else "announcement.title",
        what=escape(kind.what, LONGEST_PART),
        person=voice.person(kind.by),
    )
    body = t.text(
        "announcement.body",
        reason=escape(kind.reason, LONGEST_PART),
        content=escape(kind.content, LONGEST_PART),
        effect=escape(kind.effect, LONGEST_PART),
    )
    shown: list[Block] = [section(head), section(body)]
    if kind.personal:
        press = button(
            t.text("announcement.button.read"),
            action=READ,
            value=str(kind.announcement),
            style="primary",
        )
        shown.append(actions(f"announcement-{kind.announcement}", press))
    else:
        shown.append(context(t.text("announcement.hint", command=code("/muster announce status"))))
    return shown
