"""Seconds for 100,000 requirements: ``python -m tests.benchmarks.erlang``.

Half-hour intervals of 1 to 200 erlangs, handling times of 1 to 15 minutes, 80 % within 20 s.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from scheduler.queueing.search import least_agents
from scheduler.queueing.targets import ServiceTarget


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    rng = np.random.default_rng(arguments.seed)
    erlangs = rng.uniform(1.0, 200.0, arguments.count)
    aht = rng.uniform(60.0, 900.0, arguments.count)
    print("model,patience_seconds,count,seconds,agents")
    for patience in (None, 60.0, 180.0, 600.0):
        # Once beforehand, so that neither loading nor compiling is measured.
        least_agents(1.0, aht_seconds=60.0, target=ServiceTarget(), patience_seconds=patience)
        begun = time.perf_counter()
        agents = least_agents(erlangs, aht_seconds=aht, target=ServiceTarget(), patience_seconds=patience)
        seconds = time.perf_counter() - begun
        model = "erlang_c" if patience is None else "erlang_a"
        print(
            f"{model},{'' if patience is None else patience},{arguments.count},{seconds:.3f},{agents.sum()}"
        )


if __name__ == "__main__":
    main()
