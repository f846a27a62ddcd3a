"""MA7: an agent says what they are doing and sees what is kept; a telephone system counts the same."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from bot.core.floor import AgentState
from bot.core.ids import AgentId
from tests.stories.service import INTAKE_TOKEN, Service, Setting, running
from tests.support.builders import at

BO = AgentId("bo")


@pytest.fixture
def service(tmp_path: Path):
    with running(tmp_path, Setting(start=at(10))) as running_service:
        # Who is who is known once Slack was asked.
        running_service.wait(lambda: "Nothing" in said(running_service, "bo", "state"), "the link")
        yield running_service


def said(service: Service, user: str, text: str) -> str:
    outcome = service.slack.user(user).command("/muster", text)
    message = outcome.answer()
    assert message.ephemeral_to == service.slack.user(user).user.id
    return service.slack.render(message, user)


def state(service: Service) -> AgentState | None:
    with service.store.read() as uow:
        held = uow.presence.now(service.clock()).get(BO)
    return None if held is None else held.state


def test_a_day_in_states(service: Service) -> None:
    text = said(service, "bo", "in")
    assert "At the queue since 10:00" in text
    assert "/muster out" in text
    assert state(service) is AgentState.AVAILABLE
    service.clock.forward_to(at(12))
    assert "午休" not in said(service, "bo", "午休")
    assert state(service) is AgentState.LUNCH
    service.clock.forward_to(at(12, 40))
    told = said(service, "bo", "state")
    assert "At lunch since 12:00, told by slack 40 min ago" in told

    # The telephone system knows better, and its late word about the morning changes nothing.
    for name, hour in (("busy", 12.5), ("away", 9)):
        since = at(int(hour), 30 if hour % 1 else 0).isoformat()
        answer = httpx.post(
            f"{service.url}/v1/presence",
            json={"agent": "bo", "state": name, "since": since, "source": "pbx"},
            headers={"Authorization": f"Bearer {INTAKE_TOKEN}"},
            timeout=10,
        )
        assert answer.json()["new"] == 1
    assert "With a customer since 12:30, told by pbx" in said(service, "bo", "state")
    said(service, "bo", "out")
    assert state(service) is AgentState.OFFLINE


def test_the_help_names_the_words_under_the_shifts(service: Service) -> None:
    short = said(service, "bo", "help")
    assert "/shift today | next | week" in short
    assert "/muster in | break | lunch | out | state" in short
    assert "say that you are at lunch" in said(service, "bo", "help shifts")


def test_nothing_is_kept_of_whom_nobody_knows(service: Service) -> None:
    text = said(service, "stranger", "in")
    assert "/muster link me" in text
    with service.store.read() as uow:
        assert uow.presence.now(service.clock()) == {}
