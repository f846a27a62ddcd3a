"""Repairs of generated rosters: one absence at a time, how long it takes and how many others change.

    python -m tests.benchmarks.rosters.repair --preset 1000-month --seconds 120 --absences 20 --csv out.csv

The instance is `contact_centre`'s; its roster is solved first (``--seconds``).  Absences are drawn from the
same seed: a shift of a weekday, reported 80 minutes before it begins, two hours into it, or three days ahead.
Everybody may still work five hours of overtime that week.
"""

from __future__ import annotations

import argparse
import csv
import os
import platform
import random
import statistics
from datetime import timedelta
from pathlib import Path

from scheduler.check.violations import check
from scheduler.repair.changes import Absence, RepairTask, with_changes
from scheduler.repair.live import with_overtime
from scheduler.repair.search import repair
from scheduler.roster.people import TimeSpan
from scheduler.solve import SolveParams, solve
from tests.benchmarks.rosters.contact_centre import PRESETS, VERSION, instance

HOUR = timedelta(hours=1)
BEFORE = (timedelta(minutes=80), -2 * HOUR, timedelta(days=3))
OVERTIME = 5 * HOUR


def measure(preset: str, *, seed: int, seconds: float, absences: int) -> dict[str, object]:
    """Solve, then mend ``absences`` times; one row of figures."""
    problem = instance(PRESETS[preset], seed)
    solved = solve(problem, SolveParams(seconds=seconds, seed=seed))
    assert solved.roster is not None
    roster = solved.roster
    chance = random.Random(seed)
    left = {a.agent: OVERTIME for a in problem.agents}
    lenient = with_overtime(problem, 2 * HOUR, left)
    weekday = [a for a in roster.assignments if a.shift.date.weekday() < 5]
    took: list[float] = []
    changed: list[int] = []
    closed: list[float] = []
    broken = 0
    for number in range(absences):
        held = chance.choice(weekday)
        now = max(held.shift.start - BEFORE[number % 3], problem.period.start)
        span = TimeSpan(start=max(now, held.shift.start), end=held.shift.end)
        task = RepairTask(
            problem=problem,
            roster=roster,
            now=now,
            absences=(Absence(agent=held.agent, span=span),),
            overtime_left=left,
        )
        result = repair(task)
        took.append(result.seconds)
        changed.append(len({c.agent for c in result.best.changes}))
        gap = result.leave_gap.cost
        closed.append(1.0 if gap <= 0 else (gap - max(0.0, result.best.cost)) / gap)
        without = with_changes(roster, result.gone)
        # A shift ended in its middle fits no template any more; that is the absence, not the repair.
        known = {(v.agent, v.rule, v.date) for v in check(lenient, without)}
        after = with_changes(without, result.best.changes)
        broken += len({(v.agent, v.rule, v.date) for v in check(lenient, after)} - known)
    return {
        "instance": preset,
        "version": VERSION,
        "seed": seed,
        "solved_gap": "" if solved.gap is None else round(solved.gap, 4),
        "absences": absences,
        "median_seconds": round(statistics.median(took), 2),
        "worst_seconds": round(max(took), 2),
        "median_changed": statistics.median(changed),
        "most_changed": max(changed),
        "cost_avoided": round(statistics.mean(closed), 3),
        "violations": broken,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--preset", choices=sorted(PRESETS), action="append", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--absences", type=int, default=20)
    parser.add_argument("--csv", type=Path)
    asked = parser.parse_args()
    rows = [
        measure(preset, seed=asked.seed, seconds=asked.seconds, absences=asked.absences)
        for preset in asked.preset
    ]
    for row in rows:
        print(row, flush=True)
    if asked.csv is not None:
        with asked.csv.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)


if __name__ == "__main__":
    main()
