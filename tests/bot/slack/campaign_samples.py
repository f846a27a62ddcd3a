"""One of every message about campaigns and announcements."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from bot.core.campaign_figures import SUGGESTIONS
from bot.core.campaign_messages import (
    AnnouncementCard,
    CampaignClosed,
    CampaignIssues,
    CampaignReport,
    CampaignStart,
    GoalLine,
    OpenLine,
    TypeLine,
)
from bot.core.campaigns import GoalKind
from bot.core.contacts import ContactType
from bot.core.messages import Message
from tests.support.builders import at


def campaign_kinds(name: str, many: int) -> list[Message]:
    lines = tuple(OpenLine(item=n, code="load_test" if n % 2 else None, words=name) for n in range(many))
    owned = replace(lines[0], owner=name)
    goals = tuple(
        GoalLine(kind=kind.value, target=20, baseline=80.5, actual=actual)
        for kind in GoalKind
        for actual in (None, 30.0, -10.0)
    )
    types = tuple(TypeLine(type=kind.value, count=many) for kind in ContactType)
    day = date(2026, 11, 24)
    parts = {"what": name, "reason": name * 10, "content": name * 10, "effect": name * 10}
    card = AnnouncementCard(announcement=1, by=name, made_at=at(9), **parts)
    feedback = {"questions": many, "complaints": 1, "wishes": 2}
    return [
        *(
            CampaignStart(campaign=1, name=name, starts_at=at(20), lines=some, total=many, begun=begun)
            for some in ((), (owned, *lines))
            for begun in (False, True)
        ),
        CampaignReport(
            campaign=1,
            name=name,
            day=day,
            of_days=9,
            through=3,
            contacts=many,
            goals=goals,
            top_types=types,
            rated=3,
            suggestions=SUGGESTIONS,
            **feedback,
        ),
        CampaignIssues(campaign=1, name=name, day=day, contacts=0, top_types=(), **feedback),
        CampaignClosed(
            campaign=1,
            name=name,
            first_day=day,
            last_day=day,
            contacts=many,
            goals=goals,
            causes=name * 20,
            measures=lines[:2],
            by=name,
        ),
        card,
        replace(card, personal=True),
        replace(card, personal=True, again=True),
    ]
