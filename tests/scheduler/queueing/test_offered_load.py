"""Twenty-minute contacts in a steep morning: every half-hour is inside its target."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from forecasting.grid import IntervalGrid
from scheduler.queueing.offered_load import level_load, load_within
from scheduler.queueing.search import least_agents
from scheduler.queueing.targets import ServiceTarget, WorkKind
from scheduler.simulation import PathsHold, PlayedQueue, Simulation, StaffedTime
from scheduler.staffing import ShrinkagePlan, Workload, requirement

DAY = [5, 20, 60, 120, 160, 170, 160, 130, 100, 90, 100, 110, 100, 80, 60, 40, 25, 15, 10, 5]
TARGET = ServiceTarget(share=0.8, within_seconds=60.0)


def steep(patience: float | None, aht: float = 1200.0) -> Workload:
    """From 08:00 to 18:00, closed for an hour before and after."""
    grid = IntervalGrid(
        start=datetime(2026, 11, 23, 7, tzinfo=UTC),
        interval=timedelta(minutes=30),
        count=len(DAY) + 4,
        zone="UTC",
    )
    contacts = np.array([0, 0, *DAY, 0, 0], dtype=float)
    return Workload(
        queue="phone",
        skill="phone",
        kind=WorkKind.LIVE,
        grid=grid,
        contacts=contacts,
        aht_seconds=np.full(grid.count, aht),
        open=contacts > 0,
        patience_seconds=patience,
    )


def service(load: Workload, agents: np.ndarray) -> np.ndarray:
    """Mean share in time of every open half-hour over 1,600 days; its standard error is below 0.003."""
    starts = list(load.grid.starts())
    staffed = []
    for k in range(int(agents.max())):
        change = np.diff(np.concatenate(([0], (agents > k).astype(int), [0])))
        for first, last in zip(np.flatnonzero(change == 1), np.flatnonzero(change == -1), strict=True):
            end = starts[last - 1] + load.grid.interval
            staffed.append(StaffedTime(agent=f"a{k}", queue="phone", start=starts[first], end=end))
    report = Simulation([PlayedQueue(workload=load, target=TARGET)], staffed).run(
        {"phone": np.tile(load.contacts, (1600, 1))}, seed=3, holds=PathsHold.RATES
    )
    return report.queues["phone"].mean_service_level[load.open]


@pytest.mark.parametrize("patience", [None, 600.0, 180.0])
def test_every_half_hour_of_a_steep_day_is_inside_its_target(patience: float | None) -> None:
    load = steep(patience)
    need = requirement(load, TARGET, ShrinkagePlan()).base_agents
    assert service(load, need).min() >= 0.80 - 0.005
    # Each half-hour on its own: too many people in the morning, too few later, and more hours.
    alone = least_agents(load.erlangs, aht_seconds=load.aht_seconds, target=TARGET, patience_seconds=patience)
    assert service(load, alone).min() < 0.79
    assert need.sum() < alone.sum()


def test_the_load_follows_its_differential_equation() -> None:
    erlangs = np.array([0.0, 10.0, 30.0, 30.0, 5.0, 0.0, 0.0])
    is_open = erlangs > 0
    found = load_within(erlangs, np.full(7, 900.0), is_open, interval_seconds=1800.0)
    steps = 6000
    m, stepwise = 0.0, []
    for arriving in erlangs:
        held = []
        for _ in range(steps):
            m += (arriving - m) / 900.0 * (1800.0 / steps)
            held.append(m)
        stepwise.append(np.array(held)[np.arange(steps // 12, steps, steps // 6)])
    assert found == pytest.approx(np.array(stepwise), abs=0.01)
    assert found[5].min() > 0, "what is in progress at closing time is finished"


def test_short_contacts_and_a_level_day_leave_the_load_as_it_is() -> None:
    erlangs = np.full(48, 20.0)
    level = level_load(
        erlangs,
        np.full(48, 180.0),
        np.ones(48, dtype=bool),
        interval_seconds=1800.0,
        target=TARGET,
        patience_seconds=180.0,
    )
    assert level == pytest.approx(erlangs, rel=1e-6)


def test_a_queue_that_never_opens_has_no_load() -> None:
    none = np.zeros(4)
    closed = np.zeros(4, dtype=bool)
    assert not level_load(
        none, none, closed, interval_seconds=1800.0, target=TARGET, patience_seconds=None
    ).any()
