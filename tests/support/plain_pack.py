"""The figures of a pack once more, computed slowly from raw SQL rows: shares no code with `bot.core.kpis`.

Opening hours are read from the settings' data and added up day by day; every figure walks all rows.
"""

from __future__ import annotations

import json
import math
import statistics
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, text

from bot.core.kpis.goals import Goal
from bot.core.packs import Pack
from bot.core.settings import Settings

__all__ = ["differences", "flat", "plain_figures"]

Flat = dict[str, float | None]
DAY = timedelta(days=1)
CONTACTS = """
    SELECT c.id, c.ref, c.queue, c.channel, c.type, c.priority, c.tier, c.status, c.source,
           c.opened_at, c.responded_at, c.resolved_at,
           c.handle_seconds, r.customer_key, r.satisfaction_scale, r.satisfaction_value
    FROM contacts c LEFT JOIN contact_records r ON r.ref = c.ref WHERE c.merged_into IS NULL
"""
CLOCKS = """
    SELECT contact_id, measure, policy, due_at FROM sla_clocks
    WHERE cycle = 0 AND measure IN ('first_response', 'resolution') AND state NOT IN ('cancelled', 'paused')
"""
WATCHED = "SELECT DISTINCT contact_id FROM sla_clocks WHERE measure = 'first_response'"
REOPENED = "SELECT ref, min(at) AS at FROM contact_events WHERE kind = 'reopened' GROUP BY ref"
SURVEYS = "SELECT ref, queue, answered_at, scale, value, aspects FROM survey_answers"
LOWEST = {"1-5": 1, "three": 0, "0-100": 0, "nps": 0}
HIGHEST = {"1-5": 5, "three": 2, "0-100": 100, "nps": 10}
PRAISE = {"1-5": 4, "three": 2, "0-100": 80}


def flat(pack: Pack) -> Flat:
    """Every figure of a pack by name."""
    found: Flat = {"contacts": float(pack.contacts)}
    for line in pack.figures:
        found[f"{line.kpi}.count"] = float(line.count)
        found[f"{line.kpi}.value"] = line.value
        for n, value in enumerate(reversed(line.trend)):
            found[f"{line.kpi}.{n}"] = value
    for held in pack.classes:
        found[f"class.{held.priority}.judged"] = float(held.judged)
        found[f"class.{held.priority}.overdue"] = float(held.overdue)
        found[f"class.{held.priority}.before"] = held.before
    for kind in pack.types:
        found[f"type.{kind.type}.count"] = float(kind.count)
        found[f"type.{kind.type}.share"] = kind.share
        found[f"type.{kind.type}.change"] = kind.change
    for aspect in pack.aspects:
        found[f"aspect.{aspect.aspect}"] = aspect.points
        found[f"aspect.{aspect.aspect}.change"] = aspect.change
    for n, goal in enumerate(pack.goals):
        found[f"goal.{n}.actual"] = goal.actual
        found[f"goal.{n}.expected"] = goal.expected
        for k, (value, path) in enumerate(zip(reversed(goal.trend), reversed(goal.path), strict=True)):
            found[f"goal.{n}.trend.{k}"], found[f"goal.{n}.path.{k}"] = value, path
        found[f"goal.{n}.on_course"] = None if goal.on_course is None else float(goal.on_course)
    return found


def differences(one: Flat, other: Flat) -> list[str]:
    """Names of the figures that differ, or that only one side has."""
    found = []
    for name in sorted({*one, *other}):
        a, b = one.get(name, math.nan), other.get(name, math.nan)
        same = a is None and b is None
        if a is not None and b is not None:
            same = math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)
        if not same:
            found.append(f"{name}: {a} and {b}")
    return found


def plain_figures(engine: Engine, settings: Settings, team: str, monday: date, now: datetime) -> Flat:
    """What `flat` makes of the pack of the week from ``monday``."""
    queues = {name for name, queue in settings.queues.items() if queue.team == team}
    zone = settings.teams[team].zone  # type: ignore[index]
    data = _read(engine, settings, queues)
    weeks = []
    for n in range(8):
        first = monday - 7 * n * DAY
        weeks.append(_week(data, settings, _midnight(first, zone), _midnight(first + 7 * DAY, zone), now))
    found: Flat = {"contacts": weeks[0]["contacts"]}
    kpis = [k.removesuffix(".value") for k in weeks[0] if k.endswith(".value")]
    for kpi in kpis:
        values = [w[f"{kpi}.value"] for w in weeks]
        if kpi in ("csat_five", "csat_three", "csat_points", "nps") and all(v is None for v in values):
            continue
        found[f"{kpi}.count"] = weeks[0][f"{kpi}.count"]
        found[f"{kpi}.value"] = values[0]
        for n, value in enumerate(values):
            found[f"{kpi}.{n}"] = value
    this, before = weeks[0], weeks[1]
    for name, value in this.items():
        if name.startswith(("class.", "type.", "aspect.")):
            found[name] = value
    for name in [n for n in this if n.startswith("class.") and n.endswith(".judged")]:
        held = name.removesuffix(".judged")
        judged = before.get(name) or 0
        found[f"{held}.before"] = (before[f"{held}.overdue"] or 0) / judged if judged else None
    for name in [n for n in this if n.startswith("type.") and n.endswith(".share")]:
        earlier = before.get(name, 0.0) or 0.0
        share = this[name]
        assert share is not None
        changed = share - earlier if before["contacts"] else None
        found[name.replace(".share", ".change")] = changed
    for name in [n for n in this if n.startswith("aspect.")]:
        earlier_points, points = before.get(name), this[name]
        both = points is not None and earlier_points is not None
        found[f"{name}.change"] = points - earlier_points if both else None  # type: ignore[operator]
    for n, goal in enumerate(settings.teams[team].goals):  # type: ignore[index]
        held_weeks = weeks
        if goal.queue is not None:
            data = _read(engine, settings, {goal.queue})
            held_weeks = [
                _week(
                    data,
                    settings,
                    _midnight(monday - 7 * k * DAY, zone),
                    _midnight(monday - 7 * (k - 1) * DAY, zone),
                    now,
                )
                for k in range(8)
            ]
        for k, held_week in enumerate(held_weeks):
            found[f"goal.{n}.trend.{k}"] = held_week[f"{goal.kpi.value}.value"]
            found[f"goal.{n}.path.{k}"] = _path(goal, monday - 7 * k * DAY + 6 * DAY)
        actual = held_weeks[0][f"{goal.kpi.value}.value"]
        sunday = monday + 6 * DAY
        path = _path(goal, sunday)
        found[f"goal.{n}.actual"] = actual
        found[f"goal.{n}.expected"] = path
        falls = goal.value < goal.baseline
        told = actual is not None and sunday >= goal.start
        good = None if actual is None or not told else float(actual <= path if falls else actual >= path)
        found[f"goal.{n}.on_course"] = good
    return found


def _path(goal: Goal, day: date) -> float:
    total = (goal.by - goal.start).days
    gone = 0 if day < goal.start else total if day > goal.by else (day - goal.start).days
    return goal.baseline * (total - gone) / total + goal.value * gone / total


def _read(engine: Engine, settings: Settings, queues: set[Any]) -> dict[str, list[dict[str, Any]]]:
    with engine.connect() as connection:
        contacts = [dict(r) for r in connection.execute(text(CONTACTS)).mappings() if r["queue"] in queues]
        clocks = [dict(r) for r in connection.execute(text(CLOCKS)).mappings()]
        again = {r["ref"]: _time(r["at"]) for r in connection.execute(text(REOPENED)).mappings()}
        watched = set(connection.execute(text(WATCHED)).scalars())
        surveys = [dict(r) for r in connection.execute(text(SURVEYS)).mappings()]
    by_id = {c["id"]: c for c in contacts}
    for contact in contacts:
        for name in ("opened_at", "responded_at", "resolved_at"):
            contact[name] = _time(contact[name])
        contact["again"] = again.get(contact["ref"])
        contact["answered"] = contact["responded_at"] or contact["resolved_at"]
        contact["due"], contact["solve_due"], contact["policy"] = None, None, None
        if contact["source"] == "file" and contact["id"] not in watched:
            contact["due"] = _due_by_table(settings, contact)
    for clock in clocks:
        held = by_id.get(clock["contact_id"])
        if held is None:
            continue
        if clock["measure"] == "first_response":
            held["due"] = _time(clock["due_at"])
        else:
            held["solve_due"], held["policy"] = _time(clock["due_at"]), clock["policy"]
    surveyed = {s["ref"] for s in surveys if s["ref"] is not None}
    answers: list[dict[str, Any]] = []
    for survey in surveys:
        if survey["queue"] in queues:
            aspects = survey["aspects"]
            held_aspects = json.loads(aspects) if isinstance(aspects, str) else aspects
            answers.append(
                {
                    "at": _time(survey["answered_at"]),
                    "scale": survey["scale"],
                    "value": survey["value"],
                    "aspects": held_aspects,
                }
            )
    for contact in contacts:
        if contact["satisfaction_value"] is not None and contact["ref"] not in surveyed:
            answers.append(
                {
                    "at": contact["opened_at"],
                    "scale": contact["satisfaction_scale"],
                    "value": contact["satisfaction_value"],
                    "aspects": {},
                }
            )
    visits: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for contact in contacts:
        if contact["customer_key"] is not None:
            visits.setdefault((contact["customer_key"], contact["type"]), []).append(contact)
    for held_visits in visits.values():
        held_visits.sort(key=lambda c: (c["opened_at"], c["ref"]))
    return {"contacts": contacts, "answers": answers, "visits": list(visits.values())}  # type: ignore[dict-item]


def _week(
    data: dict[str, list[dict[str, Any]]], settings: Settings, start: datetime, end: datetime, now: datetime
) -> Flat:
    limit = min(end, now)
    within = settings.kpis.repeat_within
    came = [c for c in data["contacts"] if start <= c["opened_at"] < end]
    found: Flat = {"contacts": float(len(came))}

    def put(name: str, value: float | None, count: int) -> None:
        found[f"{name}.value"], found[f"{name}.count"] = value, float(count)

    def ratio(name: str, part: int, whole: int) -> None:
        put(name, part / whole if whole else None, whole)

    waits = [
        (c["answered"] - c["opened_at"]).total_seconds()
        for c in came
        if c["answered"] is not None and c["answered"] < limit
    ]
    _spread(put, "first_response", waits)
    solved = [c for c in data["contacts"] if c["resolved_at"] is not None and start <= c["resolved_at"] < end]
    _spread(put, "resolution", [_length(settings, c) for c in solved])
    judged: dict[str, list[bool]] = {}
    for c in came:
        if c["due"] is None:
            continue
        in_time = c["answered"] is not None and c["answered"] <= c["due"] and c["answered"] < limit
        answered = c["answered"] is not None and c["answered"] < limit
        if answered or c["due"] < limit:
            judged.setdefault(c["priority"], []).append(not in_time)
    for priority, verdicts in judged.items():
        found[f"class.{priority}.judged"] = float(len(verdicts))
        found[f"class.{priority}.overdue"] = float(sum(verdicts))
    every = [v for verdicts in judged.values() for v in verdicts]
    ratio("overdue_rate", sum(every), len(every))
    complaints = [c for c in came if c["type"] == "complaint"]
    for name, some in (("solution_rate", came), ("complaint_resolution_rate", complaints)):
        done = [c for c in some if c["resolved_at"] is not None and c["resolved_at"] < limit]
        open_late = [
            c
            for c in some
            if not (c["resolved_at"] is not None and c["resolved_at"] < limit)
            and (c["solve_due"] is None or c["solve_due"] <= limit)
        ]
        ratio(name, len(done), len(done) + len(open_late))
    ratio("complaint_rate", len(complaints), len(came))
    repeats = known = first_time = asked = 0
    for visits in data["visits"]:
        for place, visit in enumerate(visits):  # type: ignore[arg-type]
            at = visit["opened_at"]
            if start <= at < end:
                known += 1
                earlier = visits[:place]  # type: ignore[index]
                repeats += any(at - other["opened_at"] <= within for other in earlier)
            if start - within <= at < limit - within:
                asked += 1
                later = visits[place + 1 :]  # type: ignore[index]
                came_back = any(other["opened_at"] - at <= within for other in later)
                done_in_time = visit["resolved_at"] is not None and visit["resolved_at"] < at + within
                reopened = visit["again"] is not None and visit["again"] < at + within
                first_time += done_in_time and not came_back and not reopened
    # Of a stranger it is told where the case was opened again: not solved at the first go, or later.
    for c in data["contacts"]:
        settled = start - within <= c["opened_at"] < limit - within
        if c["customer_key"] is None and c["again"] is not None and settled:
            asked += 1
            late = c["again"] >= c["opened_at"] + within
            held = c["resolved_at"] is not None and c["resolved_at"] < c["opened_at"] + within
            first_time += late and held
    ratio("repeat_rate", repeats, known)
    ratio("fcr", first_time, asked)
    handled = [c["handle_seconds"] for c in came if c["handle_seconds"]]
    put("aht", statistics.fmean(handled) if handled else None, len(handled))
    _rates(put, ratio, [a for a in data["answers"] if start <= a["at"] < end], found)
    put("throughput", float(len(solved)) if solved else None, len(solved))
    for kind in {c["type"] for c in came}:
        count = sum(c["type"] == kind for c in came)
        found[f"type.{kind}.count"], found[f"type.{kind}.share"] = float(count), count / len(came)
    return found


def _rates(put: Any, ratio: Any, answers: list[dict[str, Any]], found: Flat) -> None:
    plain = [a for a in answers if a["scale"] != "nps"]
    points = [
        100 * (a["value"] - LOWEST[a["scale"]]) / (HIGHEST[a["scale"]] - LOWEST[a["scale"]]) for a in plain
    ]
    put("csat", statistics.fmean(points) if points else None, len(points))
    five = [a["value"] for a in plain if a["scale"] == "1-5"]
    put("csat_five", statistics.fmean(five) if five else None, len(five))
    three = [a["value"] for a in plain if a["scale"] == "three"]
    ratio("csat_three", three.count(2), len(three))
    hundred = [a["value"] for a in plain if a["scale"] == "0-100"]
    put("csat_points", statistics.fmean(hundred) if hundred else None, len(hundred))
    nps = [a["value"] for a in answers if a["scale"] == "nps"]
    score = len([v for v in nps if v > 8]) - len([v for v in nps if v < 7])
    put("nps", 100 * score / len(nps) if nps else None, len(nps))
    ratio("positive_share", sum(a["value"] >= PRAISE[a["scale"]] for a in plain), len(plain))
    for aspect in {name for a in answers for name in a["aspects"]}:
        values = [
            100 * (a["aspects"][aspect] - LOWEST[a["scale"]]) / (HIGHEST[a["scale"]] - LOWEST[a["scale"]])
            for a in answers
            if aspect in a["aspects"]
        ]
        found[f"aspect.{aspect}"] = statistics.fmean(values)


def _spread(put: Any, name: str, seconds: list[float]) -> None:
    """Mean; and the least value that half, and nine of ten, do not exceed."""
    ordered = sorted(seconds)
    count = len(ordered)
    put(f"{name}_mean", statistics.fmean(ordered) if ordered else None, count)
    for word, tenths in (("median", 5), ("p90", 9)):
        place = -(-count * tenths // 10) - 1
        put(f"{name}_{word}", ordered[place] if ordered else None, count)


def _due_by_table(settings: Settings, contact: dict[str, Any]) -> datetime | None:
    """When the table of promises wants the first response of a file's contact: of the rows that fit and
    promise one, that with the most conditions."""
    if contact["status"] == "archived" and contact["answered"] is None:
        return None
    best, chosen = -1, None
    for policy in settings.policies:
        assert policy.days is None
        assert policy.hours is None
        wanted = (
            ({c.value for c in policy.channels}, contact["channel"]),
            ({t.value for t in policy.types}, contact["type"]),
            ({p.value for p in policy.priorities}, contact["priority"]),
            (set(policy.tiers), contact["tier"]),
        )
        fits = not policy.tags and all(not some or value in some for some, value in wanted)
        conditions = sum(bool(some) for some, _ in wanted)
        for target in policy.targets:
            if target.measure.value == "first_response" and fits and conditions > best:
                best, chosen = conditions, target
    if chosen is None:
        return None
    if chosen.counted.value == "elapsed":
        return contact["opened_at"] + chosen.within  # type: ignore[no-any-return]
    assert chosen.counted.value == "business"
    name = chosen.calendar or settings.queues[contact["queue"]].calendar
    left = chosen.within.total_seconds()
    day = contact["opened_at"].astimezone(ZoneInfo(settings.calendars[name].zone)).date()
    while True:
        for opens, closes in _open_on(settings, name, day):
            begins = max(opens, contact["opened_at"])
            there = max(0.0, (closes - begins).total_seconds())
            if left <= there:
                return begins + timedelta(seconds=left)
            left -= there
        day += DAY


def _length(settings: Settings, contact: dict[str, Any]) -> float:
    start, end = contact["opened_at"], contact["resolved_at"]
    name = settings.queues[contact["queue"]].calendar
    for policy in settings.policies:
        for target in policy.targets:
            if policy.name == contact["policy"] and target.measure.value == "resolution":
                if target.counted.value == "elapsed":
                    return float((end - start).total_seconds())
                name = target.calendar or name
    zone = ZoneInfo(settings.calendars[name].zone)
    total = 0.0
    day = start.astimezone(zone).date()
    while day <= end.astimezone(zone).date():
        for opens, closes in _open_on(settings, name, day):
            total += max(0.0, (min(end, closes) - max(start, opens)).total_seconds())
        day += DAY
    return total


def _open_on(settings: Settings, name: Any, day: date) -> list[tuple[datetime, datetime]]:
    calendar = settings.calendars[name]
    zone = ZoneInfo(calendar.zone)
    if day in calendar.special_days:
        periods = calendar.special_days[day].periods
    elif day in calendar.makeup_workdays:
        periods = calendar.weekly.get(0, ())
    elif day in calendar.holidays:
        periods = ()
    else:
        periods = calendar.weekly.get(day.weekday(), ())
    found = []
    for opens, closes in periods:
        ends_on = day + DAY if closes.hour == closes.minute == 0 else day
        found.append(
            (
                datetime.combine(day, opens, tzinfo=zone).astimezone(UTC),
                datetime.combine(ends_on, closes, tzinfo=zone).astimezone(UTC),
            )
        )
    return found


def _midnight(day: date, zone: str) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def _time(value: Any) -> datetime | None:
    if value is None or isinstance(value, datetime):
        return value
    held = datetime.fromisoformat(str(value))
    return held.replace(tzinfo=UTC) if held.tzinfo is None else held
