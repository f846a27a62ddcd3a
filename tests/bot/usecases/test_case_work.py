"""CR5, CR6, CR8, CR11 to CR15, ES1 to ES3, ES6, ES7: what people do about a case, and what follows."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.core.case_work import ApprovalState, Level, Stage
from bot.core.contacts import ContactStatus, ContactType, EventKind, Priority
from bot.core.errors import InvalidFormError, MusterError, NotAllowedError, NotFoundError, RefusedError
from bot.core.ids import AgentId, ContactRef, TeamId
from bot.core.messages import Message, StandUpDigest
from bot.core.people import Role
from bot.core.permissions import Actor
from bot.core.promises import PromiseState
from bot.core.queues import Channel
from bot.core.record_settings import Department
from bot.core.records import RecordForm, RecordKind
from bot.core.records_messages import (
    ApprovalAsked,
    ApprovalDecided,
    CaseEscalated,
    ChaseReminder,
    ComplaintAssigned,
    ComplaintRaised,
    HandedOver,
    HandOverAnswered,
    OrphanCases,
    RecordDue,
)
from bot.core.sla import ClockState
from bot.usecases import (
    chase,
    escalate_case,
    find_orphans,
    give_complaint,
    hand_over,
    link_case,
    log_contact,
    name_owner,
)
from bot.usecases.case_files import Viewer, read_case
from bot.usecases.inform_customer import inform_customer
from bot.usecases.log_contact import Entry, Logged
from tests.bot.usecases.harbour import Harbour
from tests.support.builders import CHAT, PHONE, TEAM, agent, at, contact, event, settings

REF = ContactRef("GD20261124001")


def viewer(name: str, role: Role = Role.AGENT, team: str | None = TEAM) -> Viewer:
    rights = Actor(
        role=role,
        agent=AgentId(name) if team else None,
        team=None if team is None else TeamId(team),
    )
    return Viewer(actor=name, rights=rights, email=f"{name}@harbour.example")


BO, LIN = viewer("bo"), viewer("lin", Role.LEAD)
GOOD = RecordForm(type=ContactType.ORDER, description="parcel is late", solution="asked the carrier")
FINANCE = Department(department="finance", name="Finance", channel="harbour-finance")


@pytest.fixture
def harbour(harbour: Harbour) -> Harbour:
    harbour.settings = replace(settings(warn_at=()), departments={"finance": FINANCE})
    harbour.people(
        agent("lin", role=Role.LEAD, slack_user="ULIN"),
        agent("bo", slack_user="UBO"),
        agent("chen", slack_user="UCHEN", skills={CHAT: 1.0, "complaint": 1.0}),
    )
    return harbour


def log(harbour: Harbour, form: RecordForm = GOOD, **fields: object) -> Logged:
    values: dict[str, object] = {"queue": PHONE, "agent": AgentId("bo"), "started_at": harbour.clock()}
    entry = Entry(form=form, **{**values, **fields})  # type: ignore[arg-type]
    return log_contact.log_contact(harbour.store, harbour.settings, entry, viewer=BO, now=harbour.clock())


def told(harbour: Harbour, place: str, kind: type[Message]) -> list[Message]:
    harbour.drain(6)
    return [m for m in harbour.slack.in_place(place) if isinstance(m, kind)]


def kinds(harbour: Harbour, ref: str = REF) -> list[str]:
    with harbour.store.read() as uow:
        return [e.kind.value for e in uow.contacts.events([ContactRef(ref)])[ContactRef(ref)]]


# -- records --------------------------------------------------------------------------------------------


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


# -- the reminder of a record ---------------------------------------------------------------------------


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


# -- hand-over ------------------------------------------------------------------------------------------


def test_a_hand_over_posts_the_number_only_starts_the_clock_and_is_answered_once(harbour: Harbour) -> None:
    harbour.open()
    handed = hand_over.hand_over(
        harbour.store,
        harbour.settings,
        REF,
        "Finance",
        expected_at=at(15),
        summary="the refund of the blue kettle did not arrive",
        viewer=BO,
        now=harbour.clock(),
    )
    (post,) = told(harbour, "#harbour-finance", HandedOver)
    assert isinstance(post, HandedOver)
    assert (post.ref, post.expected_at, post.priority) == (REF, at(15), "high")
    assert "kettle" not in repr(post)
    with harbour.store.read() as uow:
        held = uow.contacts.get(REF)
    assert held is not None
    assert held.department == "finance"
    harbour.clock.now = at(14)
    first = hand_over.answer_hand_over(harbour.store, harbour.settings, handed.id, by="UKIM", now=at(14))
    second = hand_over.answer_hand_over(harbour.store, harbour.settings, handed.id, by="ULEE", now=at(14, 1))
    assert (first.won, second.won, second.by, second.at) == (True, False, "UKIM", at(14))
    assert len(told(harbour, "#harbour-finance", HandOverAnswered)) == 1
    assert len(told(harbour, "@UBO", HandOverAnswered)) == 1
    assert kinds(harbour)[-2:] == ["handed_over", "hand_over_answered"]


def test_a_back_office_group_is_called_with_who_is_on_shift(harbour: Harbour) -> None:
    """ES5: a user group and a skill on the roster make a group of one's own a department."""
    support = Department(
        department="support",
        name="Support",
        channel="harbour-support",
        user_group="S0123AB",
        skill="complaint",
    )
    harbour.settings = replace(harbour.settings, departments={"support": support})
    harbour.people(agent("dan", slack_user="UDAN", skills={"complaint": 1.0}))
    harbour.publish({"bo": (at(9), at(18)), "chen": (at(9), at(18))})
    harbour.open()
    hand_over.hand_over(
        harbour.store,
        harbour.settings,
        REF,
        "support",
        expected_at=at(15),
        summary="x y",
        viewer=BO,
        now=harbour.clock(),
    )
    (post,) = told(harbour, "#harbour-support", HandedOver)
    assert isinstance(post, HandedOver)
    assert (post.user_group, post.on_shift) == ("S0123AB", ("chen",))


@pytest.mark.parametrize(
    ("department", "summary", "kind"),
    [
        ("finance", " ", "summary_needed"),
        ("finance", "call 13812345678", "personal_data"),
        ("finanse", "what is known", "department_unknown"),
    ],
)
def test_a_hand_over_without_what_it_needs_is_refused(
    harbour: Harbour, department: str, summary: str, kind: str
) -> None:
    harbour.open()
    with pytest.raises(RefusedError) as refused:
        hand_over.hand_over(
            harbour.store,
            harbour.settings,
            REF,
            department,
            expected_at=at(15),
            summary=summary,
            viewer=BO,
            now=harbour.clock(),
        )
    assert refused.value.kind == kind
    assert kinds(harbour) == ["opened"]


def test_what_does_not_fit_the_case_is_refused_whole(harbour: Harbour) -> None:
    harbour.open()
    harbour.tell(event(EventKind.RESOLVED, at(10), agent=AgentId("bo")))
    harbour.clock.forward(minutes=1)
    with pytest.raises(RefusedError) as refused:
        hand_over.hand_over(
            harbour.store,
            harbour.settings,
            REF,
            "finance",
            expected_at=at(15),
            summary="x y",
            viewer=BO,
            now=harbour.clock(),
        )
    assert refused.value.kind == "illegal_transition"
    assert told(harbour, "#harbour-finance", HandedOver) == []
    with harbour.store.read() as uow:
        assert uow.case_work.hand_overs_of(REF) == []


def test_feedback_goes_to_the_department_as_a_number_and_needs_a_follow_up(harbour: Harbour) -> None:
    opinion = replace(GOOD, kind=RecordKind.FEEDBACK, type=ContactType.SUGGESTION, solution="")
    with pytest.raises(InvalidFormError) as refused:
        log(harbour, opinion, department="finance")
    assert [p.kind for p in refused.value.problems] == ["feedback_needs_follow_up"]
    told_by = at(18)
    log(
        harbour,
        replace(opinion, follow_up="tell her", follow_up_owner="bo", follow_up_at=told_by),
        department="finance",
        tags=frozenset({"app"}),
    )
    (post,) = told(harbour, "#harbour-finance", HandedOver)
    assert isinstance(post, HandedOver)
    assert (post.feedback, post.tags, post.expected_at) == (True, ("app",), told_by)


# -- blocked --------------------------------------------------------------------------------------------


def test_the_chaser_is_reminded_every_four_working_hours_until_it_is_free(harbour: Harbour) -> None:
    harbour.clock.now = at(20)
    harbour.open()
    block = chase.block_case(
        harbour.store, harbour.settings, REF, "finance", agent("chen"), viewer=BO, now=at(20)
    )
    # Open until 22:00, again from 08:00: four working hours end at 10:00 the next day.
    assert block.next_at == at(10) + timedelta(days=1)
    assert chase.tick(harbour.store, harbour.settings, now=at(22)) == 0
    for n, when in enumerate((at(10), at(14), at(18)), start=1):
        harbour.clock.now = when + timedelta(days=1)
        assert chase.tick(harbour.store, harbour.settings, now=harbour.clock()) == 1
        assert chase.tick(harbour.store, harbour.settings, now=harbour.clock()) == 0
        reminders = told(harbour, "@UCHEN", ChaseReminder)
        assert [m.told for m in reminders] == list(range(1, n + 1))  # type: ignore[union-attr]
    chase.unblock_case(harbour.store, harbour.settings, REF, viewer=BO, now=harbour.clock())
    assert chase.tick(harbour.store, harbour.settings, now=at(20) + timedelta(days=2)) == 0
    assert chase.next_due(harbour.store) is None
    assert kinds(harbour) == ["opened", "blocked", "unblocked"]
    with pytest.raises(RefusedError):
        chase.unblock_case(harbour.store, harbour.settings, REF, viewer=BO, now=harbour.clock())


def test_what_is_blocked_stands_in_the_digest_the_longest_first(harbour: Harbour) -> None:
    """F7: a case that finance holds up for two days is on top, with who asks there."""
    for ref, day in (("GD1", 2), ("GD2", 3), ("GD3", 3)):
        harbour.clock.now = at(10) - timedelta(days=day)
        harbour.open(harbour.clock(), ref)
        chase.block_case(
            harbour.store, harbour.settings, ref, "finance", agent("chen"), viewer=BO, now=harbour.clock()
        )
    harbour.tell(event(EventKind.RESOLVED, harbour.clock(), "GD3", agent=AgentId("bo")))
    harbour.clock.now = at(9, 20)
    assert harbour.stand_up() == 1
    (digest,) = told(harbour, "#harbour-standup", StandUpDigest)
    assert isinstance(digest, StandUpDigest)
    assert digest.blocked_total == 2
    assert [(c.ref, c.department, c.chaser) for c in digest.blocked] == [
        ("GD2", "Finance", "chen"),
        ("GD1", "Finance", "chen"),
    ]


# -- complaints -----------------------------------------------------------------------------------------


def complaint(harbour: Harbour, **fields: object) -> None:
    values: dict[str, object] = {"type": ContactType.COMPLAINT, "complained_about": AgentId("bo"), **fields}
    harbour.open(**values)


def test_a_complaint_reaches_the_lead_at_once_with_somebody_independent(harbour: Harbour) -> None:
    harbour.publish({"lin": (at(9), at(18)), "bo": (at(9), at(18)), "chen": (at(9), at(18))})
    complaint(harbour)
    (card,) = told(harbour, "@ULIN", ComplaintRaised)
    assert isinstance(card, ComplaintRaised)
    assert (card.proposed, card.skilled, card.complained_about) == ("chen", True, "bo")
    assert told(harbour, "@UBO", ComplaintRaised) == []
    with pytest.raises(RefusedError) as refused:
        give_complaint.give_complaint(
            harbour.store, harbour.settings, REF, AgentId("bo"), viewer=LIN, now=harbour.clock()
        )
    assert refused.value.kind == "complained_about"
    given = give_complaint.give_complaint(
        harbour.store, harbour.settings, REF, AgentId("chen"), viewer=LIN, now=harbour.clock()
    )
    again = give_complaint.give_complaint(
        harbour.store, harbour.settings, REF, AgentId("chen"), viewer=LIN, now=harbour.clock()
    )
    assert (given.won, again.won) == (True, False)
    assert told(harbour, "@ULIN", ComplaintRaised) == []
    assert len(told(harbour, "@ULIN", ComplaintAssigned)) == 1


def test_nobody_skilled_on_shift_names_the_lead_and_until_when(harbour: Harbour) -> None:
    harbour.publish({"lin": (at(9), at(18)), "bo": (at(9), at(18)), "chen": (at(18), at(22))})
    complaint(harbour)
    (card,) = told(harbour, "@ULIN", ComplaintRaised)
    assert isinstance(card, ComplaintRaised)
    assert (card.proposed, card.skilled, card.nobody_until) == ("lin", False, at(18))


def test_whoever_is_complained_about_records_it_and_neither_has_nor_solves_it(harbour: Harbour) -> None:
    harbour.publish({"lin": (at(9), at(18))})
    form = replace(GOOD, type=ContactType.COMPLAINT)
    done = log(harbour, form, complained_about=AgentId("bo"))
    assert done.contact.agent is None
    assert done.contact.responded_at is not None
    assert len(told(harbour, "@ULIN", ComplaintRaised)) == 1
    with pytest.raises(InvalidFormError) as refused:
        log(harbour, form, ref=REF, solved=True)
    assert [(p.name, p.kind) for p in refused.value.problems] == [
        ("ticks", "solved_by_the_one_complained_about")
    ]


def test_a_complaint_about_the_lead_goes_past_the_lead(harbour: Harbour) -> None:
    harbour.publish({"lin": (at(9), at(18)), "chen": (at(9), at(18))})
    complaint(harbour, complained_about=AgentId("lin"))
    assert told(harbour, "@ULIN", ComplaintRaised) == []
    assert len(told(harbour, "@ada@harbour.example", ComplaintRaised)) == 1


def test_a_complaint_given_elsewhere_to_the_one_it_is_about_is_told_again(harbour: Harbour) -> None:
    harbour.publish({"lin": (at(9), at(18)), "chen": (at(9), at(18))})
    complaint(harbour)
    harbour.tell(event(EventKind.ASSIGNED, at(10), agent=AgentId("bo")))
    cards = told(harbour, "@ULIN", ComplaintRaised)
    assert [c.owner for c in cards] == [None, "bo"]  # type: ignore[union-attr]


def test_a_question_becomes_a_complaint_and_a_question_does_not_raise_anything(harbour: Harbour) -> None:
    harbour.publish({"lin": (at(9), at(18))})
    harbour.open()
    assert told(harbour, "@ULIN", ComplaintRaised) == []
    harbour.tell(event(EventKind.RECLASSIFIED, harbour.clock(), type=ContactType.COMPLAINT))
    assert len(told(harbour, "@ULIN", ComplaintRaised)) == 1


# -- escalation and approval ----------------------------------------------------------------------------


def test_escalation_reaches_the_level_or_says_nobody_is_there(harbour: Harbour) -> None:
    harbour.open()
    _, reached = escalate_case.escalate_case(
        harbour.store, harbour.settings, REF, Level.LEAD, "beyond_authority", viewer=BO, now=harbour.clock()
    )
    assert reached.nobody_on_duty
    (card,) = told(harbour, "@ada@harbour.example", CaseEscalated)
    assert isinstance(card, CaseEscalated)
    assert (card.nobody_on_duty, card.reason) == (True, "beyond_authority")
    harbour.publish({"lin": (at(9), at(18))})
    escalate_case.escalate_case(
        harbour.store, harbour.settings, REF, Level.LEAD, "complex", viewer=BO, now=harbour.clock()
    )
    assert len(told(harbour, "@ULIN", CaseEscalated)) == 1
    with pytest.raises(RefusedError) as refused:
        escalate_case.escalate_case(
            harbour.store,
            harbour.settings,
            REF,
            Level.LEAD,
            "he shouts at me",
            viewer=BO,
            now=harbour.clock(),
        )
    assert refused.value.kind == "reason_code"


def test_one_supervisor_decides_and_whoever_asked_is_told(harbour: Harbour) -> None:
    harbour.publish({"lin": (at(9), at(18))})
    harbour.open()
    asked, _ = escalate_case.ask_approval(
        harbour.store,
        harbour.settings,
        REF,
        "refund",
        "all of it, though the month is over",
        tell_by=at(18),
        viewer=BO,
        now=harbour.clock(),
    )
    (card,) = told(harbour, "@ULIN", ApprovalAsked)
    assert "month" not in repr(card)
    with pytest.raises(NotAllowedError):
        escalate_case.decide_approval(
            harbour.store, harbour.settings, asked.id, approve=True, viewer=BO, now=harbour.clock()
        )
    won = escalate_case.decide_approval(
        harbour.store, harbour.settings, asked.id, approve=True, viewer=LIN, now=harbour.clock()
    )
    ada = viewer("UADA", Role.ADMIN, None)
    lost = escalate_case.decide_approval(
        harbour.store, harbour.settings, asked.id, approve=False, viewer=ada, now=harbour.clock()
    )
    assert (won.won, lost.won) == (True, False)
    assert (lost.approval.state, lost.approval.decided_by) == (ApprovalState.APPROVED, "lin")
    assert told(harbour, "@ULIN", ApprovalAsked) == []
    (answer,) = told(harbour, "@UBO", ApprovalDecided)
    assert isinstance(answer, ApprovalDecided)
    assert (answer.approved, answer.tell_by) == (True, at(18))
    words = escalate_case.read_approval(
        harbour.store, harbour.settings, asked.id, viewer=LIN, now=harbour.clock()
    )
    assert words.solution.startswith("all of it")


def test_that_the_customer_hears_by_the_stated_time_is_a_promise_which_telling_keeps(
    harbour: Harbour,
) -> None:
    harbour.open()
    escalate_case.ask_approval(
        harbour.store,
        harbour.settings,
        REF,
        "refund",
        "all of it",
        tell_by=at(18),
        viewer=BO,
        now=harbour.clock(),
    )
    file = read_case(harbour.store, harbour.settings, REF, viewer=BO, now=harbour.clock())
    assert [(p.owner, p.due_at, p.state) for p in file.promises] == [("bo", at(18), PromiseState.OPEN)]
    harbour.clock.now = at(17)
    inform_customer(harbour.store, harbour.settings, REF, viewer=BO, now=harbour.clock())
    file = read_case(harbour.store, harbour.settings, REF, viewer=BO, now=harbour.clock())
    assert file.promises == ()  # nothing is owed any more
    assert file.contact.informed_at == at(17)


def test_a_follow_up_is_a_promise(harbour: Harbour) -> None:
    """F4: follow-up at 18:00."""
    log(harbour, replace(GOOD, follow_up="ask again", follow_up_owner="chen", follow_up_at=at(18)))
    file = read_case(harbour.store, harbour.settings, REF, viewer=BO, now=harbour.clock())
    assert [(p.owner, p.due_at) for p in file.promises] == [("chen", at(18))]


def test_who_chases_or_sets_a_priority_received_nothing(harbour: Harbour) -> None:
    """ES6: the chaser keeps asking the department; the case is nobody's yet."""
    harbour.tell(event(EventKind.OPENED, at(9), REF, queue=CHAT))
    with harbour.store.read() as uow:
        bo = uow.people.get(AgentId("bo"))
    assert bo is not None
    chase.block_case(harbour.store, harbour.settings, REF, "finance", bo, viewer=LIN, now=at(9, 5))
    now = at(9, 6)
    escalate_case.set_priority(harbour.store, harbour.settings, REF, Priority.HIGH, viewer=LIN, now=now)
    file = read_case(harbour.store, harbour.settings, REF, viewer=LIN, now=at(9, 7))
    assert file.contact.chaser == "bo"
    assert {stage for stage, people in file.owners.items() if people} == set()


def press(count: int, work: Callable[[int], bool]) -> list[int]:
    """Who won, of so many who press at once."""
    barrier, won, lock = threading.Barrier(count), [], threading.Lock()

    def one(n: int) -> None:
        barrier.wait(20)
        if work(n):
            with lock:
                won.append(n)

    threads = [threading.Thread(target=one, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return won


def test_of_twenty_who_press_one_wins_and_the_others_learn_who(harbour: Harbour) -> None:
    harbour.people(*(agent(f"lead{n}", role=Role.LEAD, slack_user=f"UL{n}") for n in range(20)))
    harbour.open()
    store, configured, now = harbour.store, harbour.settings, harbour.clock()
    handed = hand_over.hand_over(
        store, configured, REF, "finance", expected_at=at(15), summary="what is known", viewer=BO, now=now
    )
    asked, _ = escalate_case.ask_approval(
        store, configured, REF, "refund", "all of it", tell_by=at(18), viewer=BO, now=now
    )
    learnt: dict[str, set[str]] = {"answered": set(), "decided": set()}

    def answer(n: int) -> bool:
        result = hand_over.answer_hand_over(store, configured, handed.id, by=f"U{n}", now=now)
        learnt["answered"].add(result.by)
        return result.won

    def decide(n: int) -> bool:
        result = escalate_case.decide_approval(
            store, configured, asked.id, approve=n % 2 == 0, viewer=viewer(f"lead{n}", Role.LEAD), now=now
        )
        learnt["decided"].add(result.approval.decided_by or "")
        return result.won

    def give(n: int) -> bool:
        return give_complaint.give_complaint(
            store, configured, REF, AgentId("chen"), viewer=viewer(f"lead{n}", Role.LEAD), now=now
        ).won

    (first,) = press(20, answer)
    assert learnt["answered"] == {f"U{first}"}
    (first,) = press(20, decide)
    assert learnt["decided"] == {f"lead{first}"}
    assert len(press(20, give)) == 1
    assert kinds(harbour).count("hand_over_answered") == kinds(harbour).count("assigned") == 1


# -- links, owners, orphans -----------------------------------------------------------------------------


def test_one_case_keeps_one_clock_whatever_the_channel(harbour: Harbour) -> None:
    harbour.open(at(9, 50), "zendesk:1001")
    harbour.open(at(10), REF)
    linked = link_case.link_case(
        harbour.store, harbour.settings, REF, "zendesk:1001", viewer=BO, now=harbour.clock()
    )
    assert (linked.ref, linked.merged) == (REF, True)
    harbour.clock.forward(minutes=2)
    harbour.tell(event(EventKind.RESPONDED, harbour.clock(), "zendesk:1001", agent=AgentId("bo")))
    with harbour.store.read() as uow:
        case, copy = uow.contacts.get(REF), uow.contacts.get(ContactRef("zendesk:1001"))
        running = [
            c
            for c in uow.clocks.of([ContactRef("zendesk:1001")])[ContactRef("zendesk:1001")].values()
            if c.state is ClockState.RUNNING
        ]
    assert case is not None
    assert copy is not None
    assert (case.opened_at, case.agent) == (at(9, 50), "bo")
    assert (copy.merged_into, running) == (REF, [])
    found = read_case(harbour.store, harbour.settings, "zendesk:1001", viewer=BO, now=harbour.clock())
    assert found.contact.ref == REF
    assert found.links == (("zendesk", "1001"),)


def test_a_name_linked_before_it_speaks_never_opens_a_second_case(harbour: Harbour) -> None:
    harbour.open(at(10), REF)
    link_case.link_case(harbour.store, harbour.settings, REF, "chatwoot:7", viewer=BO, now=harbour.clock())
    harbour.clock.forward(minutes=1)
    harbour.open(harbour.clock(), "chatwoot:7")
    with harbour.store.read() as uow:
        assert uow.contacts.get(ContactRef("chatwoot:7")) is None
    assert kinds(harbour) == ["opened", "customer_replied"]


def test_a_name_of_another_case_is_not_taken_from_it(harbour: Harbour) -> None:
    harbour.open(at(10), REF)
    harbour.open(at(10), "GD2")
    link_case.link_case(harbour.store, harbour.settings, REF, "chatwoot:7", viewer=BO, now=harbour.clock())
    with pytest.raises(RefusedError) as refused:
        link_case.link_case(
            harbour.store, harbour.settings, "GD2", "chatwoot:7", viewer=BO, now=harbour.clock()
        )
    assert refused.value.kind == "linked_elsewhere"


def test_every_stage_has_an_owner_and_people_name_others(harbour: Harbour) -> None:
    harbour.open(agent=AgentId("bo"))
    name_owner.name_owner(
        harbour.store, harbour.settings, REF, Stage.PROCESS, AgentId("chen"), viewer=LIN, now=harbour.clock()
    )
    name_owner.name_owner(
        harbour.store, harbour.settings, REF, Stage.CO_OWNER, AgentId("lin"), viewer=LIN, now=harbour.clock()
    )
    case = read_case(harbour.store, harbour.settings, REF, viewer=BO, now=harbour.clock())
    assert case.contact.agent == "chen"
    assert case.owners == {
        Stage.RECEIVE: ("bo",),
        Stage.ASSIGN: ("bo",),
        Stage.PROCESS: ("chen",),
        Stage.FEEDBACK: ("chen",),
        Stage.ARCHIVE: ("chen",),
        Stage.CO_OWNER: ("lin",),
    }


def test_neglected_cases_are_listed_to_the_leads_once_a_day(harbour: Harbour) -> None:
    now = at(7, 30) + timedelta(days=4)
    harbour.open(at(10), "GD1")  # nobody has it
    harbour.open(at(10), "GD2", agent=AgentId("bo"))  # nothing happened for days
    harbour.open(at(10), "GD3", agent=AgentId("bo"))
    harbour.open(at(10), "GD4", agent=AgentId("bo"))
    harbour.clock.now = now - timedelta(days=1)
    harbour.tell(
        event(EventKind.RESPONDED, harbour.clock(), "GD3", agent=AgentId("bo")),
        event(EventKind.RESOLVED, harbour.clock(), "GD4", agent=AgentId("bo")),
    )
    with harbour.store.unit() as uow:
        uow.contacts.save([contact("GD5", opened_at=at(10))])  # from a file
        uow.commit()
    harbour.clock.now = now
    assert find_orphans.tick(harbour.store, harbour.settings, now=now) == 2
    find_orphans.tick(harbour.store, harbour.settings, now=now)
    (found,) = told(harbour, "@ULIN", OrphanCases)
    assert isinstance(found, OrphanCases)
    assert {(c.ref, c.reason) for c in found.cases} == {("GD1", "no_owner"), ("GD2", "nothing_happened")}
    assert found.total == 2


# -- who may --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "error"),
    [
        (BO, None),
        (LIN, None),
        (viewer("eve", team="pier"), NotAllowedError),
        (viewer("USTRANGER", team=None), NotAllowedError),
        (viewer("eve", Role.LEAD, "pier"), NotAllowedError),
        (viewer("pei", Role.PLANNER, "pier"), None),
        (None, None),
    ],
)
def test_only_the_people_of_the_team_see_a_case(
    harbour: Harbour, who: Viewer | None, error: type[MusterError] | None
) -> None:
    harbour.open()
    if error is None:
        read_case(harbour.store, harbour.settings, REF, viewer=who, now=harbour.clock())
    else:
        with pytest.raises(error):
            read_case(harbour.store, harbour.settings, REF, viewer=who, now=harbour.clock())
    with harbour.store.read() as uow:
        read = [e for e in uow.audit.entries(subject=f"case:{REF}") if e.action == "case_read"]
    assert len(read) == (error is None)


def test_a_case_that_is_not_there(harbour: Harbour) -> None:
    with pytest.raises(NotFoundError):
        read_case(harbour.store, harbour.settings, "GD9", viewer=BO, now=harbour.clock())


def test_earlier_contacts_of_the_same_customer(harbour: Harbour) -> None:
    known = replace(GOOD, customer_no="C202405001")
    first = log(harbour, known)
    harbour.clock.forward(hours=1)
    second = log(harbour, known)
    log(harbour, replace(GOOD, customer_no="C202405002"))
    case = read_case(harbour.store, harbour.settings, second.contact.ref, viewer=BO, now=harbour.clock())
    assert [c.ref for c in case.earlier] == [first.contact.ref]
    assert not case.perhaps
