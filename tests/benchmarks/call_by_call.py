"""A month of true calls, one by one: the month before forecasts it, rosters are solved, the calls are played.

    python -m tests.benchmarks.call_by_call --before CALLS --calls CALLS --zone ZONE [--seconds 10] --json OUT

``--before`` and ``--calls``: lists of calls (white-space columns ``date vru_exit q_start q_time outcome
ser_time ...``) of two months in a row.  A call is what is not PHANTOM; it *arrives* when it leaves the menu;
who hung up in the menu (HANG without ``q_start``) never did, and is counted as missed where all calls are.

Known beforehand: the calls of the first month, their mean handling time, and the mean patience they show
(waiting time over those who hung up).  Each week of the second is staffed for 80 % within 20 s, rostered in
shifts of nine hours (an hour's lunch, half an hour's break) and, for short days, four, and played: true
arrivals, true handling times, and the true wait as patience of who hung up.  Who was answered would have
waited longer than he did: by an exponential time more; who hung up would have taken a handling time drawn
from the others.  First come, first served: priorities are not played.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from forecasting.aggregate import VolumeRow, aggregate_rows
from forecasting.calendars import ForecastCalendar
from forecasting.day_table import cells_of
from forecasting.forecast import VolumeForecast
from forecasting.grid import IntervalGrid
from forecasting.history import VolumeHistory
from forecasting.pipeline import make_forecast
from forecasting.uncertainty import excess_by_day
from scheduler.queueing.targets import ServiceTarget, WorkKind
from scheduler.roster.people import Contract, RosterAgent, TimeSpan
from scheduler.roster.problem import RosterPeriod, RosterProblem
from scheduler.roster.roster import Roster
from scheduler.roster.rules import OpeningHours, RosterRules
from scheduler.roster.shifts import BreakRule, ShiftTemplate
from scheduler.simulation import PlayedQueue, Simulation, given, staffed_time
from scheduler.solve import SolveParams, solve
from scheduler.staffing import Assurance, Requirement, ShrinkagePlan, Workload, requirement
from scheduler.staffing.peaks import peak_intervals
from tests.benchmarks.forecast import calendar_for

TARGET = ServiceTarget(share=0.80, within_seconds=20.0)
HOUR, HALF_HOUR = timedelta(hours=1), timedelta(minutes=30)
PROBABILITY = 0.9
ABSENCE = 0.05

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Calls:
    """Calls in order of the file; ``in_menu``: hung up there.  Times in seconds."""

    arrived: list[datetime]
    in_menu: Flags
    answered: Flags
    waited: Floats
    served: Floats
    servers: dict[tuple[str, str], tuple[float, float]]
    """(day, server) to the first and last second of the day at which he served somebody."""

    @property
    def mean_handling(self) -> float:
        return float(self.served[self.answered & (self.served > 0)].mean())

    @property
    def mean_patience(self) -> float:
        """Maximum likelihood of an exponential patience: all waiting over those who hung up."""
        queued = ~self.in_menu
        return float(self.waited[queued].sum() / np.count_nonzero(queued & ~self.answered))


def read_calls(path: Path, zone: str) -> Calls:
    lines = path.read_text(encoding="utf-8").splitlines()
    column = {name: i for i, name in enumerate(lines[0].split())}
    tz = ZoneInfo(zone)
    rows = [line.split() for line in lines[1:]]
    rows = [r for r in rows if len(r) == len(column) and r[column["outcome"]] != "PHANTOM"]

    def seconds(text: str) -> float:
        h, m, s = (int(part) for part in text.split(":"))
        return h * 3600.0 + m * 60.0 + s

    arrived, servers = [], {}
    for r in rows:
        midnight = datetime.strptime("19" + r[column["date"]], "%Y%m%d").replace(tzinfo=tz)
        at = midnight.astimezone(UTC) + timedelta(seconds=seconds(r[column["vru_exit"]]))
        if r[column["vru_exit"]] < r[column["vru_entry"]] and len(r[column["vru_exit"]]) == 7:
            at += timedelta(days=1)  # past midnight
        arrived.append(at)
        if r[column["outcome"]] == "AGENT" and r[column["server"]] != "NO_SERVER":
            key = (r[column["date"]], r[column["server"]])
            begun, ended = seconds(r[column["ser_start"]]), seconds(r[column["ser_exit"]])
            low, high = servers.get(key, (begun, ended))
            servers[key] = (min(low, begun), max(high, ended))
    answered = np.array([r[column["outcome"]] == "AGENT" for r in rows])
    return Calls(
        arrived=arrived,
        in_menu=~answered & np.array([r[column["q_start"]] == "0:00:00" for r in rows]),
        answered=answered,
        waited=np.array([float(r[column["q_time"]]) for r in rows]),
        served=np.array([float(r[column["ser_time"]]) for r in rows]),
        servers=servers,
    )


def as_it_was(calls: Calls) -> dict[str, Any]:
    """What the centre did: shares within 20 s of all calls and of those past the menu, and who left."""
    in_time = calls.answered & (calls.waited <= TARGET.within_seconds)
    queued = ~calls.in_menu
    spans = sum(high - low for low, high in calls.servers.values()) / 3600.0
    return {
        "calls": int(calls.answered.size),
        "in_menu": int(calls.in_menu.sum()),
        "in_time_of_all": float(in_time.mean()),
        "in_time_of_queued": float(in_time[queued].mean()),
        "abandoned_of_queued": float(1 - calls.answered[queued].mean()),
        "hours_first_to_last_call_of_each_server_and_day": round(spans, 1),
    }


def history_of(calls: Calls, zone: str) -> VolumeHistory:
    """Calls past the menu per half-hour."""
    rows = [
        VolumeRow(start=at.replace(minute=at.minute // 30 * 30, second=0, microsecond=0), contacts=1.0)
        for at, menu in zip(calls.arrived, calls.in_menu, strict=True)
        if not menu
    ]
    counted: dict[datetime, float] = {}
    for row in rows:
        counted[row.start] = counted.get(row.start, 0.0) + 1.0
    first = min(counted).astimezone(ZoneInfo(zone)).date()
    last = max(counted).astimezone(ZoneInfo(zone)).date()
    grid = IntervalGrid.for_days(first=first, days=(last - first).days + 1, interval=HALF_HOUR, zone=zone)
    days = {at.astimezone(ZoneInfo(zone)).date() for at in counted}
    filled = [
        VolumeRow(start=start, contacts=counted.get(start, 0.0))
        for start in grid.starts()
        # A day without any call is one the source does not have.
        if start.astimezone(ZoneInfo(zone)).date() in days
    ]
    return aggregate_rows(filled, queue="calls", zone=zone, interval=HALF_HOUR).history


def rostered(needed: Requirement, calendar: ForecastCalendar, first_open: time, *, seconds: float) -> Roster:
    grid = needed.grid
    pause = BreakRule(
        lunch=HOUR,
        lunch_earliest=3 * HOUR,
        lunch_latest=5 * HOUR,
        break_length=HALF_HOUR,
        break_count=1,
        min_spacing=HOUR,
    )
    templates = (
        ShiftTemplate(
            name="day",
            earliest_start=first_open,
            latest_start=time(15),
            start_step=HALF_HOUR,
            lengths=(9 * HOUR,),
            breaks=pause,
        ),
        ShiftTemplate(
            name="short",
            earliest_start=first_open,
            latest_start=time(20),
            start_step=HALF_HOUR,
            lengths=(4 * HOUR, 5 * HOUR),
        ),
    )
    contract = Contract(
        name="full-time",
        min_hours_per_week=0,
        max_hours_per_week=40,
        max_days_per_week=5,
        templates=("day", "short"),
    )
    people = int(np.ceil(needed.agent_hours / 40 * 1.8)) + 4
    open_mask = calendar.open_mask(grid)
    spans = []
    edges = np.diff(np.concatenate(([0], open_mask.astype(np.int64), [0])))
    starts = [*grid.starts(), grid.end]
    for a, b in zip(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1), strict=True):
        spans.append(TimeSpan(start=starts[a], end=starts[b]))
    result = solve(
        RosterProblem(
            period=RosterPeriod(first=grid.local_dates()[0], days=7, zone=grid.zone),
            grid=grid,
            agents=tuple(
                RosterAgent(agent=f"a{i:03d}", skills={"calls": 1.0}, contract=contract, zone=grid.zone)
                for i in range(people)
            ),
            templates=templates,
            requirements=(needed,),
            rules=RosterRules(opening_hours=OpeningHours(spans={"calls": tuple(spans)})),
        ),
        SolveParams(seconds=seconds, seed=1, workers=2),
    )
    assert result.roster is not None
    return result.roster


def play_week(
    calls: Calls,
    made: VolumeForecast,
    calendar: ForecastCalendar,
    before: Calls,
    part: slice,
    *,
    seconds: float,
) -> dict[str, float]:
    """One week staffed, rostered and played; counts of what came of its calls."""
    grid = made.grid.sub(part)
    is_open = calendar.open_mask(grid)
    volumes = np.where(is_open, made.mean[part], 0.0)
    load = Workload(
        queue="calls",
        skill="calls",
        kind=WorkKind.LIVE,
        grid=grid,
        contacts=volumes,
        aht_seconds=np.full(grid.count, before.mean_handling),
        open=is_open,
        patience_seconds=before.mean_patience,
    )
    _, days, rows, _ = cells_of(made.grid)
    sure = Assurance(
        probability=PROBABILITY,
        peak=peak_intervals(volumes, is_open, grid),
        load_excess=excess_by_day(made, rows, days)[rows][part],
    )
    needed = requirement(load, TARGET, ShrinkagePlan.flat(ABSENCE), assurance=sure, minimum_agents=1)
    first_open = min(s.time() for s, o in zip(grid.local_starts(), is_open, strict=True) if o)
    roster = rostered(needed, calendar, first_open, seconds=seconds)
    here = np.array([grid.start <= at < grid.end for at in calls.arrived])
    queued = here & ~calls.in_menu
    at = np.array([(a - grid.start).total_seconds() for a, q in zip(calls.arrived, queued, strict=True) if q])
    rng = np.random.default_rng(1)
    answered, waited, served = calls.answered[queued], calls.waited[queued], calls.served[queued]
    known = served[answered]
    service = np.where(answered, served, rng.choice(known, size=served.size))
    patience = np.where(answered, waited + rng.exponential(before.mean_patience, waited.size), waited)
    # The centre itself answered outside its hours now and then; those calls are played as they came.
    played = PlayedQueue(
        workload=Workload(
            queue="calls",
            skill="calls",
            kind=WorkKind.LIVE,
            grid=grid,
            contacts=volumes,
            aht_seconds=load.aht_seconds,
            open=np.ones(grid.count, dtype=np.bool_),
            patience_seconds=before.mean_patience,
        ),
        target=TARGET,
    )
    report = Simulation([played], staffed_time(roster, ["calls"])).run_given(
        {"calls": given(played, at, service, patience)}, seed=1, absence=ABSENCE
    )
    found = report.queues["calls"]
    return {
        "forecast": float(volumes.sum()),
        "queued": float(queued.sum()),
        "in_menu": float((here & calls.in_menu).sum()),
        "in_time": float(found.in_time.sum()),
        "abandoned": float(found.abandoned.sum()),
        "paid_hours": sum(a.shift.paid_time.total_seconds() for a in roster.assignments) / 3600.0,
        "hours_at_the_queue": float(found.staffed_seconds.sum()) / 3600.0,
    }


def benchmark(before: Calls, calls: Calls, zone: str, *, seconds: float) -> dict[str, Any]:
    history = history_of(before, zone)
    calendar = calendar_for(history)
    origin = max(history.grid.local_dates()) + timedelta(days=1)
    weeks = 4
    grid = IntervalGrid.for_days(first=origin, days=7 * weeks, interval=HALF_HOUR, zone=zone)
    made = make_forecast(
        history, calendar, grid, made_at=history.grid.end, seed=1, default_aht_seconds=before.mean_handling
    ).forecast
    parts = []
    for week in range(weeks):
        days = list(grid.days().values())[7 * week : 7 * week + 7]
        part = slice(days[0].start, days[-1].stop)
        parts.append(play_week(calls, made, calendar, before, part, seconds=seconds))
        print(f"week {week + 1}: {parts[-1]}", file=sys.stderr, flush=True)
    total = {name: sum(p[name] for p in parts) for name in parts[0]}
    everybody = total["queued"] + total["in_menu"]
    return {
        "as_it_was": as_it_was(calls),
        "handling_seconds_before": round(before.mean_handling, 1),
        "patience_seconds_before": round(before.mean_patience, 1),
        "rostered": {
            "weeks": weeks,
            "calls_forecast": round(total["forecast"]),
            "calls_queued": round(total["queued"]),
            "in_time_of_all": total["in_time"] / everybody,
            "in_time_of_queued": total["in_time"] / total["queued"],
            "abandoned_of_queued": total["abandoned"] / total["queued"],
            "paid_hours": round(total["paid_hours"], 1),
            "hours_at_the_queue": round(total["hours_at_the_queue"], 1),
        },
        "by_week": parts,
    }


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--before", type=Path, required=True)
    parser.add_argument("--calls", type=Path, required=True)
    parser.add_argument("--zone", default="Asia/Jerusalem")
    parser.add_argument("--seconds", type=float, default=10.0, help="of each solve")
    parser.add_argument("--json", type=Path, required=True)
    given_ = parser.parse_args(arguments)
    found = benchmark(
        read_calls(given_.before, given_.zone),
        read_calls(given_.calls, given_.zone),
        given_.zone,
        seconds=given_.seconds,
    )
    given_.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print(json.dumps({k: v for k, v in found.items() if k != "by_week"}, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
