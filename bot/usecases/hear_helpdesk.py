"""What a helpdesk's webhook said, kept like any contact events."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.core.contacts import ContactEvent
from bot.core.ids import AgentId
from bot.core.settings import Settings
from bot.store.unit_of_work import Store
from bot.usecases.intake import IntakeResult, record

__all__ = ["agents_by_address", "hear"]


def agents_by_address(store: Store) -> dict[str, AgentId]:
    """Every agent, those who left too: their answers were answers."""
    with store.read() as uow:
        return {agent.email: agent.agent for agent in uow.people.all(active=False)}


def hear(
    store: Store,
    settings: Settings,
    source: str,
    events: Sequence[ContactEvent],
    *,
    at: datetime | None,
    now: datetime,
) -> IntakeResult:
    """Keep the events of one delivery.  The source counts as heard even where it said nothing to keep."""
    if events:
        return record(store, settings, events, now=now)
    with store.unit() as uow:
        uow.sources.heard(source, None if at is None else min(at, now), now)
        uow.commit()
    return IntakeResult(accepted=0, repeated=0, waiting=0, refused=())
