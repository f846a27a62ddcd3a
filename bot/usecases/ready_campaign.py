"""The readiness list of a campaign: ticked, given to somebody, added to (CA3-CA5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.core.campaign_readiness import LONGEST_ITEM, ReadinessItem
from bot.core.campaigns import Campaign
from bot.core.errors import NotFoundError, RefusedError
from bot.core.ids import CampaignId
from bot.core.people import Agent
from bot.core.privacy import refuse_personal
from bot.store.unit_of_work import ReadUnit, Store
from bot.usecases.plan_campaign import held

__all__ = ["add", "give", "item_of", "reopen", "tick"]


def add(
    store: Store, number: CampaignId, *, words: str, owner: Agent | None, by: str, now: datetime
) -> ReadinessItem:
    """An item of one's own.  Raises RefusedError for no words, too many, or personal data in them."""
    said = " ".join(words.split())
    if not said or len(said) > LONGEST_ITEM:
        raise RefusedError(
            "campaign_item_words",
            f"Say in 1 to {LONGEST_ITEM} characters what has to be ready; nothing was changed.",
            longest=LONGEST_ITEM,
        )
    refuse_personal(said)
    with store.unit() as uow:
        campaign = held(uow, number)
        _check_team(campaign, owner)
        new = ReadinessItem(number=0, code=None, words=said, owner=None if owner is None else owner.agent)
        (item,) = uow.campaigns.add_items(number, [new])
        uow.audit.add(by, "campaign_item_added", f"campaign:{number}", {"item": item.number}, now)
        uow.commit()
    return item


def tick(store: Store, number: CampaignId, item: int, *, by: str, now: datetime) -> ReadinessItem:
    """Done.  Raises NotFoundError, and RefusedError where it was."""
    with store.unit() as uow:
        held(uow, number)
        before = item_of(uow, number, item)
        if not uow.campaigns.tick(number, item, by=by, now=now):
            raise RefusedError(
                "campaign_item_done",
                f"Item {item} of campaign {number} is done already; nothing was changed.",
                item=item,
            )
        uow.audit.add(by, "campaign_item_done", f"campaign:{number}", {"item": item}, now)
        uow.commit()
    return replace(before, done_at=now, done_by=by)


def reopen(store: Store, number: CampaignId, item: int, *, by: str, now: datetime) -> ReadinessItem:
    """Not done after all.  Raises NotFoundError, and RefusedError where it is open."""
    with store.unit() as uow:
        held(uow, number)
        before = item_of(uow, number, item)
        if not uow.campaigns.reopen(number, item):
            raise RefusedError(
                "campaign_item_open",
                f"Item {item} of campaign {number} is open; nothing was changed.",
                item=item,
            )
        uow.audit.add(by, "campaign_item_reopened", f"campaign:{number}", {"item": item}, now)
        uow.commit()
    return replace(before, done_at=None, done_by=None)


def give(
    store: Store, number: CampaignId, item: int, *, owner: Agent, by: str, now: datetime
) -> ReadinessItem:
    """To an owner of the team.  Raises NotFoundError and RefusedError."""
    with store.unit() as uow:
        _check_team(held(uow, number), owner)
        before = item_of(uow, number, item)
        uow.campaigns.give(number, item, owner.agent)
        uow.audit.add(
            by, "campaign_item_given", f"campaign:{number}", {"item": item, "owner": owner.agent}, now
        )
        uow.commit()
    return replace(before, owner=owner.agent)


def item_of(uow: ReadUnit, number: CampaignId, item: int) -> ReadinessItem:
    """Raises NotFoundError."""
    for found in uow.campaigns.items(number):
        if found.number == item:
            return found
    raise NotFoundError(
        "no_campaign_item",
        f"Campaign {number} has no item {item}; nothing was changed. See: /muster campaign {number}",
        item=item,
        number=number,
    )


def _check_team(campaign: Campaign, owner: Agent | None) -> None:
    if owner is not None and owner.team != campaign.team:
        raise RefusedError(
            "item_other_team",
            f"{owner.name} is not in this team; nothing was changed. Name somebody of the team.",
            person=owner.name,
        )
