"""Take, snooze, undo, give, why: one person wins, everybody learns who, and nothing is forgotten."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.alert_messages import AlertCard, AlertNews
from bot.core.alerts import AlertState
from bot.core.contacts import EventKind
from bot.core.errors import RefusedError
from bot.core.escalation import EscalationStep, Notify
from bot.core.ids import AgentId, AlertId, ContactRef
from bot.core.people import Role
from bot.usecases import answer_alert
from bot.usecases.explain_alert import explain
from tests.bot.usecases.harbour import ALERTS, Harbour
from tests.support.builders import CHAIN, agent, at, event, settings

REF = ContactRef("GD20261124001")


def broken(harbour: Harbour) -> AlertId:
    """A lead on shift, and a chat that broke its promise at 10:10."""
    harbour.lead_on_shift()
    harbour.open(at(10))
    harbour.run_until(at(10, 11))
    with harbour.store.read() as uow:
        alert = uow.alerts.of(REF)
    assert alert is not None
    return alert.alert


def shown(harbour: Harbour, place: str = ALERTS) -> AlertCard:
    (card,) = harbour.slack.in_place(place)
    assert isinstance(card, AlertCard)
    return card


def said(harbour: Harbour, place: str = ALERTS) -> list[str]:
    return [p.message.what for p in harbour.slack.thread_in(place) if isinstance(p.message, AlertNews)]


def test_twenty_press_one_wins_and_nineteen_learn_who_and_since_when(harbour: Harbour) -> None:
    alert = broken(harbour)
    results: dict[str, answer_alert.AckResult] = {}
    failures: list[BaseException] = []

    def press(who: str) -> None:
        try:
            results[who] = answer_alert.acknowledge(
                harbour.store, harbour.settings, alert, actor=who, now=at(10, 11, 7)
            )
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=press, args=(f"a{n}",)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    (winner,) = (who for who, result in results.items() if result.won)
    losers = {(r.taken_by, r.taken_at) for who, r in results.items() if who != winner}
    assert len(results) == 20
    assert losers == {(winner, at(10, 11, 7))}
    with harbour.store.read() as uow:
        assert [e.actor for e in uow.audit.entries(subject=f"alert:{alert}")] == [winner]
    harbour.run_until(at(10, 13))
    assert said(harbour) == ["taken"]


def test_a_snoozed_alert_comes_back_and_the_escalation_goes_on(harbour: Harbour) -> None:
    alert = broken(harbour)
    result = answer_alert.snooze(harbour.store, harbour.settings, alert, actor="bo", now=at(10, 11))
    assert (result.won, result.until) == (True, at(10, 26))
    harbour.run_until(at(10, 25, 40))
    card = shown(harbour)
    assert (card.state, card.by, card.until) == ("snoozed", "bo", at(10, 26))
    assert [p.place for p in harbour.slack.tops] == [ALERTS]  # the step of 10:20 waits
    harbour.run_until(at(10, 28))
    assert said(harbour) == ["snoozed", "back", "escalated"]
    assert shown(harbour).state == "open"
    assert [p.place for p in harbour.slack.tops] == [ALERTS, "@ULIN"]


def test_somebody_else_may_take_what_was_snoozed(quick_harbour: Harbour) -> None:
    harbour = quick_harbour
    alert = broken(harbour)
    answer_alert.snooze(harbour.store, harbour.settings, alert, actor="bo", now=at(10, 11))
    result = answer_alert.acknowledge(harbour.store, harbour.settings, alert, actor="cy", now=at(10, 12))
    assert result.won
    late = answer_alert.snooze(harbour.store, harbour.settings, alert, actor="bo", now=at(10, 13))
    assert (late.won, late.taken_by) == (False, "cy")
    harbour.run_until(at(10, 40))
    assert shown(harbour).state == "acknowledged"


@pytest.mark.parametrize("what", ["take", "snooze"])
def test_undo_lets_the_escalation_go_on(harbour: Harbour, what: str) -> None:
    alert = broken(harbour)
    act = answer_alert.acknowledge if what == "take" else answer_alert.snooze
    act(harbour.store, harbour.settings, alert, actor="bo", now=at(10, 12))
    harbour.run_until(at(10, 21))
    with pytest.raises(RefusedError, match="somebody else"):
        answer_alert.undo(harbour.store, harbour.settings, alert, actor="cy", lead=False, now=at(10, 21))
    answer_alert.undo(harbour.store, harbour.settings, alert, actor="lin", lead=True, now=at(10, 21))
    harbour.run_until(at(10, 23))
    card = shown(harbour)
    assert (card.state, card.by) == ("open", None)
    # What was due meanwhile (the lead, 10:20) is told at once.
    assert [p.place for p in harbour.slack.tops] == [ALERTS, "@ULIN"]
    assert said(harbour)[1:] == ["undone", "escalated"]
    with harbour.store.read() as uow:
        newest = uow.audit.entries(subject=f"alert:{alert}")[0]
    assert (newest.actor, newest.action) == ("lin", "alert_undone")


def test_undo_has_its_time_and_its_subject(quick_harbour: Harbour) -> None:
    harbour = quick_harbour
    alert = broken(harbour)
    with pytest.raises(RefusedError, match="nobody has taken"):
        answer_alert.undo(harbour.store, harbour.settings, alert, actor="bo", lead=True, now=at(10, 12))
    answer_alert.acknowledge(harbour.store, harbour.settings, alert, actor="bo", now=at(10, 12))
    with pytest.raises(RefusedError, match="too long ago"):
        answer_alert.undo(harbour.store, harbour.settings, alert, actor="bo", lead=False, now=at(10, 22, 1))
    answer_alert.undo(harbour.store, harbour.settings, alert, actor="bo", lead=False, now=at(10, 22))


def test_a_lead_gives_the_case_to_a_colleague_who_is_told(harbour: Harbour) -> None:
    """L5: the second who presses learns that the colleague has it, and since when."""
    harbour.people(agent("chen", slack_user="UCHEN"))
    alert = broken(harbour)
    result = answer_alert.give(
        harbour.store, harbour.settings, alert, to=AgentId("chen"), actor="lin", now=at(10, 12)
    )
    assert result.won
    second = answer_alert.give(
        harbour.store, harbour.settings, alert, to=AgentId("bo"), actor="mei", now=at(10, 12, 5)
    )
    assert (second.won, second.taken_by, second.taken_at) == (False, "chen", at(10, 12))
    with harbour.store.read() as uow:
        contact = uow.contacts.get(REF)
        assert contact is not None
        assert contact.agent == "chen"
        assert uow.contacts.events([REF])[REF][-1].kind is EventKind.ASSIGNED
        assert [e.action for e in uow.audit.entries(subject=f"alert:{alert}")] == ["alert_given"]
    harbour.run_until(at(10, 14))
    assert (shown(harbour).state, shown(harbour).by, shown(harbour).owner) == ("acknowledged", "chen", "chen")
    mine = shown(harbour, "@UCHEN")
    assert mine.level == "given"
    assert said(harbour) == ["given"]


def test_a_case_is_not_given_to_whom_nobody_reaches_nor_to_the_one_complained_about(
    quick_harbour: Harbour,
) -> None:
    harbour = quick_harbour
    harbour.people(agent("chen"), agent("bo", slack_user="UBO"))
    alert = broken(harbour)
    complaint = event(EventKind.RECLASSIFIED, at(10, 11), complained_about=AgentId("bo"))
    assert harbour.tell(complaint).accepted == 1
    for to, why in (("chen", "cannot be reached"), ("nobody", "cannot be reached"), ("bo", "about bo")):
        with pytest.raises(RefusedError, match=why):
            answer_alert.give(
                harbour.store, harbour.settings, alert, to=AgentId(to), actor="lin", now=at(10, 12)
            )
    with harbour.store.read() as uow:
        contact = uow.contacts.get(REF)
        assert contact is not None
        assert contact.agent is None


def test_colleagues_on_shift_at_the_queue_are_offered_to_leads(quick_harbour: Harbour) -> None:
    harbour = quick_harbour
    harbour.people(
        agent("lin", role=Role.LEAD, slack_user="ULIN"),
        *(agent(name, slack_user=f"U{name.upper()}") for name in ("bo", "chen", "dai", "eva")),
    )
    shifts = {"lin": (at(9), at(18)), "bo": (at(9), at(14)), "chen": (at(9), at(17)), "dai": (at(9), at(16))}
    harbour.publish(shifts)
    harbour.open(at(10), agent=AgentId("eva"))
    harbour.run_until(at(10, 21))
    offered = [c.agent for c in shown(harbour, "@ULIN").colleagues]
    assert offered == ["lin", "chen"]  # who stay longest; eva owns it and is not there
    assert shown(harbour).colleagues == ()  # not in the channel
    assert shown(harbour).away is not None


def test_why_says_by_which_level_and_what_comes_next_when_and_to_whom(harbour: Harbour) -> None:
    chain = replace(
        CHAIN,
        steps=(
            *CHAIN.steps,
            EscalationStep(after=timedelta(minutes=20), notify=Notify.SUPERVISOR),
            EscalationStep(after=timedelta(minutes=30), notify=Notify.PERSON, email="max@harbour.example"),
        ),
    )
    harbour.settings = settings(warn_at=(), chain=chain)
    harbour.lead_on_shift()
    harbour.open(at(10))
    harbour.run_until(at(10, 21))
    with harbour.store.read() as uow:
        alert = uow.alerts.of(REF)
    assert alert is not None

    def why(actor: str):  # type: ignore[no-untyped-def]
        return explain(harbour.store, harbour.settings, alert.alert, actor=actor, email=None, now=at(10, 21))

    lin = why("lin")
    assert (lin.level, lin.told_at) == ("lead_on_duty", at(10, 20))
    assert [(c.level, c.at, [r.name for r in c.recipients]) for c in lin.coming] == [
        ("supervisor", at(10, 30), []),
        ("person", at(10, 40), ["max@harbour.example"]),
    ]
    assert why("bo").level is None
    answer_alert.acknowledge(harbour.store, harbour.settings, alert.alert, actor="lin", now=at(10, 22))
    assert why("lin").alert.state is AlertState.ACKNOWLEDGED
    assert why("lin").coming == ()


def test_levels_that_have_nobody_are_passed_over_at_once_and_that_is_said(harbour: Harbour) -> None:
    """MA11: the supervisor's addresses stand in where nobody with the skill is on shift."""
    chain = replace(
        CHAIN,
        steps=(
            CHAIN.steps[0],
            EscalationStep(after=timedelta(minutes=5), notify=Notify.OWNER),
            EscalationStep(after=timedelta(minutes=10), notify=Notify.LEAD_ON_DUTY),
            EscalationStep(
                after=timedelta(minutes=20), notify=Notify.SUPERVISOR, emails=("sun@harbour.example",)
            ),
        ),
    )
    harbour.settings = settings(warn_at=(), chain=chain)
    harbour.open(at(10))
    harbour.run_until(at(10, 15, 30))
    assert [p.place for p in harbour.slack.tops] == [ALERTS, "@sun@harbour.example"]
    card = shown(harbour, "@sun@harbour.example")
    assert (card.level, card.passed_over) == ("supervisor", ("owner", "lead_on_duty"))


def test_a_complaint_is_never_told_to_the_agent_it_names(harbour: Harbour) -> None:
    """L9, ES7: not as owner, not as lead on duty, not by name."""
    chain = replace(
        CHAIN,
        steps=(
            EscalationStep(after=timedelta(0), notify=Notify.OWNER),
            EscalationStep(after=timedelta(minutes=5), notify=Notify.LEAD_ON_DUTY),
            EscalationStep(after=timedelta(minutes=10), notify=Notify.PERSON, email="lin@harbour.example"),
        ),
    )
    harbour.settings = settings(warn_at=(0.5,), chain=chain)
    harbour.lead_on_shift()
    harbour.open(at(10), agent=AgentId("lin"), complained_about=AgentId("lin"))
    harbour.run_until(at(10, 40))
    places = {p.place for p in harbour.slack.posts}
    assert "@ULIN" not in places
    assert "@lin@harbour.example" not in places
    assert shown(harbour, "@ada@harbour.example").passed_over == ("owner", "lead_on_duty", "person")
    assert all("lin" not in c.mention for c in (shown(harbour),))
