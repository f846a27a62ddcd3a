"""Are certificates true?  What they promised of each peak of real weeks, and what came.

    python -m tests.benchmarks.certificates --volumes FILE --interval 30 --zone ZONE --aht-seconds 240 \
        --patience-seconds 180 --weeks N [--services CALLS ...] [--probability 0.9] --csv OUT

The weeks are forecast, staffed and played as in ``truth``.  Before that each week's agents are certified
against sampled paths of the forecast, with the same handling and patience.  Written per week and for all of
them: how many peaks were promised between ``promised_from`` and ``promised_below``, what was promised on
average, and the share that held, each play of the true contacts counted.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np

from forecasting.errors import ForecastingError
from forecasting.uncertainty import sample_paths
from scheduler.queueing.targets import WorkKind
from scheduler.simulation import PathsHold, PlayedQueue, certify
from scheduler.staffing import Assurance, Workload
from tests.benchmarks.forecast import calendar_for, read_volumes
from tests.benchmarks.truth import (
    TARGET,
    Setting,
    Week,
    finest,
    needed,
    play_week,
    recorded,
    shape_of,
    staffed,
    weeks_of,
)

EDGES = (0.0, 0.5, 0.7, 0.85, 0.95, 1.01)


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One promise and what came of it."""

    week: str
    promised: float
    held: float


def judged(weeks: Sequence[Week], setting: Setting, *, probability: float, paths: int) -> list[Judged]:
    found = []
    for week in weeks:
        sure = Assurance(probability=probability, peak=week.peak, load_excess=week.excess)
        agents = np.where(week.open, needed(week, week.forecast.mean[: week.open.size], setting, sure), 0)
        load = Workload(
            queue="q",
            skill="q",
            kind=WorkKind.LIVE,
            grid=week.grid,
            contacts=np.where(week.open, week.forecast.mean[: week.open.size], 0.0),
            aht_seconds=np.full(week.grid.count, setting.aht),
            open=week.open,
            patience_seconds=setting.patience,
        )
        drawn = sample_paths(week.forecast, paths, 1)[:, : week.open.size]
        certificate = certify(
            [PlayedQueue(workload=load, target=TARGET, **shape_of(setting))],
            staffed(week, agents),
            {"q": drawn},
            seed=1,
            holds=PathsHold.COUNTS,
            peaks={"q": week.peak},
        )
        in_time, of = play_week(week, agents, setting)
        first = week.grid.local_dates()[0].isoformat()
        for judgement in certificate.judgements:
            at = list(judgement.intervals)
            met, came = in_time[:, at].sum(axis=1), of[:, at].sum(axis=1)
            held = (
                float(np.mean(met[came > 0] >= TARGET.share * came[came > 0] - 1e-9)) if came.any() else 1.0
            )
            found.append(Judged(week=first, promised=judgement.probability, held=held))
        print(f"certified the week of {first}", file=sys.stderr)
    return found


def table(found: Sequence[Judged]) -> list[list[str]]:
    rows = []
    for week in (*dict.fromkeys(j.week for j in found), "all"):
        for low, high in pairwise(EDGES):
            own = [j for j in found if week in (j.week, "all") and low <= j.promised < high]
            if own:
                promised, held = (float(np.mean([getattr(j, a) for j in own])) for a in ("promised", "held"))
                rows.append(
                    [week, f"{low}", f"{min(high, 1.0)}", f"{len(own)}", f"{promised:.3f}", f"{held:.3f}"]
                )
    return rows


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--volumes", type=Path, required=True)
    parser.add_argument("--interval", type=int, default=30, help="minutes")
    parser.add_argument("--zone", required=True)
    parser.add_argument("--aht-seconds", type=float, required=True)
    parser.add_argument("--patience-seconds", type=float, required=True)
    parser.add_argument("--weeks", type=int, default=10)
    parser.add_argument("--services", type=Path, nargs="+", help="lists of calls with ser_time")
    parser.add_argument("--probability", type=float, default=0.9, help="what the weeks are staffed for")
    parser.add_argument("--paths", type=int, default=100)
    parser.add_argument("--plays", type=int, default=10, help="how often each true week is played")
    parser.add_argument("--csv", type=Path, required=True)
    given = parser.parse_args(arguments)
    try:
        history = read_volumes(given.volumes, zone=given.zone, interval=timedelta(minutes=given.interval))
        fine, _ = finest(given.volumes, given.zone, given.interval)
        services = None
        if given.services:
            services = np.concatenate([recorded(path) for path in given.services])
        weeks = weeks_of(history, fine, calendar_for(history), given.weeks)
    except (ForecastingError, OSError, KeyError, ValueError) as error:
        print(f"nothing was measured: {error}", file=sys.stderr)
        return 2
    setting = Setting(
        aht=given.aht_seconds, patience=given.patience_seconds, plays=given.plays, services=services
    )
    rows = table(judged(weeks, setting, probability=given.probability, paths=given.paths))
    with given.csv.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["week", "promised_from", "promised_below", "peaks", "promised", "held"])
        writer.writerows(rows)
    for row in rows:
        print("  ".join(f"{cell:>10s}" for cell in row))
    return 0


if __name__ == "__main__":
    sys.exit(main())
