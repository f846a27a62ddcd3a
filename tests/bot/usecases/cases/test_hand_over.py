"""CR11 to CR14: hand-over to a department, feedback, and what is blocked there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.contacts import ContactType, EventKind
from bot.core.errors import InvalidFormError, RefusedError
from bot.core.ids import AgentId
from bot.core.messages import StandUpDigest
from bot.core.record_settings import Department
from bot.core.records import RecordKind
from bot.core.records_messages import (
    ChaseReminder,
    HandedOver,
    HandOverAnswered,
)
from bot.usecases import (
    chase,
    hand_over,
)
from tests.bot.usecases.cases.desk import BO, GOOD, REF, kinds, log, told
from tests.bot.usecases.harbour import Harbour
from tests.support.builders import agent, at, event


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
