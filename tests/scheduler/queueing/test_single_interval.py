"""A single half-hour scatters about its average: the chance that it holds its target, against simulation."""

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from forecasting.grid import IntervalGrid
from scheduler.errors import QueueingError
from scheduler.queueing import erlang_a, erlang_c, interval_kernels
from scheduler.queueing.search import least_agents
from scheduler.queueing.single_interval import (
    chance_met,
    expected_share,
    least_agents_expected,
    least_agents_for_chance,
)
from scheduler.queueing.targets import ServiceTarget, WorkKind
from scheduler.simulation import PathsHold, PlayedQueue, Simulation, StaffedTime
from scheduler.staffing import Workload

TARGET = ServiceTarget(share=0.8, within_seconds=20.0)
HALF_HOUR = 1800.0


def played(
    agents: int, erlangs: float, aht: float, patience: float | None, *, rates: np.ndarray | None = None
) -> tuple[float, float]:
    """Share in time of all contacts, and share of the half-hours that reached 80 %, of 2,000 of them."""
    count, warm = 7, 2
    grid = IntervalGrid(
        start=datetime(2026, 1, 5, tzinfo=UTC), interval=timedelta(seconds=HALF_HOUR), count=count, zone="UTC"
    )
    expected = np.full(count, erlangs * HALF_HOUR / aht)
    load = Workload(
        queue="phone",
        skill="phone",
        kind=WorkKind.LIVE,
        grid=grid,
        contacts=expected,
        aht_seconds=np.full(count, aht),
        open=np.ones(count, dtype=bool),
        patience_seconds=patience,
    )
    staffed = [
        StaffedTime(agent=f"a{i}", queue="phone", start=grid.start, end=grid.end) for i in range(agents)
    ]
    paths = np.tile(expected, (400, 1)) if rates is None else expected * rates[:, None]
    report = Simulation([PlayedQueue(workload=load, target=TARGET)], staffed).run(
        {"phone": paths}, seed=11, holds=PathsHold.RATES
    )
    held = report.queues["phone"]
    in_time, judged = held.in_time[:, warm:], held.judged[:, warm:]
    return float(in_time.sum() / judged.sum()), float(np.mean(in_time >= 0.8 * judged - 1e-9))


@pytest.mark.parametrize(
    ("agents", "erlangs", "aht", "patience"),
    [
        (3, 1.5, 180.0, 360.0),
        (6, 5.0, 180.0, 360.0),
        (8, 5.0, 180.0, 360.0),
        (14, 10.0, 180.0, 180.0),
        (15, 10.0, 180.0, None),
        (28, 25.0, 240.0, 180.0),
        (203, 200.0, 240.0, 180.0),
        (216, 200.0, 240.0, None),
    ],
)
def test_mean_and_chance_agree_with_the_simulation(
    agents: int, erlangs: float, aht: float, patience: float | None
) -> None:
    share, held = played(agents, erlangs, aht, patience)
    mean = expected_share(agents, erlangs, aht_seconds=aht, target=TARGET, patience_seconds=patience)
    chance = chance_met(
        agents,
        erlangs,
        aht_seconds=aht,
        target=TARGET,
        interval_seconds=HALF_HOUR,
        patience_seconds=patience,
    )
    # 2,000 half-hours have a standard error of about 0.01; the beta distribution is off by as much again.
    assert share == pytest.approx(float(mean), abs=0.012)
    assert held == pytest.approx(float(chance), abs=0.035)


@pytest.mark.parametrize(("agents", "erlangs", "excess"), [(33, 28.0, 0.01), (12, 8.0, 0.05)])
def test_an_uncertain_load_is_met_as_often_as_promised(agents: int, erlangs: float, excess: float) -> None:
    log_sd = math.sqrt(math.log1p(excess))
    rates = np.exp(log_sd * np.random.default_rng(5).standard_normal(400) - log_sd**2 / 2)
    share, held = played(agents, erlangs, 240.0, 180.0, rates=rates)
    chance = chance_met(
        agents,
        erlangs,
        aht_seconds=240.0,
        target=TARGET,
        interval_seconds=HALF_HOUR,
        patience_seconds=180.0,
        load_excess=excess,
    )
    mean = expected_share(
        agents, erlangs, aht_seconds=240.0, target=TARGET, patience_seconds=180.0, load_excess=excess
    )
    assert held == pytest.approx(float(chance), abs=0.05)
    assert share == pytest.approx(float(mean), abs=0.02)


@settings(max_examples=60, deadline=None)
@given(
    erlangs=st.floats(0.05, 300.0),
    spare=st.integers(0, 30),
    aht=st.floats(30.0, 1800.0),
    patience=st.one_of(st.none(), st.floats(20.0, 3600.0)),
    within=st.floats(0.0, 300.0),
)
@example(erlangs=0.99999, spare=0, aht=30.0, patience=None, within=0.0)
@example(erlangs=199.99999, spare=0, aht=240.0, patience=None, within=60.0)
def test_its_mean_is_erlangs_service_level(
    erlangs: float, spare: int, aht: float, patience: float | None, within: float
) -> None:
    agents = int(erlangs) + 1 + spare
    mean, variance = interval_kernels.share_of_interval(
        agents, erlangs, aht, math.inf if patience is None else patience, within, HALF_HOUR
    )
    if patience is None:
        known = erlang_c.service_level(agents, erlangs, aht_seconds=aht, within_seconds=within)
    else:
        known = erlang_a.measures(
            agents, erlangs, aht_seconds=aht, patience_seconds=patience, within_seconds=within
        ).service_level
    assert mean == pytest.approx(float(known), abs=1e-6)
    assert variance >= 0.0


@settings(max_examples=40, deadline=None)
@given(
    erlangs=st.floats(0.1, 120.0),
    probability=st.floats(0.5, 0.98),
    excess=st.floats(0.0, 0.1),
    patience=st.one_of(st.none(), st.floats(60.0, 900.0)),
)
def test_the_least_number_holds_and_one_fewer_does_not(
    erlangs: float, probability: float, excess: float, patience: float | None
) -> None:
    asked = {"aht_seconds": 200.0, "target": TARGET, "patience_seconds": patience, "load_excess": excess}
    needed = int(
        least_agents_for_chance(erlangs, interval_seconds=HALF_HOUR, probability=probability, **asked)
    )
    assert chance_met(needed, erlangs, interval_seconds=HALF_HOUR, **asked) >= probability
    assert chance_met(needed - 1, erlangs, interval_seconds=HALF_HOUR, **asked) < probability
    usual = int(least_agents_expected(erlangs, **asked))
    assert (
        expected_share(usual, erlangs, **asked) >= TARGET.share > expected_share(usual - 1, erlangs, **asked)
    )


def test_without_uncertainty_the_expected_share_is_erlangs_requirement() -> None:
    erlangs = np.linspace(0.0, 80.0, 41)
    for patience in (None, 180.0):
        plain = least_agents(erlangs, aht_seconds=180.0, target=TARGET, patience_seconds=patience)
        assert np.array_equal(
            least_agents_expected(erlangs, aht_seconds=180.0, target=TARGET, patience_seconds=patience), plain
        )


def test_longer_averaging_and_surer_forecasts_need_fewer_people() -> None:
    def need(seconds: float, excess: float) -> int:
        return int(
            least_agents_for_chance(
                10.0,
                aht_seconds=180.0,
                target=TARGET,
                interval_seconds=seconds,
                probability=0.95,
                patience_seconds=180.0,
                load_excess=excess,
            )
        )

    assert need(900.0, 0.0) > need(7200.0, 0.0)
    assert need(1800.0, 0.0) < need(1800.0, 0.02) < need(1800.0, 0.08)


def test_nothing_to_do_holds_and_nonsense_is_refused() -> None:
    assert chance_met(0, 0.0, aht_seconds=180.0, target=TARGET, interval_seconds=1800.0) == 1.0
    assert chance_met(0, 5.0, aht_seconds=180.0, target=TARGET, interval_seconds=1800.0) == 0.0
    # 400 people for one erlang: 1 / B overflows a double long before.
    assert chance_met(400, 1.0, aht_seconds=180.0, target=TARGET, interval_seconds=1800.0) == 1.0
    with pytest.raises(QueueingError, match="nothing is certain"):
        least_agents_for_chance(
            5.0, aht_seconds=180.0, target=TARGET, interval_seconds=1800.0, probability=1.0
        )
    with pytest.raises(QueueingError, match="interval_seconds must be positive"):
        chance_met(5, 3.0, aht_seconds=180.0, target=TARGET, interval_seconds=0.0)
