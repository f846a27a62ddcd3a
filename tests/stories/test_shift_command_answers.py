"""A2, K4, K5: /shift and /muster answer at once, in the reader's language and zone, never with nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.playground import Fault, FaultKind
from tests.stories.service import DAY, Service, Setting, running
from tests.support.builders import at

SHIFTS = [
    ("bo", at(9), at(18)),
    ("bo", at(13, day=DAY + timedelta(days=2)), at(22, day=DAY + timedelta(days=2))),
    ("chen", at(15), at(22)),
]


@pytest.fixture(scope="module", params=["socket", "http"])
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    path: Path = tmp_path_factory.mktemp(request.param)
    with running(path, Setting(mode=request.param, shifts=SHIFTS)) as started:
        yield started


def said(service: Service, user: str, command: str, text: str = "") -> str:
    outcome = service.slack.user(user).command(
        command, text, channel="harbour-alerts" if user != "stranger" else None
    )
    assert outcome.ok
    message = outcome.answer()
    assert message.ephemeral_to == service.slack.user(user).user.id
    return service.slack.render(message, user)


def test_today_shows_activities_and_the_next_shift(service: Service) -> None:
    text = said(service, "bo", "/shift")
    assert "Today, Tue 24 Nov: 09:00–18:00, chat, lunch 13:30" in text
    assert "13:30–14:30  lunch" in text
    assert "Next: Thu 26 Nov, 13:00–22:00" in text
    assert "UTC" not in text  # the zone is that of the queue
    assert said(service, "bo", "/shift", "today") == text


def test_next_skips_the_shift_that_has_begun(service: Service) -> None:
    assert "Your next shift: Thu 26 Nov, 13:00–22:00" in said(service, "bo", "/shift", "next")


def test_week_shows_days_off_too(service: Service) -> None:
    text = said(service, "bo", "/shift", "week")
    assert "2 shifts" in text
    assert "Wed 25 Nov  off" in text
    assert text.count("•") == 7


def test_chinese_in_the_readers_own_zone(service: Service) -> None:
    today = said(service, "chen", "/shift")
    assert "今天（11月24日 周二）： 07:00–14:00" in today
    assert "午休" in today
    assert "里斯本" in today  # not the queue's zone: it is named
    assert "您的一周" in said(service, "chen", "/shift", "本周")
    assert "休息" in said(service, "chen", "/shift", "week")
    assert "您的下一班： 11月24日 周二 07:00–14:00" in said(service, "chen", "/shift", "下一班")


def test_a_stranger_is_told_what_to_do_and_can_ask(service: Service) -> None:
    person = service.slack.user("stranger")
    reply = person.command("/shift").answer()
    assert "我还不认识您" in reply.text
    assert list(reply.buttons()) == ["people.link_me"]
    asked = person.press(reply, "people.link_me").answer()
    assert "已通知管理员" in asked.text
    notice = service.wait(
        lambda: [m for m in service.slack.user("ada").dm if "asks to be linked" in m.text], "the notice"
    )[0]
    assert f"<@{person.user.id}>" in notice.text


def test_typos_get_a_suggestion(service: Service) -> None:
    assert "Did you mean /shift week?" in said(service, "bo", "/shift", "weak")
    assert (
        "I know /shift today, /shift next, /shift week, /shift remind, /shift load, and /shift calendar"
        in said(service, "bo", "/shift", "qqqqq")
    )
    assert "Did you mean /muster link?" in said(service, "lin", "/muster", "lnik")


def test_help_is_by_role(service: Service) -> None:
    agent, lead = said(service, "bo", "/muster", "help"), said(service, "lin", "/muster")
    assert "your role: agent" in agent
    assert "link me" in agent
    assert "your role: lead" in lead
    assert "[@user | me]" in lead
    assert "您的角色：客服" in said(service, "chen", "/muster", "帮助")


def test_link_shows_both_sides_to_leads_only(service: Service) -> None:
    text = said(service, "lin", "/muster", "link")
    assert "0 new, 3 already linked" in text
    assert "stranger@example.org" in text
    assert "is linked with agent bo" in said(service, "bo", "/muster", "link me")
    lin = service.slack.user("lin").user.id
    assert "Only leads link other people" in said(service, "bo", "/muster", f"link <@{lin}|lin>")
    assert "No active agent has the e-mail address" in said(
        service, "lin", "/muster", f"link <@{service.slack.user('stranger').user.id}|stranger>"
    )
    assert "names no person" in said(service, "lin", "/muster", "link bo")


def test_hostile_input_is_answered_harmlessly(service: Service) -> None:
    # When the story ends the stand-in is asked whether anything broadcast or broke a limit.
    for text in ("<!channel> *bold* `x`", "take ９９", "take " + "9" * 400, "link " + "x" * 3000, "take 999"):
        answer = said(service, "bo", "/muster", text)
        assert re.search("nothing was|Only leads link", answer)


def test_a_lost_reply_address_breaks_nothing(service: Service) -> None:
    service.slack.faults.add("response_url", Fault(kind=FaultKind.DROP_BEFORE), times=3)
    assert service.slack.user("bo").command("/shift").ok
    service.settle(0.3)
    service.slack.faults.clear()
    assert "Today" in said(service, "bo", "/shift")


@pytest.mark.parametrize("user", ["bo", "ada"])
def test_a_language_changed_at_slack_is_taken_over_when_that_is_told(service: Service, user: str) -> None:
    """Bo is on the roster, ada only in Slack: both are remembered in some language."""
    member = service.slack.user(user).user
    assert "What you can do here" in said(service, user, "/muster", "help")
    try:
        member.locale = "zh-CN"
        service.application.person_changed(member.id)
        assert "What you can do here" not in said(service, user, "/muster", "help")
        assert re.search(r"[\u4e00-\u9fff]", said(service, user, "/muster", "help"))
    finally:
        member.locale = "en-US"
        service.application.person_changed(member.id)
    assert "What you can do here" in said(service, user, "/muster", "help")
