"""``python -m tests.benchmarks.faults --runs N --database URL --csv OUT``.

Each run starts the real service in a process of its own, over real HTTP and Socket Mode against the
stand-in Slack, switches a fault on and counts at the end.  Exits 1 where anything was lost, doubled,
called too early or broke another promise of the delivery.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from tests.benchmarks.faults import service
from tests.benchmarks.faults.databases import Databases
from tests.benchmarks.faults.run import Run, log_file, one
from tests.benchmarks.faults.staging import cycle

COLUMNS = ("run", "fault", "expected", "delivered", "lost", "doubled", "early_retries")


def runs(
    url: str, numbers: range, *, seed: int, at_once: int, faults: tuple[str, ...] | None = None
) -> Iterator[Run]:
    """Runs in their order, ``at_once`` side by side: most of a run is waiting."""
    service.prepare()
    with Databases(url) as databases, ThreadPoolExecutor(at_once) as pool:
        kinds = faults or cycle(two_processes=databases.two_processes)

        def run(number: int) -> Run:
            with databases.fresh() as fresh:
                return one(number, kinds[number % len(kinds)], fresh, seed=seed, log=log_file(number))

        yield from pool.map(run, numbers)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--first", type=int, default=0, help="number of the first run, to repeat one alone")
    parser.add_argument("--database", required=True, help="sqlite:// or a PostgreSQL URL; schemas are made")
    parser.add_argument("--csv", type=Path)
    parser.add_argument("--seed", type=int, default=20261124)
    parser.add_argument("--at-once", type=int, default=6)
    parser.add_argument("--fault", action="append", help="only this fault; may be given again")
    chosen = parser.parse_args()
    begun = time.monotonic()
    done: list[Run] = []
    numbers = range(chosen.first, chosen.first + chosen.runs)
    faults = tuple(chosen.fault) if chosen.fault else None
    with ExitStack() as held:
        table = None
        if chosen.csv is not None:
            file = held.enter_context(chosen.csv.open("w", newline="", encoding="utf-8", buffering=1))
            table = csv.writer(file)
            table.writerow(COLUMNS)
        for run in runs(chosen.database, numbers, seed=chosen.seed, at_once=chosen.at_once, faults=faults):
            done.append(run)
            if table is not None:
                row = (getattr(run.tally, name) for name in COLUMNS[2:])
                table.writerow((run.number, run.fault, *row))
            if not run.tally.clean:
                head = f"run {run.number} ({run.fault}, {run.seconds:.1f} s):"
                print(head, *run.tally.problems, sep="\n  ", flush=True)
    total = {name: sum(getattr(run.tally, name) for run in done) for name in COLUMNS[2:]}
    print(f"{len(done)} runs in {time.monotonic() - begun:.0f} s: {total}")
    unclean = sum(not run.tally.clean for run in done)
    print(f"runs with a problem: {unclean} of {len(done)}")
    sys.exit(1 if unclean else 0)


if __name__ == "__main__":
    main()
