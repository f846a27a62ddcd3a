"""Agents who serve several queues: who takes whom, and the same means as an independent simulator."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import ciw
import numpy as np
import pytest

from forecasting.grid import IntervalGrid
from scheduler.errors import SimulationError
from scheduler.queueing import erlang_a, erlang_c
from scheduler.queueing.targets import ServiceTarget, WorkKind
from scheduler.simulation import (
    HandlingShape,
    PathsHold,
    PlayedQueue,
    QueueReport,
    Simulation,
    StaffedTime,
    given,
)
from scheduler.staffing import Workload
from tests.scheduler.simulation.stage import NINE, half_hours, minutes, queue

MINUTE = 60.0


def helper(agent: str, start: float, end: float, name: str, *helps: str) -> StaffedTime:
    return replace(minutes(agent, start, end, name), helps=frozenset(helps))


def one_by_one(
    queues: list[PlayedQueue],
    staffed: list[StaffedTime],
    contacts: Mapping[str, list[tuple[float, float, float]]],
) -> Mapping[str, QueueReport]:
    """Contacts as (arrival, service, patience) in minutes."""
    known = {}
    for one in queues:
        rows = np.array(contacts.get(one.name, []), dtype=float).reshape(-1, 3) * MINUTE
        known[one.name] = given(one, rows[:, 0], rows[:, 1], rows[:, 2])
    return Simulation(queues, staffed).run_given(known, seed=1).queues


class TestWhoTakesWhom:
    grid = half_hours(4)

    def test_an_idle_agent_of_the_queue_comes_before_one_who_helps(self) -> None:
        queues = [queue(self.grid, name="phone"), queue(self.grid, name="bills")]
        staffed = [helper("h", 0, 120, "bills", "phone"), helper("p", 1, 120, "phone")]
        # The helper has been idle longer, but stays free for the bill of minute 3.
        found = one_by_one(queues, staffed, {"phone": [(2, 10, 60)], "bills": [(3, 1, 60)]})
        assert found["bills"].wait_seconds.sum() == 0
        assert found["phone"].wait_seconds.sum() == 0
        # With his own agent busy the helper takes the second call.
        found = one_by_one(queues, staffed, {"phone": [(2, 10, 60), (3, 10, 60)], "bills": [(4, 1, 60)]})
        assert found["phone"].wait_seconds.sum() == 0
        assert found["bills"].wait_seconds.sum() == 9 * MINUTE

    def test_a_free_agent_takes_his_own_queue_first_and_then_who_waited_longest(self) -> None:
        queues = [queue(self.grid, name=name) for name in ("own", "one", "two")]
        staffed = [helper("a", 0, 120, "own", "one", "two")]
        waiting = {"own": [(0, 10, 60), (5, 1, 60)], "one": [(4, 1, 60)], "two": [(3, 1, 60)]}
        found = one_by_one(queues, staffed, waiting)
        # At minute 10: his own of minute 5, then the one of minute 3, then that of minute 4.
        waits = {name: report.wait_seconds.sum() / MINUTE for name, report in found.items()}
        assert waits == {"own": 5.0, "two": 8.0, "one": 8.0}

    def test_priority_goes_before_his_own_queue(self) -> None:
        own, vip = queue(self.grid, name="own"), queue(self.grid, name="vip")
        queues = [replace(own, priority=1), replace(vip, priority=0)]
        staffed = [helper("a", 0, 120, "own", "vip")]
        waiting = {"own": [(0, 10, 60), (2, 5, 60)], "vip": [(8, 3, 60), (9, 3, 0.5)]}
        found = one_by_one(queues, staffed, waiting)
        assert found["vip"].wait_seconds.sum() == 2 * MINUTE
        assert found["vip"].abandoned.sum() == 1, "she had hung up before the agent was free"
        assert found["own"].wait_seconds.sum() == 11 * MINUTE

    def test_mail_is_worked_on_while_nobody_is_on_the_line(self) -> None:
        calls = queue(self.grid, name="calls")
        mail = replace(queue(self.grid, name="mail", kind=WorkKind.DEFERRABLE), priority=1)
        staffed = [helper("a", 0, 120, "calls", "mail")]
        work = {"calls": [(0, 4, 60), (5, 4, 60)], "mail": [(1, 3, 600), (1, 3, 600)]}
        found = one_by_one([calls, mail], staffed, work)
        # Mail from 4 to 7; the call of 5 waits for its end, because nothing is put down half done.
        assert found["calls"].wait_seconds.sum() == 2 * MINUTE
        assert found["mail"].answered.sum() == 2

    def test_he_helps_nobody_after_the_end_of_his_time(self) -> None:
        queues = [queue(self.grid, name="phone"), queue(self.grid, name="bills")]
        staffed = [helper("a", 0, 10, "bills", "phone"), helper("a", 20, 120, "bills", "phone")]
        found = one_by_one(queues, staffed, {"phone": [(9, 5, 60), (12, 1, 60)]})
        assert found["phone"].answered.sum() == 2
        assert found["phone"].wait_seconds.sum() == 8 * MINUTE, "from minute 12 to the end of the pause"

    def test_what_cannot_be_played_is_refused(self) -> None:
        phone = queue(self.grid, name="phone")
        with pytest.raises(SimulationError, match="helps in queue 'bills', which is not among"):
            Simulation([phone], [helper("a", 0, 60, "phone", "bills")])
        chat = queue(self.grid, name="chat", kind=WorkKind.CONCURRENT, concurrency=2)
        with pytest.raises(SimulationError, match="one contact at a time"):
            Simulation([phone, chat], [helper("a", 0, 60, "phone", "chat")])


def steady(
    loads: Mapping[str, float],
    staff: int,
    *,
    aht: float = 180.0,
    patience: float | None = None,
    handling: HandlingShape = HandlingShape.EXPONENTIAL,
    cv: float = 1.0,
    hours: int = 400,
) -> Mapping[str, QueueReport]:
    """Erlangs of each queue, the first in priority first, all agents serving all; many hours of it."""
    grid = IntervalGrid(start=NINE, interval=timedelta(hours=1), count=hours, zone="UTC")
    queues = []
    for rank, (name, erlangs) in enumerate(loads.items()):
        queues.append(
            PlayedQueue(
                workload=Workload(
                    queue=name,
                    skill=name,
                    kind=WorkKind.LIVE,
                    grid=grid,
                    contacts=np.full(hours, erlangs * 3600 / aht),
                    aht_seconds=np.full(hours, aht),
                    open=np.ones(hours, dtype=bool),
                    patience_seconds=patience,
                ),
                target=ServiceTarget(),
                handling=handling,
                handling_cv=cv,
                priority=rank,
            )
        )
    last = list(loads)[-1]
    others = frozenset(loads) - {last}
    agents = [
        StaffedTime(agent=f"a{i}", queue=last, start=grid.start, end=grid.end, helps=others)
        for i in range(staff)
    ]
    rates = {name: np.full((4, hours), erlangs * 3600 / aht) for name, erlangs in loads.items()}
    return Simulation(queues, agents).run(rates, seed=7, holds=PathsHold.RATES).queues


def mean_wait(report: QueueReport) -> float:
    return float(report.wait_seconds[:, 5:].sum() / report.answered[:, 5:].sum())


def by_ciw(network: ciw.network.Network, hours: float) -> dict[str, tuple[float, float]]:
    """Per class the mean wait [s] of the served and the share who reneged, an hour left out at the start."""
    waits: dict[str, list[float]] = {}
    left: dict[str, list[bool]] = {}
    for seed in range(3):
        ciw.seed(seed)
        run = ciw.Simulation(network)
        run.simulate_until_max_time(hours * 3600.0)
        for record in run.get_all_records():
            if record.arrival_date < 3600.0:
                continue
            left.setdefault(record.customer_class, []).append(record.record_type == "renege")
            if record.record_type == "service":
                waits.setdefault(record.customer_class, []).append(record.waiting_time)
    return {name: (float(np.mean(waits[name])), float(np.mean(left[name]))) for name in waits}


class TestAgainstFormulas:
    def test_one_pool_for_two_queues_is_erlang_c_of_their_sum(self) -> None:
        found = steady({"first": 4.0, "second": 6.0}, 12)
        both = sum(r.wait_seconds.sum() for r in found.values()) / sum(
            r.answered.sum() for r in found.values()
        )
        formula = float(erlang_c.asa_seconds(12, 10.0, aht_seconds=180.0))
        assert both == pytest.approx(formula, rel=0.06)

    def test_the_first_class_waits_as_cobham_says(self) -> None:
        # A. Cobham, "Priority assignment in waiting line problems", Operations Research 2 (1954):
        # W_k = (C h / n) / ((1 - s_(k-1)) (1 - s_k)), s_k the occupancy of classes up to k.
        found = steady({"first": 4.0, "second": 6.0}, 12)
        base = float(erlang_c.wait_probability(12, 10.0)) * 180.0 / 12
        first, all_ = 4.0 / 12, 10.0 / 12
        assert mean_wait(found["first"]) == pytest.approx(base / (1 - first), rel=0.06)
        assert mean_wait(found["second"]) == pytest.approx(base / ((1 - first) * (1 - all_)), rel=0.08)

    def test_with_patience_the_two_together_are_erlang_a(self) -> None:
        found = steady({"first": 4.0, "second": 6.0}, 10, patience=200.0)
        lost = sum(r.abandoned.sum() for r in found.values()) / sum(r.offered.sum() for r in found.values())
        formula = erlang_a.measures(10, 10.0, aht_seconds=180.0, patience_seconds=200.0)
        assert lost == pytest.approx(float(formula.abandonment), abs=0.005)


class TestAgainstCiw:
    def test_two_classes_with_priority_and_patience(self) -> None:
        found = steady({"first": 4.0, "second": 6.0}, 10, patience=200.0)
        renege = ciw.dists.Exponential(1 / 200.0)
        network = ciw.create_network(
            arrival_distributions={
                "first": [ciw.dists.Exponential(4.0 / 180)],
                "second": [ciw.dists.Exponential(6.0 / 180)],
            },
            service_distributions={name: [ciw.dists.Exponential(1 / 180.0)] for name in ("first", "second")},
            number_of_servers=[10],
            priority_classes={"first": 0, "second": 1},
            reneging_time_distributions={name: [renege] for name in ("first", "second")},
        )
        other = by_ciw(network, 120)
        for name, report in found.items():
            wait, left = other[name]
            assert mean_wait(report) == pytest.approx(wait, rel=0.1, abs=0.5)
            assert report.overall_abandonment == pytest.approx(left, abs=0.012)

    def test_lognormal_handling_times(self) -> None:
        found = steady({"only": 9.0}, 11, handling=HandlingShape.LOGNORMAL, cv=1.6)
        variance = np.log1p(1.6**2)
        network = ciw.create_network(
            arrival_distributions=[ciw.dists.Exponential(9.0 / 180)],
            service_distributions=[ciw.dists.Lognormal(np.log(180.0) - variance / 2, np.sqrt(variance))],
            number_of_servers=[11],
        )
        wait, _ = by_ciw(network, 160)["Customer"]
        assert mean_wait(found["only"]) == pytest.approx(wait, rel=0.15)
        # Erlang C does not see the scatter of the handling times.
        assert mean_wait(found["only"]) > 1.2 * float(erlang_c.asa_seconds(11, 9.0, aht_seconds=180.0))

    def test_arrivals_that_change_over_the_day(self) -> None:
        erlangs = np.array([3.0, 6.0, 10.0, 11.0, 8.0, 4.0])
        count = erlangs.size
        grid = IntervalGrid(
            start=datetime(2026, 1, 5, tzinfo=UTC), interval=timedelta(hours=1), count=count, zone="UTC"
        )
        load = Workload(
            queue="only",
            skill="only",
            kind=WorkKind.LIVE,
            grid=grid,
            contacts=erlangs * 20,
            aht_seconds=np.full(count, 180.0),
            open=np.ones(count, dtype=bool),
        )
        staff = [StaffedTime(agent=f"a{i}", queue="only", start=grid.start, end=grid.end) for i in range(11)]
        report = (
            Simulation([PlayedQueue(workload=load, target=ServiceTarget())], staff)
            .run({"only": np.tile(load.contacts, (600, 1))}, seed=5, holds=PathsHold.RATES)
            .queues["only"]
        )
        ours = report.wait_seconds.sum(axis=0) / report.answered.sum(axis=0)
        sums, counts = np.zeros(count), np.zeros(count)
        for seed in range(60):
            ciw.seed(seed)
            run = ciw.Simulation(
                ciw.create_network(
                    arrival_distributions=[
                        ciw.dists.PoissonIntervals(
                            rates=(erlangs / 180).tolist(),
                            endpoints=[3600.0 * (i + 1) for i in range(count)],
                            max_sample_date=3600.0 * count,
                        )
                    ],
                    service_distributions=[ciw.dists.Exponential(1 / 180.0)],
                    number_of_servers=[11],
                )
            )
            run.simulate_until_max_time(3600.0 * (count + 2))
            for record in run.get_all_records():
                hour = min(int(record.arrival_date // 3600), count - 1)
                sums[hour] += record.waiting_time
                counts[hour] += 1
        theirs = sums / counts
        # The rush hours have standard errors of about a tenth on ciw's 60 days.
        assert ours == pytest.approx(theirs, rel=0.3, abs=2.0)
        assert ours.argmax() == theirs.argmax() == 3
