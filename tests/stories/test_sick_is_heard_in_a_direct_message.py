"""A11: "sick" written to Muster does what `/muster sick` does; whatever else is written gets the help."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.core.ids import AgentId
from tests.stories.service import DAY, Service, Setting, running
from tests.stories.test_shifts_change_hands import with_rules
from tests.support.builders import at

WED = DAY + timedelta(days=1)
SHIFTS = [
    ("lin", at(8), at(17)),
    ("bo", at(13), at(22)),
    ("bo", at(13, day=WED), at(22, day=WED)),
    ("chen", at(8, day=WED), at(17, day=WED)),
]
SETTING = Setting(start=at(10), shifts=SHIFTS, settings=with_rules())


def wrote(service: Service, user: str, text: str) -> str:
    outcome = service.slack.user(user).say(None, text)
    assert outcome.ok
    return service.slack.render(outcome.answer(), user)


def on_list(service: Service, who: str) -> list[datetime]:
    with service.store.read() as uow:
        return [s.start for s in uow.rosters.shifts_of(AgentId(who), at(0), at(0) + timedelta(days=7))]


@pytest.mark.parametrize("text", ["sick", "I'm sick today.", "Sick!", "生病了", "我今天生病了", "ill, today"])
def test_one_word_takes_todays_shift_off_and_the_lead_is_told(tmp_path: Path, text: str) -> None:
    with running(tmp_path, SETTING) as service:
        answer = wrote(service, "bo", text)
        assert "Get well" in answer
        assert "13:00–22:00" in answer
        assert on_list(service, "bo") == [at(13, day=WED)]
        service.wait(lambda: service.direct("lin"), "the lead is told")
        assert on_list(service, "chen") == [at(8, day=WED)]


def test_a_day_may_follow_in_either_language(tmp_path: Path) -> None:
    with running(tmp_path, SETTING) as service:
        assert "Get well" in wrote(service, "bo", "sick wed")
        assert on_list(service, "bo") == [at(13)]
        # 10:00 of the team is two in the morning of Tuesday in Lisbon.
        assert "早日康复" in wrote(service, "chen", "明天生病，来不了")
        assert on_list(service, "chen") == []


def test_tonights_shift_past_midnight_is_meant_too(tmp_path: Path) -> None:
    """07:40 of the team is 23:40 in Lisbon; chen begins at 01:00 of what is tomorrow there."""
    shifts = [("lin", at(8), at(17)), ("chen", at(9), at(18))]
    with running(tmp_path, Setting(start=at(7, 40), shifts=shifts, settings=with_rules())) as service:
        assert "01:00–10:00" in wrote(service, "chen", "生病了")
        assert on_list(service, "chen") == []


@pytest.mark.parametrize(
    "text", ["hello", "sickening", "/muster sick", "this tool makes me sick", "call +44 7700 900123", "😀"]
)
def test_anything_else_is_answered_with_one_line_of_help(tmp_path: Path, text: str) -> None:
    with running(tmp_path, SETTING) as service:
        answer = wrote(service, "bo", text)
        assert "I hear one thing here" in answer
        assert "/muster help" in answer
        assert "900123" not in answer
        assert "这里只听一件事" in wrote(service, "chen", text)
        assert on_list(service, "bo") == [at(13), at(13, day=WED)]


def test_what_is_unclear_or_somebody_elses_changes_nothing(tmp_path: Path) -> None:
    with running(tmp_path, SETTING) as service:
        chen = service.slack.user("chen").user.id
        assert "You can report only yourself" in wrote(service, "bo", f"sick <@{chen}>")
        assert "no day I understand" in wrote(service, "bo", "sick of this")
        assert "no shift of bo" in wrote(service, "bo", "sick fri")
        assert on_list(service, "bo") == [at(13), at(13, day=WED)]
        # Whom no file names is answered too.
        assert wrote(service, "stranger", "生病了")


def test_an_event_sent_again_and_what_is_said_in_channels_change_nothing_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(tmp_path, SETTING) as service:
        bo = service.slack.user("bo")
        first = bo.say(None, "hello")
        channel = first.channel
        assert channel is not None
        assert "I hear one thing" in first.answer().text
        heard = {
            "channel": channel.id, "channel_type": "im", "user": bo.user.id, "text": "sick",
        }  # fmt: skip
        workspace, ids = service.slack.workspace, ["EvAGAIN"]
        fresh = workspace.new_id
        monkeypatch.setattr(workspace, "new_id", lambda kind: ids[0] if kind == "Ev" and ids else fresh(kind))
        for _ in range(2):
            service.slack.event("message", **heard)
        service.wait(lambda: len(bo.ephemerals) == 2, "the answer")
        service.settle()
        assert [("Get well" in m.text) for m in bo.ephemerals] == [False, True]
        ids.clear()
        bo.say("harbour-alerts", "sick wed")
        service.settle()
        assert on_list(service, "bo") == [at(13, day=WED)]
