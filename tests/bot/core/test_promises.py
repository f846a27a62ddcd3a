"""CP2, CP3, CP11: what becomes of a promise."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.contacts import Contact, ContactStatus, ContactType, EventKind
from bot.core.errors import NotAllowedError, RefusedError
from bot.core.ids import AgentId, ContactRef, PromiseId
from bot.core.people import Role
from bot.core.promise_owners import Attendance, StandIn, owner_then, stand_ins
from bot.core.promises import (
    Promise,
    PromiseKind,
    PromiseState,
    PromiseVerdict,
    checked_note,
    ended,
    judge,
    keeps,
    kept,
    may_archive,
    may_own,
    may_touch,
    soonest,
)
from scheduler.roster.shifts import Segment, Shift
from tests.support.builders import at, contact

QUARTER = timedelta(minutes=15)


def promise(**fields: object) -> Promise:
    values: dict[str, object] = {
        "promise": PromiseId(17),
        "ref": ContactRef("GD20261124001"),
        "kind": PromiseKind.FOLLOW_UP,
        "owner": AgentId("bo"),
        "due_at": at(18),
        "made_at": at(10),
        "made_by": "bo",
        "state": PromiseState.OPEN,
        "remind_at": at(17, 45),
        "next_check_at": at(17, 45),
    }
    return Promise(**{**values, **fields})  # type: ignore[arg-type]


def complaint(**fields: object) -> Contact:
    solved = {"type": ContactType.COMPLAINT, "status": ContactStatus.SOLVED, "resolved_at": at(12)}
    return replace(contact(), **{**solved, **fields})  # type: ignore[arg-type]


def test_a_promise_is_reminded_of_once_and_then_broken_at_its_time() -> None:
    quiet, verdict = judge(promise(), at(17, 44))
    assert (verdict, quiet.next_check_at) == (PromiseVerdict.NOTHING, at(17, 45))
    reminded, verdict = judge(promise(), at(17, 45))
    assert (verdict, reminded.next_check_at) == (PromiseVerdict.REMIND, at(18))
    assert judge(reminded, at(17, 59))[1] is PromiseVerdict.NOTHING
    broken, verdict = judge(reminded, at(18))
    assert (verdict, broken.state, broken.next_check_at) == (
        PromiseVerdict.BROKEN,
        PromiseState.BROKEN,
        None,
    )
    assert broken.owed
    assert judge(broken, at(19))[1] is PromiseVerdict.NOTHING


def test_after_an_outage_a_broken_promise_is_not_reminded_of() -> None:
    assert judge(promise(), at(18, 30))[1] is PromiseVerdict.BROKEN


def test_kept_at_the_due_time_is_kept_and_a_minute_later_is_not() -> None:
    assert kept(promise(), at=at(18), by="bo").state is PromiseState.KEPT
    late = kept(promise(), at=at(18, 1), by="bo")
    assert (late.state, late.owed) == (PromiseState.BROKEN, False)


def test_a_broken_promise_stays_broken_whatever_becomes_of_it() -> None:
    broken, _ = judge(promise(), at(18))
    for state in (PromiseState.HANDED_OVER, PromiseState.WITHDRAWN):
        over = ended(broken, state, at=at(18, 5), by="lin")
        assert (over.state, over.owed) == (PromiseState.BROKEN, False)


def test_what_is_over_cannot_be_ended_again() -> None:
    over = kept(promise(), at=at(17), by="bo")
    with pytest.raises(RefusedError, match="over already"):
        ended(over, PromiseState.WITHDRAWN, at=at(17, 5), by="lin")


@pytest.mark.parametrize(
    ("kind", "keeping"),
    [
        (PromiseKind.CALL_BACK, {EventKind.CALLED_BACK}),
        (
            PromiseKind.FOLLOW_UP,
            {EventKind.CALLED_BACK, EventKind.INFORMED, EventKind.PLAN_GIVEN, EventKind.RESOLVED},
        ),
    ],
)
def test_what_keeps_a_promise(kind: PromiseKind, keeping: set[EventKind]) -> None:
    assert {event for event in EventKind if keeps(kind, event)} == keeping


def test_a_promise_needs_an_owner_and_never_the_one_complained_about() -> None:
    with pytest.raises(RefusedError, match="nobody would own") as refused:
        may_own(contact(), None)
    assert refused.value.kind == "promise_without_owner"
    with pytest.raises(RefusedError, match="complains about"):
        may_own(complaint(complained_about=AgentId("bo")), AgentId("bo"))
    assert may_own(contact(), AgentId("bo")) == "bo"


def test_only_its_people_and_leads_may_touch_it() -> None:
    held = promise(made_by="chen")
    for actor, role in (("bo", Role.AGENT), ("chen", Role.AGENT), ("lin", Role.LEAD)):
        may_touch(held, actor=actor, role=role)
    with pytest.raises(NotAllowedError):
        may_touch(held, actor="di", role=Role.AGENT)


def test_personal_data_is_refused_in_what_was_promised_and_not_repeated() -> None:
    with pytest.raises(RefusedError) as refused:
        checked_note("回电 13812345678")
    assert "138" not in str(refused.value)
    assert checked_note("  物流 核实\n") == "物流 核实"
    assert checked_note(" ") is None
    with pytest.raises(RefusedError, match="longer than"):
        checked_note("长" * 201)


def test_a_complaint_is_archived_only_after_the_customer_was_told() -> None:
    with pytest.raises(RefusedError) as refused:
        may_archive(complaint(), [])
    assert refused.value.kind == "result_not_told"
    with pytest.raises(RefusedError):
        may_archive(complaint(informed_at=at(11)), [])  # before there was a result
    may_archive(complaint(informed_at=at(12, 30)), [])
    may_archive(complaint(type=ContactType.CONSULT), [])


def test_no_case_is_archived_while_something_is_owed() -> None:
    told = complaint(informed_at=at(12, 30))
    with pytest.raises(RefusedError) as refused:
        may_archive(told, [promise()])
    assert refused.value.kind == "promises_owed"
    may_archive(told, [kept(promise(), at=at(12), by="bo"), promise(ref=ContactRef("GD2"))])


def test_broken_promises_stand_first_and_what_is_over_nowhere() -> None:
    broken = promise(promise=PromiseId(3), state=PromiseState.BROKEN, due_at=at(19))
    early, late = promise(promise=PromiseId(1), due_at=at(12)), promise(promise=PromiseId(2))
    done = kept(promise(promise=PromiseId(4)), at=at(11), by="bo")
    assert [p.promise for p in soonest([late, done, early, broken])] == [3, 1, 2]


# -- CP4: the owner at the due time -------------------------------------------------------------------------


def shift(start: object, end: object) -> Shift:
    return Shift(
        date=at(12).date(),
        start=start,
        end=end,
        segments=(Segment(activity="chat", start=start, end=end, paid=True),),
    )  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (at(9), at(22), Attendance.ON),
        (at(9), at(18), Attendance.TIGHT),
        (at(9), at(18, 14), Attendance.TIGHT),
        (at(9), at(18, 15), Attendance.ON),
        (at(17, 50), at(22), Attendance.TIGHT),
        (at(18), at(22), Attendance.OFF),
        (at(9), at(17), Attendance.OFF),
    ],
)
def test_whether_the_owner_is_there(start: object, end: object, expected: Attendance) -> None:
    then = owner_then(at(18), [shift(start, end)], absent=False, published=True)
    assert then.attendance is expected


def test_when_the_owner_leaves_is_known_for_a_shift_that_ends_before() -> None:
    then = owner_then(at(18), [shift(at(9), at(17))], absent=False, published=True)
    assert (then.ends, then.there) == (at(17), False)


def test_leave_beats_the_roster_and_no_roster_is_not_off() -> None:
    on = [shift(at(9), at(22))]
    assert owner_then(at(18), on, absent=True, published=True).attendance is Attendance.ABSENT
    unknown = owner_then(at(18), [], absent=False, published=False)
    assert (unknown.attendance, unknown.there) == (Attendance.UNKNOWN, True)


def test_colleagues_with_time_to_spare_come_first_and_three_are_named() -> None:
    def one(name: str, ends: object, **more: object) -> StandIn:
        return StandIn(agent=AgentId(name), begins=at(9), ends=ends, **more)  # type: ignore[arg-type]

    found = stand_ins(
        [
            one("tight", at(18), at_queue=True),
            one("elsewhere", at(22)),
            one("busy", at(22), at_queue=True, owed=4),
            one("free", at(22), at_queue=True),
        ],
        at(18),
    )
    assert [s.agent for s in found] == ["free", "busy", "elsewhere"]
