"""CR5, CR6, CR8: the record of a contact, its draft, its number and its reminder."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.core.contacts import ContactStatus, ContactType, EventKind, Priority
from bot.core.errors import InvalidFormError
from bot.core.ids import AgentId, ContactRef
from bot.core.queues import Channel
from bot.core.records import RecordForm
from bot.core.records_messages import RecordDue
from bot.core.sla import ClockState
from bot.usecases import escalate_case
from bot.usecases.case_files import read_case
from tests.bot.usecases.cases.desk import BO, GOOD, REF, kinds, log, told
from tests.bot.usecases.harbour import Harbour
from tests.support.builders import PHONE, at, event


def test_a_new_case_is_numbered_opened_when_the_form_was_and_answered(harbour: Harbour) -> None:
    started = at(9, 56)
    one = log(harbour, started_at=started)
    two = log(harbour)
    assert (one.contact.ref, two.contact.ref) == ("GD20261124001", "GD20261124002")
    assert one.opened
    assert (one.contact.opened_at, one.contact.responded_at, one.contact.agent) == (started, started, "bo")
    with harbour.store.read() as uow:
        held = uow.records.get(one.contact.ref)
        clocks = uow.clocks.of([one.contact.ref])[one.contact.ref]
    assert held is not None
    assert held.description == "parcel is late"
    assert {c.state for (m, _), c in clocks.items() if m.value == "first_response"} == {ClockState.MET}


def test_numbers_that_others_took_are_left_out_and_the_day_is_local(harbour: Harbour) -> None:
    harbour.open(ref="GD20261124001")
    assert log(harbour).contact.ref == "GD20261124002"
    harbour.clock.now = at(23, 59) + timedelta(minutes=1)  # midnight in Shanghai
    assert log(harbour).contact.ref == "GD20261125001"


def test_a_refused_record_leaves_nothing_behind(harbour: Harbour) -> None:
    with pytest.raises(InvalidFormError):
        log(harbour, replace(GOOD, description="ID 11010519491231002X"))
    with pytest.raises(InvalidFormError) as refused:
        log(harbour, queue=None)
    assert [p.name for p in refused.value.problems] == ["queue"]
    with harbour.store.read() as uow:
        assert uow.contacts.many([REF]) == {}
    assert log(harbour).contact.ref == REF


def test_a_draft_survives_and_is_finished_later(harbour: Harbour) -> None:
    draft = log(harbour, RecordForm(type=ContactType.ORDER, description="began"), complete=False)
    assert not draft.complete
    harbour.clock.forward(minutes=3)
    done = log(harbour, ref=draft.contact.ref, solved=True)
    assert not done.opened
    assert done.contact.status is ContactStatus.SOLVED
    with harbour.store.read() as uow:
        held = uow.records.get(REF)
    assert held is not None
    assert held.complete
    assert kinds(harbour) == ["opened", "responded", "resolved"]


def test_what_is_written_reclassifies_a_case_and_words_leave_a_tag_only(harbour: Harbour) -> None:
    rules = (
        *harbour.settings.records.priorities,
        replace(harbour.settings.records.priorities[0], name="fire", words=("起火",)),
    )
    harbour.settings = replace(harbour.settings, records=replace(harbour.settings.records, priorities=rules))
    harbour.open(priority=Priority.LOW)
    done = log(harbour, replace(GOOD, description="充电器起火"), ref=REF, tags=frozenset())
    assert "safety_risk" in done.contact.tags
    assert (done.contact.type, done.contact.priority) == (ContactType.ORDER, Priority.URGENT)


def test_rules_raise_and_a_persons_choice_stands(harbour: Harbour) -> None:
    harbour.open(type=ContactType.COMPLAINT, priority=Priority.LOW)
    case = read_case(harbour.store, harbour.settings, REF, viewer=BO, now=harbour.clock())
    assert case.contact.priority is Priority.HIGH
    changed = escalate_case.set_priority(
        harbour.store, harbour.settings, REF, Priority.MEDIUM, viewer=BO, now=harbour.clock.forward(minutes=1)
    )
    assert (changed.priority, changed.priority_manual) == (Priority.MEDIUM, True)
    harbour.clock.forward(minutes=1)
    log(harbour, replace(GOOD, type=ContactType.URGENT), ref=REF)
    with harbour.store.read() as uow:
        held = uow.contacts.get(REF)
        trail = [e.action for e in uow.audit.entries(subject=f"case:{REF}")]
    assert held is not None
    assert (held.type, held.priority) == (ContactType.URGENT, Priority.MEDIUM)
    assert "priority_set" in trail


def test_rules_end_alike_in_any_order_of_arrival(quick_harbour: Harbour) -> None:
    story = [
        event(EventKind.OPENED, at(10), priority=Priority.LOW),
        event(EventKind.RECLASSIFIED, at(10, 5), type=ContactType.COMPLAINT),
        event(EventKind.RECLASSIFIED, at(10, 10), type=ContactType.ORDER, tags=frozenset({"agitated"})),
        event(EventKind.RECLASSIFIED, at(10, 7), priority=Priority.MEDIUM),
    ]
    ends = set()
    for n, order in enumerate(([0, 1, 2, 3], [3, 2, 1, 0], [0, 3, 2, 1], [2, 0, 1, 3])):
        ref = ContactRef(f"GD2026112400{n}")
        quick_harbour.clock.now = at(11)
        for i in order:
            named = replace(story[i], ref=ref, source_event_id=f"{n}:{i}")
            quick_harbour.tell(named)
        with quick_harbour.store.read() as uow:
            held = uow.contacts.get(ref)
            clocks = uow.clocks.of([ref])[ref]
        assert held is not None
        due = tuple(sorted((m.value, c.due_at) for (m, _), c in clocks.items()))
        ends.add((held.priority, held.type, due))
    assert len(ends) == 1
    assert next(iter(ends))[0] is Priority.URGENT


def test_a_finished_record_stays_finished_and_its_past_follow_up_is_no_reason_to_refuse(
    harbour: Harbour,
) -> None:
    follow = replace(GOOD, follow_up="call back", follow_up_owner="bo", follow_up_at=at(12))
    log(harbour, follow)
    harbour.clock.now = at(13)
    log(harbour, replace(follow, remarks="she was friendly"), ref=REF, complete=False)
    with harbour.store.read() as uow:
        held = uow.records.get(REF)
    assert held is not None
    assert (held.complete, held.remarks) == (True, "she was friendly")
    with pytest.raises(InvalidFormError):
        log(harbour, replace(follow, follow_up_at=at(12, 30)), ref=REF)


def test_customers_are_numbered_by_the_month_where_asked_for(harbour: Harbour) -> None:
    numbers = []
    for word in ("new", "新", "C202405001"):
        ref = log(harbour, replace(GOOD, customer_no=word)).contact.ref
        with harbour.store.read() as uow:
            held = uow.records.get(ref)
        assert held is not None
        numbers.append(held.customer_no)
    assert numbers == ["C202611001", "C202611002", "C202405001"]


def call_ends(harbour: Harbour, when: datetime, ref: str = REF, **fields: object) -> None:
    harbour.clock.now = when
    harbour.tell(
        event(EventKind.OPENED, when - timedelta(minutes=6), ref, queue=PHONE, channel=Channel.PHONE),
        event(EventKind.RESOLVED, when, ref, agent=AgentId("bo"), **fields),
    )


def test_a_call_without_a_record_is_remembered_once_after_five_minutes(harbour: Harbour) -> None:
    call_ends(harbour, at(10))
    harbour.clock.now = at(10, 4)
    assert told(harbour, "@UBO", RecordDue) == []
    harbour.clock.now = at(10, 5)
    (due,) = told(harbour, "@UBO", RecordDue)
    assert isinstance(due, RecordDue)
    assert (due.ref, due.ended_at) == (REF, at(10))
    harbour.clock.now = at(11)
    assert len(told(harbour, "@UBO", RecordDue)) == 1


def test_a_record_in_time_keeps_it_quiet_and_a_draft_does_not(harbour: Harbour) -> None:
    call_ends(harbour, at(10))
    log(harbour, ref=REF)
    call_ends(harbour, at(10, 1), "GD2")
    log(harbour, RecordForm(description="began"), ref=ContactRef("GD2"), complete=False)
    harbour.clock.now = at(10, 8)
    assert [m.ref for m in told(harbour, "@UBO", RecordDue)] == ["GD2"]  # type: ignore[union-attr]


def test_chats_and_calls_of_the_past_remind_nobody(harbour: Harbour) -> None:
    harbour.open(at(9), "GD1")
    harbour.tell(event(EventKind.RESOLVED, at(10), "GD1", agent=AgentId("bo")))
    call_ends(harbour, at(10), "GD2")
    harbour.clock.now = at(13)
    harbour.tell(
        event(EventKind.OPENED, at(9), "GD3", queue=PHONE),
        event(EventKind.RESOLVED, at(10), "GD3", agent=AgentId("bo")),
    )
    assert [m.ref for m in told(harbour, "@UBO", RecordDue)] == ["GD2"]  # type: ignore[union-attr]
