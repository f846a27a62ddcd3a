"""`muster sla explain`: the lines add up to the promise, and say why time does not count."""

from __future__ import annotations

from datetime import date, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.calendar import BusinessCalendar, SpecialDay
from bot.core.case_history import rebuild
from bot.core.contacts import ContactEvent, EventKind
from bot.core.courses import Measure
from bot.core.explanation import DayLine, Explanation, Idle, StretchLine, explain
from bot.core.queues import Channel
from bot.core.sla import ClockState, Counted, SlaPolicy, SlaTarget, SlaTerms
from tests.support.builders import HOURS, OFFICE, at, event

MONDAY = date(2026, 11, 23)


def explained(target: SlaTarget, *events: ContactEvent, calendar: BusinessCalendar = HOURS) -> Explanation:
    terms = SlaTerms(policies=(SlaPolicy(name="all", targets=(target,)),), warn_at=(), calendars={})
    (found,) = explain(rebuild(events, channel=Channel.CHAT).steps, terms, calendar)
    return found


def within(length: timedelta, counted: Counted) -> SlaTarget:
    return SlaTarget(measure=Measure.RESOLUTION, counted=counted, within=length)


@given(
    opened=st.integers(0, 7 * 1440),
    length=st.integers(1, 40 * 60),
    counted=st.sampled_from((Counted.ELAPSED, Counted.BUSINESS)),
    waits=st.lists(st.integers(1, 5000), max_size=5),
)
@settings(max_examples=120, deadline=None)
def test_what_counts_adds_up_to_the_promise(
    opened: int, length: int, counted: Counted, waits: list[int]
) -> None:
    start = at(0, day=MONDAY) + timedelta(minutes=opened)
    story = [event(EventKind.OPENED, start)]
    moment = start
    for index, minutes in enumerate(waits):
        moment += timedelta(minutes=minutes)
        kind = EventKind.RESUMED if index % 2 else EventKind.PENDING
        story.append(event(kind, moment))
    found = explained(within(timedelta(minutes=length), counted), *story)
    if found.clock.state is ClockState.PAUSED or found.left_out:
        return
    stretches = [line for line in found.lines if isinstance(line, StretchLine)]
    counting = [line for line in stretches if line.idle is None]
    assert sum((line.end - line.start for line in counting), timedelta(0)) == timedelta(minutes=length)
    assert stretches[-1].total == timedelta(minutes=length)
    # Without holes and overlaps, from the start to the due time.
    assert stretches[0].start == start
    assert all(a.end == b.start for a, b in pairwise(stretches))
    assert stretches[-1].end == found.clock.due_at


def test_a_promise_used_up_when_a_wait_began_is_due_when_that_ends_though_it_is_closed() -> None:
    story = (
        event(EventKind.OPENED, at(12)),
        event(EventKind.PENDING, at(12, 1)),
        event(EventKind.RESUMED, at(22, 30)),
    )
    found = explained(within(timedelta(minutes=1), Counted.BUSINESS), *story)
    assert [(line.end, line.idle) for line in found.lines if isinstance(line, StretchLine)] == [
        (at(12, 1), None),
        (at(22), Idle.CUSTOMER),
        (at(22, 30), Idle.CLOSED),
    ]
    assert found.clock.due_at == at(22, 30)


def test_working_days_are_numbered_and_the_others_say_why_not() -> None:
    calendar = BusinessCalendar(
        name="office",
        zone="Asia/Shanghai",
        weekly=OFFICE.weekly,
        holidays={date(2026, 11, 25): "Founding day"},
        special_days={date(2026, 11, 26): SpecialDay(name="Stocktaking", periods=(), working=False)},
    )
    target = SlaTarget(measure=Measure.RESOLUTION, counted=Counted.WORKING_DAYS, working_days=3)
    found = explained(target, event(EventKind.OPENED, at(19, day=MONDAY)), calendar=calendar)
    days = [line for line in found.lines if isinstance(line, DayLine)]
    assert [(line.day.day, line.number, line.idle, line.name) for line in days] == [
        (23, None, Idle.CLOSED, None),  # after closing: counts as submitted on Tuesday
        (24, 0, Idle.SUBMITTED, None),
        (25, None, Idle.HOLIDAY, "Founding day"),
        (26, None, Idle.SPECIAL, "Stocktaking"),
        (27, 1, None, None),
        (28, None, Idle.WEEKEND, None),
        (29, None, Idle.WEEKEND, None),
        (30, 2, None, None),
        (1, 3, None, None),
    ]
    assert days[-1].closes_at == found.clock.due_at


@pytest.mark.parametrize(
    ("resumed", "idle"), [(at(10, day=date(2026, 11, 25)), Idle.CUSTOMER), (at(17), None)]
)
def test_a_working_day_that_ends_waiting_is_named(resumed: object, idle: Idle | None) -> None:
    target = SlaTarget(measure=Measure.RESOLUTION, counted=Counted.WORKING_DAYS, working_days=1)
    story = (
        event(EventKind.OPENED, at(10, day=MONDAY)),
        event(EventKind.PENDING, at(11)),
        event(EventKind.RESUMED, resumed),  # type: ignore[arg-type]
    )
    found = explained(target, *story, calendar=OFFICE)
    tuesday = next(line for line in found.lines if isinstance(line, DayLine) and line.day.day == 24)
    assert tuesday.idle is idle


def test_a_night_a_holiday_and_a_wait_are_told_apart() -> None:
    calendar = BusinessCalendar(
        name="office",
        zone="Asia/Shanghai",
        weekly={day: ((time(9), time(18)),) for day in range(5)},
        holidays={date(2026, 11, 25): "Founding day"},
    )
    story = (
        event(EventKind.OPENED, at(17)),
        event(EventKind.PENDING, at(9, 30, day=date(2026, 11, 26))),
        event(EventKind.RESUMED, at(10, day=date(2026, 11, 26))),
    )
    found = explained(within(timedelta(hours=2), Counted.BUSINESS), *story, calendar=calendar)
    assert [(line.idle, line.name) for line in found.lines] == [
        (None, None),
        (Idle.HOLIDAY, "Founding day"),
        (None, None),
        (Idle.CUSTOMER, None),
        (None, None),
    ]
    assert found.clock.due_at == at(10, 30, day=date(2026, 11, 26))
