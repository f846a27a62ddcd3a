"""How long the models take for many queues: 500 queues, a year of half hours, four weeks ahead.

    python -m tests.benchmarks.many_queues [--queues 500] [--workers 2] [--model ensemble] --json OUT

Queues are made up (`forecasting.synthetic`) before the clock starts.  Timed are cleaning, fit and prediction
with a model that is known already, as where the choice of an earlier backtest is used again; and, beside it,
seasonal naive, to which the time is given as a ratio.  ``backtest_seconds_per_queue`` is what choosing anew
costs a queue: all of ``make_forecast`` with ten tested weeks, on a few of the queues.  Memory is the highest
resident size of this process and its workers together.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import numpy as np

from forecasting.day_table import DayTable
from forecasting.grid import IntervalGrid
from forecasting.history import VolumeHistory
from forecasting.models.base import TrainingData, predict_grid
from forecasting.models.registry import make_models
from forecasting.pipeline import make_forecast
from forecasting.synthetic import Peak, SyntheticQueue, daily_hours, simulate_history

ZONE = "Asia/Shanghai"
HOURS = daily_hours(ZONE, 8 * 60, 20 * 60)
FIRST = date(2025, 1, 6)
DAYS = 364
HALF_HOUR = timedelta(minutes=30)
AHEAD = IntervalGrid.for_days(first=FIRST + timedelta(days=DAYS), days=28, interval=HALF_HOUR, zone=ZONE)
TESTED = 4


def history_of(number: int) -> VolumeHistory:
    """A year of one queue; every queue has its own size, shape and luck."""
    chance = np.random.default_rng(number)
    queue = SyntheticQueue(
        name=f"q{number}",
        contacts_per_day=float(chance.uniform(40, 3000)),
        aht_seconds=240,
        peaks=(
            Peak(minute=int(chance.integers(560, 700)), width_minutes=80, weight=1.0),
            Peak(
                minute=int(chance.integers(820, 960)), width_minutes=90, weight=float(chance.uniform(0.3, 1))
            ),
        ),
        day_sd=0.05,
    )
    grid = IntervalGrid.for_days(first=FIRST, days=DAYS, interval=HALF_HOUR, zone=ZONE)
    return simulate_history(queue, grid, HOURS, seed=number)


def forecast_one(history: VolumeHistory, model: str) -> float:
    """Contacts forecast for the four weeks."""
    chosen = next(m for m in make_models([model]) if m.name == model)
    training = TrainingData.prepare(history.queue, DayTable.from_history(history), HOURS)
    return float(predict_grid(chosen.fit(training), AHEAD, training.calendar).sum())


def timed(pool: ProcessPoolExecutor, histories: Sequence[VolumeHistory], model: str) -> tuple[float, float]:
    """(seconds, contacts forecast)."""
    begun = time.perf_counter()
    found = list(pool.map(partial(forecast_one, model=model), histories, chunksize=10))
    return time.perf_counter() - begun, sum(found)


def whole_forecast(history: VolumeHistory) -> float:
    begun = time.perf_counter()
    make_forecast(history, HOURS, AHEAD, made_at=AHEAD.start, seed=1, default_aht_seconds=240.0)
    return time.perf_counter() - begun


def measure(queues: int, workers: int, model: str) -> dict[str, object]:
    histories = [history_of(i) for i in range(queues)]
    actual_a_day = sum(float(h.offered.sum()) for h in histories) / DAYS
    with ProcessPoolExecutor(workers) as pool:
        timed(pool, histories[: 2 * workers], model)  # imports and the first call of everything
        seconds, contacts = timed(pool, histories, model)
        naive, _ = timed(pool, histories, "seasonal_naive")
    own, others = (
        resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return {
        "queues": queues,
        "days": DAYS,
        "workers": workers,
        "model": model,
        "seconds": round(seconds, 2),
        "seasonal_naive_seconds": round(naive, 2),
        "times_naive": round(seconds / naive, 1),
        # The children's figure is that of the largest one.
        "memory_mb": round((own + workers * others) / 1024),
        "forecast_over_last_year": round(contacts / (28 * actual_a_day), 3),
        "backtest_seconds_per_queue": round(
            float(np.median([whole_forecast(h) for h in histories[:TESTED]])), 2
        ),
        "cores": os.cpu_count(),
        "load_before": [round(v, 1) for v in os.getloadavg()],
    }


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--queues", type=int, default=500)
    parser.add_argument("--workers", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--model", default="ensemble")
    parser.add_argument("--json", type=Path, required=True)
    given = parser.parse_args(arguments)
    result = measure(given.queues, given.workers, given.model)
    given.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=2))
    return 0


if __name__ == "__main__":
    # Two workers on two cores: threads of the linear algebra would only get in each other's way.
    if os.environ.get("OPENBLAS_NUM_THREADS") != "1":
        os.execve(
            sys.executable,
            [sys.executable, "-m", "tests.benchmarks.many_queues", *sys.argv[1:]],
            {**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        )
    sys.exit(main())
