"""Through real rosters: paid hours until 95 % of the true peak intervals are inside the target.

    python -m tests.benchmarks.through_rosters --volumes FILE --interval 30 --zone ZONE --aht-seconds 240 \
        --patience-seconds 180 --weeks N [--services CALLS ...] [--seconds 40] --csv OUT

The weeks of ``truth``, but people come in shifts: nine hours with an unpaid hour of lunch and half an hour's
paid break, and 5 % of them miss a day.  Two lines, each with its knob swept, in one run:

- ``muster``: its forecast, the requirement for a probability, its solved roster (rest, five days, weekly
  hours) of identical agents.
- ``naive_erlang_c_cover``: last week's volumes with a margin, Erlang C, and shifts chosen day by day so that
  their sum covers the need, as ``pyworkforce``'s MinRequiredResources does (its model restated: integers per
  shift, coverage at least the need, fewest resources; each shift has its pauses in the middle).

Written per knob: paid hours and the share of the peak intervals inside; and per line, the paid hours at
90 and 95 %, interpolated.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from ortools.sat.python import cp_model

from forecasting.errors import ForecastingError
from forecasting.grid import IntervalGrid
from scheduler.queueing.search import least_agents
from scheduler.queueing.targets import WorkKind
from scheduler.roster.people import Contract, RosterAgent
from scheduler.roster.problem import RosterPeriod, RosterProblem
from scheduler.roster.roster import Roster
from scheduler.roster.shifts import BreakRule, ShiftTemplate
from scheduler.simulation import PlayedQueue, Simulation, StaffedTime, staffed_time
from scheduler.solve import SolveParams, solve
from scheduler.staffing import Assurance, Requirement, ShrinkagePlan, Workload, requirement, scheduled_agents
from tests.benchmarks.forecast import calendar_for, read_volumes
from tests.benchmarks.truth import TARGET, Setting, Week, finest, recorded, shape_of, weeks_of

HOUR = timedelta(hours=1)
HALF_HOUR = timedelta(minutes=30)
PRESENCE, LUNCH = 9 * HOUR, HOUR
PAID = PRESENCE - LUNCH
ABSENCE = 0.05
SHARES = (0.90, 0.95)
PROBABILITIES = (0.5, 0.7, 0.85, 0.95, 0.98)
MARGINS = (-0.25, -0.2, -0.15, -0.1, -0.05, 0.0, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8)

Ints = NDArray[np.int64]
Played = tuple[list[StaffedTime], float]
"""Who is at the queue when, and the paid hours."""


@dataclass(frozen=True, kw_only=True)
class Point:
    line: str
    knob: float
    paid_hours: float
    peaks_inside: float
    overall: float


def hours_open(week: Week) -> tuple[time, time]:
    """The earliest opening and the latest closing hour of a day, local."""
    local = [start for start, is_open in zip(week.grid.local_starts(), week.open, strict=True) if is_open]
    return min(s.time() for s in local), max(s.time() for s in local)


def muster(week: Week, setting: Setting, probability: float, *, seconds: float) -> Played:
    """The product's line: requirement, then its own roster of identical agents."""
    sure = Assurance(probability=probability, peak=week.peak, load_excess=week.excess)
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
    needed = requirement(load, TARGET, ShrinkagePlan.flat(ABSENCE), assurance=sure)
    roster = rostered(week, needed, seconds=seconds)
    paid = sum(a.shift.paid_time.total_seconds() for a in roster.assignments) / 3600.0
    return list(staffed_time(roster, ["q"])), paid


def rostered(week: Week, needed: Requirement, *, seconds: float) -> Roster:
    zone = week.grid.zone
    first = week.grid.local_dates()[0]
    opens, closes = hours_open(week)
    last = (datetime.combine(first, closes) + HALF_HOUR - PRESENCE).time()
    template = ShiftTemplate(
        name="day",
        earliest_start=opens,
        latest_start=max(last, opens),
        start_step=HALF_HOUR,
        lengths=(PRESENCE,),
        breaks=BreakRule(
            lunch=LUNCH,
            lunch_earliest=3 * HOUR,
            lunch_latest=5 * HOUR,
            break_length=HALF_HOUR,
            break_count=1,
            min_spacing=HOUR,
        ),
    )
    contract = Contract(
        name="full-time",
        min_hours_per_week=0,
        max_hours_per_week=40,
        max_days_per_week=5,
        templates=("day",),
    )
    people = int(np.ceil(needed.agent_hours / 40 * 1.6)) + 5
    problem = RosterProblem(
        period=RosterPeriod(first=first, days=7, zone=zone),
        grid=week.grid,
        agents=tuple(
            RosterAgent(agent=f"a{i:04d}", skills={"q": 1.0}, contract=contract, zone=zone)
            for i in range(people)
        ),
        templates=(template,),
        requirements=(needed,),
    )
    result = solve(problem, SolveParams(seconds=seconds, seed=1, workers=2))
    assert result.roster is not None
    return result.roster


def covered(week: Week, setting: Setting, margin: float) -> Played:
    """Last week's volumes, Erlang C, and the fewest shifts of each day that cover the need."""
    volumes = np.where(week.open, week.naive * (1 + margin), 0.0)
    erlangs = volumes * setting.aht / week.grid.interval_seconds
    base = least_agents(erlangs, aht_seconds=setting.aht, target=TARGET)
    needed = scheduled_agents(base, np.full(base.size, ABSENCE))
    starts = [*week.grid.starts(), week.grid.end]
    opens, closes = hours_open(week)
    zone = ZoneInfo(week.grid.zone)
    rows: list[StaffedTime] = []
    paid = 0.0
    for day, part in week.grid.days().items():
        here = needed[part]
        if not here.any():
            continue
        shifts = _shifts(day, opens, closes, zone)
        chosen = _fewest([_pattern(s, starts[part.start : part.stop], week.grid) for s in shifts], here)
        for shift, count in zip(shifts, chosen, strict=True):
            for k in range(count):
                agent = f"{day}-{shift[0][0]:%H%M}-{k}"
                rows += [StaffedTime(agent=agent, queue="q", start=a, end=b) for a, b in shift]
            paid += count * PAID / HOUR
    return rows, paid


def _shifts(day: date, opens: time, closes: time, zone: ZoneInfo) -> list[list[tuple[datetime, datetime]]]:
    """Work of every shift of a day: lunch after four hours, the break after two and a half."""
    found = []
    start = datetime.combine(day, opens, zone)
    last = datetime.combine(day, closes, zone) + HALF_HOUR
    while not found or start + PRESENCE <= last:
        cuts = [(0.0, 2.5), (3.0, 4.0), (5.0, 9.0)]
        utc = [(start + a * HOUR, start + b * HOUR) for a, b in cuts]
        found.append([(a.astimezone(ZoneInfo("UTC")), b.astimezone(ZoneInfo("UTC"))) for a, b in utc])
        start += HALF_HOUR
    return found


def _pattern(shift: list[tuple[datetime, datetime]], starts: list[datetime], grid: IntervalGrid) -> Ints:
    return np.array([int(any(a <= s and s + grid.interval <= b for a, b in shift)) for s in starts])


def _fewest(patterns: list[Ints], needed: Ints) -> list[int]:
    """Fewest shifts that cover the need; intervals no shift reaches are left out."""
    model = cp_model.CpModel()
    counts = [model.new_int_var(0, int(needed.max()) * 3, f"n{i}") for i in range(len(patterns))]
    for k, need in enumerate(needed.tolist()):
        reach = [c for c, p in zip(counts, patterns, strict=True) if p[k]]
        if need and reach:
            model.add(sum(reach) >= need)
    model.minimize(sum(counts))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 2
    solver.parameters.max_time_in_seconds = 20
    assert solver.solve(model) in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    return [solver.value(c) for c in counts]


def inside(weeks: Sequence[Week], plans: Sequence[Played], setting: Setting) -> tuple[float, float]:
    """Shares of the peak intervals and of all contacts inside the target, over the plays of all weeks."""
    peaks, met, of = [], 0, 0
    for week, (rows, _) in zip(weeks, plans, strict=True):
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
        rng = np.random.default_rng(5)
        counts = np.floor(week.fine + rng.random((setting.plays, week.fine.size))).astype(np.int64)
        queue = PlayedQueue(workload=load, target=TARGET, **shape_of(setting))
        report = Simulation([queue], rows).run({"q": counts}, seed=1, absence=ABSENCE).queues["q"]
        shape = (setting.plays, week.grid.count, per)
        in_time = report.in_time.reshape(shape).sum(axis=2)
        judged = report.judged.reshape(shape).sum(axis=2)
        held = in_time[:, week.peak] >= TARGET.share * judged[:, week.peak] - 1e-9
        peaks.append(held[judged[:, week.peak] > 0])
        met, of = met + int(in_time.sum()), of + int(judged.sum())
    return float(np.concatenate([p.ravel() for p in peaks]).mean()), met / of


def benchmark(weeks: Sequence[Week], setting: Setting, *, seconds: float) -> list[Point]:
    lines: dict[str, tuple[Callable[[Week, float], Played], Sequence[float]]] = {
        "muster": (lambda w, knob: muster(w, setting, knob, seconds=seconds), PROBABILITIES),
        "naive_erlang_c_cover": (lambda w, knob: covered(w, setting, knob), MARGINS),
    }
    points = []
    for line, (planned, knobs) in lines.items():
        for knob in knobs:
            plans = [planned(week, knob) for week in weeks]
            peaks, overall = inside(weeks, plans, setting)
            point = Point(
                line=line,
                knob=knob,
                paid_hours=sum(paid for _, paid in plans),
                peaks_inside=peaks,
                overall=overall,
            )
            points.append(point)
            print(point, file=sys.stderr, flush=True)
            if peaks > max(SHARES):
                break
    return points


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--volumes", type=Path, required=True)
    parser.add_argument("--interval", type=int, default=30, help="minutes; the pauses are half-hours")
    parser.add_argument("--zone", required=True)
    parser.add_argument("--aht-seconds", type=float, required=True)
    parser.add_argument("--patience-seconds", type=float, required=True)
    parser.add_argument("--weeks", type=int, default=3)
    parser.add_argument("--services", type=Path, nargs="+", help="lists of calls with ser_time")
    parser.add_argument("--plays", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=40.0, help="of each solve")
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
    points = benchmark(weeks, setting, seconds=given.seconds)
    with given.csv.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["line", "knob", "peak_share", "paid_hours", "in_time"])
        for p in points:
            writer.writerow(
                [p.line, p.knob, f"{p.peaks_inside:.4f}", f"{p.paid_hours:.0f}", f"{p.overall:.4f}"]
            )
        for line in dict.fromkeys(p.line for p in points):
            own = [p for p in points if p.line == line]
            for share in SHARES:
                if own[-1].peaks_inside >= share:
                    hours = float(
                        np.interp(share, [p.peaks_inside for p in own], [p.paid_hours for p in own])
                    )
                    writer.writerow([line, "interpolated", f"{share:.4f}", f"{hours:.0f}", ""])
                    print(f"{line:22s} {share:.2f} of the peaks inside for {hours:.0f} paid hours")
    return 0


if __name__ == "__main__":
    sys.exit(main())
