"""Roster problems for tests: tests/data/tiny_team.yaml and its variations."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from ruamel.yaml import YAML

from forecasting.grid import IntervalGrid, local_midnight
from scheduler.roster.people import Contract, RosterAgent, TimeSpan
from scheduler.roster.problem import RosterProblem
from scheduler.roster.roster import Assignment, Roster, RosterPeriod
from scheduler.roster.rules import ObjectiveWeights, OpeningHours, RosterRules
from scheduler.roster.shifts import LUNCH, BreakRule, Segment, Shift, ShiftTemplate
from scheduler.staffing.requirement import Requirement

FILE = Path(__file__).parents[1] / "data" / "tiny_team.yaml"
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def variations() -> list[str]:
    """Names of all variations."""
    return list(YAML(typ="safe").load(FILE)["variations"])


def instance(name: str = "base", **patch: Any) -> RosterProblem:
    """The base or a named variation; ``patch`` is merged on top.  ``rules`` and ``weights`` are objects."""
    held = YAML(typ="safe").load(FILE)
    rules = patch.pop("rules", RosterRules())
    weights = patch.pop("weights", ObjectiveWeights())
    data = held["base"] if name == "base" else _merge(held["base"], held["variations"][name])
    return build(_merge(data, patch), rules, weights)


def _merge(base: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(deepcopy(base))
    for key, value in patch.items():
        held = merged.get(key)
        merged[key] = _merge(held, value) if isinstance(held, dict) and isinstance(value, dict) else value
    return merged


def build(data: Mapping[str, Any], rules: RosterRules, weights: ObjectiveWeights) -> RosterProblem:
    zone, first, days = data["zone"], data["first"], data["days"]
    interval = timedelta(minutes=data["interval_minutes"])
    grid = IntervalGrid.for_days(first=first, days=days, interval=interval, zone=zone)
    period = RosterPeriod(first=first, days=days, zone=zone)
    contracts = {
        name: Contract(
            name=name,
            min_hours_per_week=c["min_hours"],
            max_hours_per_week=c["max_hours"],
            max_days_per_week=c["max_days"],
            templates=tuple(c["templates"]),
        )
        for name, c in data["contracts"].items()
    }
    agents = tuple(
        RosterAgent(
            agent=name,
            skills=dict.fromkeys(a["skills"], 1.0),
            contract=contracts[a["contract"]],
            zone=a.get("zone", zone),
            available=tuple(span(first, zone, *s) for s in a["available"]) if "available" in a else None,
            leave=tuple(span(first, zone, *s) for s in a.get("leave", ())),
        )
        for name, a in data["agents"].items()
    )
    opening = {q: tuple(_daily(first, days, zone, text)) for q, text in data["open"].items()}
    if rules.opening_hours is None and opening:
        rules = RosterRules(
            **{
                **{f: getattr(rules, f) for f in RosterRules.__dataclass_fields__},
                "opening_hours": OpeningHours(spans=opening),
            }
        )
    return RosterProblem(
        period=period,
        grid=grid,
        agents=agents,
        templates=tuple(template(name, t) for name, t in data["templates"].items()),
        requirements=tuple(
            requirement(q, r["skill"], grid, _need(grid, r["need"])) for q, r in data["queues"].items()
        ),
        rules=rules,
        weights=weights,
        fixed=tuple(assignment(first, zone, **a) for a in data["fixed"]),
        previous=tuple(assignment(first, zone, **a) for a in data["previous"]),
    )


def template(name: str, t: Mapping[str, Any]) -> ShiftTemplate:
    low, high = t.get("lunch_between_hours", (0, 0))
    return ShiftTemplate(
        name=name,
        earliest_start=time.fromisoformat(t["earliest"]),
        latest_start=time.fromisoformat(t["latest"]),
        start_step=timedelta(minutes=t["step_minutes"]),
        lengths=tuple(timedelta(minutes=m) for m in t["lengths_minutes"]),
        breaks=BreakRule(
            lunch=timedelta(minutes=t.get("lunch_minutes", 0)),
            lunch_earliest=low * HOUR,
            lunch_latest=high * HOUR,
            break_length=timedelta(minutes=t.get("break_minutes", 0)),
            break_count=t.get("break_count", 0),
            min_spacing=timedelta(minutes=t.get("spacing_minutes", 0)),
        ),
        paid_lunch=t.get("paid_lunch", False),
    )


def requirement(queue: str, skill: str, grid: IntervalGrid, agents: Any) -> Requirement:
    values = np.asarray(agents, dtype=np.int64)
    return Requirement(
        queue=queue,
        skill=skill,
        grid=grid,
        base_agents=values,
        shrinkage=np.zeros(grid.count),
        scheduled_agents=values,
    )


def _need(grid: IntervalGrid, need: Mapping[str, int]) -> Any:
    values = np.zeros(grid.count, dtype=np.int64)
    minutes = grid.minutes_of_day()
    for hours, agents in need.items():
        low, high = (int(h) * 60 for h in hours.split("-"))
        values[(minutes >= low) & (minutes < high)] = agents
    return values


def _daily(first: date, days: int, zone: str, text: str) -> list[TimeSpan]:
    low, high = (int(h) for h in text.split("-"))
    midnights = [local_midnight(first + timedelta(days=d), zone) for d in range(days + 1)]
    return [
        TimeSpan(
            start=clock(first, zone, d, f"{low:02d}:00"),
            end=midnights[d + 1] if high == 24 else clock(first, zone, d, f"{high:02d}:00"),
        )
        for d in range(days)
    ]


def clock(first: date, zone: str, day: int, text: str) -> datetime:
    """A local clock time on a day of the period, UTC."""
    local = datetime.combine(first + timedelta(days=day), time.fromisoformat(text), tzinfo=ZoneInfo(zone))
    return local.astimezone(UTC)


def span(first: date, zone: str, day: int, text: str, hours: float) -> TimeSpan:
    start = clock(first, zone, day, text)
    return TimeSpan(start=start, end=start + hours * HOUR)


def assignment(
    first: date,
    zone: str,
    *,
    agent: str,
    day: int,
    start: str,
    hours: float,
    queue: str,
    lunch: str | None = None,
    lunch_hours: float = 1,
) -> Assignment:
    """One shift by hand, with an unpaid lunch where one is given."""
    begin = clock(first, zone, day, start)
    end = begin + hours * HOUR
    segments = [Segment(activity=queue, start=begin, end=end, paid=True)]
    if lunch is not None:
        away = clock(first, zone, day, lunch)
        segments = [
            Segment(activity=queue, start=begin, end=away, paid=True),
            Segment(activity=LUNCH, start=away, end=away + lunch_hours * HOUR, paid=False),
            Segment(activity=queue, start=away + lunch_hours * HOUR, end=end, paid=True),
        ]
    shift = Shift(date=first + timedelta(days=day), start=begin, end=end, segments=tuple(segments))
    return Assignment(agent=agent, shift=shift)


def by_hand(problem: RosterProblem, *shifts: Mapping[str, Any]) -> Roster:
    """A roster from shifts in the words of ``assignment``; queue, lunch and hours have defaults."""
    made = []
    for given in shifts:
        shift = {"hours": 9, "queue": "phone", **given}
        if "lunch" not in shift:
            hour = int(shift["start"][:2]) + 4
            shift["lunch"] = f"{hour:02d}:00"
        made.append(assignment(problem.period.first, problem.period.zone, **shift))
    return Roster(period=problem.period, assignments=tuple(made))
