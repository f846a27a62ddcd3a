"""Truth test: forecast, staffed, and played against the contacts that really came.

    python -m tests.benchmarks.truth --volumes FILE --interval 30 --zone ZONE --aht-seconds 240 \
        --patience-seconds 180 --weeks N [--services CALLS ...] --csv OUT

Each of the last N weeks is forecast from what was known at its start, staffed for 80 % within 20 s, and its
agents (pooled, no breaks, a new number every interval) are played against the true arrivals, uniform inside
the file's own intervals.  A contact that hangs up counts as missed.  Peaks are fixed beforehand: the top
quarter of the weekday x interval means before the first tested week.

``relative_hours``: agent-hours over those an oracle with the true volumes needs for 80 % on the whole.
Written where 90 % and 95 % of the peak half-hours, each play of each counted, reach 80 %, interpolated over a
sweep of the model's knob: a margin on the volumes, for ``muster`` the probability of its requirement.
``muster`` is what the product does, sure in the peaks; ``muster_everywhere`` is as sure in every interval.
``muster_0.9``: the share that was reached with the knob set beforehand.
Handling times are exponential, or drawn from the calls recorded in ``--services`` and scaled.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from forecasting.backtest import weeks_to_test
from forecasting.calendars import ForecastCalendar
from forecasting.day_table import DayTable, cells_of
from forecasting.errors import ForecastingError
from forecasting.forecast import VolumeForecast
from forecasting.grid import IntervalGrid, local_midnight
from forecasting.history import VolumeHistory
from forecasting.pipeline import make_forecast
from forecasting.uncertainty import excess_by_day
from scheduler.queueing.targets import ServiceTarget, WorkKind
from scheduler.simulation import HandlingShape, PlayedQueue, Simulation, StaffedTime
from scheduler.staffing import Assurance, ShrinkagePlan, Workload, requirement
from tests.benchmarks.forecast import calendar_for, read_volumes

WEEK = timedelta(days=7)
TARGET = ServiceTarget(share=0.80, within_seconds=20.0)
SHARES = (0.90, 0.95)
FILES_INTERVALS = (1, 2, 3, 5, 6, 10, 15, 20, 30, 60)
MARGINS = (
    -0.2,
    -0.15,
    -0.1,
    -0.06,
    -0.03,
    0.0,
    0.03,
    0.06,
    0.09,
    0.12,
    0.16,
    0.2,
    0.25,
    0.3,
    0.4,
    0.5,
    0.65,
    0.8,
    1.0,
    1.3,
    1.7,
)
PROBABILITIES = (0.3, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.875, 0.9, 0.92, 0.94, 0.96, 0.97, 0.98, 0.99, 0.995)
SET_BEFOREHAND = 0.9

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Week:
    """One tested week: what is known of it beforehand, and what came."""

    grid: IntervalGrid
    open: Flags
    peak: Flags
    true: Floats
    fine_grid: IntervalGrid
    fine: Floats
    naive: Floats
    mean6: Floats
    forecast: VolumeForecast
    excess: Floats


@dataclass(frozen=True, kw_only=True)
class Outcome:
    hours: float
    overall: float
    peaks_inside: float


@dataclass(frozen=True, kw_only=True)
class Setting:
    aht: float
    patience: float
    plays: int
    services: Floats | None


def finest(path: Path, zone: str, interval: int) -> tuple[VolumeHistory, int]:
    """The history in the file's own intervals, and their minutes."""
    with path.open(newline="", encoding="utf-8") as file:
        starts = sorted({row["start"] for row in csv.DictReader(file)})
    minutes = {int(s[11:13]) * 60 + int(s[14:16]) for s in starts}
    own = max(
        m for m in FILES_INTERVALS if m <= interval and interval % m == 0 and all(v % m == 0 for v in minutes)
    )
    return read_volumes(path, zone=zone, interval=timedelta(minutes=own)), own


def weeks_of(
    history: VolumeHistory, fine: VolumeHistory, calendar: ForecastCalendar, count: int
) -> list[Week]:
    tested = weeks_to_test(DayTable.from_history(history), count)
    scored = history.observed & calendar.open_mask(history.grid)
    local = history.grid.local_starts()
    cells: dict[tuple[int, int], list[int]] = {}
    for i in np.flatnonzero(scored):
        cells.setdefault((local[i].weekday(), local[i].hour * 60 + local[i].minute), []).append(int(i))
    before = {
        cell: float(np.mean([history.offered[i] for i in at if local[i].date() < tested[0]] or [0.0]))
        for cell, at in cells.items()
    }
    least = float(np.quantile([v for v in before.values() if v > 0], 0.75))
    per = round(history.grid.interval / fine.grid.interval)
    found = []
    for first in tested:
        span = history.grid.slice_between(_midnight(first, history), _midnight(first + WEEK, history))
        fine_span = fine.grid.slice_between(_midnight(first, history), _midnight(first + WEEK, history))
        grid = history.grid.sub(span)
        is_open = scored[span]
        index = range(span.start, span.stop)
        cell = [(local[i].weekday(), local[i].hour * 60 + local[i].minute) for i in index]

        def earlier(n: int, first: date = first, cell: list[tuple[int, int]] = cell) -> Floats:
            known = [[i for i in cells.get(c, ()) if local[i].date() < first][-n:] for c in cell]
            return np.array([np.mean(history.offered[at]) if at else 0.0 for at in known])

        made, excess = _forecast(history, calendar, first)
        found.append(
            Week(
                grid=grid,
                open=is_open,
                peak=is_open & np.array([before.get(c, 0.0) >= least for c in cell]),
                true=np.where(is_open, np.nan_to_num(history.offered[span]), 0.0),
                fine_grid=fine.grid.sub(fine_span),
                fine=np.where(np.repeat(is_open, per), np.nan_to_num(fine.offered[fine_span]), 0.0),
                naive=earlier(1),
                mean6=earlier(6),
                forecast=made,
                excess=excess[: is_open.size],
            )
        )
        print(f"forecast the week of {first}", file=sys.stderr)
    return found


def _midnight(day: date, history: VolumeHistory) -> datetime:
    return min(local_midnight(day, history.grid.zone), history.grid.end)


def _forecast(
    history: VolumeHistory, calendar: ForecastCalendar, first: date
) -> tuple[VolumeForecast, Floats]:
    origin = local_midnight(first, history.grid.zone)
    known = history.part(history.grid.slice_between(history.grid.start, origin))
    grid = IntervalGrid.for_days(first=first, days=7, interval=history.grid.interval, zone=history.grid.zone)
    made = make_forecast(known, calendar, grid, made_at=origin, seed=1, default_aht_seconds=180.0).forecast
    _, days, rows, _ = cells_of(grid)
    return made, excess_by_day(made, rows, days)[rows]


def staffed(week: Week, agents: NDArray[np.int64]) -> list[StaffedTime]:
    """The first to come are the last to go: agent k is there wherever more than k are."""
    starts = [*week.grid.starts(), week.grid.end]
    rows = []
    for k in range(int(agents.max(initial=0))):
        change = np.diff(np.concatenate(([0], (agents > k).astype(np.int64), [0])))
        for first, last in zip(np.flatnonzero(change == 1), np.flatnonzero(change == -1), strict=True):
            rows.append(StaffedTime(agent=f"a{k}", queue="q", start=starts[first], end=starts[last]))
    return rows


def shape_of(setting: Setting) -> dict[str, Any]:
    """How handling times are drawn, as arguments of a PlayedQueue."""
    if setting.services is None:
        return {"handling": HandlingShape.EXPONENTIAL}
    return {"handling": HandlingShape.EMPIRICAL, "handling_sample": setting.services}


def play_week(
    week: Week, agents: NDArray[np.int64], setting: Setting
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Contacts in time and judged, of every play and interval, shape (plays, count)."""
    per = week.fine_grid.count // week.grid.count
    load = Workload(
        queue="q",
        skill="q",
        kind=WorkKind.LIVE,
        grid=week.fine_grid,
        contacts=week.fine,
        aht_seconds=np.full(week.fine_grid.count, setting.aht),
        open=np.repeat(week.open, per),
        patience_seconds=setting.patience,
    )
    # A few counts of the source are imputed fractions.
    rng = np.random.default_rng(5)
    counts = np.floor(week.fine + rng.random((setting.plays, week.fine.size))).astype(np.int64)
    queue = PlayedQueue(workload=load, target=TARGET, **shape_of(setting))
    report = Simulation([queue], staffed(week, agents)).run({"q": counts}, seed=1).queues["q"]
    shape = (setting.plays, week.grid.count, per)
    return report.in_time.reshape(shape).sum(axis=2), report.judged.reshape(shape).sum(axis=2)


def play(weeks: Sequence[Week], agents: Sequence[NDArray[np.int64]], setting: Setting) -> Outcome:
    open_only = [np.where(week.open, there, 0) for week, there in zip(weeks, agents, strict=True)]
    played = [play_week(week, there, setting) for week, there in zip(weeks, open_only, strict=True)]
    met, of = (np.concatenate([p[i] for p in played], axis=1) for i in (0, 1))
    peak = np.concatenate([week.peak for week in weeks])
    inside = met[:, peak] >= TARGET.share * of[:, peak] - 1e-9
    return Outcome(
        hours=sum(float(n.sum()) for n in open_only) * weeks[0].grid.interval_seconds / 3600.0,
        overall=float(met.sum() / of.sum()),
        peaks_inside=float(inside[of[:, peak] > 0].mean()),
    )


def needed(
    week: Week, volumes: Floats, setting: Setting, assurance: Assurance | None = None
) -> NDArray[np.int64]:
    load = Workload(
        queue="q",
        skill="q",
        kind=WorkKind.LIVE,
        grid=week.grid,
        contacts=np.where(week.open, volumes, 0.0),
        aht_seconds=np.full(week.grid.count, setting.aht),
        open=week.open,
        patience_seconds=setting.patience,
    )
    return requirement(load, TARGET, ShrinkagePlan(), assurance=assurance).base_agents


def benchmark(weeks: Sequence[Week], setting: Setting) -> list[tuple[str, float, float]]:
    def margin(volumes: Callable[[Week], Floats]) -> Callable[[float], Outcome]:
        return lambda x: play(weeks, [needed(w, volumes(w) * (1 + x), setting) for w in weeks], setting)

    def assured(everywhere: bool) -> Callable[[float], Outcome]:
        def staffed_with(probability: float) -> Outcome:
            agents = [
                needed(
                    w,
                    w.forecast.mean[: w.open.size],
                    setting,
                    Assurance(
                        probability=probability,
                        peak=w.open if everywhere else w.peak,
                        load_excess=w.excess,
                    ),
                )
                for w in weeks
            ]
            return play(weeks, agents, setting)

        return staffed_with

    models = {
        "oracle": (margin(lambda w: w.true), MARGINS),
        "seasonal_naive": (margin(lambda w: w.naive), MARGINS),
        "mean6": (margin(lambda w: w.mean6), MARGINS),
        "muster": (assured(False), PROBABILITIES),
        "muster_everywhere": (assured(True), PROBABILITIES),
    }
    rows: list[tuple[str, float, float]] = []
    whole = 0.0
    for name, (staffed_with, knobs) in models.items():
        swept: list[Outcome] = []
        for knob in knobs:
            outcome = staffed_with(knob)
            swept.append(outcome)
            print(
                f"{name} {knob:+.3f}: {outcome.hours:.0f} h, {outcome.overall:.4f} in time, "
                f"{outcome.peaks_inside:.4f} of the peaks inside",
                file=sys.stderr,
                flush=True,
            )
            if outcome.peaks_inside > max(SHARES):
                break
        hours = [o.hours for o in swept]
        if name == "oracle":
            whole = float(np.interp(TARGET.share, [o.overall for o in swept], hours))
        for share in SHARES:
            reached = swept[-1].peaks_inside >= share
            at = float(np.interp(share, [o.peaks_inside for o in swept], hours)) if reached else float("nan")
            rows.append((name, share, at / whole))
        if name == "muster":
            set_before = staffed_with(SET_BEFOREHAND)
            rows.append((f"muster_{SET_BEFOREHAND}", set_before.peaks_inside, set_before.hours / whole))
    return rows


def recorded(path: Path) -> Floats:
    """Handling times [s] of a list of calls (white-space columns, ``ser_time``, outcome AGENT)."""
    lines = path.read_text(encoding="utf-8").splitlines()
    columns = lines[0].split()
    outcome, seconds = columns.index("outcome"), columns.index("ser_time")
    rows = [line.split() for line in lines[1:]]
    times = [float(r[seconds]) for r in rows if len(r) == len(columns) and r[outcome] == "AGENT"]
    return np.array([t for t in times if t > 0])


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--volumes", type=Path, required=True)
    parser.add_argument("--interval", type=int, default=30, help="minutes")
    parser.add_argument("--zone", required=True)
    parser.add_argument("--aht-seconds", type=float, required=True)
    parser.add_argument("--patience-seconds", type=float, required=True)
    parser.add_argument("--weeks", type=int, default=10)
    parser.add_argument("--services", type=Path, nargs="+", help="lists of calls with ser_time")
    parser.add_argument("--plays", type=int, default=10, help="how often each week is played")
    parser.add_argument("--csv", type=Path, required=True)
    given = parser.parse_args(arguments)
    try:
        ZoneInfo(given.zone)
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
    with given.csv.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["model", "peak_share", "relative_hours"])
        for name, share, hours in benchmark(weeks, setting):
            writer.writerow([name, f"{share:.4f}", f"{hours:.4f}"])
            print(f"{name:20s} {share:.4f} of the peaks inside at {hours:.4f} times the hours")
    return 0


if __name__ == "__main__":
    sys.exit(main())
