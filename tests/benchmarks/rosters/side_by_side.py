"""The product's solver beside pyworkforce and beside the model most people would write first.

    python -m tests.benchmarks.rosters.side_by_side --preset 200-alike --seconds 60 --csv OUT

One run, one machine, the same seconds and workers each; every roster is judged by the product's checker
and score, which know no solver.  Everybody is alike (full-time, always there, one queue), because that is
what the others can express:

- ``muster``: `scheduler.solve`.
- ``per_agent_cp_sat``: one Boolean per agent, day and form of a shift (its start and where its pauses lie),
  the same rules and the same objective, as one CP-SAT model.
- ``pyworkforce``: its `MinAbsDifference` over all forms, then its `MinHoursRoster` for who works them, half
  of the time each.  It knows no most hours a week, and no rest between shifts (a shift with two forbidden
  successors could never be worked in it, so none are given): what it breaks is counted.

Written per solver: objective, violations, staff-minutes short, seconds, and both as ratios to ``muster``.  A
solver with no roster in its time has empty figures.
"""

from __future__ import annotations

import argparse
import csv
import os
import platform
import sys
import time as stopwatch
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ortools.sat.python import cp_model

from scheduler.check.score import score
from scheduler.check.violations import check
from scheduler.roster.problem import RosterProblem
from scheduler.roster.roster import Assignment, Roster
from scheduler.roster.rules import CoverStep
from scheduler.roster.shifts import LUNCH, PauseWindow, Segment, Shift
from scheduler.solve import SolveParams, solve
from tests.benchmarks.rosters.contact_centre import PRESETS, instance

__all__ = ["Form", "PlainModel", "forms_of", "per_agent", "plain_model", "shift_of"]

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Form:
    """A way to work a day, in intervals of it: presence from ``start``; pauses (activity, start, length)."""

    start: int
    length: int
    pauses: tuple[tuple[str, int, int], ...]

    def covers(self, periods: int) -> list[int]:
        """1 where whoever works it is at the queue, per interval of the day."""
        at = [int(self.start <= t < self.start + self.length) for t in range(periods)]
        for _, first, length in self.pauses:
            at[first : first + length] = [0] * length
        return at


def forms_of(problem: RosterProblem) -> list[Form]:
    """Every start and every lawful place of the pauses, of the first agent's templates."""
    interval = problem.grid.interval
    names = problem.agents[0].contract.templates
    found = []
    for template in (t for t in problem.templates if t.name in names):
        spacing = template.breaks.min_spacing // interval
        for moment in template.starts():
            start = (moment.hour * 60 + moment.minute) * MINUTE // interval
            for length in template.lengths:
                if (start * interval + length) > timedelta(hours=22):
                    continue
                for places in _places(template.breaks.pauses(length), interval, spacing, length // interval):
                    pauses = tuple((name, start + at, size) for name, at, size in places)
                    found.append(Form(start=start, length=length // interval, pauses=pauses))
    return found


def _places(
    windows: tuple[PauseWindow, ...], interval: timedelta, spacing: int, length: int
) -> Iterator[tuple[tuple[str, int, int], ...]]:
    ranges = [range(w.earliest // interval, w.latest // interval + 1) for w in windows]
    for starts in product(*ranges):
        free, fits = spacing, True
        for window, at in zip(windows, starts, strict=True):
            fits = fits and at >= free
            free = at + window.length // interval + spacing
        if fits and free <= length:
            yield tuple((w.activity, at, w.length // interval) for w, at in zip(windows, starts, strict=True))


def shift_of(problem: RosterProblem, form: Form, day: int) -> Shift:
    """The form worked on a day of the roster."""
    interval, queue = problem.grid.interval, problem.queues[0]
    on: date = problem.period.first + day * DAY
    midnight = datetime(on.year, on.month, on.day, tzinfo=ZoneInfo(problem.period.zone))
    template = problem.agents[0].contract.templates[0]

    def at(place: int) -> datetime:
        return midnight.astimezone(problem.grid.start.tzinfo) + place * interval

    segments, now = [], form.start
    for activity, first, length in form.pauses:
        segments.append(Segment(activity=queue, start=at(now), end=at(first), paid=True))
        segments.append(
            Segment(activity=activity, start=at(first), end=at(first + length), paid=activity != LUNCH)
        )
        now = first + length
    end = form.start + form.length
    segments.append(Segment(activity=queue, start=at(now), end=at(end), paid=True))
    return Shift(date=on, start=at(form.start), end=at(end), segments=tuple(segments), template=template)


def _roster(problem: RosterProblem, worked: list[tuple[str, int, Form]]) -> Roster:
    return Roster(
        period=problem.period,
        assignments=tuple(
            Assignment(agent=agent, shift=shift_of(problem, form, day)) for agent, day, form in worked
        ),
    )


def _needs(problem: RosterProblem) -> list[list[int]]:
    """Required at work, per day and interval of it."""
    periods = problem.grid.count // problem.period.days
    flat = problem.requirements[0].scheduled_agents.tolist()
    return [flat[d * periods : (d + 1) * periods] for d in range(problem.period.days)]


def muster(problem: RosterProblem, seconds: float, workers: int) -> Roster | None:
    return solve(problem, SolveParams(seconds=seconds, workers=workers, seed=1, gap=0.0005)).roster


@dataclass(frozen=True, slots=True)
class PlainModel:
    """``works[agent, day]``: a Boolean per form; the objective is the problem's own."""

    model: cp_model.CpModel
    forms: list[Form]
    works: dict[tuple[str, int], list[Any]]


def plain_model(problem: RosterProblem) -> PlainModel:
    """One Boolean for each agent, day and form; hours, days, rest and the convex cost of cover."""
    model = cp_model.CpModel()
    forms, needs = forms_of(problem), _needs(problem)
    periods = len(needs[0])
    minutes = problem.interval_minutes
    contract = problem.agents[0].contract
    assert problem.rules.rest is not None
    rest = int(problem.rules.rest.hours * 60) // minutes
    paid = [minutes * (f.length - sum(size for name, _, size in f.pauses if name == LUNCH)) for f in forms]
    covers = [f.covers(periods) for f in forms]
    costs: list[Any] = []
    at: dict[tuple[int, int], list[Any]] = defaultdict(list)
    works: dict[tuple[str, int], list[Any]] = {}
    for agent in problem.agents:
        hours = []
        for day in range(problem.period.days):
            row = [model.new_bool_var("") for _ in forms]
            works[agent.agent, day] = row
            model.add_at_most_one(row)
            hours += [paid[i] * x for i, x in enumerate(row)]
            for i, x in enumerate(row):
                for t in range(periods):
                    if covers[i][t]:
                        at[day, t].append(x)
            if day:
                before = works[agent.agent, day - 1]
                for end in sorted({f.start + f.length for f in forms}):
                    late = [x for f, x in zip(forms, before, strict=True) if f.start + f.length >= end]
                    early = [x for f, x in zip(forms, row, strict=True) if f.start + periods < end + rest]
                    if early:
                        model.add_at_most_one([*late, *early])
        days = [x for day in range(problem.period.days) for x in works[agent.agent, day]]
        model.add(sum(days) <= contract.max_days_per_week)
        model.add(sum(hours) <= int(contract.max_hours_per_week * 60))
        short = model.new_int_var(0, int(contract.min_hours_per_week * 60), "")
        model.add(sum(hours) + short >= int(contract.min_hours_per_week * 60))
        costs += [problem.weights.paid_minutes * sum(hours), problem.weights.minimum_hours * short]
    for day, row in enumerate(needs):
        for t, need in enumerate(row):
            if not need and not at[day, t]:
                continue
            under = _priced(model, costs, problem.weights.under_cover, need, need, minutes)
            over = _priced(model, costs, problem.weights.over_cover, need, len(problem.agents), minutes)
            model.add(sum(at[day, t]) + under - over == need)
    model.minimize(sum(costs))
    return PlainModel(model, forms, works)


def per_agent(problem: RosterProblem, seconds: float, workers: int) -> Roster | None:
    """The plain model, making it counted among the seconds."""
    begun = stopwatch.perf_counter()
    plain = plain_model(problem)
    left = seconds - (stopwatch.perf_counter() - begun)
    if left <= 0:
        return None
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = left
    solver.parameters.num_workers = workers
    solver.parameters.random_seed = 1
    if solver.solve(plain.model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    return _roster(
        problem,
        [
            (agent, day, plain.forms[i])
            for (agent, day), row in plain.works.items()
            for i, x in enumerate(row)
            if solver.value(x)
        ],
    )


def _priced(
    model: cp_model.CpModel,
    costs: list[Any],
    steps: tuple[CoverStep, ...],
    need: int,
    most: int,
    minutes: int,
) -> Any:
    """People off the need, their convex price among the costs."""
    parts: list[Any] = []
    below = 0
    for step in steps:
        upto = most if step.up_to_share is None else min(most, -int(-step.up_to_share * need // 1))
        part = model.new_int_var(0, max(0, upto - below), "")
        costs.append(step.weight * minutes * part)
        parts.append(part)
        below = max(below, upto)
    return sum(parts)


def pyworkforce(problem: RosterProblem, seconds: float, workers: int) -> Roster | None:
    """How many work each form, then who: both by its own classes, nothing of ours in between."""
    from pyworkforce.rostering.binary_programming import MinHoursRoster
    from pyworkforce.scheduling import MinAbsDifference

    forms, needs = forms_of(problem), _needs(problem)
    periods, people = len(needs[0]), len(problem.agents)
    counted = MinAbsDifference(
        num_days=len(needs),
        periods=periods,
        shifts_coverage={str(i): form.covers(periods) for i, form in enumerate(forms)},
        required_resources=needs,
        max_period_concurrency=people,
        max_shift_concurrency=people,
        max_search_time=seconds / 2,
        num_search_workers=workers,
    ).solve()
    if counted["status"] not in ("OPTIMAL", "FEASIBLE"):
        return None
    chosen: dict[tuple[int, int], list[Form]] = defaultdict(list)
    for row in counted["resources_shifts"]:
        form = forms[int(row["shift"])]
        chosen[row["day"], form.start] += [form] * row["resources"]
    starts = sorted({f.start for f in forms})
    named = MinHoursRoster(
        num_days=len(needs),
        resources=[a.agent for a in problem.agents],
        shifts=[str(s) for s in starts],
        shifts_hours=[8] * len(starts),
        min_working_hours=int(problem.agents[0].contract.min_hours_per_week),
        banned_shifts=[],
        max_resting=len(needs),
        required_resources={str(s): [len(chosen[d, s]) for d in range(len(needs))] for s in starts},
        max_search_time=seconds / 2,
        num_search_workers=workers,
    ).solve()
    if named["status"] not in ("OPTIMAL", "FEASIBLE"):
        return None
    worked = []
    for row in named["resource_shifts"]:
        start = int(row["shift"])
        left = chosen[row["day"], start]
        # Whoever is put on a start beyond what was asked for works its first form.
        form = left.pop() if left else next(f for f in forms if f.start == start)
        worked.append((row["resource"], row["day"], form))
    return _roster(problem, worked)


SOLVERS: dict[str, Callable[[RosterProblem, float, int], Roster | None]] = {
    "muster": muster,
    "per_agent_cp_sat": per_agent,
    "pyworkforce": pyworkforce,
}


def measured(problem: RosterProblem, name: str, seconds: float, workers: int) -> dict[str, Any]:
    """One solver's row, ratios left out."""
    begun = stopwatch.perf_counter()
    roster = SOLVERS[name](problem, seconds, workers)
    took = round(stopwatch.perf_counter() - begun, 1)
    if roster is None:
        return {"solver": name, "objective": None, "violations": None, "under_minutes": None, "seconds": took}
    held = score(problem, roster)
    return {
        "solver": name,
        "objective": round(held.objective),
        "violations": len(check(problem, roster)),
        "under_minutes": round(held.under_minutes),
        "seconds": took,
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    alike = sorted(name for name, size in PRESETS.items() if size.alike)
    parser.add_argument("--preset", choices=alike, nargs="+", default=alike)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--csv", type=Path)
    asked = parser.parse_args()
    rows: list[dict[str, Any]] = []
    for preset in asked.preset:
        problem = instance(PRESETS[preset], 1)
        ours: dict[str, Any] = {}
        for name in SOLVERS:
            if name == "pyworkforce" and find_spec("pyworkforce") is None:
                print("pyworkforce is not installed and left out: pip install -e '.[peers]'", file=sys.stderr)
                continue
            row = {"instance": preset, **measured(problem, name, asked.seconds, asked.workers)}
            ours = row if name == "muster" else ours
            known = row["objective"] is not None and ours["objective"]
            row["objective_ratio"] = round(row["objective"] / ours["objective"], 3) if known else None
            row["time_ratio"] = round(row["seconds"] / ours["seconds"], 1)
            row["limit_seconds"] = asked.seconds
            row["machine"] = f"{platform.machine()}, {os.cpu_count()} cores"
            rows.append(row)
            print(row, flush=True)
    if asked.csv is not None:
        with asked.csv.open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, rows[0].keys(), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


if __name__ == "__main__":
    main()
