"""Policies and clocks: the sources' own cases, and properties every clock must keep."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.calendar import BusinessCalendar, business_time_between
from bot.core.case_history import steps_of
from bot.core.contacts import Contact, ContactStatus, ContactType, Priority
from bot.core.courses import Measure
from bot.core.queues import Channel
from bot.core.sla import (
    ClockState,
    SlaClock,
    SlaPolicy,
    SlaTerms,
    Verdict,
    VerdictKind,
    carry_on,
    choose_policy,
    judge,
    make_clocks,
    response_due,
    stop,
)
from tests.support.builders import HOURS, OFFICE, POLICIES, at, contact, response

WARN_AT = (0.5, 0.8)
DAY = date(2024, 3, 15)  # a Friday


TERMS = SlaTerms(policies=POLICIES, warn_at=WARN_AT, calendars={})


def clocks(
    of: Contact, terms: SlaTerms = TERMS, calendar: BusinessCalendar = HOURS
) -> dict[Measure, SlaClock]:
    return {c.measure: c for c in make_clocks(steps_of(of), terms, calendar)}


def told(clock: SlaClock, until: datetime) -> list[tuple[VerdictKind, datetime | None, float | None]]:
    """Everything a clock says when it is looked at exactly when it asks to be."""
    said = []
    while clock.next_check_at is not None and clock.next_check_at <= until:
        clock, verdict = judge(clock, clock.next_check_at)
        said.append((verdict.kind, verdict.at, verdict.fraction))
    return said


def test_f1_vip_chat_answered_in_eight_minutes_is_in_time_and_not_told_at_ten() -> None:
    opened = at(14, 30, day=DAY)
    case = contact(
        type=ContactType.AFTER_SALES,
        priority=Priority.HIGH,
        tier="vip",
        opened_at=opened,
        responded_at=at(14, 38, day=DAY),
        resolved_at=at(10, day=date(2024, 3, 16)),
        status=ContactStatus.SOLVED,
    )
    found = clocks(case)
    answer, solution = found[Measure.FIRST_RESPONSE], found[Measure.RESOLUTION]
    assert answer.due_at == at(14, 40, day=DAY)
    assert (answer.state, answer.stopped_at) == (ClockState.MET, at(14, 38, day=DAY))
    assert solution.stopped_at is not None
    assert solution.stopped_at - solution.started_at == timedelta(hours=19, minutes=30)
    assert solution.state is ClockState.MET  # within 24 h
    assert told(answer, at(15, day=DAY)) == []


def test_f2_low_priority_call_answered_in_eight_minutes_makes_no_noise_at_ten() -> None:
    opened = at(15, 20, day=DAY)
    case = contact(priority=Priority.LOW, channel=Channel.PHONE, opened_at=opened)
    running = clocks(case)[Measure.FIRST_RESPONSE]
    assert running.due_at == at(15, 50, day=DAY)
    assert told(running, at(15, 30, day=DAY)) == []
    answered = replace(
        case,
        responded_at=at(15, 28, day=DAY),
        resolved_at=at(15, 30, day=DAY),
        status=ContactStatus.SOLVED,
    )
    assert {c.state for c in clocks(answered).values()} == {ClockState.MET}


def test_f3_high_email_answered_after_fifteen_minutes_is_told_at_ten() -> None:
    case = contact(
        channel=Channel.EMAIL,
        type=ContactType.COMPLAINT,
        priority=Priority.HIGH,
        opened_at=at(16, 45, day=DAY),
    )
    running = clocks(case)[Measure.FIRST_RESPONSE]
    assert (VerdictKind.BREACH, at(16, 55, day=DAY), None) in told(running, at(17, day=DAY))
    assert stop(running, at(17, day=DAY)).state is ClockState.BREACHED


def test_f6_three_working_days_from_friday_end_on_wednesday() -> None:
    case = contact(priority=Priority.MEDIUM, opened_at=at(14, 30, day=DAY))
    clock = clocks(case, calendar=OFFICE)[Measure.RESOLUTION]
    assert clock.due_at == at(18, day=date(2024, 3, 20))


@pytest.mark.parametrize(
    ("channel", "priority", "policy"),
    [
        (Channel.PHONE, Priority.URGENT, "urgent-call"),
        (Channel.CHAT, Priority.URGENT, "urgent"),
        (Channel.EMAIL, Priority.HIGH, "high"),
        (Channel.EMAIL, Priority.LOW, "email"),
        (Channel.CHAT, Priority.LOW, "standard"),
    ],
)
def test_the_most_specific_row_wins(channel: Channel, priority: Priority, policy: str) -> None:
    case = contact(channel=channel, priority=priority)
    chosen = choose_policy(POLICIES, case, Measure.FIRST_RESPONSE, HOURS)
    assert chosen is not None
    assert chosen[0].name == policy


@pytest.mark.parametrize("channel", list(Channel))
@pytest.mark.parametrize("priority", list(Priority))
def test_a_file_is_promised_what_a_clock_would_say(channel: Channel, priority: Priority) -> None:
    for hour in (7, 12, 21):
        case = contact(channel=channel, priority=priority, opened_at=at(hour, 50, day=DAY))
        assert (
            response_due(case, TERMS, OFFICE) == clocks(case, calendar=OFFICE)[Measure.FIRST_RESPONSE].due_at
        )
    assert response_due(replace(case, status=ContactStatus.ARCHIVED), TERMS, OFFICE) is None


def test_of_equally_specific_rows_the_first_in_the_file_wins() -> None:
    by_channel = SlaPolicy(name="chat", channels=frozenset({Channel.CHAT}), targets=(response(1),))
    by_tier = SlaPolicy(name="vip", tiers=frozenset({"vip"}), targets=(response(2),))
    case = contact(tier="vip")
    for order in ((by_channel, by_tier), (by_tier, by_channel)):
        chosen = choose_policy(order, case, Measure.FIRST_RESPONSE, HOURS)
        assert chosen is not None
        assert chosen[0] is order[0]


def test_a_narrow_row_without_a_resolution_leaves_it_to_the_wider_one() -> None:
    vip = SlaPolicy(name="vip", tiers=frozenset({"vip"}), targets=(response(2),))
    terms = replace(TERMS, policies=(vip, *POLICIES))
    found = {measure: clock.policy for measure, clock in clocks(contact(tier="vip"), terms).items()}
    assert found == {Measure.FIRST_RESPONSE: "vip", Measure.RESOLUTION: "high"}


def test_warnings_stand_at_fractions_of_open_time() -> None:
    # 30 open minutes from 21:50: ten tonight, twenty from 08:00.
    case = contact(priority=Priority.LOW, opened_at=at(21, 50))
    clock = clocks(case)[Measure.FIRST_RESPONSE]
    tomorrow = date(2026, 11, 25)
    assert clock.due_at == at(8, 20, day=tomorrow)
    assert told(clock, at(9, day=tomorrow)) == [
        (VerdictKind.WARNING, at(8, 5, day=tomorrow), 0.5),
        (VerdictKind.WARNING, at(8, 14, day=tomorrow), 0.8),
        (VerdictKind.BREACH, at(8, 20, day=tomorrow), None),
    ]


def test_after_an_outage_one_word_says_where_things_stand() -> None:
    clock = clocks(contact())[Measure.FIRST_RESPONSE]
    late, verdict = judge(clock, at(10, 9))
    assert (verdict.kind, verdict.fraction) == (VerdictKind.WARNING, 0.8)
    assert late.next_check_at == at(10, 10)
    _, verdict = judge(clock, at(13))
    assert (verdict.kind, verdict.at) == (VerdictKind.BREACH, at(10, 10))


def test_an_answer_at_the_due_time_is_in_time_and_one_learned_of_late_undoes_the_breach() -> None:
    clock = clocks(contact())[Measure.FIRST_RESPONSE]
    assert stop(clock, at(10, 10)).state is ClockState.MET
    assert stop(clock, at(10, 10, 1)).state is ClockState.BREACHED
    breached, _ = judge(clock, at(10, 12))
    assert stop(breached, at(10, 4)).state is ClockState.MET


def test_a_raised_priority_brings_the_due_time_forward_and_keeps_what_was_told() -> None:
    case = contact(priority=Priority.LOW)
    slow = clocks(case)[Measure.FIRST_RESPONSE]
    slow, _ = judge(slow, at(10, 15))
    fast = clocks(replace(case, priority=Priority.HIGH))[Measure.FIRST_RESPONSE]
    now = at(10, 16)
    carried = carry_on(slow, fast, now)
    assert carried.due_at == at(10, 10)
    assert carried.warned == (0.5,)
    breached, verdict = judge(carried, now)
    assert verdict.kind is VerdictKind.BREACH
    # Lowered again before the slower promise is due: the clock runs again, towards that.
    again = carry_on(breached, clocks(case)[Measure.FIRST_RESPONSE], now)
    assert (again.state, again.due_at) == (ClockState.RUNNING, at(10, 30))
    assert again.next_check_at == at(10, 24)
    # After it is due as well the breach stands, and is not told a second time.
    stays = carry_on(breached, clocks(case)[Measure.FIRST_RESPONSE], at(10, 31))
    assert (stays.state, stays.next_check_at) == (ClockState.BREACHED, None)


@given(
    opened=st.integers(0, 7 * 1440),
    priority=st.sampled_from(Priority),
    channel=st.sampled_from(Channel),
    looks=st.lists(st.integers(0, 6 * 1440), max_size=12),
)
@settings(max_examples=150, deadline=None)
def test_however_often_it_is_looked_at_a_clock_breaches_once_and_at_its_due_time(
    opened: int, priority: Priority, channel: Channel, looks: list[int]
) -> None:
    start = datetime(2026, 11, 23, tzinfo=UTC) + timedelta(minutes=opened)
    for clock in clocks(contact(opened_at=start, priority=priority, channel=channel)).values():
        said: list[Verdict] = []
        current = clock
        for minutes in sorted(looks):
            now = start + timedelta(minutes=minutes)
            if current.next_check_at is None or now < current.next_check_at:
                continue
            current, verdict = judge(current, now)
            said.append(verdict)
        current, verdict = judge(current, clock.due_at + timedelta(days=1))
        said.append(verdict)
        breaches = [v for v in said if v.kind is VerdictKind.BREACH]
        assert [v.at for v in breaches] == [clock.due_at]
        warned = [v.fraction for v in said if v.kind is VerdictKind.WARNING]
        assert len(warned) == len(set(warned))
        assert warned == sorted(warned, key=lambda f: f or 0.0)
        assert current.next_check_at is None


@given(opened=st.integers(0, 7 * 86400), warn=st.floats(0.05, 0.95))
@settings(max_examples=80, deadline=None)
def test_a_warning_leaves_the_promised_share_of_open_time(opened: int, warn: float) -> None:
    start = datetime(2026, 11, 23, tzinfo=UTC) + timedelta(seconds=opened)
    terms = replace(TERMS, warn_at=(warn,))
    clock = clocks(contact(priority=Priority.LOW, opened_at=start), terms)[Measure.FIRST_RESPONSE]
    assert clock.next_check_at is not None
    used = business_time_between(HOURS, start, clock.next_check_at)
    assert used / timedelta(minutes=30) == pytest.approx(warn, abs=1e-6)
