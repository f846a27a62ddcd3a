"""Storms, the noise budget, quiet hours and cases without an owner: told to somebody, and not too loudly."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from bot.core.alert_messages import AlertCard, AlertSummary, StormCard, StormNews
from bot.core.alert_settings import AlertSettings, NoiseBudget, StormRule
from bot.core.alerts import AlertState
from bot.core.contacts import ContactType, EventKind, Priority
from bot.core.escalation import EscalationStep, Notify
from bot.core.ids import AgentId, ContactRef, StormId
from bot.core.messages import DeliveryState, Message
from bot.store.tables import Base
from bot.usecases import prune, watch_owners, watch_storms
from tests.bot.usecases.harbour import ALERTS, Harbour
from tests.support.builders import CHAIN, PHONE, agent, at, contact, event, settings

LOUD = AlertSettings(ownerless_after=None)


@pytest.fixture(autouse=True)
def owned(harbour_or_quick: Harbour) -> None:
    """Cases without an owner are a subject of their own."""
    harbour_or_quick.settings = settings(warn_at=(), alerts=LOUD)


@pytest.fixture
def harbour_or_quick(request: pytest.FixtureRequest) -> Harbour:
    name = "harbour" if "harbour" in request.fixturenames else "quick_harbour"
    found: Harbour = request.getfixturevalue(name)
    return found


def storm(message: Message) -> StormCard:
    assert isinstance(message, StormCard)
    return message


def kinds(harbour: Harbour, place: str = ALERTS) -> list[str]:
    return [type(m).__name__ for m in harbour.slack.in_place(place)]


def news(harbour: Harbour, place: str = ALERTS) -> list[str]:
    return [p.message.what for p in harbour.slack.thread_in(place) if isinstance(p.message, StormNews)]


def arrive(harbour: Harbour, count: int, when: datetime, first: int = 0, **fields: object) -> None:
    """Chats whose first answer is due ten minutes later."""
    harbour.clock.now = max(harbour.clock(), when)
    told = [event(EventKind.OPENED, when, f"GD{n}", **fields) for n in range(first, first + count)]
    assert harbour.tell(*told).accepted == count


def answer(harbour: Harbour, *refs: str) -> None:
    harbour.tell(*(event(EventKind.RESPONDED, harbour.clock(), ref, agent=AgentId("bo")) for ref in refs))


def test_eleven_breaches_in_one_tick_are_one_card(harbour: Harbour) -> None:
    """L6, and the tick after an outage."""
    harbour.lead_on_shift()
    arrive(harbour, 8, at(10), type=ContactType.ORDER)
    arrive(harbour, 3, at(10, 1), first=8, priority=Priority.URGENT)
    harbour.clock.now = at(10, 30)
    harbour.run_until(at(10, 31))
    assert kinds(harbour) == ["StormCard"]
    card = storm(harbour.slack.tops[0].message)
    assert (card.count, card.open, card.urgent) == (11, 11, 3)
    assert card.oldest_ref in ("GD8", "GD9", "GD10")
    assert card.oldest_due == at(10, 6)
    assert (card.type, card.of_type) == ("order", 8)
    assert card.mention == ("lin",)
    # Its escalation is one as well.
    assert kinds(harbour, "@ULIN") == ["StormCard"] or kinds(harbour, "@ULIN") == []
    harbour.run_until(at(10, 42))
    assert kinds(harbour, "@ULIN") == ["StormCard"]
    told = storm(harbour.slack.in_place("@ULIN")[0])
    assert (told.level, told.escalated) == ("lead_on_duty", True)


def test_four_are_told_one_by_one_and_the_fifth_makes_a_storm_of_all(harbour: Harbour) -> None:
    for n in range(4):
        arrive(harbour, 1, at(10, n), first=n)
    harbour.run_until(at(10, 13, 40))
    assert kinds(harbour) == ["AlertCard"] * 4
    arrive(harbour, 1, at(10, 13, 40), first=4, priority=Priority.URGENT)
    harbour.clock.now = at(10, 14)
    # An urgent one is due after five minutes: the sixth minute after the first breach is too late for it.
    harbour.run_until(at(10, 18, 45))
    assert kinds(harbour) == ["AlertCard"] * 5


def test_the_fifth_within_five_minutes_draws_the_others_in(harbour: Harbour) -> None:
    for n in range(5):
        arrive(harbour, 1, at(10) + n * timedelta(seconds=50), first=n)
    harbour.run_until(at(10, 13, 20))
    harbour.drain(3)
    assert kinds(harbour) == ["AlertCard"] * 4 + ["StormCard"]  # before the others are edited
    harbour.drain(10)
    assert storm(harbour.slack.in_place(ALERTS)[-1]).count == 5
    grouped = [m for m in harbour.slack.in_place(ALERTS) if isinstance(m, AlertCard)]
    assert all(m.grouped and m.next_level is None for m in grouped)
    # None of them is escalated by itself any more.
    harbour.lead_on_shift()
    harbour.run_until(at(10, 26))
    assert kinds(harbour, "@ULIN") == ["StormCard"]


def test_a_storm_grows_in_place_and_its_end_is_told(harbour: Harbour) -> None:
    arrive(harbour, 6, at(10))
    arrive(harbour, 5, at(10, 2), first=6)
    harbour.run_until(at(10, 14))
    (post,) = harbour.slack.tops
    assert (storm(post.message).count, storm(post.now).count) == (6, 11)
    answer(harbour, *(f"GD{n}" for n in range(10)))
    harbour.run_until(at(10, 16))
    assert storm(post.now).open == 1
    # A late one joins it as long as the last joined less than five minutes ago.
    arrive(harbour, 1, at(10, 10), first=11, priority=Priority.URGENT)
    harbour.run_until(at(10, 17))
    assert (storm(post.now).count, storm(post.now).open) == (12, 2)
    answer(harbour, "GD10", "GD11")
    harbour.run_until(at(10, 23))
    card = storm(post.now)
    assert (card.state, card.open, card.count) == ("resolved", 0, 12)
    assert news(harbour)[-1] == "over"
    assert kinds(harbour) == ["StormCard"]
    # A breach an hour later is one of its own.
    arrive(harbour, 1, at(11), first=20)
    harbour.run_until(at(11, 11))
    assert kinds(harbour) == ["StormCard", "AlertCard"]


def test_taking_a_storm_takes_all_its_members(harbour: Harbour) -> None:
    arrive(harbour, 7, at(10))
    harbour.run_until(at(10, 11))
    card = storm(harbour.slack.in_place(ALERTS)[0])
    first = watch_storms.acknowledge(
        harbour.store, harbour.settings, StormId(card.storm), actor="lin", now=at(10, 11)
    )
    second = watch_storms.acknowledge(
        harbour.store, harbour.settings, StormId(card.storm), actor="mei", now=at(10, 11, 9)
    )
    assert (first.won, second.won, second.taken_by, second.taken_at) == (True, False, "lin", at(10, 11))
    with harbour.store.read() as uow:
        held = [uow.alerts.of(ContactRef(f"GD{n}")) for n in range(7)]
        assert {a.state for a in held if a} == {AlertState.ACKNOWLEDGED}
        assert {a.answered_by for a in held if a} == {"lin"}
        assert [e.actor for e in uow.audit.entries(subject=f"storm:{card.storm}")] == ["lin"]
    # What it grows by is hers too, and nobody is escalated to.
    arrive(harbour, 1, at(10, 8), first=7, priority=Priority.URGENT)
    harbour.run_until(at(10, 40))
    with harbour.store.read() as uow:
        late = uow.alerts.of(ContactRef("GD7"))
        assert late is not None
        assert (late.state, late.answered_by) == (AlertState.ACKNOWLEDGED, "lin")
    assert {p.place for p in harbour.slack.posts} == {ALERTS}
    assert news(harbour)[0] == "taken"


def test_queues_have_storms_of_their_own(quick_harbour: Harbour) -> None:
    harbour = quick_harbour
    arrive(harbour, 4, at(10))
    arrive(harbour, 4, at(10), first=4, queue=PHONE)
    harbour.run_until(at(10, 11))
    harbour.drain(10)
    assert kinds(harbour) == ["AlertCard"] * 8


def test_five_hundred_breaches_make_a_handful_of_messages(harbour: Harbour) -> None:
    harbour.lead_on_shift()
    arrive(harbour, 500, at(10))
    harbour.run_until(at(10, 30))
    assert kinds(harbour) == ["StormCard"]
    assert kinds(harbour, "@ULIN") == ["StormCard"]
    assert len(harbour.slack.calls) <= 10


def test_storms_can_be_switched_off(quick_harbour: Harbour) -> None:
    harbour = quick_harbour
    harbour.settings = settings(warn_at=(), alerts=replace(LOUD, storm=None))
    arrive(harbour, 6, at(10))
    harbour.run_until(at(10, 12))
    assert kinds(harbour) == ["AlertCard"] * 6


def test_beyond_the_budget_alerts_fold_into_one_summary_and_urgent_ones_get_through(
    harbour: Harbour,
) -> None:
    budget = NoiseBudget(person=12, channel=3, per=timedelta(hours=1))
    harbour.settings = settings(warn_at=(), alerts=replace(LOUD, storm=None, budget=budget))
    for n in range(8):
        arrive(harbour, 1, at(10, n), first=n)
    arrive(harbour, 1, at(10, 8), first=8, priority=Priority.URGENT)
    harbour.run_until(at(10, 19))
    assert kinds(harbour) == ["AlertCard"] * 3 + ["AlertSummary", "AlertCard"] or sorted(kinds(harbour)) == [
        "AlertCard"
    ] * 4 + ["AlertSummary"]
    (summary,) = (m for m in harbour.slack.in_place(ALERTS) if isinstance(m, AlertSummary))
    urgent = [m.ref for m in harbour.slack.in_place(ALERTS) if isinstance(m, AlertCard)]
    assert "GD8" in urgent
    assert summary.count == 9 - len(urgent)
    assert summary.oldest.due_at is not None
    assert summary.oldest.due_at == min(a.due_at for a in (summary.oldest, *summary.newest) if a.due_at)
    # When the hour is over it is told one by one again.
    arrive(harbour, 1, at(11, 30), first=20)
    harbour.run_until(at(11, 41))
    assert isinstance(harbour.slack.in_place(ALERTS)[-1], AlertCard)


def test_a_persons_budget_folds_what_a_lead_would_get_in_person(quick_harbour: Harbour) -> None:
    harbour = quick_harbour
    budget = NoiseBudget(person=2, channel=100, per=timedelta(hours=1))
    harbour.settings = settings(warn_at=(0.5,), alerts=replace(LOUD, storm=None, budget=budget))
    harbour.lead_on_shift()
    for n in range(5):
        arrive(harbour, 1, at(10, n), first=n)
    harbour.run_until(at(10, 9, 40))
    harbour.drain(10)
    told = [kind for kind in kinds(harbour, "@ULIN") if kind.startswith("Alert")]
    assert told == ["AlertCard", "AlertCard", "AlertSummary"]
    (summary,) = (m for m in harbour.slack.in_place("@ULIN") if isinstance(m, AlertSummary))
    assert summary.count == 3


def test_in_quiet_hours_the_next_level_is_told_and_the_last_one_in_the_morning(harbour: Harbour) -> None:
    chain = replace(
        CHAIN,
        steps=(
            EscalationStep(after=timedelta(0), notify=Notify.PERSON, email="max@harbour.example"),
            EscalationStep(after=timedelta(minutes=10), notify=Notify.CHANNEL),
        ),
    )
    harbour.settings = settings(warn_at=(), chain=chain, alerts=LOUD)
    harbour.clock.now = at(23)
    arrive(harbour, 1, at(23))
    harbour.run_until(at(23, 12))
    # Max sleeps: the channel at once, and it says who was passed over.
    (card,) = harbour.slack.in_place(ALERTS)
    assert isinstance(card, AlertCard)
    assert card.passed_over == ("person",)
    # Urgent cases wake people.
    arrive(harbour, 1, at(23, 12), first=1, priority=Priority.URGENT)
    harbour.run_until(at(23, 18))
    assert kinds(harbour, "@max@harbour.example") == ["AlertCard"]


def test_the_last_resort_is_held_until_the_quiet_hours_end(harbour: Harbour) -> None:
    chain = replace(
        CHAIN,
        steps=(EscalationStep(after=timedelta(0), notify=Notify.LEAD_ON_DUTY),),
    )
    harbour.settings = settings(warn_at=(), chain=chain, alerts=replace(LOUD, repeat=None))
    harbour.clock.now = at(23)
    arrive(harbour, 2, at(23))
    harbour.run_until(at(23, 20))
    assert harbour.slack.posts == []
    # One was answered at night: nothing is left to say of it.
    answer(harbour, "GD0")
    harbour.clock.now = at(23) + timedelta(hours=8, minutes=1)
    harbour.drain(5)
    (card,) = harbour.slack.in_place("@ada@harbour.example")
    assert isinstance(card, AlertCard)
    assert card.ref == "GD1"
    with harbour.store.read() as uow:
        alert = uow.alerts.of(ContactRef("GD0"))
    assert alert is not None
    with harbour.store.unit() as uow:
        (post,) = uow.outbox.posts_of([alert.alert])[alert.alert]
    assert post.state is DeliveryState.DROPPED


def test_who_is_on_shift_has_no_quiet_hours(quick_harbour: Harbour) -> None:
    harbour = quick_harbour
    harbour.people(agent("sun", slack_user="USUN", skills={"supervisor": 1.0}))
    harbour.publish({"sun": (at(22), at(22) + timedelta(hours=8))})
    chain = replace(CHAIN, steps=(EscalationStep(after=timedelta(0), notify=Notify.SUPERVISOR),))
    harbour.settings = settings(warn_at=(), chain=chain, alerts=LOUD)
    harbour.clock.now = at(23)
    arrive(harbour, 1, at(23))
    harbour.run_until(at(23, 12))
    assert kinds(harbour, "@USUN") == ["AlertCard"]


def test_a_case_without_an_owner_is_an_alert_until_somebody_has_it(harbour: Harbour) -> None:
    """CR12"""
    harbour.settings = settings(warn_at=(), alerts=AlertSettings())
    harbour.open(at(10), "GD1", priority=Priority.LOW)
    harbour.open(at(10), "GD2", priority=Priority.LOW, agent=AgentId("bo"))
    harbour.run_until(at(10, 4, 40))
    assert harbour.slack.posts == []
    harbour.run_until(at(10, 7))
    (card,) = harbour.slack.in_place(ALERTS)
    assert isinstance(card, AlertCard)
    assert (card.ref, [c.kind for c in card.concerns]) == ("GD1", ["ownerless"])
    harbour.tell(event(EventKind.ASSIGNED, harbour.clock(), "GD1", agent=AgentId("bo")))
    harbour.run_until(at(10, 9))
    (card,) = harbour.slack.in_place(ALERTS)
    assert isinstance(card, AlertCard)
    assert (card.state, card.owner) == ("resolved", "bo")
    # Told once; a case that is closed without an owner is over as well.
    harbour.run_until(at(10, 20))
    assert len(harbour.slack.tops) == 1


def test_an_ownerless_case_that_breaks_is_still_one_post(quick_harbour: Harbour) -> None:
    harbour = quick_harbour
    harbour.settings = settings(warn_at=(), alerts=AlertSettings())
    harbour.open(at(10), "GD1")
    harbour.run_until(at(10, 12))
    (card,) = harbour.slack.in_place(ALERTS)
    assert isinstance(card, AlertCard)
    assert [c.kind for c in card.concerns] == ["breach", "ownerless"]
    harbour.tell(event(EventKind.RESOLVED, at(10, 12), "GD1"))
    harbour.run_until(at(10, 13))
    (card,) = harbour.slack.in_place(ALERTS)
    assert isinstance(card, AlertCard)
    assert card.state == "resolved"


def test_cases_that_only_came_from_a_file_are_not_looked_after(quick_harbour: Harbour) -> None:
    harbour = quick_harbour
    with harbour.store.unit() as uow:
        uow.contacts.import_many([contact("OLD")])
        uow.commit()
    harbour.clock.now = at(11)
    loud = settings(warn_at=(), alerts=AlertSettings())
    assert watch_owners.tick(harbour.store, loud, now=at(11)) == 0
    harbour.drain(3)
    assert harbour.slack.posts == []


def test_the_rule_of_a_storm_is_the_operators(quick_harbour: Harbour) -> None:
    harbour = quick_harbour
    rule = StormRule(count=2, within=timedelta(minutes=1))
    harbour.settings = settings(warn_at=(), alerts=replace(LOUD, storm=rule))
    arrive(harbour, 2, at(10))
    harbour.run_until(at(10, 11))
    assert kinds(harbour) == ["StormCard"]


def test_an_erased_case_stands_in_no_summary_any_more(harbour: Harbour) -> None:
    """CR22: neither in what was sent nor in what the next summary would be made of."""
    budget = NoiseBudget(person=12, channel=1, per=timedelta(hours=1))
    harbour.settings = settings(warn_at=(), alerts=replace(LOUD, storm=None, budget=budget))
    arrive(harbour, 3, at(10))
    harbour.run_until(at(10, 11))
    harbour.drain(5)
    (summary,) = (m for m in harbour.slack.in_place(ALERTS) if isinstance(m, AlertSummary))
    ref = summary.oldest.ref
    prune.erase(harbour.store, contact=ref, by="ada", now=at(10, 12))
    arrive(harbour, 1, at(10, 12), first=9)
    harbour.run_until(at(10, 23))
    with harbour.store.engine.connect() as connection:
        rows = [row for table in Base.metadata.sorted_tables for row in connection.execute(select(table))]
    assert "GD9" in str(rows)
    assert ref not in str(rows)
