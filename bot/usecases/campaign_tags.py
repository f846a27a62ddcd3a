"""Contacts of a campaign get its tags where they enter, so that rows of app.yaml may ask for them (CA6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from bot.core.campaigns import EVERY_CAMPAIGN, Campaign, tags_of
from bot.core.contacts import ContactEvent, ContactType, EventKind
from bot.core.settings import Settings
from bot.store.unit_of_work import ReadUnit

__all__ = ["tagged"]


def tagged(uow: ReadUnit, settings: Settings, events: Sequence[ContactEvent]) -> list[ContactEvent]:
    """The events, openings with the tags of the campaigns they belong to: by day, queue and type.

    A later reclassification, which says all tags anew, keeps those.
    """
    opening = [e for e in events if e.kind is EventKind.OPENED]
    renewed = [e for e in events if e.kind is EventKind.RECLASSIFIED and e.tags is not None]
    if not opening and not renewed:
        return list(events)
    campaigns = [c for c in uow.campaigns.planned() if c.team in settings.teams] if opening else []
    held = uow.contacts.many({e.ref for e in renewed}) if renewed else {}
    if not campaigns and not held:
        return list(events)
    found: list[ContactEvent] = []
    for event in events:
        more: frozenset[str] = frozenset()
        if event.kind is EventKind.OPENED:
            more = frozenset().union(*(tags_of(c.number) for c in campaigns if _of(settings, c, event)))
        elif event.kind is EventKind.RECLASSIFIED and event.tags is not None and event.ref in held:
            more = frozenset(
                t for t in held[event.ref].tags if t == EVERY_CAMPAIGN or t.startswith(f"{EVERY_CAMPAIGN}-")
            )
        found.append(replace(event, tags=(event.tags or frozenset()) | more) if more else event)
    return found


def _of(settings: Settings, campaign: Campaign, event: ContactEvent) -> bool:
    if event.queue is None or event.at.tzinfo is None:
        return False
    day = event.at.astimezone(ZoneInfo(settings.teams[campaign.team].zone)).date()
    return campaign.runs_on(day) and campaign.concerns(event.queue, event.type or ContactType.OTHER)
