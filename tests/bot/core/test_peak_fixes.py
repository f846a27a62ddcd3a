"""One more person in a weak peak: the change that costs least, never one the rules forbid."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta

import numpy as np

from bot.core.break_moves import BreakRules, spare_at
from bot.core.peak_fixes import FixKind, PeakFix, cheapest_fix
from forecasting.grid import IntervalGrid
from scheduler.check.violations import check
from scheduler.roster.people import Contract, RosterAgent
from scheduler.roster.problem import RosterPeriod, RosterProblem
from scheduler.roster.roster import Assignment, Roster
from scheduler.roster.shifts import BREAK, BreakRule, Segment, Shift, ShiftTemplate
from scheduler.staffing import Requirement
from tests.support.builders import CHAT, SHANGHAI, at

HALF = timedelta(minutes=30)
TODAY = at(9).date()
RULE = BreakRule(break_length=HALF, break_count=1, min_spacing=HALF)
DAY = ShiftTemplate(
    name="day",
    earliest_start=time(8),
    latest_start=time(12),
    start_step=HALF,
    lengths=(timedelta(hours=6), timedelta(hours=7)),
    breaks=RULE,
)
CONTRACT = Contract(
    name="full", min_hours_per_week=0, max_hours_per_week=40, max_days_per_week=5, templates=("day",)
)
PERIOD = RosterPeriod(first=TODAY, days=1, zone=SHANGHAI)
GRID = IntervalGrid.for_days(first=TODAY, days=1, interval=HALF, zone=SHANGHAI)
BEFORE = at(0)


def shift(agent: str, first: float, last: float, pause: float) -> Assignment:
    """Chat from ``first`` to ``last``, hours of the local day, with half an hour's pause."""
    edges = [
        (first, pause, str(CHAT), True),
        (pause, pause + 0.5, BREAK, True),
        (pause + 0.5, last, str(CHAT), True),
    ]
    segments = tuple(
        Segment(activity=a, start=hour(s), end=hour(e), paid=paid) for s, e, a, paid in edges if e > s
    )
    return Assignment(
        agent=agent, shift=Shift(date=TODAY, start=hour(first), end=hour(last), segments=segments)
    )


def hour(value: float) -> datetime:
    return at(0) + value * timedelta(hours=1)


def problem(*agents: RosterAgent, required: int = 2) -> RosterProblem:
    minutes = GRID.minutes_of_day()
    need = np.where((minutes >= 8 * 60) & (minutes < 16 * 60), required, 0)
    return RosterProblem(
        period=PERIOD,
        grid=GRID,
        agents=agents,
        templates=(DAY,),
        requirements=(
            Requirement(
                queue=str(CHAT),
                skill="chat",
                grid=GRID,
                base_agents=need,
                shrinkage=np.zeros(GRID.count),
                scheduled_agents=need,
            ),
        ),
    )


def agent(name: str, skill: str = "chat") -> RosterAgent:
    return RosterAgent(agent=name, skills={skill: 1.0}, contract=CONTRACT, zone=SHANGHAI)


def fix(
    held: RosterProblem, assignments: list[Assignment], first: float, last: float, *, now: datetime = BEFORE
) -> PeakFix:
    roster = Roster(period=PERIOD, assignments=tuple(assignments))
    need = held.requirements[0].scheduled_agents
    work = [(s.start, s.end) for a in assignments for s in a.shift.segments if s.activity == CHAT]
    return cheapest_fix(
        held,
        roster,
        {a.agent: BreakRules(templates=(DAY,), zone=SHANGHAI) for a in held.agents},
        CHAT,
        spare_at([(s, s + HALF, int(n)) for s, n in zip(GRID.starts(), need.tolist(), strict=True)], work),
        start=hour(first),
        end=hour(last),
        now=now,
    )


def test_a_pause_in_the_peak_moves_to_where_somebody_can_be_spared() -> None:
    people = [agent("ann"), agent("bo"), agent("cy")]
    roster = [shift("ann", 9, 15, 11), shift("bo", 9, 15, 12.5), shift("cy", 9, 15, 13.5)]
    found = fix(problem(*people), roster, 11, 11.5)
    assert (found.kind, found.agent, found.before, found.paid_minutes) == (
        FixKind.MOVE_PAUSE,
        "ann",
        hour(11),
        0,
    )
    assert not (found.start < hour(11.5) and found.end > hour(11))
    # Two are required at every hour: nobody can be spared while another has his pause.
    assert fix(problem(*people, required=3), roster, 11, 11.5).kind is not FixKind.MOVE_PAUSE


def test_a_shift_is_stretched_where_its_template_knows_the_length() -> None:
    roster = [shift("ann", 9, 15, 12), shift("bo", 9, 15, 13)]
    found = fix(problem(agent("ann"), agent("bo")), roster, 15, 16)
    assert (found.kind, found.paid_minutes) == (FixKind.EXTEND, 60)
    assert (found.before, found.start, found.end) == (hour(15), hour(9), hour(16))
    # Seven hours are the longest shift there is.
    assert fix(problem(agent("ann"), agent("bo")), roster, 15, 16.5).kind is FixKind.NOBODY
    early = fix(problem(agent("ann"), agent("bo")), roster, 8, 9)
    assert (early.kind, early.start, early.end) == (FixKind.EXTEND, hour(8), hour(15))


def test_somebody_free_with_the_skill_is_called_in_for_a_shift_of_that_day() -> None:
    roster = [shift("ann", 9, 15, 13), shift("bo", 9, 16, 12)]
    held = problem(agent("ann"), agent("bo"), agent("cy", "phone"), agent("dee"), required=3)
    found = fix(held, roster, 10, 11)
    assert (found.kind, found.agent, found.paid_minutes) == (FixKind.CALL_IN, "dee", 360)
    there = [*roster, shift("dee", 9, 15, 13)]
    assert check(held, Roster(period=PERIOD, assignments=tuple(there))) == ()
    assert (found.start, found.end) == (hour(9), hour(15))
    # Nobody is called in for a shift that has begun.
    assert fix(held, roster, 10, 11, now=hour(9.25)).kind is FixKind.NOBODY


def test_where_no_change_of_a_shift_is_legal_it_says_so() -> None:
    roster = [shift("ann", 9, 15, 13)]
    resting = replace(agent("bo"), available=())
    found = fix(problem(agent("ann"), resting), roster, 10, 11)
    assert (found.kind, found.agent, found.start, found.end) == (
        FixKind.NOBODY,
        None,
        hour(10),
        hour(11),
    )
