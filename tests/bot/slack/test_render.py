"""Every message kind, in every language, with hostile names: inside Slack's limits, safe, and readable."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.messages import (
    OperatorNotice,
    OverdueType,
    SilentQueue,
    StandUpDigest,
)
from bot.core.outlook_messages import (
    RiskWeek,
)
from bot.i18n.catalog import SPOKEN
from bot.playground.checks import Surface, check_blocks
from tests.bot.slack.posts import HOSTILE, latin_words, refuse_another_beginning, refuse_harm, render, shown
from tests.bot.slack.samples import a_drift, a_morning, a_risk, alert_kinds, an_evening, kinds
from tests.support.builders import at


def test_a_risk_card_reads_as_in_the_scenario() -> None:
    """L8."""
    text = shown(render(a_risk("chat"), direct=True))
    assert "Risk 12:10–12:40, chat:* 38% chance that 3 or more first responses come late" in text
    assert "waiting now 14; breaks, lunches and meetings in that time 4, shifts that end 1" in text
    assert "Move chat's lunch from 12:00 to 13:00: the chance falls to 9%" in text
    assert "Risk cards this week: 6 sent, 3 came true, 1 not judged yet" in text
    assert "contacts 1 min old, presence not known" in text
    within = shown(render(a_risk("chat", within_seconds=60.0, fix=None, chance_after=None)))
    assert "3 or more wait longer than 1 min" in within
    assert "No single break that may be moved would help" in within
    over = shown(render(a_risk("chat", happened=2)))
    assert "*Did not come true:* 2 late" in over
    assert "Move" not in over
    often_wrong = shown(
        render(RiskWeek(team="harbour", first=date(2026, 11, 16), sent=9, judged=8, came_true=1))
    )
    assert "9 sent, 1 came true" in often_wrong
    assert "wrong too often" in often_wrong


def test_the_evening_sets_what_was_promised_beside_what_came() -> None:
    card = shown(render(an_evening("chat")))
    assert "1 of 2 certified peaks were inside their target" in card
    assert "*missed* chat, 10:00–12:00: 0.91 promised, 74% in time; 112 contacts came, 88 expected" in card
    assert "2 promises are due by tomorrow noon" in card
    chinese = shown(render(an_evening("chat"), locale="zh-Hans"))
    assert "2 个高峰中 1 个达标" in chinese
    assert "未达标" in chinese
    none = shown(render(an_evening("chat", peaks=0, held=0, shown=(), promises=0, due=())))
    assert "no certified peak to compare" in none


def test_the_morning_says_what_the_next_hours_bring() -> None:
    """L1."""
    card = shown(render(a_morning("chat")))
    assert "*chat, your shift from 08:00:* 5 gaps until 12:00." in card
    assert "On shift 08:00–12:00, where most are needed: chat 10 of 11" in card
    assert "chat, 10:00–10:30: 1 too few (1 person away and 2 people with the skill on a break)" in card
    assert "chat, 11:00–11:30: 2 too few (the roster has nobody more)" in card
    assert "… and 3 more gaps" in card
    assert "chat, 10:00–12:00: 0.91" in card
    assert "2 promises fall due by 10:00" in card
    plain = shown(render(a_morning("chat", gaps=(), gaps_total=0, peaks=(), promises=0, back=())))
    assert "everybody who is needed until 12:00 is rostered" in plain
    assert "judges no peak" in plain
    unknown = shown(render(a_morning("chat", cover=(), gaps=(), gaps_total=0)))
    assert "how many people are needed until 12:00 is not known" in unknown


def test_a_drift_says_how_far_to_which_side_and_what_to_do_first() -> None:
    low = render(a_drift("chat"))
    assert low.text.startswith("chat: more contacts come than forecast. 18% too little was forecast")
    assert "add the event behind it" in shown(low)
    assert "Tracking signal 0.82 (limit 0.75) over 28 days until Mon 23 Nov" in shown(low)
    assert "`muster forecast show --queue chat`" in shown(low)
    high = shown(render(a_drift("chat", bias=0.31, stale=True)))
    assert "fewer contacts come than forecast" in high
    assert "The forecast in use is of Mon 9 Nov. Next: run `muster forecast`" in high
    chinese = render(a_drift("chat", bias=0.31), locale="zh-Hans")
    assert chinese.text.startswith("chat：实际来量持续低于预测。 近期预测偏高 31%")
    over = render(a_drift("chat", over_on=date(2026, 12, 1)))
    assert over.text.startswith("chat: the forecast is right again since Tue 1 Dec")


def test_silence_is_the_first_line_of_the_digest() -> None:
    """L3, when a source is silent."""
    digest = StandUpDigest(
        team="harbour", day=date(2026, 11, 24), meeting_at=at(9, 30), yesterday=(), overdue=(),
        overdue_total=7, cover=(), roster_known=False,
        overdue_type=OverdueType(type="complaint", count=5),
        silent=(SilentQueue(queue="email", since=at(2, 10)),), no_forecast=("chat", "phone"),
    )  # fmt: skip
    content = render(digest)
    assert content.text.startswith("email data stops at 02:10")
    text = shown(content)
    assert "Of the 7 overdue cases, 5 are" in text
    assert "71%" in text
    assert "No forecast for today: chat and phone" in text


def test_the_notice_of_a_digest_says_where_it_goes_instead() -> None:
    lost = OperatorNotice(code="not_in_channel", subject="#desk", detail="stand_up_digest", instead=("lin",))
    text = shown(render(lost))
    assert "/invite @muster" in text
    assert "This was the stand-up digest. It goes to lin as a direct message instead." in text
    assert "stand_up_digest" not in text
    assert "站会摘要" in shown(render(lost, "zh-CN"))


@pytest.mark.parametrize("locale", SPOKEN)
@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("index", range(len(kinds("x"))))
def test_inside_limits_and_harmless(index: int, name: str, locale: str) -> None:
    refuse_harm(render(kinds(name)[index], locale, "Europe/Lisbon"))


@given(st.text(max_size=300))
@settings(max_examples=40, deadline=None)
def test_any_name_whatever(name: str) -> None:
    for message in alert_kinds(name, many=3):
        content = render(message)
        assert check_blocks(list(content.blocks), Surface.MESSAGE) == []
        assert not re.search(r"<[^>]*>", shown(content))


@pytest.mark.parametrize("locale", SPOKEN)
@pytest.mark.parametrize("index", range(len(kinds("x"))))
def test_the_first_block_alone_reads_as_the_notification(index: int, locale: str) -> None:
    content = render(kinds("GD1")[index], locale)
    refuse_another_beginning(content)
    assert len(content.text) > 10


def test_chinese_messages_are_chinese() -> None:
    for message in kinds("甲", many=3):
        assert latin_words(message) == []
