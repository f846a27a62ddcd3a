"""Retention deletes what app.yaml no longer allows, and nothing somebody still waits for."""

from __future__ import annotations

from datetime import timedelta

from bot.core.contacts import EventKind
from bot.core.ids import AgentId, ContactRef
from bot.core.retention import Retention
from bot.usecases import prune
from tests.bot.usecases.harbour import Harbour
from tests.support.builders import at, event, settings


def test_old_cases_and_messages_go_open_ones_stay(harbour: Harbour) -> None:
    harbour.settings = settings(
        warn_at=(), retention=Retention(contacts=timedelta(days=30), messages=timedelta(days=7))
    )
    for ref in ("old", "open"):
        harbour.open(at(10), ref)
    harbour.run_until(at(10, 11))
    assert len(harbour.slack.posts) == 2
    harbour.tell(event(EventKind.RESOLVED, at(10, 11), "old", agent=AgentId("bo")))
    harbour.drain(3)

    def run(days: int) -> prune.Pruned:
        return prune.tick(harbour.store, harbour.settings, now=at(10, 11) + timedelta(days=days))

    assert run(6) == prune.Pruned(contacts=0, messages=0)
    assert run(8).messages == 4  # two posts, an edit, an answer in the thread
    assert run(31).contacts == 1
    assert run(31) == prune.Pruned(contacts=0, messages=0)
    with harbour.store.unit() as uow:
        assert uow.contacts.get(ContactRef("old")) is None
        assert uow.contacts.get(ContactRef("open")) is not None
        assert ContactRef("old") not in uow.contacts.event_counts([ContactRef("old"), ContactRef("open")])
        assert uow.alerts.open_count() == 1
