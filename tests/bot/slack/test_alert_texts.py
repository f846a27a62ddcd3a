"""Alerts, storms and rosters as people read them: what is said, and what is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from bot.core.alert_messages import (
    AlertNews,
    AlertSummary,
    Away,
    FoldedAlert,
)
from bot.core.cause import LateCost
from bot.core.messages import (
    RosterPublished,
    SessionLine,
    ShiftChange,
    ShiftLine,
    ShiftReminder,
)
from tests.bot.slack.posts import NOW, render, shown
from tests.bot.slack.samples import a_cause, broken, card, concern, storm_card, unknown_cause, warned
from tests.support.builders import at


def test_breach_says_what_when_and_why_and_what_comes_next() -> None:
    text = shown(render(broken("GD1")))
    assert "first response was due 10:10, 5 min ago" in text
    assert "learned of it 7 min after" in text
    assert "/muster take 17" in text
    assert "the lead on duty is told 10:20" in text
    assert "On duty: GD1." in text
    assert "Data as of 10:14, 1 min old." in text


def test_the_cause_of_a_breach_reads_as_arithmetic() -> None:
    """L6."""
    text = shown(render(broken("chat", cause=a_cause("chat"))))
    assert "needed 11, rostered 10, present 9: *2 short*" in text
    assert "2 short = 1 not rostered + 1 on a break that the roster has elsewhere" in text
    assert "11 needed = 9 by the forecast + 2 by more volume (forecast 44 contacts of 4 min)" in text
    assert "Volume 10:00–10:10: 52 against 44 forecast (+18%)" in text
    assert "Handling time: 4 min 11 sec against 4 min planned (last 31 contacts)" in text
    assert "The plan was 12 on the roster" in text
    assert "Could move: chat's lunch from 10:15 to 11:00" in text
    assert "contacts 1 min old, presence 6 min old, forecast of 02:10, roster published 08:00" in text
    assert (
        "Cost: about 23 of 52 contacts in this time are not answered within 30 sec; with the people" in text
    )
    assert "needed it would be 8." in text
    chinese = shown(render(broken("chat", cause=a_cause("chat")), "zh-CN"))
    assert "代价：本时段约 52 次联络中有 23 次未在30秒内应答；若人数足够则为 8 次。" in chinese
    little = replace(
        a_cause("chat"), cost=LateCost(contacts=9.0, within_seconds=30.0, late=1.4, late_anyway=1.1)
    )
    assert "Cost" not in shown(render(broken("chat", cause=little)))
    nothing = shown(render(broken("chat", cause=unknown_cause("chat"))))
    assert "no forecast and no requirement, so the need is not known" in nothing
    assert "short" not in nothing
    assert "presence not known" in nothing


def test_escalation_says_why_this_person_and_who_was_not_there() -> None:
    lead = broken("GD1", level="lead_on_duty", escalated=True)
    text = shown(render(lead, direct=True))
    assert text.startswith("Nobody has taken this:")
    assert "you are on duty" in text.lower()
    resort = broken("GD1", level="last_resort", escalated=True, passed_over=("lead_on_duty",))
    text = shown(render(resort, direct=True))
    assert "last resort" in text
    assert "Nobody is there for: the lead on duty." in text


def test_an_owner_on_a_break_is_said_with_its_end() -> None:
    away = broken("GD1", away=Away(why="break", until=at(10, 30)))
    assert "on a break until 10:30" in shown(render(away))


def test_an_owner_in_a_meeting_is_said_with_its_end() -> None:
    away = broken("GD1", away=Away(why="session", until=at(10, 30)))
    assert "in a meeting or training until 10:30" in shown(render(away))


def test_urgent_complaints_and_agitated_customers_are_flagged() -> None:
    """MA10, MA13"""
    text = shown(render(broken("GD1", priority="urgent", complaint=True, tags=("agitated",))))
    assert "*URGENT* *COMPLAINT* *Customer is agitated*" in text
    assert "URGENT" not in shown(render(broken("GD1")))


def test_an_exception_is_named_and_the_clock_runs_on() -> None:
    text = shown(render(card("GD1", concern(excused="typhoon"))))
    assert "declared exception (typhoon)" in text
    assert "the clock runs on" in text


def test_of_what_ended_together_the_promise_is_told() -> None:
    ended = {"over_at": at(10, 13), "over_by": "bo"}
    text = shown(render(card("GD1", concern(**ended), concern("ownerless", **ended), state="resolved")))
    assert text.startswith("Over: GD1 on GD1: first response came 10:13, 3 min late.")
    assert text.count("first response came") == 2  # in the notification and in the post


def test_an_owner_is_missed_once() -> None:
    text = shown(render(card("GD1", concern(), concern("ownerless"))))
    assert "Nobody owns it since 10:10." in text
    assert "Nobody owns it yet." not in text


def test_what_somebody_has_is_not_said_to_be_nobodys() -> None:
    """Whoever acknowledges has it, also where the source knows no owner."""
    text = shown(render(card("GD1", concern(), state="acknowledged", by="bo", at=at(10, 12))))
    assert "bo has it since 10:12:00" in text
    assert "Nobody owns it" not in text
    also = shown(
        render(card("GD1", concern(), concern("ownerless"), state="acknowledged", by="bo", at=at(10, 12)))
    )
    assert "Nobody owns it" not in also
    over = concern("ownerless", over_at=at(10, 13))
    assert "Nobody owns it yet." not in shown(render(card("GD1", concern(), over)))
    alone = card("GD1", concern("ownerless"), state="acknowledged", by="bo", at=at(10, 12))
    assert "Nobody owns it" not in shown(render(alone))


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "acknowledged", "by": "bo", "at": at(10, 12)},
        {"state": "snoozed", "by": "bo", "at": at(10, 12), "until": at(10, 22)},
        {"state": "open", "escalated": True},
    ],
)
def test_a_warning_is_told_in_one_place(fields: dict[str, Any]) -> None:
    """The title has the whole sentence; open, it has only the time, and the share follows below."""
    warning = concern("warning", fraction=0.5, due_at=at(10, 20))
    (first, *rest) = [
        block["text"]["text"] for block in render(card("GD1", warning, **fields)).blocks if "text" in block
    ]
    assert "50% of the time was used" in first
    assert "of the time was used" not in " ".join(rest)
    assert "50% of the time was used" in shown(render(warned("GD1")))


def test_a_storm_says_how_many_the_oldest_and_what_they_share() -> None:
    text = shown(render(storm_card("chat")))
    assert text.startswith("Storm on chat: 9 cases are late and open, the oldest by 14 min.")
    assert "11 broke so far, 9 of them are open." in text
    assert "6 of 9 are about order" in text
    assert "2 of them are urgent" in text
    assert "/muster take S4" in text
    assert "Acknowledge all 9" in text


def test_a_summary_says_since_when_and_the_oldest() -> None:
    folded = FoldedAlert(alert=17, ref="GD1", queue="chat", due_at=at(10, 5))
    text = shown(render(AlertSummary(since=at(10, 5), count=9, oldest=folded, newest=(folded,))))
    assert text.startswith("9 more alerts since 10:05: the oldest is GD1 chat, due 10:05")


def test_news_call_people_by_name_and_a_later_kind_is_shown_all_the_same() -> None:
    news = AlertNews(
        alert=17, ref="GD1", queue="chat", what="broken", at=at(10, 12), concern=concern(), mention=("lin",)
    )
    assert shown(render(news)).startswith("lin Breach: GD1: first response was due 10:10")
    later = AlertNews(alert=17, ref="GD1", queue="chat", what="unheard of", at=at(10, 12))
    assert "GD1" in shown(render(later))


def test_zone_is_named_only_where_it_differs_from_the_queues() -> None:
    warning = warned("chat")
    assert "UTC" not in shown(render(warning))
    abroad = shown(render(warning, "en", "Europe/Lisbon"))
    assert "All times: Lisbon, UTC." in abroad
    assert "due 02:20" in abroad
    # Another name for the same time needs no word.
    assert "UTC" not in shown(render(warning, "en", "Asia/Singapore"))


def test_a_message_that_left_late_says_so() -> None:
    late = shown(render(broken("chat"), created_at=NOW - timedelta(minutes=7), attempts=5))
    # When, not why: nobody knows here whether Slack, the database or Muster itself was away.
    assert "Sent 7 min late." in late
    assert "Slack" not in late
    assert "Sent " not in shown(render(broken("chat")))


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("en", "Sent 7 min late (Slack unreachable 10:08–10:15)."),
        ("zh-Hans", "迟发 7分钟（10:08–10:15 无法连接 Slack）。"),
    ],
)
def test_where_slack_was_away_it_says_from_when_to_when(locale: str, said: str) -> None:
    """K9; an error of ours, or of one recipient, is no absence of Slack's."""
    since = NOW - timedelta(minutes=7)
    late = {"created_at": since, "attempts": 5}
    assert said in shown(render(broken("chat"), locale, **late, last_error="no_answer"))
    assert "Slack" not in shown(render(broken("chat"), locale, **late, last_error="KeyError"))
    assert "Slack" not in shown(
        render(broken("chat"), locale, **(late | {"attempts": 1}), last_error="no_answer")
    )


def test_a_changed_roster_shows_before_and_after() -> None:
    line = ShiftLine(day=date(2026, 11, 24), start=at(9), end=at(18), queue="chat")
    later = ShiftLine(day=date(2026, 11, 24), start=at(10), end=at(19), queue="chat")
    message = RosterPublished(
        roster=2,
        first=date(2026, 11, 23),
        days=7,
        shifts=(later,),
        changes=(ShiftChange(day=line.day, before=line, after=later),),
        first_version=False,
    )
    text = shown(render(message, direct=True))
    assert "1 day is different" in text
    assert "09:00–18:00, chat → 10:00–19:00, chat" in text


def test_a_shift_names_its_lunch_and_its_sessions() -> None:
    """A1: lunch 12:30, stand-up 09:30."""
    line = ShiftLine(
        day=date(2026, 11, 24),
        start=at(9),
        end=at(18),
        queue="chat",
        lunch_at=at(12, 30),
        sessions=(SessionLine(activity="stand_up", at=at(9, 30)),),
    )
    reminder = ShiftReminder(shifts=(line,))
    assert "09:00–18:00, chat, lunch 12:30, stand-up 09:30" in shown(render(reminder, direct=True))
    assert "午休 12:30，站会 09:30" in shown(render(reminder, direct=True, locale="zh-Hans"))
