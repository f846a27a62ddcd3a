"""Business time: agrees with a clock on the wall, minute for minute, over every change of the clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.calendar import (
    BusinessCalendar,
    SpecialDay,
    add_business_time,
    business_time_between,
    close_of_business_after,
    is_open,
    is_working_day,
    next_opening,
    open_periods,
)
from bot.core.errors import RefusedError
from tests.support.builders import HOURS, OFFICE

MINUTE = timedelta(minutes=1)

# Local dates round which clocks change: both ways, on the hour and by Lord Howe's half hour, at midnight
# (Beirut, Havana, Santiago), and a zone that never changes.
CHANGES = [
    ("Europe/Lisbon", date(2026, 3, 29)),
    ("Europe/Lisbon", date(2026, 10, 25)),
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("Asia/Beirut", date(2026, 3, 29)),
    ("Asia/Beirut", date(2026, 10, 25)),
    ("America/Santiago", date(2026, 9, 6)),
    ("America/Havana", date(2026, 11, 1)),
    ("Asia/Shanghai", date(2026, 10, 1)),
]


@st.composite
def periods(draw: st.DrawFn) -> tuple[tuple[time, time], ...]:
    """Up to three periods of a day, on quarter hours, the last perhaps until midnight."""
    marks = sorted(
        draw(
            st.lists(st.integers(0, 96), min_size=0, max_size=6, unique=True).filter(
                lambda m: len(m) % 2 == 0
            )
        )
    )
    clock = [time(0) if m == 96 else time(m // 4, m % 4 * 15) for m in marks]
    return tuple(zip(clock[::2], clock[1::2], strict=True))


@st.composite
def calendars(draw: st.DrawFn, *, ever_open: bool = True) -> tuple[BusinessCalendar, date]:
    zone, day = draw(st.sampled_from(CHANGES))
    weekly = {d: draw(periods()) for d in range(7)}
    if ever_open and not any(weekly.values()):
        weekly[day.weekday()] = ((time(0), time(0)),)
    near = st.integers(-3, 3).map(lambda n: day + timedelta(days=n))
    return (
        BusinessCalendar(
            name="drawn",
            zone=zone,
            weekly={d: p for d, p in weekly.items() if p},
            holidays=dict.fromkeys(draw(st.sets(near, max_size=2)), "holiday"),
            makeup_workdays=dict.fromkeys(draw(st.sets(near, max_size=1)), "make-up"),
            special_days={
                d: SpecialDay(name="special", periods=draw(periods()), working=draw(st.booleans()))
                for d in draw(st.sets(near, max_size=2))
            },
        ),
        day,
    )


def moments(day: date) -> st.SearchStrategy[datetime]:
    """Instants within two days of a date, on whole seconds."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return st.integers(-2 * 86400, 2 * 86400).map(lambda s: noon + timedelta(seconds=s))


def oracle_open(calendar: BusinessCalendar, instant: datetime) -> bool:
    """An independent reading: what the clock on the wall says, and what hangs beside it for that day."""
    wall = instant.astimezone(ZoneInfo(calendar.zone))
    day = wall.date()
    if day in calendar.special_days:
        hours = calendar.special_days[day].periods
    elif day in calendar.makeup_workdays:
        hours = calendar.weekly.get(0, ())
    elif day in calendar.holidays:
        hours = ()
    else:
        hours = calendar.weekly.get(day.weekday(), ())
    minutes = wall.hour * 60 + wall.minute
    return any(a.hour * 60 + a.minute <= minutes < ((b.hour * 60 + b.minute) or 1440) for a, b in hours)


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_agrees_with_walking_minutes(data: st.DataObject) -> None:
    calendar, day = data.draw(calendars())
    start = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(
        minutes=data.draw(st.integers(0, 1440))
    )
    walked = [start + n * MINUTE for n in range(36 * 60)]
    opened = [oracle_open(calendar, m) for m in walked]
    assert [is_open(calendar, m) for m in walked] == opened
    assert business_time_between(calendar, start, start + 36 * 60 * MINUTE) == sum(opened) * MINUTE

    # The instant at which n open minutes have passed is the end of the nth open minute.
    ends = [m + MINUTE for m, is_in in zip(walked, opened, strict=True) if is_in]
    if ends:
        n = data.draw(st.integers(1, len(ends)))
        assert add_business_time(calendar, start, n * MINUTE) == ends[n - 1]
        assert next_opening(calendar, start) == ends[0] - MINUTE


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_time_added_is_measured_back(data: st.DataObject) -> None:
    calendar, day = data.draw(calendars())
    start = data.draw(moments(day))
    amount = timedelta(seconds=data.draw(st.integers(0, 40 * 3600)))
    try:
        due = add_business_time(calendar, start, amount)
    except RefusedError:
        # Only the special days of this week are open: the year after them is not.
        assert business_time_between(calendar, start, start + timedelta(days=300)) < amount
        return
    assert due >= start
    assert business_time_between(calendar, start, due) == amount
    if amount:
        # And not a second earlier.
        assert business_time_between(calendar, start, due - timedelta(seconds=1)) < amount


@given(st.data())
@settings(max_examples=80, deadline=None)
def test_adding_in_two_parts_is_adding_at_once(data: st.DataObject) -> None:
    zone, day = data.draw(st.sampled_from(CHANGES))
    calendar = BusinessCalendar(
        name="split", zone=zone, weekly={d: ((time(1), time(2, 30)), (time(3), time(0))) for d in range(7)}
    )
    start = data.draw(moments(day))
    a, b = (timedelta(minutes=data.draw(st.integers(1, 2000))) for _ in range(2))
    assert add_business_time(calendar, add_business_time(calendar, start, a), b) == add_business_time(
        calendar, start, a + b
    )


@given(st.data())
@settings(max_examples=80, deadline=None)
def test_periods_are_apart_and_hold_what_is_open(data: st.DataObject) -> None:
    calendar, day = data.draw(calendars())
    found = open_periods(calendar, day)
    assert all(start < end for start, end in found)
    assert all(a[1] < b[0] for a, b in pairwise(found))
    for start, end in found:
        assert is_open(calendar, start)
        assert is_open(calendar, end - timedelta(seconds=1))


def test_lord_howe_day_is_half_an_hour_longer_and_shorter() -> None:
    calendar = BusinessCalendar(
        name="island", zone="Australia/Lord_Howe", weekly={d: ((time(0), time(0)),) for d in range(7)}
    )

    def length(day: date) -> timedelta:
        return sum((end - start for start, end in open_periods(calendar, day)), start=timedelta(0))

    assert length(date(2026, 4, 5)) == timedelta(hours=24, minutes=30)
    assert length(date(2026, 10, 4)) == timedelta(hours=23, minutes=30)
    assert length(date(2026, 10, 5)) == timedelta(hours=24)


def test_several_periods_a_day_leave_the_pause_out() -> None:
    calendar = BusinessCalendar(
        name="siesta", zone="Europe/Madrid", weekly={0: ((time(9), time(13)), (time(16), time(20)))}
    )
    before_pause = datetime(2026, 11, 23, 11, 50, tzinfo=UTC)  # 12:50 in Madrid
    due = add_business_time(calendar, before_pause, timedelta(minutes=30))
    assert due == datetime(2026, 11, 23, 15, 20, tzinfo=UTC)  # 16:20


def test_holidays_make_up_days_and_special_days() -> None:
    calendar = BusinessCalendar(
        name="cn",
        zone="Asia/Shanghai",
        weekly={d: ((time(9), time(18)),) for d in range(5)},
        holidays={date(2026, 10, 1): "National Day", date(2026, 10, 2): "National Day"},
        makeup_workdays={date(2026, 10, 10): "make-up workday"},
        special_days={
            date(2026, 10, 2): SpecialDay(name="emergency", periods=((time(10), time(12)),), working=False)
        },
    )
    assert open_periods(calendar, date(2026, 10, 1)) == ()
    assert not is_working_day(calendar, date(2026, 10, 1))
    saturday = date(2026, 10, 10)
    assert is_working_day(calendar, saturday)
    assert open_periods(calendar, saturday)[0][0] == datetime(2026, 10, 10, 1, tzinfo=UTC)
    assert not is_working_day(calendar, date(2026, 10, 2))
    assert business_time_between(
        calendar, datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 10, 4, tzinfo=UTC)
    ) == timedelta(hours=2)


@pytest.mark.parametrize(
    ("submitted", "days", "due"),
    [
        # F6: Friday 15 March 2024 14:30; the third working day after it is Wednesday the 20th.
        ((2024, 3, 15, 14, 30), 3, (2024, 3, 20, 18, 0)),
        ((2024, 3, 15, 14, 30), 1, (2024, 3, 18, 18, 0)),
        ((2024, 3, 15, 14, 30), 0, (2024, 3, 15, 18, 0)),
        # After closing on Friday counts as Monday.
        ((2024, 3, 15, 18, 0), 3, (2024, 3, 21, 18, 0)),
        ((2024, 3, 16, 11, 0), 3, (2024, 3, 21, 18, 0)),
        # Before opening counts as the day that is about to open.
        ((2024, 3, 15, 7, 0), 3, (2024, 3, 20, 18, 0)),
    ],
)
def test_working_days(submitted: tuple[int, ...], days: int, due: tuple[int, ...]) -> None:
    shanghai = ZoneInfo("Asia/Shanghai")
    assert close_of_business_after(
        OFFICE, datetime(*submitted, tzinfo=shanghai).astimezone(UTC), days
    ) == datetime(*due, tzinfo=shanghai)


def test_a_date_that_never_was_is_no_working_day() -> None:
    """Samoa went from Thursday 29 to Saturday 31 December 2011."""
    apia = BusinessCalendar(
        name="apia", zone="Pacific/Apia", weekly={d: ((time(9), time(18)),) for d in range(5)}
    )
    zone = ZoneInfo("Pacific/Apia")
    assert not is_working_day(apia, date(2011, 12, 30))
    assert is_working_day(apia, date(2011, 12, 29))
    thursday = datetime(2011, 12, 29, 14, tzinfo=zone).astimezone(UTC)
    assert close_of_business_after(apia, thursday, 1) == datetime(2012, 1, 2, 18, tzinfo=zone)


def test_working_days_of_a_team_open_all_week_skip_the_weekend() -> None:
    friday = datetime(2024, 3, 15, 6, 30, tzinfo=UTC)
    assert close_of_business_after(HOURS, friday, 3) == datetime(2024, 3, 20, 14, 0, tzinfo=UTC)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_later_submission_is_never_due_earlier(data: st.DataObject) -> None:
    calendar, day = data.draw(calendars())
    first, second = sorted((data.draw(moments(day)), data.draw(moments(day))))
    days = data.draw(st.integers(0, 4))
    assert close_of_business_after(calendar, first, days) <= close_of_business_after(calendar, second, days)


def test_a_calendar_that_never_opens_is_refused() -> None:
    shut = BusinessCalendar(name="shut", zone="UTC", weekly={}, working_weekdays=frozenset())
    now = datetime(2026, 11, 22, tzinfo=UTC)
    with pytest.raises(RefusedError, match="closed for a year"):
        add_business_time(shut, now, MINUTE)
    with pytest.raises(RefusedError, match="no working day"):
        close_of_business_after(shut, now, 1)
    assert business_time_between(shut, now, now + timedelta(days=30)) == timedelta(0)
