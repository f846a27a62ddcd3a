"""The public staff scheduling instances of Curtois and Qu (2014), read into the public model and solved.

    python -m tests.benchmarks.rosters.staff_scheduling INSTANCE --seconds S --workers 2 --out roster.csv

INSTANCE is a file in their text format.  A kind of shift becomes a template, an employee a contract of one;
requests become wishes and cover becomes shift cover.  The roster is written as CSV ``employee,day,shift``,
day from 0.  The total printed is recounted from that CSV by ``total_of``, which knows nothing of the model.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import resource
import time as clock
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path

import numpy as np

from forecasting.grid import IntervalGrid, local_midnight
from scheduler.check.score import score
from scheduler.check.violations import check, unmet
from scheduler.roster.people import Contract, RosterAgent, ShiftLimit, TimeSpan
from scheduler.roster.problem import RosterProblem
from scheduler.roster.roster import Roster, RosterPeriod
from scheduler.roster.rules import CoverStep, ForbiddenSuccessions, ObjectiveWeights, RosterRules
from scheduler.roster.shifts import ShiftTemplate
from scheduler.roster.wishes import ShiftCover, Wish
from scheduler.solve import Progress, SolveParams, solve
from scheduler.staffing.requirement import Requirement

#: Best totals known for instances 1 to 12.
BEST_KNOWN = (607, 828, 1001, 1716, 1143, 1950, 1056, 1300, 439, 4631, 3443, 4040)
#: A Monday.
FIRST = date(2026, 3, 2)
ZONE = "UTC"
START = time(8)
#: Price of a minute below the least minutes of the period, so that no roster pays it where it need not.
SHORT_MINUTE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    name: str
    most: dict[str, int]
    most_minutes: int
    least_minutes: int
    most_in_row: int
    least_in_row: int
    least_off: int
    weekends: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    days: int
    minutes: dict[str, int]
    never_after: dict[str, tuple[str, ...]]
    staff: tuple[Staff, ...]
    days_off: dict[str, tuple[int, ...]]
    wanted: tuple[tuple[str, int, str, int], ...]
    unwanted: tuple[tuple[str, int, str, int], ...]
    cover: tuple[tuple[int, str, int, int, int], ...]


def read(path: Path) -> Instance:
    """Parse one file; sections as their comments say."""
    sections: dict[str, list[list[str]]] = {}
    name = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        if text.startswith("SECTION_"):
            name = text
        else:
            sections.setdefault(name, []).append([field.strip() for field in text.split(",")])

    def limits(text: str) -> dict[str, int]:
        return {k: int(v) for k, v in (part.split("=") for part in text.split("|") if part)}

    def requests(section: str) -> tuple[tuple[str, int, str, int], ...]:
        return tuple((who, int(d), s, int(w)) for who, d, s, w in sections.get(section, []))

    shifts = sections["SECTION_SHIFTS"]
    return Instance(
        days=int(sections["SECTION_HORIZON"][0][0]),
        minutes={row[0]: int(row[1]) for row in shifts},
        never_after={
            row[0]: tuple(s for s in row[2].split("|") if s) if len(row) > 2 else () for row in shifts
        },
        staff=tuple(
            Staff(
                name=row[0],
                most=limits(row[1]),
                most_minutes=int(row[2]),
                least_minutes=int(row[3]),
                most_in_row=int(row[4]),
                least_in_row=int(row[5]),
                least_off=int(row[6]),
                weekends=int(row[7]),
            )
            for row in sections["SECTION_STAFF"]
        ),
        days_off={
            row[0]: tuple(int(d) for d in row[1:] if d) for row in sections.get("SECTION_DAYS_OFF", [])
        },
        wanted=requests("SECTION_SHIFT_ON_REQUESTS"),
        unwanted=requests("SECTION_SHIFT_OFF_REQUESTS"),
        cover=tuple(
            (int(d), s, int(need), int(under), int(over))
            for d, s, need, under, over in sections["SECTION_COVER"]
        ),
    )


def problem_of(instance: Instance) -> RosterProblem:
    """The instance in the public model; all shifts start at the same time, and rules say what may follow."""
    step = math.gcd(*instance.minutes.values(), 60)
    interval = timedelta(minutes=step)
    period = RosterPeriod(first=FIRST, days=instance.days, zone=ZONE)
    grid = IntervalGrid.for_days(first=FIRST, days=instance.days, interval=interval, zone=ZONE)
    nobody = np.zeros(grid.count, dtype=np.int64)

    def off(day: int) -> TimeSpan:
        first = FIRST + timedelta(days=day)
        return TimeSpan(
            start=local_midnight(first, ZONE), end=local_midnight(first + timedelta(days=1), ZONE)
        )

    agents = []
    for person in instance.staff:
        most = {s: person.most.get(s, instance.days) for s in instance.minutes}
        contract = Contract(
            name=person.name,
            min_hours_per_week=0,
            max_hours_per_week=168,
            max_days_per_week=7,
            templates=tuple(s for s in instance.minutes if most[s]),
            min_hours_per_period=person.least_minutes / 60,
            max_hours_per_period=person.most_minutes / 60,
            max_consecutive_days=person.most_in_row,
            min_consecutive_days=person.least_in_row,
            min_consecutive_days_off=person.least_off,
            max_weekends=person.weekends,
            shift_limits=tuple(
                ShiftLimit(templates=(s,), most=n) for s, n in most.items() if 0 < n < instance.days
            ),
        )
        agents.append(
            RosterAgent(
                agent=person.name,
                skills={"work": 1.0},
                contract=contract,
                zone=ZONE,
                leave=tuple(off(d) for d in instance.days_off.get(person.name, ())),
            )
        )

    def wishes(rows: Iterable[tuple[str, int, str, int]], *, works: bool) -> list[Wish]:
        return [
            Wish(agent=who, date=FIRST + timedelta(days=d), works=works, weight=weight, templates=(shift,))
            for who, d, shift, weight in rows
        ]

    return RosterProblem(
        period=period,
        grid=grid,
        agents=tuple(agents),
        templates=tuple(
            ShiftTemplate(
                name=name,
                earliest_start=START,
                latest_start=START,
                start_step=timedelta(hours=1),
                lengths=(timedelta(minutes=minutes),),
            )
            for name, minutes in instance.minutes.items()
        ),
        requirements=(
            Requirement(
                queue="work", skill="work", grid=grid, base_agents=nobody,
                shrinkage=np.zeros(grid.count), scheduled_agents=nobody,
            ),
        ),
        rules=RosterRules(
            rest=None,
            consecutive_days=None,
            weekly_rest=None,
            weekly_hours=None,
            days_per_week=None,
            successions=ForbiddenSuccessions(
                pairs=frozenset((a, b) for a, after in instance.never_after.items() for b in after)
            ),
        ),
        weights=ObjectiveWeights(
            paid_minutes=0,
            over_cover=(CoverStep(up_to_share=None, weight=0),),
            minimum_hours=SHORT_MINUTE,
        ),
        wishes=(*wishes(instance.wanted, works=True), *wishes(instance.unwanted, works=False)),
        shift_cover=tuple(
            ShiftCover(
                date=FIRST + timedelta(days=d),
                template=s,
                required=need,
                under_weight=under,
                over_weight=over,
            )
            for d, s, need, under, over in instance.cover
        ),
    )  # fmt: skip


def rows_of(roster: Roster) -> list[tuple[str, int, str]]:
    """(employee, day, shift) as the CSV has them."""
    return [(a.agent, (a.shift.date - FIRST).days, a.shift.template) for a in roster.assignments]


def total_of(instance: Instance, rows: Iterable[tuple[str, int, str]]) -> tuple[int, list[str]]:
    """(total penalty, broken rules in words) of a roster, from the instance and the rows alone."""
    held = {(who, day): shift for who, day, shift in rows}
    faults: list[str] = []
    for person in instance.staff:
        mine = [held.get((person.name, d)) for d in range(instance.days)]
        worked = [s for s in mine if s is not None]
        minutes = sum(instance.minutes[s] for s in worked)
        if not person.least_minutes <= minutes <= person.most_minutes:
            faults.append(f"{person.name}: {minutes} minutes")
        for shift in instance.minutes:
            if worked.count(shift) > person.most.get(shift, instance.days):
                faults.append(f"{person.name}: {worked.count(shift)} of {shift}")
        faults += [f"{person.name}: day {d} off" for d in instance.days_off.get(person.name, ()) if mine[d]]
        for d in range(instance.days - 1):
            first, second = mine[d], mine[d + 1]
            if first and second and second in instance.never_after[first]:
                faults.append(f"{person.name}: {second} after {first} on day {d + 1}")
        faults += _run_faults(person, [s is not None for s in mine])
        weekends = sum(1 for d in range(5, instance.days, 7) if any(mine[d : d + 2]))
        if weekends > person.weekends:
            faults.append(f"{person.name}: {weekends} weekends")
    total = sum(w for who, d, s, w in instance.wanted if held.get((who, d)) != s)
    total += sum(w for who, d, s, w in instance.unwanted if held.get((who, d)) == s)
    for day, shift, need, under, over in instance.cover:
        have = sum(1 for (_, d), s in held.items() if d == day and s == shift)
        total += under * max(0, need - have) + over * max(0, have - need)
    return total, faults


def _run_faults(person: Staff, works: list[bool]) -> list[str]:
    faults, start = [], 0
    for d in range(1, len(works) + 1):
        if d < len(works) and works[d] == works[start]:
            continue
        length, edge = d - start, start == 0 or d == len(works)
        if works[start] and length > person.most_in_row:
            faults.append(f"{person.name}: {length} days in a row to day {d - 1}")
        if not edge and length < (person.least_in_row if works[start] else person.least_off):
            faults.append(
                f"{person.name}: only {length} days {'on' if works[start] else 'off'} to day {d - 1}"
            )
        start = d
    return faults


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("instance", type=Path)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--quiet", action="store_true")
    asked = parser.parse_args()
    instance = read(asked.instance)
    problem = problem_of(instance)
    told = [-math.inf]

    def show(state: Progress) -> None:
        if not asked.quiet and state.seconds - told[0] >= 5:
            told[0] = state.seconds
            print(f"{state.seconds:6.0f} s  {state.objective}  bound {state.bound}", flush=True)

    begun = clock.monotonic()
    params = SolveParams(seconds=asked.seconds, workers=asked.workers, seed=asked.seed, gap=0.0)
    result = solve(problem, params, on_progress=show)
    seconds = clock.monotonic() - begun
    if result.roster is None:
        raise SystemExit(f"no roster in {seconds:.0f} s")
    rows = rows_of(result.roster)
    total, faults = total_of(instance, rows)
    if asked.out is not None:
        with asked.out.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("employee", "day", "shift"))
            writer.writerows(rows)
    broken = [*check(problem, result.roster), *unmet(problem, result.roster)]
    figures = {
        "instance": asked.instance.stem,
        "seed": asked.seed,
        "workers": asked.workers,
        "objective": score(problem, result.roster).objective,
        "recounted": total,
        "faults": faults,
        "violations": len(broken),
        "bound": result.bound,
        "outcome": result.outcome.value,
        "seconds": round(seconds, 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    if asked.json is not None:
        asked.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
