"""How promises run: what starts, stops and pauses each of them.  Every figure here was worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from bot.core.calendar import BusinessCalendar
from bot.core.case_history import rebuild
from bot.core.contacts import ContactEvent, ContactStatus, ContactType, EventKind, Priority, WaitingFor
from bot.core.courses import Measure, Pause, PauseReason, courses
from bot.core.ids import AgentId, ContactRef
from bot.core.queues import Channel
from bot.core.sla import (
    ClockState,
    Counted,
    Days,
    SlaClock,
    SlaPolicy,
    SlaTarget,
    SlaTerms,
    VerdictKind,
    choose_policy,
    counted_between,
    judge,
    make_clocks,
    replaced,
)
from tests.support.builders import CHAT, EMAIL, HOURS, OFFICE, at, contact, event

OTHER = ContactRef("GD2")
FRIDAY, MONDAY, TUESDAY, WEDNESDAY, THURSDAY = (date(2024, 3, day) for day in (15, 18, 19, 20, 21))


def target(measure: Measure, amount: timedelta | int, counted: Counted = Counted.ELAPSED) -> SlaTarget:
    if isinstance(amount, int):
        return SlaTarget(measure=measure, counted=Counted.WORKING_DAYS, working_days=amount)
    return SlaTarget(measure=measure, counted=counted, within=amount)


def terms(*targets: SlaTarget, warn_at: tuple[float, ...] = ()) -> SlaTerms:
    return SlaTerms(policies=(SlaPolicy(name="all", targets=targets),), warn_at=warn_at, calendars={})


def run(
    on: SlaTerms, *events: ContactEvent, calendar: BusinessCalendar = HOURS
) -> dict[tuple[Measure, int], SlaClock]:
    rebuilt = rebuild(events, channel=Channel.CHAT)
    assert rebuilt.waiting == ()
    return {clock.key: clock for clock in make_clocks(rebuilt.steps, on, calendar)}


def opened(when: datetime, **fields: object) -> ContactEvent:
    return event(EventKind.OPENED, when, **fields)


SOLVE_IN_TWO_HOURS = terms(target(Measure.RESOLUTION, timedelta(hours=2)))


def test_waiting_for_the_customer_pauses_the_resolution_and_nothing_else() -> None:
    on = terms(
        target(Measure.FIRST_RESPONSE, timedelta(minutes=30)),
        target(Measure.RESOLUTION, timedelta(hours=2)),
        warn_at=(0.5,),
    )
    waits = event(EventKind.PENDING, at(10, 20))
    found = run(on, opened(at(10)), waits)
    response, solution = found[(Measure.FIRST_RESPONSE, 0)], found[(Measure.RESOLUTION, 0)]
    assert (response.state, response.due_at) == (ClockState.RUNNING, at(10, 30))
    assert (solution.state, solution.paused_since, solution.next_check_at) == (
        ClockState.PAUSED,
        at(10, 20),
        None,
    )
    found = run(on, opened(at(10)), waits, event(EventKind.CUSTOMER_REPLIED, at(13, 20)))
    solution = found[(Measure.RESOLUTION, 0)]
    # 20 minutes used before, 100 left from 13:20; half of the time has passed 40 minutes after.
    assert (solution.state, solution.due_at) == (ClockState.RUNNING, at(15))
    assert solution.warnings == ((0.5, at(14)),)


def test_waiting_for_a_department_pauses_nothing() -> None:
    waits = event(EventKind.PENDING, at(10, 20), waiting_for=WaitingFor.DEPARTMENT)
    (solution,) = run(SOLVE_IN_TWO_HOURS, opened(at(10)), waits).values()
    assert (solution.state, solution.due_at) == (ClockState.RUNNING, at(12))


def test_a_promise_broken_before_the_wait_stays_broken() -> None:
    (solution,) = run(SOLVE_IN_TWO_HOURS, opened(at(10)), event(EventKind.PENDING, at(12, 1))).values()
    assert (solution.state, solution.due_at, solution.next_check_at) == (ClockState.RUNNING, at(12), at(12))


def test_a_wait_that_begins_in_the_instant_it_is_due_is_in_time() -> None:
    (solution,) = run(SOLVE_IN_TWO_HOURS, opened(at(10)), event(EventKind.PENDING, at(12))).values()
    assert solution.state is ClockState.PAUSED
    goes_on = (opened(at(10)), event(EventKind.PENDING, at(12)), event(EventKind.RESUMED, at(15)))
    (solution,) = run(SOLVE_IN_TWO_HOURS, *goes_on).values()
    assert solution.due_at == at(15)


def test_a_reopened_case_continues_where_it_was_solved() -> None:
    """SP20: neither a new clock, nor are the days it was solved held against the team."""
    story = (
        opened(at(10)),
        event(EventKind.RESOLVED, at(11, 30)),
        event(EventKind.REOPENED, at(9, day=date(2026, 11, 27))),
    )
    (solution,) = run(SOLVE_IN_TWO_HOURS, *story[:2]).values()
    assert (solution.state, solution.stopped_at) == (ClockState.MET, at(11, 30))
    (solution,) = run(SOLVE_IN_TWO_HOURS, *story).values()
    assert (solution.state, solution.due_at) == (ClockState.RUNNING, at(9, 30, day=date(2026, 11, 27)))
    (solution,) = run(
        SOLVE_IN_TWO_HOURS, *story, event(EventKind.RESOLVED, at(9, 31, day=date(2026, 11, 27)))
    ).values()
    assert solution.state is ClockState.BREACHED


def test_a_customer_who_writes_again_reopens_a_solved_case() -> None:
    story = (opened(at(10)), event(EventKind.RESOLVED, at(10, 30)), event(EventKind.CUSTOMER_REPLIED, at(12)))
    rebuilt = rebuild(story, channel=Channel.CHAT)
    assert rebuilt.contact is not None
    assert (rebuilt.contact.status, rebuilt.contact.resolved_at) == (ContactStatus.RESPONDED, None)
    on = terms(
        target(Measure.RESOLUTION, timedelta(hours=2)), target(Measure.NEXT_RESPONSE, timedelta(minutes=15))
    )
    found = run(on, *story)
    assert found[(Measure.RESOLUTION, 0)].due_at == at(13, 30)
    assert found[(Measure.NEXT_RESPONSE, 0)].due_at == at(12, 15)


def test_each_further_question_has_an_answer_of_its_own() -> None:
    on = terms(target(Measure.NEXT_RESPONSE, timedelta(minutes=10)))
    story = (
        opened(at(10)),
        event(EventKind.CUSTOMER_REPLIED, at(10, 1)),  # not answered yet: the first response is awaited
        event(EventKind.RESPONDED, at(10, 5)),
        event(EventKind.CUSTOMER_REPLIED, at(10, 20)),
        event(EventKind.CUSTOMER_REPLIED, at(10, 25)),  # does not start the clock again
        event(EventKind.RESPONDED, at(10, 28)),
        event(EventKind.CUSTOMER_REPLIED, at(11)),
        event(EventKind.RESPONDED, at(11, 11)),
        event(EventKind.CUSTOMER_REPLIED, at(12)),
    )
    found = run(on, *story)
    assert [(key[1], c.started_at, c.due_at, c.state) for key, c in found.items()] == [
        (0, at(10, 20), at(10, 30), ClockState.MET),
        (1, at(11), at(11, 10), ClockState.BREACHED),
        (2, at(12), at(12, 10), ClockState.RUNNING),
    ]


def test_a_department_owes_its_answer_until_it_gives_one() -> None:
    """T1: the hand-over clock is neither the customer's response nor the resolution."""
    on = terms(target(Measure.HAND_OVER, timedelta(hours=24)))
    over = event(EventKind.HANDED_OVER, at(10, 30), department="finance")
    (clock,) = run(on, opened(at(10)), over).values()
    assert (clock.measure, clock.started_at, clock.due_at) == (
        Measure.HAND_OVER,
        at(10, 30),
        at(10, 30, day=date(2026, 11, 25)),
    )
    (clock,) = run(on, opened(at(10)), over, event(EventKind.HAND_OVER_ANSWERED, at(16))).values()
    assert (clock.state, clock.stopped_at) == (ClockState.MET, at(16))


def test_a_call_back_is_due_half_an_hour_after_it_was_promised() -> None:
    """SP13, SP14."""
    on = terms(target(Measure.CALL_BACK, timedelta(minutes=30)))
    (clock,) = run(on, opened(at(10)), event(EventKind.CALL_BACK_ASKED, at(10, 4))).values()
    assert clock.due_at == at(10, 34)
    story = (event(EventKind.CALL_BACK_ASKED, at(10, 4)), event(EventKind.CALLED_BACK, at(10, 35)))
    (clock,) = run(on, opened(at(10)), *story).values()
    assert clock.state is ClockState.BREACHED


def test_the_complaint_chain() -> None:
    """SP12, T3: contact and plan within 24 h, closed within 48 h."""
    on = terms(
        target(Measure.PROGRESS, timedelta(hours=24)),
        target(Measure.PLAN, timedelta(hours=24)),
        target(Measure.RESOLUTION, timedelta(hours=48)),
    )
    monday, tuesday, wednesday = (date(2026, 11, day) for day in (23, 24, 25))
    complaint = opened(at(13, 30, day=monday), type=ContactType.COMPLAINT)
    found = run(on, complaint, event(EventKind.INFORMED, at(9, day=tuesday)))
    assert found[(Measure.PROGRESS, 0)].state is ClockState.MET
    assert found[(Measure.PLAN, 0)].due_at == at(13, 30, day=tuesday)
    assert found[(Measure.RESOLUTION, 0)].due_at == at(13, 30, day=wednesday)
    found = run(on, complaint, event(EventKind.PLAN_GIVEN, at(13, 31, day=tuesday)))
    assert {key[0]: c.state for key, c in found.items()} == {
        Measure.PROGRESS: ClockState.BREACHED,
        Measure.PLAN: ClockState.BREACHED,
        Measure.RESOLUTION: ClockState.RUNNING,
    }


def test_a_complaint_is_not_archived_before_its_result_was_told() -> None:
    """CP11."""
    complaint = opened(at(10), type=ContactType.COMPLAINT)
    solved, archived = event(EventKind.RESOLVED, at(11)), event(EventKind.ARCHIVED, at(12))
    rebuilt = rebuild((complaint, solved, archived), channel=Channel.CHAT)
    assert [error.kind for _, error in rebuilt.waiting] == ["complaint_result_not_told"]
    told = rebuild((complaint, solved, event(EventKind.INFORMED, at(11, 5)), archived), channel=Channel.CHAT)
    assert told.contact is not None
    assert told.contact.status is ContactStatus.ARCHIVED


def test_three_working_days_lose_the_day_whose_close_finds_the_case_waiting() -> None:
    on = terms(target(Measure.RESOLUTION, 3))
    friday = opened(at(14, 30, day=FRIDAY))
    (clock,) = run(on, friday, calendar=OFFICE).values()
    assert clock.due_at == at(18, day=WEDNESDAY)  # F6
    waits = event(EventKind.PENDING, at(16, day=MONDAY))
    (clock,) = run(on, friday, waits, event(EventKind.RESUMED, at(10, day=TUESDAY)), calendar=OFFICE).values()
    assert clock.due_at == at(18, day=THURSDAY)
    # A wait within one day moves nothing: its close of business finds the clock running.
    waits = event(EventKind.PENDING, at(9, day=MONDAY))
    (clock,) = run(on, friday, waits, event(EventKind.RESUMED, at(17, day=MONDAY)), calendar=OFFICE).values()
    assert clock.due_at == at(18, day=WEDNESDAY)


def test_business_time_goes_on_where_the_wait_ended() -> None:
    on = terms(target(Measure.RESOLUTION, timedelta(hours=4), Counted.BUSINESS))
    story = (
        opened(at(16, day=FRIDAY)),
        event(EventKind.PENDING, at(17, day=FRIDAY)),
        event(EventKind.RESUMED, at(20, day=MONDAY)),
    )
    (clock,) = run(on, *story, calendar=OFFICE).values()
    # One hour on Friday; the other three begin on Tuesday at nine.
    assert clock.due_at == at(12, day=TUESDAY)
    pauses = courses(rebuild(story, channel=Channel.CHAT).steps)[1].pauses
    assert pauses == (Pause(start=at(17, day=FRIDAY), end=at(20, day=MONDAY), reason=PauseReason.CUSTOMER),)
    used = counted_between(Counted.BUSINESS, at(16, day=FRIDAY), at(11, day=TUESDAY), OFFICE, pauses)
    assert used == timedelta(hours=3)


def test_what_was_stopped_is_judged_by_the_class_it_had_then() -> None:
    fast = SlaPolicy(
        name="urgent",
        priorities=frozenset({Priority.URGENT}),
        targets=(target(Measure.FIRST_RESPONSE, timedelta(minutes=5)),),
    )
    slow = SlaPolicy(name="rest", targets=(target(Measure.FIRST_RESPONSE, timedelta(minutes=30)),))
    on = SlaTerms(policies=(fast, slow), warn_at=(), calendars={})
    raised = event(EventKind.PRIORITY_CHANGED, at(10, 40), priority=Priority.URGENT)
    (clock,) = run(on, opened(at(10)), event(EventKind.RESPONDED, at(10, 20)), raised).values()
    assert (clock.policy, clock.state) == ("rest", ClockState.MET)
    (clock,) = run(on, opened(at(10)), raised).values()
    assert (clock.policy, clock.due_at) == ("urgent", at(10, 5))


def test_a_case_archived_unsolved_promises_nothing_unless_it_was_late() -> None:
    on = SOLVE_IN_TWO_HOURS
    (clock,) = run(on, opened(at(10)), event(EventKind.ARCHIVED, at(11))).values()
    assert clock.state is ClockState.CANCELLED
    (clock,) = run(on, opened(at(10)), event(EventKind.ARCHIVED, at(12, 1))).values()
    assert clock.state is ClockState.BREACHED


def test_a_case_archived_unsolved_and_reopened_continues() -> None:
    """Archiving is no way out of a promise; what was archived in between does not count."""
    on = terms(
        target(Measure.FIRST_RESPONSE, timedelta(minutes=30)), target(Measure.RESOLUTION, timedelta(hours=2))
    )
    for away in (event(EventKind.ARCHIVED, at(10, 20)), event(EventKind.MERGED, at(10, 20), into=OTHER)):
        found = run(on, opened(at(10)), away, event(EventKind.REOPENED, at(15)))
        assert {key[0]: (c.state, c.due_at) for key, c in found.items()} == {
            Measure.FIRST_RESPONSE: (ClockState.RUNNING, at(15, 10)),
            Measure.RESOLUTION: (ClockState.RUNNING, at(16, 40)),
        }


def test_a_question_left_when_the_case_was_archived_is_not_asked_again_by_reopening() -> None:
    on = terms(target(Measure.NEXT_RESPONSE, timedelta(minutes=10)))
    story = (
        opened(at(10)),
        event(EventKind.RESPONDED, at(10, 1)),
        event(EventKind.CUSTOMER_REPLIED, at(10, 2)),
        event(EventKind.ARCHIVED, at(10, 5)),
        event(EventKind.REOPENED, at(15)),
        event(EventKind.CUSTOMER_REPLIED, at(15, 1)),
    )
    found = run(on, *story)
    assert [(key[1], c.state, c.due_at) for key, c in found.items()] == [
        (0, ClockState.CANCELLED, at(10, 12)),
        (1, ClockState.RUNNING, at(15, 11)),
    ]


def test_a_solved_case_merged_away_keeps_what_was_said_of_its_clocks() -> None:
    solved, merged = event(EventKind.RESOLVED, at(11)), event(EventKind.MERGED, at(13), into=OTHER)
    (clock,) = run(SOLVE_IN_TWO_HOURS, opened(at(10)), solved, merged).values()
    assert (clock.state, clock.stopped_at) == (ClockState.MET, at(11))


def test_solving_again_moves_the_end_and_breaks_no_promise() -> None:
    """A source that reports a solved case again after a week does not make it late."""
    again = event(EventKind.RESOLVED, at(10, day=date(2026, 12, 1)))
    (clock,) = run(SOLVE_IN_TWO_HOURS, opened(at(10)), event(EventKind.RESOLVED, at(11)), again).values()
    assert (clock.state, clock.stopped_at) == (ClockState.MET, again.at)
    late = (opened(at(10)), event(EventKind.RESOLVED, at(12, 1)), again)
    (clock,) = run(SOLVE_IN_TWO_HOURS, *late).values()
    assert clock.state is ClockState.BREACHED


def test_a_wait_for_the_customer_ends_when_a_department_is_waited_for() -> None:
    story = (
        opened(at(10)),
        event(EventKind.PENDING, at(10, 30)),
        event(EventKind.PENDING, at(11), waiting_for=WaitingFor.DEPARTMENT),
    )
    (clock,) = run(SOLVE_IN_TWO_HOURS, *story).values()
    assert (clock.state, clock.due_at) == (ClockState.RUNNING, at(12, 30))


def test_a_case_that_moved_is_judged_by_the_hours_of_the_queue_it_was_in() -> None:
    """First answered in the chat queue, which is open in the evening; then given to one that is not."""
    on = SlaTerms(
        policies=(
            SlaPolicy(
                name="all",
                targets=(
                    target(Measure.FIRST_RESPONSE, timedelta(minutes=30), Counted.BUSINESS),
                    target(Measure.RESOLUTION, timedelta(hours=1), Counted.BUSINESS),
                ),
            ),
        ),
        warn_at=(),
        calendars={"hours": HOURS, "office": OFFICE},
        queues={CHAT: "hours", EMAIL: "office"},
    )
    story = (
        opened(at(20, day=FRIDAY)),
        event(EventKind.RESPONDED, at(20, 31, day=FRIDAY)),
        event(EventKind.RECLASSIFIED, at(20, 40, day=FRIDAY), queue=EMAIL),
    )
    found = run(on, *story)
    response, solution = found[(Measure.FIRST_RESPONSE, 0)], found[(Measure.RESOLUTION, 0)]
    assert (response.due_at, response.state) == (at(20, 30, day=FRIDAY), ClockState.BREACHED)
    assert solution.due_at == at(10, day=MONDAY)


def test_a_case_that_absorbed_an_earlier_one_is_judged_as_opened_then() -> None:
    night = SlaPolicy(
        name="night",
        hours=(time(22), time(6)),
        targets=(target(Measure.FIRST_RESPONSE, timedelta(hours=1)),),
    )
    on = SlaTerms(policies=(night,), warn_at=(), calendars={})
    story = (
        opened(at(10)),
        event(EventKind.RESPONDED, at(10, 5)),
        event(EventKind.ABSORBED, at(11), opened_at=at(5)),
    )
    (clock,) = run(on, *story).values()
    assert (clock.policy, clock.due_at, clock.state) == ("night", at(6), ClockState.BREACHED)


def test_a_clock_whose_promise_never_was_is_cancelled_though_it_had_stopped() -> None:
    """The events came out of order: the class it was answered in promises nothing."""
    urgent = SlaPolicy(
        name="urgent",
        priorities=frozenset({Priority.HIGH}),
        targets=(target(Measure.FIRST_RESPONSE, timedelta(minutes=5)),),
    )
    on = SlaTerms(policies=(urgent,), warn_at=(), calendars={})
    answered = (opened(at(10)), event(EventKind.RESPONDED, at(10, 4)))
    held = replaced({}, run(on, *answered).values(), at(10, 5))
    late = event(EventKind.PRIORITY_CHANGED, at(10, 1), priority=Priority.LOW)
    (clock,) = replaced(held, run(on, *answered, late).values(), at(10, 30)).values()
    assert clock.state is ClockState.CANCELLED
    # Told once more of the same case, it stays as it is.
    assert replaced({clock.key: clock}, (), at(12)) == {clock.key: clock}


def test_a_question_told_late_does_not_have_the_warning_of_another_given_again() -> None:
    on = terms(target(Measure.NEXT_RESPONSE, timedelta(minutes=10)), warn_at=(0.5,))
    story = (
        opened(at(10)),
        event(EventKind.RESPONDED, at(10, 1)),
        event(EventKind.CUSTOMER_REPLIED, at(10, 30)),
    )
    (held,) = run(on, *story).values()
    held, verdict = judge(held, at(10, 36))
    assert verdict.kind is VerdictKind.WARNING
    late = (event(EventKind.CUSTOMER_REPLIED, at(10, 10)), event(EventKind.RESPONDED, at(10, 12)))
    after = replaced({held.key: held}, run(on, *story, *late).values(), at(10, 37))
    assert [(key[1], c.started_at, c.warned) for key, c in sorted(after.items(), key=lambda i: i[0][1])] == [
        (0, at(10, 10), ()),
        (1, at(10, 30), (0.5,)),
    ]
    assert judge(after[(Measure.NEXT_RESPONSE, 1)], at(10, 38))[1].kind is VerdictKind.NOTHING


def test_who_chases_a_block_is_known_until_it_is_gone() -> None:
    """ES6."""
    blocked = event(EventKind.BLOCKED, at(11), department="finance", agent=AgentId("fay"))
    held = rebuild((opened(at(10)), blocked), channel=Channel.CHAT).contact
    assert held is not None
    assert (held.blocked_by, held.chaser, held.status) == ("finance", "fay", ContactStatus.NEW)
    free = rebuild(
        (opened(at(10)), blocked, event(EventKind.UNBLOCKED, at(12))), channel=Channel.CHAT
    ).contact
    assert free is not None
    assert (free.blocked_by, free.chaser) == (None, None)


@pytest.mark.parametrize(
    ("when", "policy"),
    [
        (at(10), "day"),
        (at(21), "evening"),
        (at(1), "night"),  # 22:00-06:00 goes over midnight
        (at(10, day=date(2026, 11, 28)), "weekend"),
        (at(21, day=date(2026, 11, 28)), "weekend-evening"),
    ],
)
def test_promises_may_depend_on_the_day_and_the_time_of_day(when: datetime, policy: str) -> None:
    """SP9."""
    first = target(Measure.FIRST_RESPONSE, timedelta(minutes=10))
    evening = (time(18), time(22))
    rows = (
        SlaPolicy(name="day", targets=(first,)),
        SlaPolicy(name="evening", hours=evening, targets=(first,)),
        SlaPolicy(name="night", hours=(time(22), time(6)), targets=(first,)),
        SlaPolicy(name="weekend", days=Days.OTHER, targets=(first,)),
        SlaPolicy(name="weekend-evening", days=Days.OTHER, hours=evening, targets=(first,)),
    )
    chosen = choose_policy(rows, contact(opened_at=when), Measure.FIRST_RESPONSE, HOURS)
    assert chosen is not None
    assert chosen[0].name == policy


def test_a_target_may_count_on_a_calendar_of_its_own() -> None:
    counted = replace(target(Measure.RESOLUTION, timedelta(hours=1), Counted.BUSINESS), calendar="office")
    on = SlaTerms(
        policies=(SlaPolicy(name="all", targets=(counted,)),), warn_at=(), calendars={"office": OFFICE}
    )
    (clock,) = run(on, opened(at(17, 30, day=FRIDAY))).values()
    assert clock.due_at == at(9, 30, day=MONDAY)


def test_a_tag_is_a_condition() -> None:
    row = SlaPolicy(
        name="agitated",
        tags=frozenset({"agitated"}),
        targets=(target(Measure.FIRST_RESPONSE, timedelta(minutes=2)),),
    )
    calm, upset = contact(), contact(tags=frozenset({"agitated", "vip"}))
    assert choose_policy((row,), calm, Measure.FIRST_RESPONSE, HOURS) is None
    assert choose_policy((row,), upset, Measure.FIRST_RESPONSE, HOURS) is not None


def test_a_merged_case_promises_nothing_any_more() -> None:
    merged = event(EventKind.MERGED, at(13), into=ContactRef("GD2"))
    (clock,) = run(SOLVE_IN_TWO_HOURS, opened(at(10)), merged).values()
    assert clock.state is ClockState.CANCELLED
