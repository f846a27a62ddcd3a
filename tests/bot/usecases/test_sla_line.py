"""From a contact event to what people see in Slack, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core.alert_messages import AlertCard, AlertNews
from bot.core.alerts import AlertState
from bot.core.contacts import EventKind, Priority
from bot.core.courses import Measure
from bot.core.errors import NotFoundError
from bot.core.ids import AgentId, AlertId, ContactRef
from bot.core.messages import Message, OperatorNotice
from bot.core.sla import ClockState
from bot.usecases.answer_alert import acknowledge
from tests.bot.usecases.harbour import ALERTS, Harbour
from tests.support.builders import agent, at, event, settings

REF = "GD20261124001"


def the_alert(harbour: Harbour, ref: str = REF) -> AlertId:
    with harbour.store.unit() as uow:
        alert = uow.alerts.of(ContactRef(ref))
    assert alert is not None
    return alert.alert


def card(message: Message) -> AlertCard:
    assert isinstance(message, AlertCard)
    return message


def cards(harbour: Harbour) -> list[str]:
    """Where cards of alerts stand."""
    return [p.place for p in harbour.slack.tops if isinstance(p.message, AlertCard)]


def said(harbour: Harbour, place: str = ALERTS) -> list[str]:
    """What the threads of a place were told, in order."""
    return [p.message.what for p in harbour.slack.thread_in(place) if isinstance(p.message, AlertNews)]


def test_an_unanswered_chat_is_told_once_at_its_due_time(harbour: Harbour) -> None:
    harbour.lead_on_shift()
    harbour.require([3] * 8, at(10))
    harbour.open(at(10))
    harbour.run_until(at(10, 9, 40))
    assert harbour.slack.posts == []
    harbour.run_until(at(10, 12))
    (post,) = harbour.slack.posts
    assert post.place == ALERTS
    assert post.destination.locale == "zh-Hans"
    shown = card(post.message)
    assert (shown.ref, shown.priority, shown.state) == (REF, "high", "open")
    assert [(c.kind, c.measure, c.due_at) for c in shown.concerns] == [
        ("breach", "first_response", at(10, 10))
    ]
    assert shown.cause is not None
    assert shown.cause.need is not None
    assert (shown.cause.need.people, shown.cause.rostered, shown.cause.short) == (3, 1, 2)
    assert shown.noticed_late_seconds == 0
    assert shown.mention == ("lin",)  # MA1: the supervisor on shift now, by name
    assert (shown.next_level, shown.next_at) == ("lead_on_duty", at(10, 20))
    assert shown.heard_at == at(10)  # how old the data is


def test_restarted_a_second_before_the_breach_there_is_one_alert(harbour: Harbour) -> None:
    """K10: nothing lives in memory, so every tick may be the first of a new process."""
    harbour.open(at(10))
    harbour.clock.now = at(10, 9, 59)
    harbour.watch()
    for _ in range(3):
        harbour.clock.now = at(10, 10)
        restarted = Harbour(harbour.store)
        restarted.clock, restarted.slack = harbour.clock, harbour.slack
        restarted.watch()
        restarted.deliver()
    assert len(harbour.slack.posts) == 1


def test_an_answer_in_time_says_nothing(harbour: Harbour) -> None:
    harbour.open(at(10))
    harbour.clock.now = at(10, 8)
    harbour.tell(event(EventKind.RESPONDED, at(10, 8), agent=AgentId("bo")))
    harbour.run_until(at(10, 30))
    assert harbour.slack.posts == []


def test_warnings_and_breach_of_a_case_are_one_post_with_its_history(harbour: Harbour) -> None:
    """Nobody is on shift, so the channel is warned; the breach must be noticed there, though it edits."""
    harbour.settings = settings(warn_at=(0.5, 0.8))
    harbour.open(at(10))
    harbour.run_until(at(10, 11))
    (post,) = harbour.slack.tops
    first = card(post.message)
    assert [(c.kind, c.fraction) for c in first.concerns] == [("warning", 0.5)]
    assert first.passed_over == ("lead_on_duty",)
    assert [(c.kind, c.due_at) for c in card(post.now).concerns] == [("breach", at(10, 10))]
    assert said(harbour) == ["warned", "broken"]
    # The breach is shown outside of the thread as well: neither edits nor replies wake anybody.
    assert [p.loud for p in harbour.slack.thread_in(ALERTS)] == [True, True]


def test_an_owner_who_was_warned_is_called_when_it_breaks(harbour: Harbour) -> None:
    harbour.settings = settings(warn_at=(0.5,))
    harbour.people(agent("bo", slack_user="UBO"))
    harbour.publish({"bo": (at(9), at(18))})
    harbour.open(at(10), agent=AgentId("bo"))
    harbour.run_until(at(10, 6))
    assert cards(harbour) == ["@UBO"]
    harbour.run_until(at(10, 11))
    assert cards(harbour) == ["@UBO", ALERTS]
    (reply,) = harbour.slack.thread_in("@UBO")
    assert isinstance(reply.message, AlertNews)
    assert (reply.message.what, reply.message.mention, reply.loud) == ("broken", ("bo",), True)
    assert said(harbour, ALERTS) == []


def test_first_press_wins_and_the_second_learns_who(harbour: Harbour) -> None:
    harbour.open(at(10))
    harbour.run_until(at(10, 11))
    alert = the_alert(harbour)
    first = acknowledge(harbour.store, harbour.settings, alert, actor="bo", now=at(10, 11))
    second = acknowledge(harbour.store, harbour.settings, alert, actor="cy", now=at(10, 11, 5))
    again = acknowledge(harbour.store, harbour.settings, alert, actor="bo", now=at(10, 11, 6))
    assert (first.won, first.taken_by, first.state) == (True, "bo", AlertState.ACKNOWLEDGED)
    assert (second.won, second.taken_by, second.taken_at) == (False, "bo", at(10, 11))
    assert (again.won, again.taken_at) == (True, at(10, 11))
    harbour.run_until(at(10, 40))
    shown = card(*harbour.slack.in_place(ALERTS))
    assert (shown.state, shown.by, shown.at) == ("acknowledged", "bo", at(10, 11))
    assert len(harbour.slack.tops) == 1  # edited, not posted again, and not escalated
    assert said(harbour) == ["taken"]
    with harbour.store.unit() as uow:
        assert [e.actor for e in uow.audit.entries(subject=f"alert:{alert}")] == ["bo"]


def test_acknowledging_what_does_not_exist_is_said(harbour: Harbour) -> None:
    with pytest.raises(NotFoundError, match="there is no alert 99"):
        acknowledge(harbour.store, harbour.settings, AlertId(99), actor="bo", now=at(10))


def test_nobody_takes_it_and_the_lead_on_duty_is_told(harbour: Harbour) -> None:
    harbour.lead_on_shift()
    harbour.open(at(10))
    harbour.run_until(at(10, 19, 40))
    assert [p.place for p in harbour.slack.posts] == [ALERTS]
    harbour.run_until(at(10, 34))
    assert [p.place for p in harbour.slack.tops] == [ALERTS, "@ULIN"]
    told = card(harbour.slack.tops[1].message)
    assert (told.level, told.escalated, told.passed_over) == ("lead_on_duty", True, ())
    assert (told.next_level, told.next_at) == ("repeat", at(10, 35))
    # Both posts are edited once the customer has an answer, and their threads say so.
    harbour.tell(event(EventKind.RESPONDED, at(10, 34), agent=AgentId("bo")))
    harbour.run_until(at(10, 36))
    for place in (ALERTS, "@ULIN"):
        (shown,) = map(card, harbour.slack.in_place(place))
        assert shown.state == "resolved"
        assert [(c.over_at, c.over_by) for c in shown.concerns] == [(at(10, 34), "bo")]
    assert said(harbour, ALERTS) == ["escalated", "ended"]
    assert said(harbour, "@ULIN") == ["ended"]


def test_it_is_said_again_with_growing_pauses_until_somebody_takes_it(harbour: Harbour) -> None:
    """MA2: after 15, 30 and 60 minutes, to the level whose turn it is, in the thread of the one post."""
    harbour.lead_on_shift()
    harbour.open(at(10))
    harbour.run_until(at(12, 10))
    repeats = [p for p in harbour.slack.thread_in("@ULIN") if isinstance(p.message, AlertNews)]
    assert [(p.message.what, p.message.at) for p in repeats if isinstance(p.message, AlertNews)] == [
        ("repeated", at(10, 35)),
        ("repeated", at(11, 5)),
        ("repeated", at(12, 5)),
    ]
    assert all(p.loud for p in repeats)
    assert [p.place for p in harbour.slack.tops] == [ALERTS, "@ULIN"]
    acknowledge(harbour.store, harbour.settings, the_alert(harbour), actor="lin", now=at(12, 10))
    harbour.run_until(at(16))
    assert said(harbour, "@ULIN") == ["repeated"] * 3 + ["taken"]


@pytest.mark.parametrize("linked", [False, None])
def test_with_nobody_reachable_on_duty_the_last_resort_is_told_that(
    harbour: Harbour, linked: bool | None
) -> None:
    if linked is not None:
        harbour.lead_on_shift(slack_user=None)
    harbour.open(at(10))
    harbour.run_until(at(10, 21))
    assert [p.place for p in harbour.slack.tops] == [ALERTS, "@ada@harbour.example"]
    told = card(harbour.slack.tops[1].message)
    assert (told.level, told.passed_over) == ("last_resort", ("lead_on_duty",))


def test_a_breach_noticed_late_says_how_late_and_catches_up_once(harbour: Harbour) -> None:
    harbour.lead_on_shift()
    harbour.open(at(10))
    harbour.clock.now = at(11)
    harbour.run_until(at(11, 1))
    assert [p.place for p in harbour.slack.tops] == [ALERTS, "@ULIN"]
    shown = card(harbour.slack.tops[0].message)
    assert shown.concerns[0].due_at == at(10, 10)
    assert shown.noticed_late_seconds == 50 * 60


def test_an_answer_we_learn_of_late_undoes_the_alert(harbour: Harbour) -> None:
    harbour.open(at(10))
    harbour.run_until(at(10, 11))
    harbour.tell(event(EventKind.RESPONDED, at(10, 5), agent=AgentId("bo")))
    harbour.run_until(at(10, 30))
    (shown,) = map(card, harbour.slack.in_place(ALERTS))
    assert (shown.state, shown.concerns[0].over_at) == ("resolved", at(10, 5))
    with harbour.store.unit() as uow:
        clock = uow.clocks.of([ContactRef(REF)])[ContactRef(REF)][(Measure.FIRST_RESPONSE, 0)]
    assert clock.state is ClockState.MET


def test_a_raised_priority_makes_the_promise_shorter(harbour: Harbour) -> None:
    harbour.open(at(10), priority=Priority.LOW)
    harbour.clock.now = at(10, 12)
    harbour.tell(event(EventKind.PRIORITY_CHANGED, at(10, 12), priority=Priority.HIGH))
    harbour.run_until(at(10, 13))
    (shown,) = map(card, harbour.slack.in_place(ALERTS))
    assert (shown.concerns[0].due_at, shown.priority) == (at(10, 10), "high")


def test_two_broken_promises_of_a_case_are_two_concerns_of_one_alert(harbour: Harbour) -> None:
    harbour.open(at(10), priority=Priority.URGENT)
    harbour.run_until(at(10, 6))
    harbour.tell(event(EventKind.RESPONDED, at(10, 6), agent=AgentId("bo")))
    harbour.run_until(at(10, 7))
    (shown,) = map(card, harbour.slack.in_place(ALERTS))
    assert shown.state == "resolved"
    harbour.clock.now = at(12)
    harbour.run_until(at(12, 0, 30))
    (shown,) = map(card, harbour.slack.in_place(ALERTS))
    assert [(c.measure, c.due_at, c.over_at) for c in shown.concerns] == [
        ("resolution", at(12), None),
        ("first_response", at(10, 5), at(10, 6)),
    ]
    assert said(harbour) == ["ended", "broken"]
    assert harbour.slack.thread_in(ALERTS)[-1].loud


def test_a_case_that_is_open_again_uses_its_post_again_unless_that_is_old(harbour: Harbour) -> None:
    harbour.open(at(10), priority=Priority.URGENT)
    harbour.clock.now = at(12, 1)
    harbour.run_until(at(12, 2))
    harbour.tell(event(EventKind.RESOLVED, at(12, 2), agent=AgentId("bo")))
    harbour.run_until(at(12, 3))
    harbour.tell(event(EventKind.REOPENED, at(12, 4)))
    harbour.clock.now = at(12, 4)
    harbour.run_until(at(12, 5))
    channel = [p for p in harbour.slack.tops if p.place == ALERTS]
    assert len(channel) == 1
    assert card(channel[0].now).state == "open"
    assert said(harbour)[-1] == "reopened"
    harbour.tell(event(EventKind.RESOLVED, at(12, 5), agent=AgentId("bo")))
    harbour.run_until(at(12, 6))
    # Two days later nobody scrolls up that far.
    later = at(12, 7) + timedelta(days=2)
    harbour.clock.now = later
    harbour.tell(event(EventKind.REOPENED, later))
    harbour.run_until(later + timedelta(seconds=40))
    channel = [p for p in harbour.slack.tops if p.place == ALERTS]
    assert [card(p.now).goes_on for p in channel] == [True, False]
    assert card(channel[1].message).state == "open"


def test_a_contact_that_cannot_be_judged_does_not_stop_the_others(quick_harbour: Harbour) -> None:
    harbour = quick_harbour
    harbour.open(at(10), "GD1", queue="email", priority=Priority.URGENT)
    harbour.open(at(10), "GD2")
    del harbour.settings.queues["email"]  # type: ignore[attr-defined]
    harbour.run_until(at(10, 12))
    assert [card(m).ref for m in harbour.slack.in_place(ALERTS)] == ["GD2"]
    notices = [p.message for p in harbour.slack.posts if isinstance(p.message, OperatorNotice)]
    assert [(n.code, n.subject) for n in notices] == [("queue_unknown", "email")]


def test_one_clock_that_fails_is_set_aside_and_the_others_are_told(
    quick_harbour: Harbour, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bot.usecases import watch_sla

    harbour = quick_harbour
    for ref in ("GD1", "GD2", "GD3"):
        harbour.open(at(10), ref)
    judge = watch_sla.judge

    def broken(clock, now):  # type: ignore[no-untyped-def]
        if clock.ref == "GD2":
            raise ZeroDivisionError
        return judge(clock, now)

    monkeypatch.setattr(watch_sla, "judge", broken)
    harbour.run_until(at(10, 12))
    assert sorted(card(m).ref for m in harbour.slack.in_place(ALERTS)) == ["GD1", "GD3"]
    notices = [p.message for p in harbour.slack.posts if isinstance(p.message, OperatorNotice)]
    assert [(n.code, n.subject) for n in notices] == [("clock_failed", "GD2")]


def test_clocks_ask_to_be_looked_at_when_something_is_due(quick_harbour: Harbour) -> None:
    from bot.usecases import escalate, watch_sla

    harbour = quick_harbour
    assert watch_sla.next_due(harbour.store) is None
    harbour.open(at(10))
    assert watch_sla.next_due(harbour.store) == at(10, 10)
    harbour.clock.now = at(10, 10)
    harbour.watch()
    assert escalate.next_due(harbour.store) == at(10, 10) + timedelta(minutes=10)


def test_of_promises_broken_together_the_urgent_case_is_told_first(harbour: Harbour) -> None:
    harbour.settings = settings(warn_at=())
    harbour.clock.now = at(10, 6)
    harbour.open(at(10), ref="GD-A", priority=Priority.HIGH)
    harbour.open(at(10, 6), ref="GD-B", priority=Priority.URGENT)
    harbour.clock.now = at(10, 12)
    harbour.watch()
    harbour.drain(4)
    assert [card(p.message).ref for p in harbour.slack.tops] == ["GD-B", "GD-A"]


def test_after_an_outage_of_slack_each_reader_gets_one_message_that_says_how_it_stands(
    harbour: Harbour,
) -> None:
    """Nothing is replayed: not the breach as it was, not each repeat."""
    harbour.settings = settings(warn_at=(0.5,))
    harbour.people(agent("bo", slack_user="UBO"))
    harbour.publish({"bo": (at(9), at(18))})
    harbour.open(at(10), agent=AgentId("bo"))
    harbour.run_until(at(10, 6))
    (warned,) = harbour.slack.tops  # sent before
    while harbour.clock() < at(12, 30):  # Slack is away; everything else goes on
        harbour.watch()
        harbour.escalate()
        harbour.clock.forward(seconds=20)
    harbour.drain(30)
    by_place = {p.place: p for p in harbour.slack.tops if isinstance(p.message, AlertCard)}
    assert sorted(by_place) == ["#harbour-alerts", "@UBO", "@ada@harbour.example"]
    # Who heard nothing yet gets one message, as it stands now; who had the warning, an edit and the news.
    for place in ("#harbour-alerts", "@ada@harbour.example"):
        assert [c.kind for c in card(by_place[place].message).concerns] == ["breach"]
        assert by_place[place].edits == []
        assert said(harbour, place) == []
    assert len(warned.edits) == 1
    assert said(harbour, "@UBO") == ["broken", "escalated", "repeated"]
