"""Repairs: few changes, all lawful, priced exactly, and no better single change overlooked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import accumulate
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from scheduler.check.coverage import coverage
from scheduler.check.forms import break_faults
from scheduler.check.score import score
from scheduler.check.violations import check
from scheduler.repair.changes import (
    Absence,
    ChangeKind,
    ChangePrices,
    RepairOption,
    RepairTask,
    with_changes,
)
from scheduler.repair.forms import pauses_elsewhere, template_shifts
from scheduler.repair.live import LiveRoster, with_overtime
from scheduler.repair.moves import losses_of
from scheduler.repair.search import repair, without_absent
from scheduler.roster.errors import ProblemError
from scheduler.roster.people import TimeSpan
from scheduler.roster.problem import RosterProblem
from scheduler.roster.roster import Assignment, Roster
from scheduler.roster.shifts import Segment, Shift
from scheduler.solve import SolveParams, solve
from tests.scheduler.instances import by_hand, clock, instance
from tests.scheduler.solve.test_random_instances import patches

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def absence(problem: RosterProblem, roster: Roster, agent: str, day: int) -> Absence:
    """All of one day's shift."""
    shift = next(
        a.shift
        for a in roster.assignments
        if a.agent == agent and a.shift.date == problem.period.first + day * DAY
    )
    return Absence(agent=agent, span=TimeSpan(start=shift.start, end=shift.end))


def ann_away(problem: RosterProblem, roster: Roster, now: datetime, **fields: Any) -> RepairTask:
    """What to mend when Ann does not come on the second day."""
    return RepairTask(
        problem=problem, roster=roster, now=now, absences=(absence(problem, roster, "ann", 1),), **fields
    )


def at(problem: RosterProblem, day: int, text: str) -> Any:
    return clock(problem.period.first, problem.period.zone, day, text)


def told(option: RepairOption) -> list[tuple[str, ChangeKind]]:
    return [(c.agent, c.kind) for c in option.changes]


def test_somebody_free_is_called_in_and_nobody_else_is_touched() -> None:
    problem = instance()
    roster = by_hand(
        problem,
        {"agent": "ann", "day": 1, "start": "09:00"},
        {"agent": "bob", "day": 1, "start": "12:00"},
    )
    task = ann_away(problem, roster, at(problem, 0, "10:00"), notice=12 * HOUR)
    result = repair(task)
    assert told(result.best) == [("cem", ChangeKind.CALL_IN)]
    assert result.best.consent == ()
    assert result.best.uncovered == ()
    after = with_changes(with_changes(roster, result.gone), result.best.changes)
    called = next(a.shift for a in after.assignments if a.agent == "cem")
    assert called.start == at(problem, 1, "09:00")
    assert check(problem, after) == ()
    # Bob's lunch at 16:00 was uncovered before and is so without Ann: it is the gap of the day that stays.
    assert result.opened
    assert result.leave_gap.cost > result.best.cost


def test_inside_the_notice_window_a_change_needs_consent_and_costs_more() -> None:
    problem = instance()
    roster = by_hand(problem, {"agent": "ann", "day": 1, "start": "09:00"})
    told_in_time, late = (
        repair(ann_away(problem, roster, at(problem, 0, "10:00"), notice=notice))
        for notice in (12 * HOUR, 36 * HOUR)
    )
    assert told_in_time.best.consent == ()
    assert late.best.consent == tuple(sorted(c.agent for c in late.best.changes))
    assert late.best.cost == told_in_time.best.cost + 60 * len(late.best.changes)


def test_nothing_that_has_begun_is_moved() -> None:
    """At 11:00 Bob's shift, under way since 09:00, can only become longer; Cem, free, can still come."""
    problem = instance(templates={"day": {"latest": "13:00"}})
    roster = by_hand(
        problem,
        {"agent": "bob", "day": 1, "start": "09:00"},
        {"agent": "ann", "day": 1, "start": "12:00"},
    )
    task = ann_away(problem, roster, at(problem, 1, "11:00"), overtime_left={"bob": 3 * HOUR})
    for option in repair(task).options:
        for change in option.changes:
            if change.agent == "bob":
                assert change.before is not None
                assert change.after is not None
                assert change.after.start == change.before.start
                assert change.kind in (ChangeKind.LENGTHEN, ChangeKind.MOVE_PAUSES)
            else:
                assert change.after is not None
                assert change.after.start > task.now


def test_an_absence_in_the_middle_of_a_shift_ends_it_there() -> None:
    problem = instance()
    roster = by_hand(problem, {"agent": "ann", "day": 1, "start": "09:00"})
    leaves = at(problem, 1, "15:00")
    held = roster.assignments[0].shift
    task = RepairTask(
        problem=problem,
        roster=roster,
        now=at(problem, 1, "14:30"),
        absences=(Absence(agent="ann", span=TimeSpan(start=leaves, end=held.end)),),
    )
    (gone,) = without_absent(task)
    assert gone.after is not None
    assert (gone.after.start, gone.after.end) == (held.start, leaves)
    assert gone.after.segments[-1].end == leaves
    opened = repair(task).opened
    assert min(u.start for u in opened) == leaves


@pytest.mark.parametrize("fixed", [False, True])
def test_a_fixed_shift_is_neither_moved_nor_made_longer(fixed: bool) -> None:
    """Bob could stay on for Ann, or have lunch at another hour; not where his shift is fixed."""
    bob = {"agent": "bob", "day": 1, "start": "09:00", "hours": 9, "queue": "phone", "lunch": "13:00"}
    problem = instance(
        agents={"cem": {"leave": [[0, "00:00", 168]]}},
        fixed=[bob] if fixed else [],
    )
    roster = by_hand(problem, bob, {"agent": "ann", "day": 1, "start": "12:00"})
    task = ann_away(problem, roster, at(problem, 1, "08:00"), overtime_left={"bob": 3 * HOUR})
    touched = {c.agent for o in repair(task).options for c in o.changes}
    assert touched == (set() if fixed else {"bob"})


def test_overtime_stops_at_what_is_left_of_it() -> None:
    """Bob has his 40 hours; without overtime left nothing of his can become longer."""
    problem = instance(agents={"ann": {}, "bob": {}, "cem": {"leave": [[0, "00:00", 168]]}})
    shifts = [{"agent": "bob", "day": d, "start": "09:00"} for d in range(5)]
    roster = by_hand(problem, *shifts, {"agent": "ann", "day": 1, "start": "12:00"})
    results = [
        repair(ann_away(problem, roster, at(problem, 1, "08:00"), overtime_left={"bob": left}))
        for left in (timedelta(0), HOUR, 2 * HOUR)
    ]
    longest = [
        max((o.overtime_minutes for o in r.options if "bob" in [c.agent for c in o.changes]), default=0)
        for r in results
    ]
    assert longest == [0, 60, 120]


def test_a_chain_is_found_where_nobody_can_cover_directly() -> None:
    """The late shift can be taken by Bob alone (Cem worked late the night before, and rests), the early one
    Bob leaves by Cem alone... of those who are left."""
    problem = instance(
        templates={"day": {"earliest": "09:00", "latest": "15:00", "step_minutes": 360}},
        queues={"phone": {"skill": "talk", "need": {"9-21": 1, "9-13": 1}}},
        agents={
            "ann": {},
            "bob": {},
            # Cem can only come in the morning.
            "cem": {"available": [[1, "08:00", 11]]},
        },
        open={"phone": "9-24"},
    )
    roster = by_hand(
        problem,
        {"agent": "bob", "day": 1, "start": "09:00"},
        {"agent": "ann", "day": 1, "start": "15:00"},
    )
    task = ann_away(problem, roster, at(problem, 0, "08:00"), most_overtime=timedelta(0))
    result = repair(task)
    assert sorted(told(result.best)) == [("bob", ChangeKind.MOVE), ("cem", ChangeKind.CALL_IN)]


def test_a_surge_without_anybody_absent_is_mended_too() -> None:
    problem = instance(queues={"phone": {"skill": "talk", "need": {"9-21": 2}}})
    roster = by_hand(
        problem,
        {"agent": "ann", "day": 0, "start": "09:00"},
        {"agent": "bob", "day": 0, "start": "12:00"},
    )
    task = RepairTask(problem=problem, roster=roster, now=at(problem, 0, "08:00"))
    result = repair(task)
    assert result.dates == (problem.period.first,)
    assert ("cem", ChangeKind.CALL_IN) in told(result.best)


def test_changes_to_a_roster_that_has_moved_on_are_refused() -> None:
    problem = instance()
    roster = by_hand(problem, {"agent": "ann", "day": 1, "start": "09:00"})
    other = by_hand(problem, {"agent": "ann", "day": 1, "start": "10:00"})
    task = ann_away(problem, roster, at(problem, 0, "10:00"))
    with pytest.raises(ProblemError, match="no longer has the shift"):
        with_changes(other, repair(task).gone)


def _case(data: st.DataObject) -> tuple[RepairTask, Roster]:
    problem = instance(**{"agents": {}, **data.draw(patches())})
    roster = solve(problem, SolveParams(seconds=0.4, workers=1)).roster
    assert roster is not None
    assume(bool(roster.assignments))
    held = data.draw(st.sampled_from(roster.assignments))
    now = held.shift.start + data.draw(st.sampled_from([-30, -6, -1, 2])) * HOUR
    assume(now < held.shift.end)
    start = max(now, held.shift.start)
    task = RepairTask(
        problem=problem,
        roster=roster,
        now=now,
        absences=(Absence(agent=held.agent, span=TimeSpan(start=start, end=held.shift.end)),),
        overtime_left={a.agent: data.draw(st.sampled_from([0, 4])) * HOUR for a in problem.agents},
        most_changes=data.draw(st.integers(1, 3)),
    )
    return task, roster


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(data=st.data())
def test_every_option_is_lawful_and_priced_as_an_independent_score_says(data: st.DataObject) -> None:
    task, roster = _case(data)
    result = repair(task)
    without = with_changes(roster, result.gone)
    lenient = with_overtime(task.problem, task.most_overtime, task.overtime_left)
    known = {(v.agent, v.rule, v.date) for v in check(lenient, without)}
    base = score(task.problem, without).objective
    assert [o.cost for o in result.options] == sorted(o.cost for o in result.options)
    assert len({c.agent for c in result.best.changes}) <= task.most_changes
    for option in result.options:
        after = with_changes(without, option.changes)
        assert {(v.agent, v.rule, v.date) for v in check(lenient, after)} <= known
        prices = sum(_price(task, c.kind, c.before, c.after, c.dropped) for c in option.changes)
        dearer = score(task.problem, after).objective - base + prices
        assert option.cost - result.leave_gap.cost == pytest.approx(dearer, abs=1e-6)
        for change in option.changes:
            assert change.agent != task.absences[0].agent
            touched = [s for s in (change.before, change.after, change.dropped) if s is not None]
            if change.kind in (ChangeKind.CALL_IN, ChangeKind.MOVE):
                assert min(s.start for s in touched) > task.now


def _price(task: RepairTask, kind: ChangeKind, *shifts: Shift | None) -> float:
    """The prices of a change, said once more in a plain way."""
    prices: ChangePrices = task.prices
    if kind is ChangeKind.MOVE_PAUSES:
        return prices.pauses
    soon = any(s is not None and s.start < task.now + task.notice for s in shifts)
    price = prices.shift + (prices.consent if soon else 0)
    if kind is ChangeKind.LENGTHEN:
        before, after = shifts[0], shifts[1]
        assert before is not None
        assert after is not None
        price += prices.overtime * ((after.paid_time - before.paid_time) / timedelta(minutes=1))
    return price


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(data=st.data())
def test_no_lawful_shift_of_one_person_would_mend_it_better(data: st.DataObject) -> None:
    """Against every template shift of everybody, on the day of the absence, tried one by one."""
    task, roster = _case(data)
    result = repair(task)
    without = with_changes(roster, result.gone)
    absent = task.absences[0]
    base = score(task.problem, without).objective
    live = LiveRoster.of(task.problem, without, task.problem)
    known = {(v.agent, v.rule, v.date) for v in check(task.problem, without)}
    best = 0.0
    for agent in task.problem.agents:
        if agent.agent == absent.agent:
            continue
        for queue in task.problem.queues:
            losses = losses_of(live, agent.agent, queue)
            day: date = result.dates[0]
            templates = [t for t in task.problem.templates if t.name in agent.contract.templates]
            for shift in template_shifts(
                task.problem, templates, agent.zone, queue, day, losses, after=task.now + task.begun
            ):
                held = [a for a in without.assignments if a.agent == agent.agent and a.shift.date == day]
                if any(a.shift.start <= task.now + task.begun for a in held):
                    continue
                kept = [a for a in without.assignments if a not in held]
                tried = Roster(
                    period=without.period,
                    assignments=(*kept, Assignment(agent=agent.agent, shift=shift)),
                )
                if {(v.agent, v.rule, v.date) for v in check(task.problem, tried)} <= known:
                    kind = ChangeKind.MOVE if held else ChangeKind.CALL_IN
                    price = _price(task, kind, shift, *(a.shift for a in held))
                    best = min(best, score(task.problem, tried).objective - base + price)
    assert result.best.cost - result.leave_gap.cost <= best + 1e-6


def test_cover_after_an_option_is_what_it_says() -> None:
    problem = instance(queues={"phone": {"skill": "talk", "need": {"9-21": 3}}})
    roster = by_hand(
        problem,
        {"agent": "ann", "day": 1, "start": "09:00"},
        {"agent": "bob", "day": 1, "start": "12:00"},
    )
    task = ann_away(problem, roster, at(problem, 0, "10:00"))
    result = repair(task)
    for option in result.options:
        after = with_changes(with_changes(roster, result.gone), option.changes)
        under = coverage(problem, after)[0].under
        day = problem.grid.days()[problem.period.first + DAY]
        minutes = sum((u.end - u.start) / timedelta(minutes=1) * u.missing for u in option.uncovered)
        assert minutes == under[day].sum() * problem.interval_minutes


def test_pauses_move_round_the_sessions_of_a_shift() -> None:
    """ST5: a stand-up stays where it is, and no pause goes into it."""
    problem = instance("with_short_breaks")
    template = problem.templates[0]
    grid = problem.grid
    first = grid.index_of(at(problem, 1, "09:00"))
    free = [0.0] * (grid.count + 1)
    shift = next(
        template_shifts(
            problem, [template], problem.period.zone, "phone", problem.period.dates[1], free,
            after=problem.period.start,
        )
    )  # fmt: skip
    begins = at(problem, 1, "11:00")
    meeting = Segment(activity="stand_up", start=begins, end=begins + HOUR / 4, paid=True)
    parts = []
    for s in shift.segments:
        if s.start <= meeting.start and meeting.end <= s.end:
            parts += [replace(s, end=meeting.start), meeting, replace(s, start=meeting.end)]
        else:
            parts.append(s)
    held = replace(shift, segments=tuple(p for p in parts if p.start < p.end))
    # Being away costs least exactly at the stand-up.
    cost = [2.0] * grid.count
    place = grid.index_of(begins)
    cost[place] = 0.0
    cost[place + 1] = 1.0
    losses = [0.0, *accumulate(cost)]
    moved = pauses_elsewhere(problem, template, held, losses, after=problem.period.start)
    assert moved is not None
    assert meeting in moved.segments
    assert break_faults([template], moved, problem.period.zone) == []
    assert next(s.start for s in moved.segments if s.activity == "break") == meeting.end
    assert sum((s.duration for s in moved.segments), start=0 * HOUR) == moved.presence
    assert first < place
