"""Random weeks against a second way of counting: hour by hour, over the night of a clock change as well."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.labour.overtime import overtime_ledger
from scheduler.labour.packs import PACKS
from scheduler.labour.receipt import RuleReceipt, receipt
from scheduler.labour.working_time import History
from scheduler.roster.problem import RosterProblem
from scheduler.roster.roster import Assignment, Roster
from scheduler.roster.shifts import Segment, Shift
from tests.scheduler.instances import HOUR
from tests.scheduler.labour.by_hand import figures, problem

#: Two whole weeks; in Lisbon the first ends with the hour that does not come.
HELD = {
    "Asia/Shanghai": problem(days=14),
    "Europe/Lisbon": problem(zone="Europe/Lisbon", first=date(2026, 3, 23), days=14),
}
#: Free and working hours in turn.
TURNS = st.lists(st.tuples(st.integers(1, 40), st.integers(1, 14)), min_size=1, max_size=16)


def at_work(held: RosterProblem, turns: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """[first, last) hours of each shift since the period began, those that fit."""
    found, here = [], 0
    for free, work in turns:
        here += free
        if held.period.start + (here + work) * HOUR > held.period.end:
            break
        found.append((here, here + work))
        here += work
    return found


def judged(held: RosterProblem, shifts: list[tuple[int, int]], pack: str) -> dict[str, RuleReceipt]:
    made = []
    for first, last in shifts:
        start, end = held.period.start + first * HOUR, held.period.start + last * HOUR
        segments = (Segment(activity="phone", start=start, end=end, paid=True),)
        shift = Shift(date=held.period.date_of(start), start=start, end=end, segments=segments)
        made.append(Assignment(agent="ann", shift=shift))
    roster = Roster(period=held.period, assignments=tuple(made))
    history = History(since=held.period.start - timedelta(days=60))
    ledger = overtime_ledger([PACKS[pack]], held, roster, history)
    found = receipt([PACKS[pack]], held, roster, history, ledger)
    return {r.rule.code: r for r in found.packs[0].rules}


def local(held: RosterProblem, hour: int) -> datetime:
    return (held.period.start + hour * HOUR).astimezone(ZoneInfo(held.period.zone))


def longest_free(busy: set[int], first: int, last: int) -> int:
    longest = run = 0
    for hour in range(first, last):
        run = 0 if hour in busy else run + 1
        longest = max(longest, run)
    return longest


@pytest.mark.parametrize("zone", list(HELD))
@settings(max_examples=60, deadline=None)
@given(turns=TURNS)
def test_daily_rest(zone: str, turns: list[tuple[int, int]]) -> None:
    held = HELD[zone]
    shifts = at_work(held, turns)
    if not shifts:
        return
    busy = {h for first, last in shifts for h in range(first, last)}
    short = any(longest_free(busy, first, first + 24) < 11 for first, _ in shifts)
    assert bool(figures(judged(held, shifts, "eu")["daily_rest"])) == short


@pytest.mark.parametrize("zone", list(HELD))
@settings(max_examples=60, deadline=None)
@given(turns=TURNS)
def test_weekly_rest_of_a_day(zone: str, turns: list[tuple[int, int]]) -> None:
    held = HELD[zone]
    shifts = at_work(held, turns)
    if not shifts:
        return
    busy = {h for first, last in shifts for h in range(first, last)}
    hours = (held.period.end - held.period.start) // HOUR
    weeks: dict[int, list[int]] = {}
    for hour in range(hours):
        weeks.setdefault(local(held, hour).isocalendar().week, []).append(hour)
    without = {
        local(held, own[0]).date().isoformat()
        for own in weeks.values()
        if longest_free(busy, own[0], own[-1] + 1) < 24
    }
    found = {day for _, day, _, _ in figures(judged(held, shifts, "cn")["weekly_rest"])}
    assert found == without


@pytest.mark.parametrize("zone", list(HELD))
@settings(max_examples=60, deadline=None)
@given(turns=TURNS)
def test_overtime_by_the_hour(zone: str, turns: list[tuple[int, int]]) -> None:
    held = HELD[zone]
    shifts = at_work(held, turns)
    if not shifts:
        return
    in_day: dict[date, int] = {}
    in_week: dict[int, int] = {}
    beyond = 0
    for first, last in shifts:
        day, week = local(held, first).date(), local(held, first).isocalendar().week
        for _ in range(first, last):
            in_day[day] = in_day.get(day, 0) + 1
            if in_day[day] > 8:
                beyond += 1
                continue
            in_week[week] = in_week.get(week, 0) + 1
            beyond += in_week[week] > 40
    owed = judged(held, shifts, "cn")["overtime_pay"]
    assert round(sum(amount for _, _, amount, _ in figures(owed)), 6) == beyond
