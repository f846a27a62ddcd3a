"""Contacts are what their events say, in whatever order they arrive."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.case_history import apply, events_of, rebuild
from bot.core.contacts import Contact, ContactEvent, ContactStatus, EventKind, Priority, WaitingFor
from bot.core.errors import RefusedError
from bot.core.ids import AgentId
from bot.core.queues import Channel
from tests.support.builders import at, contact, event


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
        ((OPENED, event(EventKind.RESOLVED, at(10, 1))), EventKind.RESOLVED, "is solved"),
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
