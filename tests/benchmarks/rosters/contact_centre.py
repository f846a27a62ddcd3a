"""Contact-centre instances from a seeded generator, and the solver on them.

    python -m tests.benchmarks.rosters.contact_centre --preset 200-week --seconds 60 --json out.json

What is like life: two peaks a day and quieter weekends; a requirement the contracts can just about meet,
leave taken off; full-time, four-day and part-time contracts side by side, each with its lunch and break
windows; availability of students, leave in blocks, wishes of a quarter of the people, weekends shared out;
part of the team a third of the way round the world.  What is not: all agents are equally quick.

The generator's numbers come from one PCG64 stream; ``VERSION`` changes whenever the same seed would give
another instance.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import resource
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from forecasting.grid import IntervalGrid, local_midnight
from scheduler.check.score import score
from scheduler.check.sessions import missed
from scheduler.check.violations import check
from scheduler.roster.people import Contract, FairShare, RosterAgent, TimeSpan
from scheduler.roster.problem import RosterProblem
from scheduler.roster.roster import RosterPeriod
from scheduler.roster.rules import MaxConsecutiveDays, MinimumRest, OpeningHours, RosterRules
from scheduler.roster.sessions import Activity
from scheduler.roster.shifts import BreakRule, SessionKind, ShiftTemplate
from scheduler.roster.wishes import Wish
from scheduler.solve import Progress, SolveParams, solve
from scheduler.staffing.requirement import Requirement

__all__ = ["PRESETS", "VERSION", "Size", "instance"]

VERSION = 1
FIRST = date(2026, 3, 2)
ZONE = "Asia/Shanghai"
AFAR = "Europe/Lisbon"
QUEUES = ("phone", "chat", "email")
OPENS, CLOSES = 7, 22
#: Share of a day's requirement by hour from 07:00 on: a late-morning and an early-evening peak.
CURVE = (30, 52, 78, 96, 100, 92, 84, 86, 90, 88, 84, 86, 78, 62, 44)
WEEKDAYS = (1.06, 1.02, 1.0, 0.99, 0.97, 0.62, 0.58)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """What to generate.  ``spare``: paid hours of contracts beyond what the requirement takes.

    ``alike``: everybody is full-time and always there, which simpler solvers can express too.
    """

    agents: int
    days: int
    minutes: int
    skills: int = 1
    wishes: bool = False
    spare: float = 0.05
    alike: bool = False


PRESETS = {
    "200-week": Size(agents=200, days=7, minutes=30),
    "1000-month": Size(agents=1000, days=28, minutes=15),
    "500-wishes": Size(agents=500, days=28, minutes=15, skills=3, wishes=True),
    "40-week": Size(agents=40, days=7, minutes=15, skills=2, wishes=True),
    "40-alike": Size(agents=40, days=7, minutes=30, alike=True),
    "200-alike": Size(agents=200, days=7, minutes=30, alike=True),
}


def instance(size: Size, seed: int) -> RosterProblem:
    """The instance of a size and seed; the same on every machine."""
    chance = np.random.Generator(np.random.PCG64(seed))
    interval = size.minutes * MINUTE
    grid = IntervalGrid.for_days(first=FIRST, days=size.days, interval=interval, zone=ZONE)
    templates = _templates(size)
    contracts = _contracts(size)
    agents = tuple(_agent(size, i, contracts, chance) for i in range(size.agents))
    dates = [FIRST + timedelta(days=d) for d in range(size.days)]
    opening = tuple(TimeSpan(start=_clock(d, OPENS), end=_clock(d, CLOSES)) for d in dates)
    return RosterProblem(
        period=RosterPeriod(first=FIRST, days=size.days, zone=ZONE),
        grid=grid,
        agents=agents,
        templates=templates,
        requirements=_requirements(size, grid, agents, chance),
        rules=RosterRules(
            rest=MinimumRest(hours=11),
            consecutive_days=MaxConsecutiveDays(days=6),
            opening_hours=OpeningHours(spans=dict.fromkeys(QUEUES[: size.skills], opening)),
        ),
        wishes=_wishes(size, agents, dates, chance),
    )


def _clock(day: date, hour: int) -> datetime:
    return local_midnight(day, ZONE) + hour * HOUR


def _templates(size: Size) -> tuple[ShiftTemplate, ...]:
    """Full days with lunch and two breaks (one where the grid is coarse), long days, and half days."""
    pause = max(15, size.minutes) * MINUTE
    fine = size.minutes <= 15
    day = BreakRule(
        lunch=HOUR, lunch_earliest=3 * HOUR, lunch_latest=5 * HOUR, break_length=pause,
        break_count=2 if fine else 1, min_spacing=HOUR,
    )  # fmt: skip
    half = BreakRule(break_length=pause, break_count=1, min_spacing=HOUR)
    step = 30 * MINUTE

    def made(
        name: str, first: time, last: time, lengths: tuple[float, ...], rule: BreakRule
    ) -> ShiftTemplate:
        return ShiftTemplate(
            name=name, earliest_start=first, latest_start=last, start_step=step,
            lengths=tuple(n * HOUR for n in lengths), breaks=rule,
        )  # fmt: skip

    return (
        made("day", time(7), time(13), (9.0,), day),
        made("long", time(7), time(11), (11.0,), day),
        made("half", time(7), time(18), (4.0, 5.0), half),
        # Lisbon's night and early morning are Shanghai's opening hours.
        made("afar", time(0), time(5), (9.0,), day),
    )


def _contracts(size: Size) -> dict[str, Contract]:
    month = size.days >= 28
    weekends = 3 if month else None
    return {
        "full": Contract(
            name="full", min_hours_per_week=36, max_hours_per_week=40, max_days_per_week=5,
            templates=("day",), max_weekends=weekends,
        ),
        "four": Contract(
            name="four", min_hours_per_week=36, max_hours_per_week=40, max_days_per_week=4,
            templates=("long",), max_weekends=weekends,
        ),
        "part": Contract(
            name="part", min_hours_per_week=16, max_hours_per_week=25, max_days_per_week=5,
            templates=("half",),
        ),
        "afar": Contract(
            name="afar", min_hours_per_week=32, max_hours_per_week=40, max_days_per_week=5,
            templates=("afar",), max_weekends=weekends,
        ),
    }  # fmt: skip


def _agent(
    size: Size, number: int, contracts: dict[str, Contract], chance: np.random.Generator
) -> RosterAgent:
    if size.alike:
        return RosterAgent(
            agent=f"a{number:04d}", skills={QUEUES[0]: 1.0}, contract=contracts["full"], zone=ZONE
        )
    kind = str(chance.choice(("full", "four", "part", "afar"), p=(0.55, 0.1, 0.25, 0.1)))
    contract = contracts[kind]
    count = 1 if size.skills == 1 else int(chance.choice((1, 2, 3), p=(0.5, 0.35, 0.15)))
    held = chance.permutation(size.skills)[: min(count, size.skills)]
    shares: tuple[FairShare, ...] = ()
    if size.wishes and kind != "part" and size.days >= 28:
        # Who worked more weekends in the months before is due fewer now.
        shares = (FairShare(most=int(chance.choice((1, 2, 2, 3))), weight=120),)
    return RosterAgent(
        agent=f"a{number:04d}",
        skills={QUEUES[q]: 1.0 for q in sorted(held.tolist())},
        contract=contract,
        zone=AFAR if kind == "afar" else ZONE,
        available=_available(size, chance) if kind == "part" and chance.random() < 0.2 else None,
        leave=_leave(size, chance),
        fair_shares=shares,
    )


def _available(size: Size, chance: np.random.Generator) -> tuple[TimeSpan, ...]:
    """Students: afternoons and evenings on weekdays, all of the weekend but one day."""
    lectures = int(chance.integers(11, 15))
    off = int(chance.integers(5, 7))
    spans = []
    for d in range(size.days):
        day = FIRST + timedelta(days=d)
        if day.weekday() == off:
            continue
        first = lectures if day.weekday() < 5 else OPENS
        spans.append(TimeSpan(start=_clock(day, first), end=_clock(day, CLOSES)))
    return tuple(spans)


def _leave(size: Size, chance: np.random.Generator) -> tuple[TimeSpan, ...]:
    """About 6 % of days: a block of one to ten days for some."""
    if chance.random() >= 0.06 * size.days / 4.5 and size.days >= 28:
        return ()
    if size.days < 28 and chance.random() >= 0.12:
        return ()
    length = int(min(size.days, chance.choice((1, 2, 3, 5, 7, 10))))
    first = int(chance.integers(0, size.days - length + 1))
    start = local_midnight(FIRST + timedelta(days=first), ZONE)
    return (TimeSpan(start=start, end=start + length * 24 * HOUR),)


def _requirements(
    size: Size, grid: IntervalGrid, agents: tuple[RosterAgent, ...], chance: np.random.Generator
) -> tuple[Requirement, ...]:
    """Curves scaled to what the contracts can work, leave, pauses and the spare share taken off."""
    minutes = grid.minutes_of_day()
    shape = np.zeros(grid.count)
    day_of = np.arange(grid.count) * size.minutes // 1440
    for t in range(grid.count):
        hour = (minutes[t] - OPENS * 60) / 60
        if 0 <= hour < CLOSES - OPENS:
            low = CURVE[int(hour)]
            high = CURVE[min(len(CURVE) - 1, int(hour) + 1)]
            weekday = (FIRST + timedelta(days=int(day_of[t]))).weekday()
            shape[t] = (low + (high - low) * (hour % 1)) * WEEKDAYS[weekday]
    capacity = 0.0
    for agent in agents:
        away = sum((s.end - s.start) / (24 * HOUR) for s in agent.leave)
        limit = (agent.contract.min_hours_per_week + agent.contract.max_hours_per_week) / 2
        capacity += limit / 7 * max(0.0, size.days - away)
    # Short breaks are paid and not at the queue.
    at_queue = capacity * (1 - size.spare) * (0.94 if size.minutes <= 15 else 0.93)
    mix = np.array((1.0,)) if size.skills == 1 else np.array((0.55, 0.3, 0.15))[: size.skills]
    mix = mix / mix.sum()
    found = []
    for q in range(size.skills):
        noise: NDArray[np.float64] = 1 + 0.03 * chance.standard_normal(grid.count)
        need = shape * noise
        need *= at_queue * mix[q] * 60 / size.minutes / need.sum()
        whole = np.floor(need + 0.5).astype(np.int64)
        found.append(
            Requirement(
                queue=QUEUES[q], skill=QUEUES[q], grid=grid, base_agents=whole,
                shrinkage=np.zeros(grid.count), scheduled_agents=whole,
            )
        )  # fmt: skip
    return tuple(found)


def _wishes(
    size: Size, agents: tuple[RosterAgent, ...], dates: list[date], chance: np.random.Generator
) -> tuple[Wish, ...]:
    """A quarter of the people wish for one to four dates, mostly to be off, most of them weekends."""
    if not size.wishes:
        return ()
    found: dict[tuple[str, date], Wish] = {}
    odds = np.array([3.0 if d.weekday() >= 5 else 1.0 for d in dates])
    for agent in agents:
        if chance.random() >= 0.25:
            continue
        for _ in range(int(chance.integers(1, 5))):
            day = dates[int(chance.choice(len(dates), p=odds / odds.sum()))]
            found[agent.agent, day] = Wish(
                agent=agent.agent,
                date=day,
                works=bool(chance.random() < 0.2),
                weight=int(chance.choice((30, 60, 120))),
            )
    return tuple(found.values())


def activities(problem: RosterProblem) -> tuple[Activity, ...]:
    """A stand-up of one interval each morning for who is there, and an hour of training, in groups of twelve,
    for everybody in the first week."""
    days = [local_midnight(day, ZONE) for day in problem.period.dates]
    everyone = frozenset(a.agent for a in problem.agents)

    def between(day: datetime, first: int, last: int) -> TimeSpan:
        return TimeSpan(start=day + first * HOUR, end=day + last * HOUR)

    return (
        Activity(
            name="stand-up",
            kind=SessionKind.STAND_UP,
            length=problem.grid.interval,
            agents=everyone,
            occasions=tuple((between(day, 9, 12),) for day in days),
        ),
        Activity(
            name="training",
            kind=SessionKind.TRAINING,
            length=HOUR,
            agents=everyone,
            occasions=(tuple(between(day, 8, 20) for day in days[:7]),),
            group=12,
            on_shift=False,
        ),
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--preset", choices=sorted(PRESETS), required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--activities", action="store_true", help="with stand-ups and training")
    asked = parser.parse_args()
    problem = instance(PRESETS[asked.preset], asked.seed)
    if asked.activities:
        problem = replace(problem, activities=activities(problem))
    told = [-math.inf]

    def show(state: Progress) -> None:
        if state.seconds - told[0] >= 5:
            told[0] = state.seconds
            print(f"{state.seconds:6.0f} s  {state.objective}  bound {state.bound}", flush=True)

    params = SolveParams(seconds=asked.seconds, workers=asked.workers, seed=asked.seed, gap=0.0005)
    result = solve(problem, params, on_progress=show)
    figures: dict[str, object] = {
        "instance": asked.preset, "version": VERSION, "seed": asked.seed, "workers": asked.workers,
        "outcome": result.outcome.value, "objective": result.objective, "bound": result.bound,
        "gap": result.gap, "seconds": round(result.seconds, 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "required_minutes": problem.required_staff_minutes(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
    }  # fmt: skip
    if result.roster is not None:
        problem = replace(problem, activities=(), sessions=result.sessions)
        held = score(problem, result.roster)
        figures |= {
            "terms": dict(held.terms),
            "under_minutes": held.under_minutes,
            "over_minutes": held.over_minutes,
            "violations": len(check(problem, result.roster)),
            "recomputed": held.objective,
            "sessions": len(result.sessions),
            "invited": sum(len(s.agents) for s in result.sessions),
            "missed": len(missed(result.sessions, result.roster)),
        }
    if asked.json is not None:
        asked.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
