"""Contacts are what their events say, in whatever order they arrive."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.case_history import apply, events_of, opening_of, rebuild
from bot.core.contacts import Contact, ContactEvent, ContactStatus, EventKind, Priority, WaitingFor
from bot.core.errors import RefusedError
from bot.core.ids import AgentId
from bot.core.queues import Channel
from tests.support.builders import CHAT, EMAIL, at, contact, event


def play(*events: ContactEvent) -> Contact:
    current: Contact | None = None
    for one in events:
        current = apply(current, one, channel=Channel.CHAT)
    assert current is not None
    return current


OPENED = event(EventKind.OPENED, at(10))


def test_a_case_from_opening_to_solution() -> None:
    solved = play(
        OPENED,
        event(EventKind.ASSIGNED, at(10, 1), agent=AgentId("bo")),
        event(EventKind.RESPONDED, at(10, 4), agent=AgentId("bo")),
        event(EventKind.PENDING, at(10, 5)),
        event(EventKind.RESUMED, at(11)),
        event(EventKind.RESPONDED, at(11, 2), agent=AgentId("cy")),
        event(EventKind.RESOLVED, at(11, 5), outcome="coupon", handle_seconds=420.0),
    )
    assert solved.status is ContactStatus.SOLVED
    assert (solved.responded_at, solved.resolved_at) == (at(10, 4), at(11, 5))
    assert (solved.agent, solved.outcome, solved.handle_seconds) == ("cy", "coupon", 420.0)


def test_solving_without_an_answer_counts_as_the_answer() -> None:
    solved = play(OPENED, event(EventKind.RESOLVED, at(10, 7)))
    assert solved.responded_at == at(10, 7)


def test_reopening_keeps_the_first_answer_and_takes_the_solution_back() -> None:
    reopened = play(
        OPENED,
        event(EventKind.RESPONDED, at(10, 4)),
        event(EventKind.RESOLVED, at(10, 9)),
        event(EventKind.REOPENED, at(12)),
    )
    assert reopened.status is ContactStatus.RESPONDED
    assert (reopened.responded_at, reopened.resolved_at) == (at(10, 4), None)


def test_an_answer_dated_before_the_opening_counts_from_the_opening() -> None:
    assert play(OPENED, event(EventKind.RESPONDED, at(9, 59))).responded_at == at(10)


@pytest.mark.parametrize(
    ("before", "kind", "says"),
    [
        ((), EventKind.RESPONDED, "never opened"),
        ((OPENED,), EventKind.OPENED, "is open since"),
        ((OPENED,), EventKind.RESUMED, "is new"),
        ((OPENED,), EventKind.REOPENED, "archived or solved"),
        ((OPENED, event(EventKind.RESOLVED, at(10, 1))), EventKind.PENDING, "is solved"),
        ((OPENED, event(EventKind.RESOLVED, at(10, 1))), EventKind.HANDED_OVER, "is solved"),
    ],
)
def test_a_transition_that_makes_no_sense_is_refused_and_says_why(
    before: tuple[ContactEvent, ...], kind: EventKind, says: str
) -> None:
    current = play(*before) if before else None
    with pytest.raises(RefusedError, match=says):
        apply(current, event(kind, at(11)), channel=Channel.CHAT)


@st.composite
def histories(draw: st.DrawFn) -> list[ContactEvent]:
    kinds = draw(st.lists(st.sampled_from([k for k in EventKind if k is not EventKind.OPENED]), max_size=8))
    found = [OPENED]
    for number, kind in enumerate(kinds):
        fields: dict[str, object] = {"source_event_id": f"e{number}"}
        if kind is EventKind.PRIORITY_CHANGED:
            fields["priority"] = draw(st.sampled_from(Priority))
        if kind is EventKind.ASSIGNED:
            fields["agent"] = AgentId(draw(st.sampled_from("abc")))
        found.append(event(kind, at(10) + timedelta(minutes=draw(st.integers(-2, 30))), **fields))
    return found


@given(history=histories(), data=st.data())
@settings(max_examples=150, deadline=None)
def test_the_order_of_arrival_changes_nothing(history: list[ContactEvent], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(history))
    one, other = rebuild(history, channel=Channel.CHAT), rebuild(shuffled, channel=Channel.CHAT)
    assert one.contact == other.contact
    assert [e for e, _ in one.waiting] == [e for e, _ in other.waiting]


@pytest.mark.parametrize(
    ("before", "at_once", "status"),
    [
        ((EventKind.RESOLVED,), (EventKind.RESOLVED, EventKind.REOPENED), ContactStatus.SOLVED),
        ((), (EventKind.RESOLVED, EventKind.REOPENED), ContactStatus.RESPONDED),
        ((EventKind.PENDING,), (EventKind.PENDING, EventKind.RESUMED), ContactStatus.PENDING),
        ((), (EventKind.PENDING, EventKind.RESUMED), ContactStatus.NEW),
        ((EventKind.ARCHIVED,), (EventKind.REOPENED, EventKind.ARCHIVED), ContactStatus.ARCHIVED),
    ],
)
def test_what_a_source_dates_the_same_minute_happens_in_the_order_that_makes_sense(
    before: tuple[EventKind, ...], at_once: tuple[EventKind, ...], status: ContactStatus
) -> None:
    told = [OPENED, *(event(k, at(11)) for k in before), *(event(k, at(12)) for k in at_once)]
    rebuilt = rebuild(told, channel=Channel.CHAT)
    assert rebuilt.waiting == ()
    assert rebuilt.contact is not None
    assert rebuilt.contact.status is status


def test_what_a_case_waits_for_may_change_while_it_waits() -> None:
    waits = event(EventKind.PENDING, at(11))
    for_another = event(EventKind.PENDING, at(12), waiting_for=WaitingFor.DEPARTMENT)
    contact = rebuild([OPENED, waits, for_another], channel=Channel.CHAT).contact
    assert contact is not None
    assert (contact.status, contact.waiting_for) == (ContactStatus.PENDING, WaitingFor.DEPARTMENT)


def test_a_case_solved_again_was_solved_then() -> None:
    """Of 890 real incidents 28 were; the last time is the one the source reports."""
    again = rebuild(
        [OPENED, event(EventKind.RESOLVED, at(11)), event(EventKind.RESOLVED, at(12))], channel=Channel.CHAT
    )
    assert again.waiting == ()
    assert again.contact is not None
    assert (again.contact.responded_at, again.contact.resolved_at) == (at(11), at(12))


def test_of_two_openings_of_one_minute_the_same_counts_in_any_order() -> None:
    by_chat = event(EventKind.OPENED, at(10), source_event_id="a")
    by_mail = event(EventKind.OPENED, at(10), source_event_id="b", queue=EMAIL)
    for told in ((by_chat, by_mail), (by_mail, by_chat)):
        assert opening_of(told) is by_chat
        rebuilt = rebuild(told, channel=Channel.CHAT)
        assert rebuilt.contact is not None
        assert rebuilt.contact.queue == CHAT
        assert [e for e, _ in rebuilt.waiting] == [by_mail]


def test_absorbing_an_earlier_case_moves_the_opening_and_nothing_that_was_told_before() -> None:
    """The source dates the waiting and the merge before the opening: both count from there."""
    told = (
        OPENED,
        event(EventKind.PENDING, at(9, 30)),
        event(EventKind.ABSORBED, at(9, 40), opened_at=at(8)),
        event(EventKind.RESUMED, at(9, 45)),
    )
    rebuilt = rebuild(told, channel=Channel.CHAT)
    assert [step.at for step in rebuilt.steps] == [at(10)] * 4
    assert rebuilt.contact is not None
    assert rebuilt.contact.opened_at == at(8)


def test_an_event_that_came_before_its_cause_takes_effect_when_that_comes() -> None:
    early = event(EventKind.REOPENED, at(12))
    rebuilt = rebuild([OPENED, early], channel=Channel.CHAT)
    assert [e for e, _ in rebuilt.waiting] == [early]
    complete = rebuild([OPENED, early, event(EventKind.RESOLVED, at(11))], channel=Channel.CHAT)
    assert complete.waiting == ()
    assert complete.contact is not None
    assert complete.contact.status is ContactStatus.RESPONDED


@pytest.mark.parametrize(
    "imported",
    [
        contact(),
        contact(status=ContactStatus.RESPONDED, responded_at=at(10, 3), agent=AgentId("bo")),
        contact(status=ContactStatus.PENDING, waiting_for=WaitingFor.DEPARTMENT, responded_at=at(10, 3)),
        contact(
            status=ContactStatus.SOLVED,
            responded_at=at(10, 3),
            resolved_at=at(11),
            outcome="ok",
            handle_seconds=60.0,
        ),
    ],
)
def test_a_contact_from_a_file_can_be_told_as_events(imported: Contact) -> None:
    rebuilt = rebuild(events_of(imported), channel=Channel.CHAT)
    assert rebuilt.waiting == ()
    assert rebuilt.contact == replace(imported, source="import")
