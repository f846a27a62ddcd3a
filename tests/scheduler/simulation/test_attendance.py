"""Planned shrinkage takes its time out of a roster; the rest is the chance that somebody misses a day."""

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.grid import IntervalGrid
from scheduler.simulation import Simulation, StaffedTime, attendance, certify
from scheduler.staffing import ShrinkageCause, ShrinkagePlan, agents_per_interval
from tests.scheduler.simulation.stage import NINE, everybody, half_hours, minutes, queue

DAY = date(2026, 11, 23)


def planned(share: float, first: time | None = None, last: time | None = None) -> ShrinkagePlan:
    hours = None if first is None or last is None else (first, last)
    return ShrinkagePlan(causes=(ShrinkageCause(name="training", share=share, planned=True, hours=hours),))


def hours(rows: tuple[StaffedTime, ...] | list[StaffedTime]) -> float:
    return sum((row.end - row.start).total_seconds() for row in rows) / 3600


def test_one_unplanned_share_changes_nothing_but_the_chance_of_a_day() -> None:
    grid = half_hours(16)
    staff = everybody(grid, 5)
    found = attendance(staff, ShrinkagePlan.flat(0.08), grid)
    assert found.staffed == tuple(staff)
    assert found.absence == {DAY: pytest.approx(0.08)}


def test_a_training_takes_whole_people_out_of_its_hours_in_turn() -> None:
    grid = half_hours(16)
    found = attendance(everybody(grid, 8), planned(0.25, time(13), time(15)), grid)
    there = agents_per_interval(grid, [(row.start, row.end) for row in found.staffed])
    assert there.tolist() == [8.0] * 8 + [6.0] * 4 + [8.0] * 4
    pauses = defaultdict(list)
    for row in found.staffed:
        pauses[row.agent].append(row)
    away = {agent: 8 - hours(rows) for agent, rows in pauses.items()}
    assert sorted(away.values()) == [0.0] * 4 + [1.0] * 4, "an hour each for four, not two for the same two"
    assert found.absence == {DAY: 0.0}


def test_a_half_hour_window_takes_no_more_than_the_half_hour() -> None:
    grid = half_hours(16)
    found = attendance(everybody(grid, 2), planned(0.5, time(10), time(10, 30)), grid)
    there = agents_per_interval(grid, [(row.start, row.end) for row in found.staffed])
    assert there.tolist() == [2.0] * 2 + [1.0] + [2.0] * 13


def test_each_queue_loses_its_own_share() -> None:
    grid = half_hours(4)
    staff = [minutes("a", 0, 30), minutes("a", 30, 120, "mail"), minutes("b", 0, 120), minutes("c", 0, 120)]
    found = attendance(staff, planned(0.5), grid)
    lost = {
        name: hours([r for r in staff if r.queue == name])
        - hours([r for r in found.staffed if r.queue == name])
        for name in ("phone", "mail")
    }
    assert lost["phone"] == pytest.approx(4.5 / 2, abs=0.5)
    assert lost["mail"] == pytest.approx(1.5 / 2, abs=0.5)


def test_unplanned_hours_count_as_the_part_of_the_day_they_are() -> None:
    grid = half_hours(16)
    late = ShrinkageCause(name="late", share=0.4, hours=(time(9), time(10)))
    assert attendance(everybody(grid, 3), ShrinkagePlan(causes=(late,)), grid).absence == {
        DAY: pytest.approx(0.4 / 8)
    }
    night = [
        StaffedTime(
            agent="n",
            queue="phone",
            start=datetime(2026, 11, 22, 22, tzinfo=UTC),
            end=NINE - timedelta(hours=3),
        )
    ]
    sunday = ShrinkageCause(name="sick", share=0.2, days=frozenset({6}))
    # Two of the eight hours are Sunday's, before the grid begins.
    assert attendance(night, ShrinkagePlan(causes=(sunday,)), grid).absence == {
        date(2026, 11, 22): pytest.approx(0.05)
    }


@settings(max_examples=60, deadline=None)
@given(
    agents=st.integers(1, 9),
    share=st.floats(0.0, 0.6),
    unplanned=st.floats(0.0, 0.3),
    first=st.integers(0, 14),
    length=st.integers(1, 24),
)
def test_what_is_lost_is_what_was_planned_to_within_half_an_hour(
    agents: int, share: float, unplanned: float, first: int, length: int
) -> None:
    grid = half_hours(48)
    staff = everybody(grid, agents)
    start, end = NINE + first * timedelta(hours=1), NINE + (first + length) * timedelta(hours=1)
    cause = ShrinkageCause(
        name="t",
        share=share,
        planned=True,
        hours=(start.time(), end.time()) if start.time() != end.time() else None,
    )
    plan = ShrinkagePlan(causes=(cause, ShrinkageCause(name="sick", share=unplanned)))
    found = attendance(staff, plan, grid)
    lost = hours(staff) - hours(found.staffed)
    expected = float((plan.planned.per_interval(grid) * agents).sum()) / 2
    assert lost == pytest.approx(expected, abs=0.5 + 1e-9)
    if found.staffed:
        there = sum(found.absence[r.start.date()] * hours([r]) for r in found.staffed)
        assert there == pytest.approx(unplanned * hours(staff), abs=0.6)
    taken = attendance(staff, plan.planned, grid)
    assert taken.staffed == found.staffed, "what is planned does not hang on what is not"


def test_planned_training_costs_service_in_its_hours_only_and_no_path_meets_another() -> None:
    grid = half_hours(16)
    played = queue(grid, contacts=40.0)
    staff = everybody(grid, 6)
    there = attendance(staff, planned(0.34, time(13), time(15)), grid)
    volumes = {"phone": np.full((60, grid.count), 40.0)}
    before = Simulation([played], staff).run(volumes, seed=3).queues["phone"].mean_service_level
    after = (
        Simulation([played], there.staffed)
        .run(volumes, seed=3, absence=there.absence)
        .queues["phone"]
        .mean_service_level
    )
    assert after[:8] == pytest.approx(before[:8])
    assert np.all(after[8:12] < before[8:12] - 0.1)
    # From the hour after the training on the backlog is gone.
    assert after[14:] == pytest.approx(before[14:], abs=0.03)


def test_absence_by_day_plays_each_day_by_its_own() -> None:
    grid = half_hours(96, start=datetime(2026, 11, 23, tzinfo=UTC))
    played = queue(grid)
    report = Simulation([played], everybody_by_day(grid)).run(
        {"phone": np.zeros((40, 96))}, seed=1, absence={DAY: 0.0, DAY + timedelta(days=1): 0.5}
    )
    staffed = report.queues["phone"].staffed_seconds
    assert np.all(staffed[:, :32] == 4 * 1800)
    assert staffed[:, 48:80].mean() == pytest.approx(2 * 1800, rel=0.2)
    flat, mapped = (
        certify([played], everybody_by_day(grid), {"phone": np.full((8, 96), 10.0)}, seed=2, absence=absence)
        for absence in (0.2, {DAY: 0.2, DAY + timedelta(days=1): 0.2})
    )
    assert [j.probability for j in flat.judgements] == [j.probability for j in mapped.judgements]


def everybody_by_day(grid: IntervalGrid) -> list[StaffedTime]:
    """Four agents from midnight to 16:00 on two days."""
    day, shift = timedelta(days=1), timedelta(hours=16)
    return [
        StaffedTime(
            agent=f"a{i}", queue="phone", start=grid.start + d * day, end=grid.start + d * day + shift
        )
        for i in range(4)
        for d in range(2)
    ]
