"""From a workload to people: what a planner reads off the staffing table."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from forecasting.grid import IntervalGrid
from scheduler.errors import StaffingError
from scheduler.queueing.targets import ServiceTarget, WorkKind
from scheduler.staffing import (
    Assurance,
    QueueModel,
    ShrinkageCause,
    ShrinkagePlan,
    Workload,
    agents_per_interval,
    explain,
    gap,
    requirement,
    scheduled_agents,
)

DAY = IntervalGrid.for_days(
    first=date(2026, 11, 24), days=1, interval=timedelta(minutes=30), zone="Europe/Lisbon"
)
NO_SHRINKAGE = ShrinkagePlan()


def workload(
    kind: WorkKind = WorkKind.LIVE,
    *,
    contacts: float = 100.0,
    aht: float = 180.0,
    grid: IntervalGrid = DAY,
    patience: float | None = None,
    concurrency: int = 1,
    opens: int = 9,
    closes: int = 18,
) -> Workload:
    minutes = grid.minutes_of_day()
    is_open = (minutes >= opens * 60) & (minutes < closes * 60)
    return Workload(
        queue="billing",
        skill="billing",
        kind=kind,
        grid=grid,
        contacts=np.where(is_open, contacts, 0.0),
        aht_seconds=np.full(grid.count, aht),
        open=is_open,
        patience_seconds=patience,
        concurrency=concurrency,
    )


def test_hundred_calls_need_fourteen_agents_and_sixteen_on_the_roster() -> None:
    need = requirement(workload(), ServiceTarget(), ShrinkagePlan.flat(0.1))
    busy = np.flatnonzero(workload().open)
    assert set(need.base_agents[busy[1:]]) == {14}
    assert set(need.scheduled_agents[busy[1:]]) == {16}
    # Nobody is on the line when the doors open, so the first half-hour has less than ten erlangs.
    assert (need.base_agents[busy[0]], need.scheduled_agents[busy[0]]) == (13, 15)
    assert need.scheduled_agents.sum() == need.scheduled_agents[busy].sum()
    assert need.agent_hours == 16 * 9 - 0.5


def test_patience_needs_fewer_and_chat_shares_agents() -> None:
    calls = requirement(workload(), ServiceTarget(), NO_SHRINKAGE).base_agents.max()
    impatient = requirement(workload(patience=180.0), ServiceTarget(), NO_SHRINKAGE).base_agents.max()
    chats = requirement(workload(WorkKind.CONCURRENT, concurrency=3), ServiceTarget(), NO_SHRINKAGE)
    assert (calls, impatient, chats.base_agents.max()) == (14, 12, 5)


def test_closed_intervals_need_nobody_and_open_ones_the_minimum() -> None:
    quiet = workload(contacts=0.0)
    need = requirement(quiet, ServiceTarget(), NO_SHRINKAGE, minimum_agents=2)
    assert set(need.base_agents[quiet.open]) == {2}
    assert set(need.base_agents[~quiet.open]) == {0}


def test_mail_is_spread_over_the_day_and_not_staffed_like_calls() -> None:
    mail = workload(WorkKind.DEFERRABLE, contacts=10.0, aht=300.0)
    need = requirement(mail, ServiceTarget(within_seconds=4 * 3600), NO_SHRINKAGE)
    # 10 x 300 s in 1800 s are 1.67 erlangs; at 90 % occupancy that is two people all day.
    assert set(need.base_agents[mail.open]) == {2}


def test_a_target_out_of_reach_says_with_how_many_it_would_be_possible() -> None:
    need = requirement(workload(), ServiceTarget(), ShrinkagePlan.flat(0.1), max_agents=12)
    assert need.base_agents.max() == 14, "the need is told as it is, not cut to the staff there is"
    first = need.impossible[0]
    assert (first.needed, first.available) == (15, 12)
    assert need.impossible[1].needed == 16
    assert first.start == datetime(2026, 11, 24, 9, tzinfo=UTC)
    assert len(need.impossible) == 18
    assert requirement(workload(), ServiceTarget(), NO_SHRINKAGE, max_agents=14).impossible == ()


def test_a_day_of_25_hours_has_its_two_extra_intervals_staffed() -> None:
    grid = IntervalGrid.for_days(
        first=date(2026, 10, 25), days=1, interval=timedelta(minutes=30), zone="Europe/Lisbon"
    )
    night = requirement(workload(grid=grid, opens=0, closes=24), ServiceTarget(), NO_SHRINKAGE)
    assert grid.count == 50
    assert night.base_agents.tolist() == [14] * 50


@pytest.mark.parametrize(
    ("load", "target"),
    [
        (workload(), ServiceTarget()),
        (workload(patience=120.0), ServiceTarget(max_occupancy=0.8, max_abandonment=0.03)),
        (workload(WorkKind.CONCURRENT, concurrency=2, aht=600.0), ServiceTarget(within_seconds=45)),
        (workload(WorkKind.DEFERRABLE, contacts=7.0, aht=420.0), ServiceTarget(within_seconds=3600)),
    ],
)
@pytest.mark.parametrize("sure", [None, 0.5, 0.95])
def test_the_explanation_adds_up_to_the_requirement(
    load: Workload, target: ServiceTarget, sure: float | None
) -> None:
    assurance = None
    if sure is not None:
        peak = (DAY.minutes_of_day() >= 10 * 60) & (DAY.minutes_of_day() < 13 * 60)
        assurance = Assurance(probability=sure, peak=peak, load_excess=np.full(DAY.count, 0.02))
    plan = ShrinkagePlan(
        causes=(
            ShrinkageCause(name="absence", share=0.06),
            ShrinkageCause(name="coaching", share=0.04, planned=True),
        )
    )
    need = requirement(load, target, plan, assurance=assurance, minimum_agents=1)
    for index in (0, 17, 18, 25, 35, 36):
        told = explain(load, target, plan, index, assurance=assurance, minimum_agents=1)
        assert told.base_agents == need.base_agents[index]
        assert told.scheduled_agents == need.scheduled_agents[index]
        assert told.start == load.grid.start_of(index)
        assert told.shrinkage == plan.causes
        if load.open[index]:
            assert told.erlangs == pytest.approx(told.contacts * told.aht_seconds / 1800.0)
            assert told.enough.meets_target
            assert told.one_fewer is not None
            assert not told.one_fewer.meets_target
            assert told.one_fewer.agents == told.enough.agents - 1
            if load.kind is not WorkKind.DEFERRABLE:
                assert told.enough.asa_seconds is not None
                assert told.enough.answered_95_seconds is not None
                assert told.one_fewer.answered_95_seconds is not None
                assert told.enough.answered_95_seconds <= told.one_fewer.answered_95_seconds
        else:
            assert (told.base_agents, told.one_fewer) == (0, None)


def test_the_explanation_names_the_formula_and_the_minimum() -> None:
    assert explain(workload(), ServiceTarget(), NO_SHRINKAGE, 20).model is QueueModel.ERLANG_C
    assert explain(workload(patience=90.0), ServiceTarget(), NO_SHRINKAGE, 20).model is QueueModel.ERLANG_A
    mail = workload(WorkKind.DEFERRABLE)
    assert explain(mail, ServiceTarget(), NO_SHRINKAGE, 20).model is QueueModel.SPREAD_WORK
    told = explain(workload(contacts=0.0), ServiceTarget(), NO_SHRINKAGE, 20, minimum_agents=2)
    assert (told.minimum_applied, told.base_agents, told.enough.service_level) == (True, 2, None)
    with pytest.raises(StaffingError, match="outside the grid"):
        explain(workload(), ServiceTarget(), NO_SHRINKAGE, 48)


def test_shrinkage_divides_and_never_multiplies() -> None:
    base = np.array([14, 1, 0, 90])
    assert scheduled_agents(base, np.full(4, 0.3)).tolist() == [20, 2, 0, 129]
    with pytest.raises(StaffingError, match="nobody would be left"):
        ShrinkagePlan(causes=(ShrinkageCause(name="a", share=0.6), ShrinkageCause(name="b", share=0.4)))


def test_the_gap_counts_people_by_the_minutes_they_are_there() -> None:
    start = DAY.start_of(18)
    half_hour = timedelta(minutes=30)
    spans = [
        (start, start + 2 * half_hour),
        (start + timedelta(minutes=20), start + half_hour),
        (DAY.start - half_hour, DAY.start + half_hour),
        (DAY.end - half_hour, DAY.end + 3 * half_hour),
    ]
    there = agents_per_interval(DAY, spans)
    assert there[18:21] == pytest.approx([4 / 3, 1.0, 0.0])
    assert there[[0, 1, 46, 47]] == pytest.approx([1.0, 0.0, 0.0, 1.0])
    assert there.sum() == pytest.approx((60 + 10 + 30 + 30) / 30)
    need = requirement(workload(), ServiceTarget(), NO_SHRINKAGE)
    found = gap(need, there)
    assert found.understaffed[19] == 13.0
    assert found.overstaffed[0] == 1.0
    assert found.hours_short - found.hours_over == pytest.approx((14 * 17 + 13 - there.sum()) / 2)
    assert found.difference == pytest.approx(found.overstaffed - found.understaffed)


def test_impossible_workloads_are_refused_by_queue_name() -> None:
    grid = DAY.sub(slice(0, 2))

    def load(contacts: list[float], aht: list[float], **more: object) -> Workload:
        fields: dict[str, object] = {
            "queue": "billing",
            "skill": "billing",
            "kind": WorkKind.LIVE,
            "grid": grid,
            "contacts": np.array(contacts),
            "aht_seconds": np.array(aht),
            "open": np.ones(2, dtype=bool),
        }
        return Workload(**{**fields, **more})  # type: ignore[arg-type]

    assert load([0.0, 1.0], [np.nan, 60.0]).erlangs == pytest.approx([0.0, 60 / 1800])
    with pytest.raises(StaffingError, match="'billing' must have shape"):
        load([1.0], [60.0, 60.0])
    with pytest.raises(StaffingError, match="not negative"):
        load([1.0, -1.0], [60.0, 60.0])
    with pytest.raises(StaffingError, match="positive where contacts are"):
        load([1.0, 1.0], [60.0, np.nan])
    with pytest.raises(StaffingError, match="concurrency must be 1"):
        load([1.0, 1.0], [60.0, 60.0], concurrency=2)
    with pytest.raises(StaffingError, match="patience_seconds"):
        load([1.0, 1.0], [60.0, 60.0], patience_seconds=0.0)
