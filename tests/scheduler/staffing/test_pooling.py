"""Queues answered by the same people: never dearer under one target, and honest where the model ends."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scheduler.errors import StaffingError
from scheduler.queueing.targets import ServiceTarget, WorkKind
from scheduler.simulation import HandlingShape, PathsHold, PlayedQueue, Simulation
from scheduler.staffing import ShrinkagePlan, Workload, requirement
from scheduler.staffing.pooling import TargetedLoad, pool, pooled_load, poolings, strictest
from tests.scheduler.simulation.stage import everybody, half_hours
from tests.scheduler.simulation.stage import queue as played
from tests.scheduler.staffing.test_requirement import NO_SHRINKAGE, workload


def named(load: Workload, name: str, target: ServiceTarget | None = None) -> TargetedLoad:
    return TargetedLoad(workload=replace(load, queue=name, skill=name), target=target or ServiceTarget())


def test_two_teams_of_fourteen_need_two_people_less_together() -> None:
    found = pool([named(workload(), "billing"), named(workload(), "orders")], NO_SHRINKAGE)
    both = requirement(workload(contacts=200.0), ServiceTarget(), NO_SHRINKAGE)
    assert (found.split_peak, found.pooled_peak) == (28, both.base_agents.max()) == (28, 24)
    # Eight and a half hours at full load; the first half-hour begins with nobody on the line.
    opening = 2 * 13 - int(both.base_agents[both.base_agents > 0][0])
    assert found.saved_hours == 4 * 8.5 + opening * 0.5
    assert found.saved_share == pytest.approx(found.saved_hours / (28 * 8.5 + 26 * 0.5))
    assert found.variability == pytest.approx(1.0)
    assert found.queues == ("billing", "orders")


@settings(max_examples=150, deadline=None)
@example(
    loads=[199.0, 201.0],
    share=0.5,
    within=0.0,
    occupancy=0.6015625,
    concurrency=2,
    shrinkage=0.0,
    minimum=0,
)
@given(
    loads=st.lists(st.floats(0.0, 300.0), min_size=2, max_size=4),
    share=st.floats(0.3, 0.98),
    within=st.floats(0.0, 200.0),
    occupancy=st.none() | st.floats(0.6, 0.98),
    concurrency=st.integers(1, 3),
    shrinkage=st.floats(0.0, 0.4),
    minimum=st.integers(0, 3),
)
def test_pooled_never_needs_more_than_the_sum_under_the_same_target(
    loads: list[float],
    share: float,
    within: float,
    occupancy: float | None,
    concurrency: int,
    shrinkage: float,
    minimum: int,
) -> None:
    target = ServiceTarget(share=share, within_seconds=within, max_occupancy=occupancy)
    kind = WorkKind.LIVE if concurrency == 1 else WorkKind.CONCURRENT
    queues = [
        # Open round the clock: after an opening each group's load is a number found by itself.
        named(workload(kind, contacts=c, concurrency=concurrency, opens=0, closes=24), f"q{i}", target)
        for i, c in enumerate(loads)
    ]
    found = pool(queues, ShrinkagePlan.flat(shrinkage), minimum_agents=minimum)
    assert found.target == target
    assert found.pooled_hours <= found.split_hours
    assert found.pooled_peak <= found.split_peak


@settings(max_examples=100, deadline=None)
@given(
    loads=st.lists(st.floats(1.0, 300.0), min_size=2, max_size=4),
    patience=st.floats(20.0, 900.0),
    abandonment=st.floats(0.01, 0.3),
)
def test_with_patience_pooling_never_loses_more_customers(
    loads: list[float], patience: float, abandonment: float
) -> None:
    # A share that anybody reaches, so the limit on abandonment decides.
    target = ServiceTarget(share=0.01, within_seconds=3600, max_abandonment=abandonment)
    queues = [
        named(workload(contacts=c, patience=patience, opens=0, closes=24), f"q{i}", target)
        for i, c in enumerate(loads)
    ]
    found = pool(queues, NO_SHRINKAGE)
    assert found.pooled_hours <= found.split_hours


def test_where_too_few_are_there_by_intent_more_are_answered_at_once_apart() -> None:
    """A target so low that agents are overloaded: customers leave fast, and in one long queue all wait."""
    target = ServiceTarget(share=0.5, within_seconds=0)
    apart = [named(workload(contacts=c, patience=20.0), f"q{c}", target) for c in (57.0, 298.0)]
    found = pool(apart, NO_SHRINKAGE)
    assert (found.split_peak, found.pooled_peak) == (30, 31)


def test_the_stricter_target_may_eat_what_pooling_saves() -> None:
    relaxed = named(workload(contacts=400.0), "orders", ServiceTarget(share=0.5, within_seconds=300))
    strict = named(workload(contacts=4.0), "urgent", ServiceTarget(share=0.98, within_seconds=5))
    found = pool([relaxed, strict], NO_SHRINKAGE)
    assert (found.target.share, found.target.within_seconds) == (0.98, 5.0)
    assert found.saved_hours < 0


def test_the_pooled_queue_is_the_contacts_of_all() -> None:
    morning = workload(contacts=30.0, aht=120.0, patience=100.0, opens=8, closes=12)
    day = workload(contacts=10.0, aht=600.0, patience=300.0, opens=10, closes=18)
    both = pooled_load([replace(morning, queue="a"), replace(day, queue="b")])
    assert both.erlangs == pytest.approx(morning.erlangs + day.erlangs)
    assert both.open.tolist() == (morning.open | day.open).tolist()
    total = morning.contacts.sum() + day.contacts.sum()
    assert both.patience_seconds == pytest.approx(
        (100.0 * morning.contacts.sum() + 300.0 * day.contacts.sum()) / total
    )
    assert pooled_load([morning, replace(day, patience_seconds=None)]).patience_seconds is None
    chats = [workload(WorkKind.CONCURRENT, concurrency=c) for c in (2, 3)]
    assert pooled_load(chats).concurrency == 2


def test_what_cannot_be_pooled_is_refused_and_never_offered() -> None:
    phone, chat = workload(), workload(WorkKind.CONCURRENT, concurrency=2)
    mail = workload(WorkKind.DEFERRABLE)
    with pytest.raises(StaffingError, match="differ in kind"):
        pooled_load([phone, chat])
    with pytest.raises(StaffingError, match="can wait"):
        pooled_load([mail, mail])
    with pytest.raises(StaffingError, match="no target"):
        strictest([])
    mixed = [named(phone, "p"), named(chat, "c"), named(mail, "m"), named(mail, "n")]
    assert poolings(mixed, NO_SHRINKAGE) == ()
    phones = [named(workload(contacts=c), name) for name, c in (("a", 20.0), ("b", 40.0), ("c", 60.0))]
    found = poolings([*mixed[1:], *phones], NO_SHRINKAGE)
    assert {p.queues for p in found} == {("a", "b"), ("a", "c"), ("b", "c"), ("a", "b", "c")}
    saved = [p.saved_hours for p in found]
    assert saved == sorted(saved, reverse=True)


def test_a_mix_of_short_and_long_contacts_waits_longer_than_the_formula_says() -> None:
    """What ``variability`` warns of, seen in the simulation: the mixture is hyperexponential."""
    grid = half_hours(48 * 28)
    short, long = (played(grid, contacts=c, aht=aht).workload for c, aht in ((90.0, 60.0), (10.0, 1080.0)))
    target = ServiceTarget()
    found = pool([named(short, "short"), named(long, "long")], NO_SHRINKAGE)
    # 90 % of one minute and 10 % of eighteen: mean 162 s, second moment 2 x (0.9 x 60^2 + 0.1 x 1080^2).
    assert found.variability == pytest.approx(2 * (0.9 * 3600 + 0.1 * 1080**2) / 162**2 - 1)
    mixed = pooled_load([short, long])
    agents = found.pooled_peak - 2
    cv = found.variability**0.5

    def mean_wait(handling_cv: float) -> float:
        shape = HandlingShape.EXPONENTIAL if handling_cv == 1.0 else HandlingShape.LOGNORMAL
        one = PlayedQueue(
            workload=replace(mixed, queue="both"), target=target, handling=shape, handling_cv=handling_cv
        )
        volumes = {"both": np.full((6, grid.count), 100.0)}
        report = Simulation([one], everybody(grid, agents, "both")).run(
            volumes, seed=5, holds=PathsHold.RATES
        )
        queue = report.queues["both"]
        return float(queue.wait_seconds.sum() / queue.answered.sum())

    # Allen-Cunneen: waits grow by (1 + cv^2) / 2, here by 4.5.
    assert mean_wait(cv) > 2.0 * mean_wait(1.0)
