"""K6: `/muster test alert` sends a TEST card; pressing Acknowledge says how long the way took."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from bot.playground import Message
from bot.store.tables import OutboxRow
from tests.stories.service import Service, Setting, running


def typed(service: Service, user: str, text: str) -> str:
    return service.slack.user(user).command("/muster", text, channel="harbour-standup").answer().text


def card(service: Service) -> Message:
    """The card, once Muster knows that it stands: nobody presses within the moment before."""
    service.wait(lambda: "sent" in states(service), "the card to be delivered")
    return next(m for m in service.posts() if "TEST" in m.text)


def states(service: Service) -> list[str]:
    with service.store.engine.connect() as connection:
        return list(connection.scalars(select(OutboxRow.state).where(OutboxRow.kind == "trial_alert")))


def test_the_card_comes_to_the_alert_channel_and_a_press_measures_the_way(tmp_path: Path) -> None:
    with running(tmp_path, Setting()) as service:
        assert "on its way to #harbour-alerts" in typed(service, "lin", "test alert")
        post = card(service)
        assert "nothing is wrong" in post.text
        # Half an hour until somebody presses is no part of the way.
        service.clock.forward_to(service.clock() + timedelta(minutes=30))
        outcome = service.slack.user("bo").press(post, "trial.acknowledge")
        assert outcome.ok
        service.wait(lambda: "round trip" in post.text, "the result")
        found = re.search(r"round trip ([\d.]+) s", post.text)
        assert found is not None
        assert 0 <= float(found[1]) < 60
        assert post.buttons() == {}
        again = service.slack.user("chen").press(post, "trial.acknowledge", seen=0).answer()
        assert "已经按过" in again.text
        assert len([m for m in service.posts() if "TEST" in m.text]) == 1


def test_agents_may_not_and_nothing_else_is_tried(tmp_path: Path) -> None:
    with running(tmp_path, Setting()) as service:
        assert "nothing was" in typed(service, "bo", "test alert")
        assert "nothing was sent" in typed(service, "lin", "test everything")
        service.settle()
        assert service.posts() == []


def test_a_channel_that_cannot_be_posted_to_is_told_to_the_operator(tmp_path: Path) -> None:
    with running(tmp_path, replace(Setting(), with_bot=False)) as service:
        lin = service.slack.user("lin")
        sent = lin.command("/muster", "test alert", channel="harbour-standup").answer()
        assert "muster slack check" in service.slack.render(sent, "lin")
        told = service.wait(lambda: service.direct("ada"), "the admin is told")
        assert "/invite @muster" in service.slack.render(told[0], "ada")
