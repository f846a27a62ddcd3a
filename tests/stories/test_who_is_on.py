"""A14: who is on now, until when, and who comes next; for a queue, a skill, or all of one's team."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from bot.core.ids import AgentId
from tests.stories.service import Service, Setting, running
from tests.support.builders import at

SHIFTS = [("lin", at(8), at(17)), ("bo", at(9), at(18)), ("chen", at(15), at(22))]
"""Lunch is half way: lin's from 12:30, bo's from 13:30."""


def asked(service: Service, user: str, text: str) -> str:
    outcome = service.slack.user(user).command("/muster", f"who {text}", channel="harbour-alerts")
    assert outcome.ok
    message = outcome.answer()
    assert message.ephemeral_to == service.slack.user(user).user.id
    return service.slack.render(message, user)


def running_at(tmp_path: Path, start: datetime) -> Setting:
    return Setting(shifts=SHIFTS, start=start)


def test_everybody_on_with_the_end_of_the_shift_and_who_comes_next(tmp_path: Path) -> None:
    with running(tmp_path, running_at(tmp_path, at(13))) as service:
        text = asked(service, "bo", "")
        assert "On now: 1 person at work, 1 in a pause" in text
        assert "@bo  chat, shift until 18:00" in text
        assert "@lin  lunch until 13:30, shift until 17:00" in text
        assert "Next: @chen at 15:00" in text
        assert "your team" in text
        with service.store.unit() as uow:
            found = uow.people.get(AgentId("chen"))
            assert found is not None
            uow.people.upsert(replace(found, skills={**found.skills, "english": 1.0}))
            uow.commit()
        chinese = asked(service, "chen", "CHAT")
        assert "现在在岗 1 人" in chinese
        english = asked(service, "bo", "english")
        assert "On now for english: 0 people at work, 0 in a pause" in english
        assert "Next: @chen at 15:00" in english
        unknown = asked(service, "bo", "<!channel>")
        assert "no queue and no skill" in unknown
        assert "chat" in unknown
        assert "english" in unknown


def test_another_team_is_not_shown(tmp_path: Path) -> None:
    with running(tmp_path, running_at(tmp_path, at(13))) as service:
        with service.store.unit() as uow:
            found = uow.people.get(AgentId("lin"))
            assert found is not None
            uow.people.upsert(replace(found, team="quay"))
            uow.commit()
        assert "@lin" not in asked(service, "bo", "")
        everybody = asked(service, "ada", "")
        assert "@lin" in everybody
        assert "all teams" in everybody


@pytest.mark.parametrize(("start", "said"), [(at(23), "0 people at work"), (at(8), "1 person at work")])
def test_at_the_edges_of_the_day(tmp_path: Path, start: datetime, said: str) -> None:
    with running(tmp_path, running_at(tmp_path, start)) as service:
        assert said in asked(service, "bo", "")


def test_without_a_roster_that_is_said(tmp_path: Path) -> None:
    with running(tmp_path, Setting()) as service:
        assert "No published roster" in asked(service, "bo", "chat")
