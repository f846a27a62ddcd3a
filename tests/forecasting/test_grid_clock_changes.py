"""The grid over clock changes: no interval is missing or doubled, whatever the zone does."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.errors import GridError
from forecasting.grid import IntervalGrid, local_midnight

ZONES = ("Europe/Lisbon", "America/New_York", "Australia/Lord_Howe", "Asia/Shanghai", "America/Santiago")
zones = st.sampled_from(ZONES)
days = st.dates(date(2020, 1, 1), date(2030, 12, 31))
intervals = st.sampled_from([5, 10, 15, 20, 30]).map(lambda minutes: timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Lisbon", date(2026, 3, 29), 23),
        ("Europe/Lisbon", date(2026, 10, 25), 25),
        ("America/New_York", date(2026, 3, 8), 23),
        ("America/New_York", date(2026, 11, 1), 25),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("Australia/Lord_Howe", date(2026, 10, 4), 23.5),
        ("Asia/Shanghai", date(2026, 3, 29), 24),
    ],
)
def test_a_local_day_has_as_many_intervals_as_it_has_hours(zone: str, day: date, hours: float) -> None:
    grid = IntervalGrid.for_days(first=day, days=1, interval=timedelta(minutes=30), zone=zone)
    assert grid.count == hours * 2
    assert set(grid.local_dates()) == {day}


@given(zone=zones, first=days, count=st.integers(1, 10), interval=intervals)
def test_intervals_follow_one_another_and_cover_exactly_the_local_days(
    zone: str, first: date, count: int, interval: timedelta
) -> None:
    grid = IntervalGrid.for_days(first=first, days=count, interval=interval, zone=zone)
    starts = list(grid.starts())
    assert all(b - a == interval for a, b in pairwise(starts))
    assert sorted(grid.days()) == [first + timedelta(days=i) for i in range(count)]
    left_over = local_midnight(first + timedelta(days=count), zone) - grid.end
    # Lord Howe's clock moves by 30 minutes: a longer interval that does not divide it leaves a part out.
    assert timedelta(0) <= left_over < interval
    assert left_over == timedelta(0) or timedelta(minutes=30) % interval
    assert sum(part.stop - part.start for part in grid.days().values()) == grid.count


@given(zone=zones, first=days, interval=intervals, data=st.data())
def test_every_instant_lies_in_the_interval_that_claims_it(
    zone: str, first: date, interval: timedelta, data: st.DataObject
) -> None:
    grid = IntervalGrid.for_days(first=first, days=2, interval=interval, zone=zone)
    index = data.draw(st.integers(0, grid.count - 1))
    inside = data.draw(st.integers(0, int(interval.total_seconds()) - 1))
    assert grid.index_of(grid.start_of(index) + timedelta(seconds=inside)) == index


@given(zone=zones, first=days, interval=intervals)
def test_local_view_agrees_with_the_clock(zone: str, first: date, interval: timedelta) -> None:
    grid = IntervalGrid.for_days(first=first, days=1, interval=interval, zone=zone)
    local = [start.astimezone(ZoneInfo(zone)) for start in grid.starts()]
    assert grid.minutes_of_day().tolist() == [moment.hour * 60 + moment.minute for moment in local]
    assert grid.weekdays().tolist() == [moment.weekday() for moment in local]


def test_on_the_day_clocks_go_back_two_intervals_share_a_local_time() -> None:
    grid = IntervalGrid.for_days(
        first=date(2026, 11, 1), days=1, interval=timedelta(minutes=30), zone="America/New_York"
    )
    minutes, times = np.unique(grid.minutes_of_day(), return_counts=True)
    assert minutes[times == 2].tolist() == [60, 90]


@given(zone=zones, first=days, data=st.data())
def test_a_part_of_a_grid_keeps_its_instants(zone: str, first: date, data: st.DataObject) -> None:
    grid = IntervalGrid.for_days(first=first, days=2, interval=timedelta(minutes=30), zone=zone)
    begin = data.draw(st.integers(0, grid.count))
    end = data.draw(st.integers(begin, grid.count))
    assert list(grid.sub(slice(begin, end)).starts()) == list(grid.starts())[begin:end]
    assert grid.slice_between(grid.start_of(begin), grid.start_of(end)) == slice(begin, end)


@pytest.mark.parametrize(
    "wrong",
    [
        {"start": datetime(2026, 1, 1)},
        {"interval": timedelta(minutes=7)},
        {"interval": timedelta(0)},
        {"count": -1},
    ],
)
def test_a_grid_that_cannot_exist_is_refused(wrong: dict[str, object]) -> None:
    good: dict[str, object] = {
        "start": datetime(2026, 1, 1, tzinfo=UTC),
        "interval": timedelta(minutes=30),
        "count": 1,
        "zone": "UTC",
    }
    with pytest.raises(GridError):
        IntervalGrid(**(good | wrong))  # type: ignore[arg-type]
