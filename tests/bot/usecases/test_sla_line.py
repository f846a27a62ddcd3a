"""From a contact event to what people see in Slack, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core.alerts import AlertState
from bot.core.contacts import EventKind, Priority
from bot.core.courses import Measure
from bot.core.errors import NotFoundError
from bot.core.ids import AgentId, AlertId, ContactRef
from bot.core.messages import AlertOver, AlertTaken, Escalated, OperatorNotice, SlaBreach, SlaWarning
from bot.core.sla import ClockState
from bot.usecases.answer_alert import acknowledge
from tests.bot.usecases.harbour import ALERTS, Harbour
from tests.support.builders import at, event, settings

REF = "GD20261124001"


def the_alert(harbour: Harbour, ref: str = REF) -> AlertId:
    with harbour.store.unit() as uow:
        alert = uow.alerts.of(ContactRef(ref), Measure.FIRST_RESPONSE)
    assert alert is not None
    return alert.alert


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
    said = post.message
    assert isinstance(said, SlaBreach)
    assert (said.ref, said.due_at, said.priority) == (REF, at(10, 10), "high")
    assert (said.required, said.rostered) == (3, 1)
    assert said.noticed_late_seconds == 0


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


def test_warnings_come_before_the_breach(harbour: Harbour) -> None:
    harbour.settings = settings(warn_at=(0.5, 0.8))
    harbour.open(at(10))
    harbour.run_until(at(10, 11))
    kinds = [type(m) for m in harbour.slack.in_place(ALERTS)]
    assert kinds == [SlaWarning, SlaWarning, SlaBreach]


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
    (seen,) = harbour.slack.in_place(ALERTS)
    assert isinstance(seen, AlertTaken)
    assert (seen.taken_by, seen.taken_at) == ("bo", at(10, 11))
    assert len(harbour.slack.posts) == 1  # edited, not posted again, and not escalated
    with harbour.store.unit() as uow:
        assert [e.actor for e in uow.audit.entries(subject=f"alert:{alert}")] == ["bo"]


def test_acknowledging_what_does_not_exist_is_said(harbour: Harbour) -> None:
    with pytest.raises(NotFoundError, match="does not exist"):
        acknowledge(harbour.store, harbour.settings, AlertId(99), actor="bo", now=at(10))


def test_nobody_takes_it_and_the_lead_on_duty_is_told(harbour: Harbour) -> None:
    harbour.lead_on_shift()
    harbour.open(at(10))
    harbour.run_until(at(10, 19, 40))
    assert [p.place for p in harbour.slack.posts] == [ALERTS]
    harbour.run_until(at(10, 40))
    assert [p.place for p in harbour.slack.posts] == [ALERTS, "@ULIN"]
    said = harbour.slack.posts[1].message
    assert isinstance(said, Escalated)
    assert (said.step, said.nobody_on_duty) == (1, False)
    # Both posts are edited once the customer has an answer.
    harbour.tell(event(EventKind.RESPONDED, at(10, 40), agent=AgentId("bo")))
    harbour.run_until(at(10, 42))
    for place in (ALERTS, "@ULIN"):
        (seen,) = harbour.slack.in_place(place)
        assert isinstance(seen, AlertOver)
        assert (seen.answered_at, seen.by) == (at(10, 40), "bo")


@pytest.mark.parametrize("linked", [False, None])
def test_with_nobody_reachable_on_duty_the_last_resort_is_told_that(
    harbour: Harbour, linked: bool | None
) -> None:
    if linked is not None:
        harbour.lead_on_shift(slack_user=None)
    harbour.open(at(10))
    harbour.run_until(at(10, 21))
    assert [p.place for p in harbour.slack.posts] == [ALERTS, "@ada@harbour.example"]
    said = harbour.slack.posts[1].message
    assert isinstance(said, Escalated)
    assert said.nobody_on_duty


def test_a_breach_noticed_late_says_how_late_and_catches_up_once(harbour: Harbour) -> None:
    harbour.lead_on_shift()
    harbour.open(at(10))
    harbour.clock.now = at(11)
    harbour.run_until(at(11, 1))
    assert [p.place for p in harbour.slack.posts] == [ALERTS, "@ULIN"]
    said = harbour.slack.posts[0].message
    assert isinstance(said, SlaBreach)
    assert said.due_at == at(10, 10)
    assert said.noticed_late_seconds == 50 * 60


def test_an_answer_we_learn_of_late_undoes_the_alert(harbour: Harbour) -> None:
    harbour.open(at(10))
    harbour.run_until(at(10, 11))
    harbour.tell(event(EventKind.RESPONDED, at(10, 5), agent=AgentId("bo")))
    harbour.run_until(at(10, 30))
    (seen,) = harbour.slack.in_place(ALERTS)
    assert isinstance(seen, AlertOver)
    assert seen.answered_at == at(10, 5)
    with harbour.store.unit() as uow:
        clock = uow.clocks.of([ContactRef(REF)])[ContactRef(REF)][(Measure.FIRST_RESPONSE, 0)]
    assert clock.state is ClockState.MET


def test_a_raised_priority_makes_the_promise_shorter(harbour: Harbour) -> None:
    harbour.open(at(10), priority=Priority.LOW)
    harbour.clock.now = at(10, 12)
    harbour.tell(event(EventKind.PRIORITY_CHANGED, at(10, 12), priority=Priority.HIGH))
    harbour.run_until(at(10, 13))
    (said,) = harbour.slack.in_place(ALERTS)
    assert isinstance(said, SlaBreach)
    assert (said.due_at, said.priority) == (at(10, 10), "high")


def test_a_resolution_that_is_broken_is_an_alert_of_its_own(quick_harbour: Harbour) -> None:
    harbour = quick_harbour
    harbour.open(at(10), priority=Priority.URGENT)
    harbour.tell(event(EventKind.RESPONDED, at(10), agent=AgentId("bo")))
    harbour.clock.now = at(12)
    harbour.run_until(at(12, 0, 30))
    (said,) = harbour.slack.in_place(ALERTS)
    assert isinstance(said, SlaBreach)
    assert (said.measure, said.due_at) == ("resolution", at(12))


def test_a_contact_that_cannot_be_judged_does_not_stop_the_others(quick_harbour: Harbour) -> None:
    harbour = quick_harbour
    harbour.open(at(10), "GD1", queue="email", priority=Priority.URGENT)
    harbour.open(at(10), "GD2")
    del harbour.settings.queues["email"]  # type: ignore[attr-defined]
    harbour.run_until(at(10, 12))
    assert [m.ref for m in harbour.slack.in_place(ALERTS) if isinstance(m, SlaBreach)] == ["GD2"]
    notices = [p.message for p in harbour.slack.posts if isinstance(p.message, OperatorNotice)]
    assert [(n.code, n.subject) for n in notices] == [("queue_unknown", "email")]


def test_clocks_ask_to_be_looked_at_when_something_is_due(quick_harbour: Harbour) -> None:
    from bot.usecases import escalate, watch_sla

    harbour = quick_harbour
    assert watch_sla.next_due(harbour.store) is None
    harbour.open(at(10))
    assert watch_sla.next_due(harbour.store) == at(10, 10)
    harbour.clock.now = at(10, 10)
    harbour.watch()
    assert escalate.next_due(harbour.store) == at(10, 10) + timedelta(minutes=10)
