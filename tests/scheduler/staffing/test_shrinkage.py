"""Shrinkage by cause and time of day: the share of each interval is that of its minutes."""

from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.grid import IntervalGrid
from scheduler.errors import StaffingError
from scheduler.staffing import ShrinkageCause, ShrinkagePlan

WEEK = {"first": date(2026, 11, 23), "days": 7, "zone": "Europe/Lisbon"}
QUARTERS = IntervalGrid.for_days(interval=timedelta(minutes=15), **WEEK)


def at(share: np.ndarray, grid: IntervalGrid, day: int, clock: str) -> float:
    hour, minute = map(int, clock.split(":"))
    found = (grid.weekdays() == day) & (grid.minutes_of_day() == hour * 60 + minute)
    return float(share[found][0])


def test_a_training_acts_on_its_day_and_hours_and_on_nothing_else() -> None:
    training = ShrinkageCause(
        name="training", share=0.2, planned=True, days=frozenset({1}), hours=(time(13), time(15))
    )
    share = ShrinkagePlan(causes=(training, ShrinkageCause(name="sick", share=0.05))).per_interval(QUARTERS)
    assert [at(share, QUARTERS, 1, clock) for clock in ("12:45", "13:00", "14:45", "15:00")] == [
        pytest.approx(v) for v in (0.05, 0.25, 0.25, 0.05)
    ]
    assert at(share, QUARTERS, 2, "13:00") == pytest.approx(0.05)
    assert np.count_nonzero(share > 0.1) == 8


def test_a_part_of_an_interval_counts_by_its_share() -> None:
    late = ShrinkageCause(name="late", share=0.3, hours=(time(8, 50), time(9, 10)))
    hours = IntervalGrid.for_days(interval=timedelta(hours=1), **WEEK)
    share = ShrinkagePlan(causes=(late,)).per_interval(hours)
    assert at(share, hours, 0, "08:00") == at(share, hours, 0, "09:00") == pytest.approx(0.3 / 6)


def test_a_window_over_midnight_belongs_to_the_day_it_begins_on() -> None:
    night = ShrinkageCause(name="backup", share=0.1, days=frozenset({6}), hours=(time(22), time(2)))
    share = ShrinkagePlan(causes=(night,)).per_interval(QUARTERS)
    # Sunday 22:00 to midnight lies in the week, and the two hours after midnight on the Monday that repeats.
    assert at(share, QUARTERS, 6, "23:45") == at(share, QUARTERS, 0, "01:45") == pytest.approx(0.1)
    assert at(share, QUARTERS, 0, "02:00") == at(share, QUARTERS, 0, "22:00") == 0.0
    until_midnight = ShrinkageCause(name="close", share=0.1, hours=(time(23), time(0)))
    assert np.count_nonzero(ShrinkagePlan(causes=(until_midnight,)).per_interval(QUARTERS)) == 4 * 7


def test_the_clock_on_the_wall_counts_on_a_day_of_25_hours() -> None:
    grid = IntervalGrid.for_days(
        first=date(2026, 10, 25), days=1, interval=timedelta(minutes=30), zone="Europe/Lisbon"
    )
    twice = ShrinkageCause(name="change", share=0.1, hours=(time(1), time(2)))
    assert np.count_nonzero(ShrinkagePlan(causes=(twice,)).per_interval(grid)) == 4


def test_what_adds_up_to_everybody_is_refused_only_where_it_meets() -> None:
    def cause(name: str, share: float, first: int, last: int, days: frozenset[int]) -> ShrinkageCause:
        return ShrinkageCause(name=name, share=share, days=days, hours=(time(first), time(last)))

    monday = frozenset({0})
    morning, noon = cause("a", 0.6, 8, 12, monday), cause("b", 0.6, 12, 14, monday)
    assert ShrinkagePlan(causes=(morning, noon)).greatest == pytest.approx(0.6)
    with pytest.raises(StaffingError, match=r"120%.*nobody would be left"):
        ShrinkagePlan(causes=(morning, cause("b", 0.6, 11, 14, monday)))
    with pytest.raises(StaffingError, match="nobody would be left"):
        # Over midnight into the morning of the day after.
        ShrinkagePlan(causes=(morning, cause("n", 0.4, 22, 9, frozenset({6}))))


CAUSES = st.lists(
    st.builds(
        ShrinkageCause,
        name=st.just("c"),
        share=st.floats(0.0, 0.15),
        planned=st.booleans(),
        days=st.frozensets(st.integers(0, 6), min_size=1),
        hours=st.none()
        | st.tuples(st.times(), st.times())
        .map(lambda w: tuple(t.replace(second=0, microsecond=0) for t in w))
        .filter(lambda w: w[0] != w[1]),
    ),
    max_size=6,
)


@settings(max_examples=60, deadline=None)
@given(causes=CAUSES, minutes=st.sampled_from([5, 15, 30, 60]))
def test_intervals_are_the_mean_of_their_minutes(causes: list[ShrinkageCause], minutes: int) -> None:
    plan = ShrinkagePlan(causes=tuple(causes))
    fine = IntervalGrid.for_days(interval=timedelta(minutes=1), **WEEK)
    coarse = IntervalGrid.for_days(interval=timedelta(minutes=minutes), **WEEK)
    by_minute = plan.per_interval(fine)
    assert plan.per_interval(coarse) == pytest.approx(by_minute.reshape(-1, minutes).mean(axis=1))
    assert by_minute == pytest.approx(plan.planned.per_interval(fine) + plan.unplanned.per_interval(fine))
    assert plan.greatest == pytest.approx(by_minute.max(initial=0.0))
    midweek = datetime(2026, 11, 25, 14, 7, tzinfo=UTC)
    index = fine.index_of(midweek)
    clock = midweek.time()
    acting = 0.0
    for cause in causes:
        first, last = cause.hours or (time(0), time(0))
        if first < last or last == time(0):
            inside = first <= clock and (last == time(0) or clock < last) and 2 in cause.days
        else:
            inside = (clock >= first and 2 in cause.days) or (clock < last and 1 in cause.days)
        acting += cause.share * inside
    assert by_minute[index] == pytest.approx(acting)
