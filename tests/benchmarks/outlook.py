"""How true risk predictions come, how often volume alarms are false: ``python -m tests.benchmarks.outlook``.

Risk: mornings played by an event list in plain Python (`tests.support.mornings`), four predictions each,
20 or 25 minutes ahead; teams of 7 (short), 8 and 9.  One row per band of predictions.  Volume: days drawn
from the forecast itself; alarms a day and queue.  Seconds are of one prediction.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from tests.support.mornings import predictions
from tests.support.unusual import alarms_a_day

BANDS = ((0.0, 0.1), (0.1, 0.3), (0.3, 0.5), (0.5, 0.75), (0.75, 1.01))
VOLUMES = ((1.5, 0.05), (4.0, 0.04), (10.0, 0.04), (10.0, 0.1), (25.0, 0.06), (60.0, 0.04))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=250)
    parser.add_argument("--seed", type=int, default=11)
    arguments = parser.parse_args()
    print("measure,agents_or_mean,from_or_excess,to,count,foretold,happened,brier_skill,seconds")
    for agents in (7, 8, 9):
        begun = time.perf_counter()
        both = list(predictions(arguments.days, agents, seed=arguments.seed))
        seconds = (time.perf_counter() - begun) / len(both)
        p, y = np.array([a for a, _ in both]), np.array([b for _, b in both], dtype=np.float64)
        skill = 1 - np.mean((p - y) ** 2) / max(float(np.mean((y - y.mean()) ** 2)), 1e-9)
        for low, high in BANDS:
            band = (p >= low) & (p < high)
            if band.any():
                print(f"risk,{agents},{low},{min(high, 1.0)},{band.sum()},{p[band].mean():.3f},"
                      f"{y[band].mean():.3f},,")  # fmt: skip
        print(f"risk_all,{agents},0.0,1.0,{p.size},{p.mean():.3f},{y.mean():.3f},{skill:.3f},{seconds:.3f}")
    for mean, excess in VOLUMES:
        rate = alarms_a_day(mean, excess, days=8 * arguments.days, seed=arguments.seed)
        print(f"false_volume_alarms_a_day,{mean},{excess},,{8 * arguments.days},,{rate:.4f},,")


if __name__ == "__main__":
    main()
