"""Intake: idempotent, in any order, in any batches."""

from __future__ import annotations

import random
import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.contacts import ContactEvent, ContactStatus, EventKind, Priority
from bot.core.ids import AgentId, ContactRef, QueueId
from bot.core.messages import OperatorNotice
from bot.core.sla import Measure
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
    return held, [(m, clocks[m].due_at, clocks[m].state, clocks[m].stopped_at) for m in Measure]


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
