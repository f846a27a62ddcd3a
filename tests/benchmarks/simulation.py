"""Contacts played per second on one core: ``python -m tests.benchmarks.simulation --json OUT``.

A day of half-hours with patience, drawn, played and counted: one pooled queue of 200 erlangs, and three
queues of 20 erlangs each whose agents help in the other two, with priorities.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from forecasting.grid import IntervalGrid
from scheduler.queueing.targets import ServiceTarget, WorkKind
from scheduler.simulation import PathsHold, PlayedQueue, Simulation, StaffedTime
from scheduler.staffing import Workload

GRID = IntervalGrid(
    start=datetime(2026, 1, 5, tzinfo=UTC), interval=timedelta(minutes=30), count=48, zone="UTC"
)


def queue(name: str, erlangs: float, priority: int) -> PlayedQueue:
    return PlayedQueue(
        workload=Workload(
            queue=name,
            skill=name,
            kind=WorkKind.LIVE,
            grid=GRID,
            contacts=np.full(GRID.count, erlangs * 1800 / 240),
            aht_seconds=np.full(GRID.count, 240.0),
            open=np.ones(GRID.count, dtype=np.bool_),
            patience_seconds=180.0,
        ),
        target=ServiceTarget(),
        priority=priority,
    )


def measured(loads: dict[str, float], *, paths: int, helping: bool) -> dict[str, float]:
    queues = [queue(name, erlangs, i) for i, (name, erlangs) in enumerate(loads.items())]
    staffed = [
        StaffedTime(
            agent=f"{name}{i}",
            queue=name,
            start=GRID.start,
            end=GRID.end,
            helps=frozenset(loads) - {name} if helping else frozenset(),
        )
        for name, erlangs in loads.items()
        for i in range(round(erlangs * 1.03))
    ]
    simulation = Simulation(queues, staffed)
    rates = {q.name: np.tile(q.workload.contacts, (paths, 1)) for q in queues}
    # Once beforehand, so that neither loading nor compiling is measured.
    simulation.run({name: rate[:1] for name, rate in rates.items()}, seed=1, holds=PathsHold.RATES)
    begun = time.perf_counter()
    report = simulation.run(rates, seed=1, holds=PathsHold.RATES)
    seconds = time.perf_counter() - begun
    return {
        "agents": len(staffed),
        "contacts": report.contacts,
        "seconds": round(seconds, 3),
        "contacts_per_second": round(report.contacts / seconds),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--paths", type=int, default=100)
    parser.add_argument("--json", type=Path, required=True)
    asked = parser.parse_args()
    result = {
        "one_pooled_queue": measured({"phone": 200.0}, paths=asked.paths, helping=False),
        "three_queues_helping": measured(
            {"phone": 20.0, "bills": 20.0, "orders": 20.0}, paths=asked.paths, helping=True
        ),
        "load_before": [round(v, 1) for v in os.getloadavg()],
    }
    asked.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
