"""The end of a campaign: goals against what came, why, and what is done about it (CA10, CA11)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.core.campaign_figures import CampaignFigures, GoalResult, results
from bot.core.campaign_messages import CampaignClosed, OpenLine
from bot.core.campaigns import Campaign, CampaignState
from bot.core.errors import NotFoundError, RefusedError
from bot.core.ids import CampaignId
from bot.core.messages import Outgoing, Urgency
from bot.core.people import Agent
from bot.core.privacy import refuse_personal
from bot.core.settings import Settings
from bot.store.unit_of_work import ReadUnit, Store
from bot.usecases import assign_items
from bot.usecases.plan_campaign import held, put_events
from bot.usecases.run_campaigns import channel_of, goal_lines, whole_figures

__all__ = ["LONGEST_CAUSES", "CampaignReview", "Measure", "close", "review"]

LONGEST_CAUSES = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What is to be done, by whom and by when: becomes an action item of the team."""

    what: str
    owner: Agent
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignReview:
    """A campaign with its figures so far, or those of all its days."""

    campaign: Campaign
    found: CampaignFigures
    goals: tuple[GoalResult, ...]

    @property
    def missed(self) -> bool:
        return any(g.reached is False for g in self.goals)


def review(store: Store, settings: Settings, number: CampaignId, *, now: datetime) -> CampaignReview:
    """Raises NotFoundError."""
    with store.read() as uow:
        campaign = uow.campaigns.get(number)
        if campaign is None:
            raise NotFoundError(
                "no_campaign",
                f"There is no campaign {number}; nothing was changed. See: /muster campaign",
                number=number,
            )
        return _review(uow, settings, campaign, now)


def close(
    store: Store,
    settings: Settings,
    number: CampaignId,
    *,
    causes: str,
    measures: Sequence[Measure],
    by: str,
    now: datetime,
) -> CampaignReview:
    """Close it: the report goes to its channel, measures become action items, the forecast learns its days.

    Raises RefusedError, with nothing changed, before its first day, where a goal was missed and nobody says
    why or what is done about it, and for what `assign_items.add` refuses.
    """
    words = causes.strip()
    refuse_personal(words)
    if len(words) > LONGEST_CAUSES:
        raise RefusedError(
            "campaign_causes_long",
            f"Causes have {LONGEST_CAUSES} characters at most; nothing was changed.",
            longest=LONGEST_CAUSES,
        )
    with store.unit() as uow:
        campaign = held(uow, number)
        plan = campaign.plan
        if now.astimezone(ZoneInfo(settings.teams[campaign.team].zone)).date() < plan.first_day:
            raise RefusedError(
                "campaign_not_begun",
                "It has not begun, so there is nothing to review; nothing was changed. What does not take "
                f"place is cancelled: /muster campaign {number} cancel",
                number=number,
            )
        reviewed = _review(uow, settings, campaign, now)
        if reviewed.missed and (not words or not measures):
            raise RefusedError(
                "campaign_causes",
                "A goal was missed: say why, and one measure with an owner and a time; nothing was changed.",
            )
        items = [
            assign_items.note(
                uow,
                settings,
                team=campaign.team,
                what=measure.what,
                owner=measure.owner,
                due_at=measure.due_at,
                by=by,
                now=now,
            )
            for measure in measures
        ]
        uow.campaigns.end(number, CampaignState.CLOSED, by=by, now=now, causes=words)
        put_events(uow, campaign, by=by, now=now, learned=True)
        uow.audit.add(by, "campaign_closed", f"campaign:{number}", {"measures": [i.item for i in items]}, now)
        message = CampaignClosed(
            campaign=number,
            name=plan.name,
            first_day=plan.first_day,
            last_day=plan.last_day,
            contacts=reviewed.found.contacts,
            goals=goal_lines(reviewed.goals),
            causes=words,
            measures=tuple(OpenLine(item=i.item, code=None, words=i.what, owner=i.owner) for i in items),
            by=by,
        )
        uow.outbox.put(
            Outgoing(
                recipient=channel_of(campaign),
                message=message,
                dedupe_key=f"campaign_closed:{number}",
                urgency=Urgency.DIGEST,
                not_before=now,
            ),
            now,
        )
        uow.commit()
    ended = replace(campaign, state=CampaignState.CLOSED, ended_at=now, ended_by=by, causes=words)
    return replace(reviewed, campaign=ended)


def _review(uow: ReadUnit, settings: Settings, campaign: Campaign, now: datetime) -> CampaignReview:
    found = whole_figures(uow, settings, campaign, campaign.plan.last_day, now)
    return CampaignReview(campaign=campaign, found=found, goals=results(campaign.plan.goals, found))
