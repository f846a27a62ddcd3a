"""Intake: idempotent, in any order, in any batches."""

from __future__ import annotations

import random
import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.contacts import ContactEvent, ContactStatus, ContactType, EventKind, Priority
from bot.core.courses import Measure
from bot.core.ids import AgentId, ContactRef, QueueId
from bot.core.messages import OperatorNotice
from bot.core.sla import ClockState, Counted, SlaPolicy, SlaTarget
from tests.bot.usecases.harbour import Harbour
from tests.support.builders import at, contact, event

REF = ContactRef("GD20261124001")

STORY = [
    event(EventKind.OPENED, at(10), priority=Priority.LOW),
    event(EventKind.PRIORITY_CHANGED, at(10, 1), priority=Priority.HIGH),
    event(EventKind.ASSIGNED, at(10, 2), agent=AgentId("bo")),
    event(EventKind.RESPONDED, at(10, 4), agent=AgentId("bo")),
    event(EventKind.RESOLVED, at(10, 30), outcome="refund", handle_seconds=300.0),
    event(EventKind.REOPENED, at(10, 50)),
    event(EventKind.RESOLVED, at(10, 55)),
]


def state(harbour: Harbour) -> tuple[object, ...]:
    with harbour.store.unit() as uow:
        clocks = uow.clocks.of([REF])[REF]
        held = uow.contacts.get(REF)
    assert held is not None
    return held, [(key, c.due_at, c.state, c.stopped_at) for key, c in clocks.items()]


def test_the_same_event_twice_changes_nothing(harbour: Harbour) -> None:
    harbour.clock.now = at(11)
    first = harbour.tell(*STORY)
    assert (first.accepted, first.repeated, first.refused) == (len(STORY), 0, ())
    before = state(harbour)
    again = harbour.tell(*STORY, STORY[0])
    assert (again.accepted, again.repeated) == (0, len(STORY) + 1)
    assert state(harbour) == before


def test_twice_in_one_batch_counts_once(harbour: Harbour) -> None:
    result = harbour.tell(STORY[0], STORY[0])
    assert (result.accepted, result.repeated) == (1, 1)


@pytest.mark.parametrize("seed", range(6))
def test_any_order_and_any_batches_end_in_the_same_state(quick_harbour: Harbour, seed: int) -> None:
    harbour = quick_harbour
    harbour.clock.now = at(11)
    draw = random.Random(seed)
    shuffled = draw.sample(STORY, len(STORY))
    while shuffled:
        size = draw.randint(1, 3)
        result = harbour.tell(*shuffled[:size])
        assert result.refused == ()
        shuffled = shuffled[size:]
    held, _ = state(harbour)
    expected = contact(
        REF,
        tier="standard",
        status=ContactStatus.SOLVED,
        responded_at=at(10, 4),
        resolved_at=at(10, 55),
        agent=AgentId("bo"),
        outcome="refund",
        handle_seconds=300.0,
        source="test",
        priority_manual=True,
    )
    assert held == expected


def test_an_answer_that_arrives_before_the_opening_waits_for_it(harbour: Harbour) -> None:
    harbour.clock.now = at(10, 20)
    early = harbour.tell(event(EventKind.RESPONDED, at(10, 4), agent=AgentId("bo")))
    assert (early.accepted, early.waiting) == (1, 1)
    harbour.open(at(10))
    harbour.run_until(at(10, 30))
    assert harbour.slack.posts == []


def test_refused_events_leave_the_others_alone(harbour: Harbour) -> None:
    future = harbour.clock() + timedelta(hours=1)
    result = harbour.tell(
        event(EventKind.OPENED, at(10), "GD1"),
        event(EventKind.OPENED, at(10), "GD2", queue=QueueId("nosuch")),
        event(EventKind.OPENED, at(10), "GD3", queue=None),
        event(EventKind.RESPONDED, future, "GD1"),
        event(EventKind.PRIORITY_CHANGED, at(10), "GD1"),
        event(EventKind.OPENED, at(10), "GD1", source_event_id="another"),
        event(EventKind.OPENED, at(10), "GD4"),
    )
    assert result.accepted == 2
    assert [(index, kind) for index, kind, _ in result.refused] == [
        (1, "unknown_queue"),
        (2, "event_incomplete"),
        (3, "event_in_future"),
        (4, "event_incomplete"),
        (5, "already_opened"),
    ]
    assert "Queues: chat, email, phone" in result.refused[0][2]
    with harbour.store.unit() as uow:
        assert uow.contacts.get(ContactRef("GD1")) is not None
        assert uow.contacts.get(ContactRef("GD2")) is None


def test_live_events_follow_a_contact_from_a_file(harbour: Harbour) -> None:
    with harbour.store.unit() as uow:
        uow.contacts.import_many([contact(REF, source="contacts")])
        uow.commit()
    harbour.clock.now = at(10, 6)
    result = harbour.tell(event(EventKind.RESPONDED, at(10, 6), agent=AgentId("bo")))
    assert (result.accepted, result.waiting) == (1, 0)
    with harbour.store.unit() as uow:
        held = uow.contacts.get(REF)
    assert held is not None
    assert (held.opened_at, held.responded_at, held.agent) == (at(10), at(10, 6), "bo")


def test_one_case_told_of_by_many_at_once(harbour: Harbour) -> None:
    """Every event is told by a thread of its own; whoever commits last has seen the others."""
    harbour.clock.now = at(11)
    errors: list[BaseException] = []
    barrier = threading.Barrier(len(STORY))

    def tell(one: ContactEvent) -> None:
        try:
            barrier.wait(10)
            harbour.tell(one)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=tell, args=(one,)) for one in STORY]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert errors == []
    with harbour.store.unit() as uow:
        held = uow.contacts.get(REF)
    assert held is not None
    assert held.status is ContactStatus.SOLVED
    assert (held.priority, held.responded_at, held.resolved_at) == (Priority.HIGH, at(10, 4), at(10, 55))


def test_a_calendar_that_never_opens_keeps_the_contact_and_tells_the_operator(
    quick_harbour: Harbour,
) -> None:
    harbour = quick_harbour
    shut = replace(harbour.settings.calendars["harbour-hours"], weekly={})
    harbour.settings = replace(harbour.settings, calendars={"harbour-hours": shut})
    harbour.open(at(10), priority=Priority.LOW)
    with harbour.store.unit() as uow:
        assert uow.contacts.get(REF) is not None
    harbour.drain(2)
    (notice,) = harbour.slack.in_place("@ada@harbour.example")
    assert isinstance(notice, OperatorNotice)
    assert (notice.code, notice.subject) == ("calendar_never_open", "harbour-hours")


def test_a_merged_case_ends_and_the_other_goes_on_from_the_earlier_opening(harbour: Harbour) -> None:
    """CR13: one clock per case.  The customer has been waiting since the first of both."""
    harbour.clock.now = at(10, 8)
    first, second = ContactRef("GD1"), ContactRef("GD2")
    harbour.tell(event(EventKind.OPENED, at(10), first), event(EventKind.OPENED, at(10, 6), second))
    result = harbour.tell(event(EventKind.MERGED, at(10, 8), first, into=second))
    assert (result.accepted, result.waiting, result.refused) == (1, 0, ())
    with harbour.store.unit() as uow:
        gone, goes_on = uow.contacts.get(first), uow.contacts.get(second)
        clocks = uow.clocks.of([first, second])
    assert gone is not None
    assert goes_on is not None
    assert (gone.status, gone.merged_into) == (ContactStatus.ARCHIVED, second)
    assert {c.state for c in clocks[first].values()} == {ClockState.CANCELLED}
    assert goes_on.opened_at == at(10)
    response = clocks[second][(Measure.FIRST_RESPONSE, 0)]
    assert (response.started_at, response.due_at) == (at(10), at(10, 10))
    # Told again, nothing changes.
    assert harbour.tell(event(EventKind.MERGED, at(10, 8), first, into=second)).repeated == 1
    harbour.run_until(at(10, 11))
    assert len(harbour.slack.in_place("#harbour-alerts")) == 1


def test_a_case_cannot_be_merged_into_itself(quick_harbour: Harbour) -> None:
    quick_harbour.clock.now = at(10, 8)
    quick_harbour.open(at(10))
    (refused,) = quick_harbour.tell(event(EventKind.MERGED, at(10, 5), into=REF)).refused
    assert refused[1] == "merged_into_itself"


def test_what_is_promised_no_more_is_not_watched_any_more(quick_harbour: Harbour) -> None:
    """A complaint that turns out to be none: its plan is nobody's promise."""
    harbour = quick_harbour
    plan = SlaTarget(measure=Measure.PLAN, counted=Counted.ELAPSED, within=timedelta(hours=24))
    chain = SlaPolicy(name="complaint", types=frozenset({ContactType.COMPLAINT}), targets=(plan,))
    harbour.settings = replace(harbour.settings, policies=(chain, *harbour.settings.policies))
    harbour.open(at(10), type=ContactType.COMPLAINT)
    harbour.clock.now = at(10, 5)
    harbour.tell(event(EventKind.RECLASSIFIED, at(10, 5), type=ContactType.CONSULT))
    with harbour.store.unit() as uow:
        clock = uow.clocks.of([REF])[REF][(Measure.PLAN, 0)]
    assert (clock.state, clock.next_check_at) == (ClockState.CANCELLED, None)


def test_a_priority_a_person_set_is_kept_whatever_a_rule_says(quick_harbour: Harbour) -> None:
    harbour = quick_harbour
    harbour.open(at(10))
    harbour.clock.now = at(10, 5)
    harbour.tell(event(EventKind.PRIORITY_CHANGED, at(10, 1), priority=Priority.LOW))
    harbour.tell(
        event(EventKind.RECLASSIFIED, at(10, 2), priority=Priority.URGENT, tags=frozenset({"agitated"}))
    )
    with harbour.store.unit() as uow:
        held = uow.contacts.get(REF)
    assert held is not None
    assert (held.priority, held.priority_manual, held.tags) == (Priority.LOW, True, frozenset({"agitated"}))
