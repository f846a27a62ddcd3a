"""Sessions in the roster: off the peaks, with everybody who should be there, at exact prices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from itertools import pairwise, product
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ortools.sat.python import cp_model

from scheduler.check.score import score
from scheduler.check.sessions import attends, missed
from scheduler.check.violations import check, unmet
from scheduler.roster.errors import ProblemError
from scheduler.roster.people import TimeSpan
from scheduler.roster.problem import RosterProblem
from scheduler.roster.roster import RosterOutcome, RosterResult
from scheduler.roster.sessions import Activity, Session
from scheduler.roster.shifts import SessionKind
from scheduler.solve import SolveParams, solve
from scheduler.solve.candidates import find_candidates
from scheduler.solve.model import build_model
from scheduler.solve.tours.kernel import FORBIDDEN, place_pauses
from tests.scheduler.instances import instance, requirement, span
from tests.scheduler.solve.test_tours_exact import PROVEN, best_of_all, problems

PARAMS = SolveParams(workers=1, gap=0.0005, deterministic_limit=1.0)
QUARTER = timedelta(minutes=15)


def team(
    people: int = 6, *, days: int = 1, need: Mapping[str, int] = MappingProxyType({"9-17": 3}), **patch: Any
) -> RosterProblem:
    """People on one queue from nine to five on quarter-hours, each with lunch and two breaks."""
    names = [f"p{i}" for i in range(people)]
    problem = instance(
        days=days,
        interval_minutes=15,
        agents={name: {"skills": ["talk"], "contract": "full"} for name in names},
        contracts={"full": {"min_hours": 0, "max_hours": 40, "max_days": 5, "templates": ["day"]}},
        templates={
            "day": {
                "earliest": "09:00", "latest": "09:00", "step_minutes": 60, "lengths_minutes": [480],
                "lunch_minutes": 60, "lunch_between_hours": [3, 5], "break_minutes": 15, "break_count": 2,
                "spacing_minutes": 60,
            }
        },
        open={"phone": "0-24"},
        **patch,
    )  # fmt: skip
    hours = problem.grid.minutes_of_day() / 60
    asked = np.zeros(problem.grid.count, dtype=np.int64)
    for text, count in need.items():
        low, high = (float(h) for h in text.split("-"))
        asked[(hours >= low) & (hours < high)] = count
    return replace(
        problem,
        agents=tuple(a for a in problem.agents if a.agent in names),
        requirements=(requirement("phone", "talk", problem.grid, asked),),
    )


def between(problem: RosterProblem, day: int, first: str, hours: float) -> tuple[TimeSpan, ...]:
    return (span(problem.period.first, problem.period.zone, day, first, hours),)


def stand_up(problem: RosterProblem, **changes: Any) -> Activity:
    given: dict[str, Any] = {
        "name": "stand-up",
        "kind": SessionKind.STAND_UP,
        "length": QUARTER,
        "agents": frozenset(a.agent for a in problem.agents),
        "occasions": (between(problem, 0, "09:00", 3),),
    }
    return Activity(**{**given, **changes})


def solved(problem: RosterProblem) -> tuple[RosterProblem, RosterResult]:
    """The problem with its sessions, and its roster, which the checker finds in order."""
    result = solve(problem, PARAMS)
    assert result.roster is not None
    settled = replace(problem, activities=(), sessions=result.sessions)
    assert check(settled, result.roster) == ()
    assert result.objective == pytest.approx(score(settled, result.roster).objective)
    return settled, result


def clock(problem: RosterProblem, instant: datetime) -> time:
    return instant.astimezone(ZoneInfo(problem.period.zone)).time()


def test_the_stand_up_avoids_the_peak_and_everybody_is_there() -> None:
    problem = team(need={"9-10": 5, "10-11": 3, "11-17": 4})
    problem, result = solved(replace(problem, activities=(stand_up(problem, weight=40),)))
    (meeting,) = result.sessions
    assert time(10) <= clock(problem, meeting.start) < time(11)
    assert result.roster is not None
    assert missed(result.sessions, result.roster) == ()
    assert all(attends(meeting, a.shift) for a in result.roster.assignments)
    held = [s for a in result.roster.assignments for s in a.shift.segments if s.activity == "stand_up"]
    assert held
    assert all(s.paid for s in held)


def test_an_hour_in_a_session_is_not_an_hour_at_the_queue() -> None:
    problem = team(1, need={"9-17": 1})
    alone = solved(problem)[1]
    with_it = solved(replace(problem, activities=(stand_up(problem, weight=100),)))[1]
    assert alone.objective is not None
    assert with_it.objective is not None
    # A quarter of an hour of one person missing, at 10 paid minutes each.
    assert with_it.objective - alone.objective == pytest.approx(15 * 10)


def test_a_session_that_costs_more_than_it_is_worth_is_missed_and_told() -> None:
    problem = team(1, need={"9-17": 1})
    problem, result = solved(replace(problem, activities=(stand_up(problem, weight=5),)))
    assert result.roster is not None
    assert result.terms["sessions"] == 15 * 5
    told = [v for v in unmet(problem, result.roster) if v.rule == "sessions"]
    assert [(v.agent, v.code, v.amount, v.limit, v.hard) for v in told] == [
        ("p0", "sessions.stand_up", 0, 15, False)
    ]
    assert set(told) <= set(result.explanation.unmet)


def test_enough_people_are_the_ones_who_are_missed_least() -> None:
    problem = team(6, need={"9-17": 6})
    asked = stand_up(problem, share=0.5, occasions=(between(problem, 0, "09:30", 0.25),))
    _, result = solved(replace(problem, activities=(asked,)))
    (meeting,) = result.sessions
    assert len(meeting.agents) == 3


def test_a_training_comes_in_groups_off_the_peak_and_nobody_is_left_out() -> None:
    problem = team(7, days=5, need={"9-12": 6, "12-17": 3})
    week = tuple(s for d in range(5) for s in between(problem, d, "09:00", 8))
    training = stand_up(
        problem, name="refunds", kind=SessionKind.TRAINING, length=timedelta(hours=1), occasions=(week,),
        group=3, on_shift=False,
    )  # fmt: skip
    problem, result = solved(replace(problem, activities=(training,)))
    assert result.roster is not None
    assert missed(result.sessions, result.roster) == ()
    assert all(len(s.agents) <= 3 for s in result.sessions)
    invited = [a for s in result.sessions for a in s.agents]
    assert sorted(invited) == sorted(training.agents)
    assert all(clock(problem, s.start) >= time(12) for s in result.sessions)


def test_a_talk_takes_one_lead_along_and_never_two_talks_at_once() -> None:
    problem = team(5, days=5)
    agents = tuple(
        replace(a, attributes=frozenset({"lead"})) if a.agent == "p4" else a for a in problem.agents
    )
    problem = replace(problem, agents=agents)
    week = tuple(s for d in range(5) for s in between(problem, d, "09:00", 8))
    talk = stand_up(
        problem, name="one-to-one", kind=SessionKind.ONE_TO_ONE, length=2 * QUARTER, occasions=(week,),
        group=1, leader="lead", on_shift=False,
    )  # fmt: skip
    problem, result = solved(replace(problem, activities=(talk,)))
    assert result.roster is not None
    assert missed(result.sessions, result.roster) == ()
    assert sorted(a for s in result.sessions for a in s.agents if a != "p4") == ["p0", "p1", "p2", "p3"]
    assert all("p4" in s.agents for s in result.sessions)
    ordered = sorted(result.sessions)
    assert all(a.end <= b.start for a, b in pairwise(ordered))


def test_without_groups_there_is_one_session_even_with_a_leader() -> None:
    """Who cannot come to it has none: a second session would be a second group."""
    problem = team(5, days=2)
    zone, first = problem.period.zone, problem.period.first
    off = {"p0": 1, "p1": 1, "p2": 1, "p3": 0}
    agents = tuple(
        replace(a, attributes=frozenset({"lead"}))
        if a.agent == "p4"
        else replace(a, leave=(span(first, zone, off[a.agent], "00:00", 24),))
        for a in problem.agents
    )
    problem = replace(problem, agents=agents)
    both = tuple(s for d in range(2) for s in between(problem, d, "09:00", 8))
    talk = stand_up(
        problem, kind=SessionKind.TRAINING, leader="lead", on_shift=False, weight=100, occasions=(both,)
    )
    settled, result = solved(replace(problem, activities=(talk,)))
    (held,) = result.sessions
    assert held.agents == {"p0", "p1", "p2", "p4"}
    assert result.roster is not None
    assert missed(settled.sessions, result.roster) == ()
    leaderless = replace(problem, activities=(replace(talk, leader="nobody"),))
    assert solved(leaderless)[1].sessions == ()


def test_half_of_a_team_can_be_trained_in_groups() -> None:
    problem = team(6, days=5)
    week = tuple(s for d in range(5) for s in between(problem, d, "09:00", 8))
    training = stand_up(
        problem, name="t", kind=SessionKind.TRAINING, occasions=(week,), group=2, share=0.5, on_shift=False
    )
    _, result = solved(replace(problem, activities=(training,)))
    assert sum(len(s.agents) for s in result.sessions) == 3
    assert max(len(s.agents) for s in result.sessions) == 2


def test_who_is_away_is_not_invited() -> None:
    problem = team(3, days=1)
    away = span(problem.period.first, problem.period.zone, 0, "00:00", 24)
    agents = tuple(replace(a, leave=(away,)) if a.agent == "p1" else a for a in problem.agents)
    problem = replace(problem, agents=agents)
    _, result = solved(replace(problem, activities=(stand_up(problem, on_shift=False),)))
    (meeting,) = result.sessions
    assert "p1" not in meeting.agents


def test_a_training_can_be_worth_a_shift() -> None:
    problem = team(2, need={"9-17": 0})
    training = stand_up(problem, name="t", kind=SessionKind.TRAINING, on_shift=False, weight=100)
    _, result = solved(replace(problem, activities=(training,)))
    assert result.roster is not None
    assert len(result.roster.assignments) == 2
    excused = replace(training, on_shift=True)
    assert solved(replace(problem, activities=(excused,)))[1].sessions == ()


def test_no_pause_lies_in_a_session_and_rules_of_pauses_hold_round_it() -> None:
    problem = team(6)
    noon = Session(
        start=between(problem, 0, "12:00", 1)[0].start,
        end=between(problem, 0, "12:00", 1)[0].end,
        activity="training",
        kind=SessionKind.TRAINING,
        agents=frozenset(a.agent for a in problem.agents),
        price=60 * 40,
    )
    problem, result = solved(replace(problem, sessions=(noon,)))
    assert result.roster is not None
    assert all(attends(noon, a.shift) for a in result.roster.assignments)


def test_fixed_shifts_keep_their_sessions_and_others_stay_away() -> None:
    problem = team(3)
    problem, result = solved(replace(problem, activities=(stand_up(problem),)))
    assert result.roster is not None
    first = result.roster.assignments[0]
    again = solve(replace(problem, fixed=(first,)), PARAMS)
    assert again.roster is not None
    assert first in again.roster.assignments
    assert again.objective == pytest.approx(result.objective)


def test_the_model_of_counts_knows_sessions() -> None:
    """Everybody of a family is away at once, so a bound that did not know it would be above the optimum."""
    problem = team(3)
    problem, result = solved(replace(problem, activities=(stand_up(problem, weight=400),)))
    assert result.roster is not None
    candidates = find_candidates(problem)
    cells = {(candidates.families[c.family].sessions): n for n, c in enumerate(candidates.cells)}
    model = build_model(problem, candidates, (), frozen={cells[0,]: 3})
    solver = cp_model.CpSolver()
    assert solver.solve(model.model) == cp_model.OPTIMAL
    own = score(problem, result.roster)
    assert solver.objective_value <= own.objective + 1e-6


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kind": "party"}, "unknown kind 'party'"),
        ({"length": timedelta(0)}, "above zero"),
        ({"group": 0}, "one member or more"),
        ({"share": 1.5}, "at most 1"),
        ({"weight": -1}, "not be negative"),
    ],
)
def test_senseless_activities_are_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ProblemError, match=words):
        stand_up(team(1), **changes)


def test_sessions_lie_on_the_grid_and_are_for_people_there_are() -> None:
    problem = team(1)
    with pytest.raises(ProblemError, match="not a multiple of the roster's interval"):
        replace(problem, activities=(stand_up(problem, length=timedelta(minutes=10)),))
    with pytest.raises(ProblemError, match="unknown agent 'nobody'"):
        replace(problem, activities=(stand_up(problem, agents=frozenset({"nobody"})),))


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(problem=problems(), data=st.data())
def test_one_agents_roster_with_sessions_is_the_best(problem: RosterProblem, data: st.DataObject) -> None:
    sessions = []
    for day, hour in data.draw(
        st.lists(
            st.tuples(st.integers(0, problem.period.days - 1), st.sampled_from([6, 10, 13, 20])),
            min_size=1,
            max_size=3,
            unique=True,
        )
    ):
        (when,) = between(problem, day, f"{hour:02d}:00", data.draw(st.integers(1, 2)))
        sessions.append(
            Session(
                start=when.start,
                end=when.end,
                activity="talk",
                kind=SessionKind.MEETING,
                agents=frozenset({"ann"}),
                price=data.draw(st.integers(0, 6_000)),
                on_shift=data.draw(st.booleans()),
            )
        )
    problem = replace(problem, sessions=tuple(sessions))
    best = best_of_all(problem)
    result = solve(problem, PROVEN)
    assert result.roster is not None
    if best is not None:
        assert check(problem, result.roster) == ()
        assert result.objective == pytest.approx(best)
        assert result.outcome is RosterOutcome.OPTIMAL


@settings(max_examples=80, deadline=None, derandomize=True)
@given(data=st.data())
def test_pauses_beside_sessions_are_the_cheapest_there_are(data: st.DataObject) -> None:
    length = data.draw(st.integers(8, 14))
    prices = np.array(data.draw(st.lists(st.integers(-5, 5), min_size=length, max_size=length)), dtype=float)
    sums = np.concatenate([[0.0], np.cumsum(prices)])
    spacing = data.draw(st.integers(0, 2))
    count = data.draw(st.integers(1, 3))
    lengths = [data.draw(st.integers(1, 2)) for _ in range(count)]
    windows = []
    for own in lengths:
        low = data.draw(st.integers(0, length - own))
        windows.append((low, data.draw(st.integers(low, length - own))))
    cut = sorted(data.draw(st.lists(st.integers(0, length), min_size=2, max_size=2, unique=True)))
    blocks = [tuple(cut)] if data.draw(st.booleans()) else []
    best = None
    for starts in product(*(range(a, b + 1) for a, b in windows)):
        fits = all(starts[j] + lengths[j] + spacing <= starts[j + 1] for j in range(count - 1)) and not any(
            s < last and first < s + n for s, n in zip(starts, lengths, strict=True) for first, last in blocks
        )
        if fits:
            away = {t for s, n in zip(starts, lengths, strict=True) for t in range(s, s + n)}
            away |= {t for first, last in blocks for t in range(first, last)}
            cost = sum(prices[t] for t in range(length) if t not in away)
            best = cost if best is None else min(best, cost)

    def ints(values: Any) -> Any:
        return np.array(list(values), dtype=np.int32)

    found = np.zeros(count, dtype=np.int32)
    cost = place_pauses(
        sums, 0, length, spacing, ints(lengths), ints(a for a, _ in windows), ints(b for _, b in windows),
        0, count, ints(a for a, _ in blocks), ints(b for _, b in blocks), 0, len(blocks), found,
    )  # fmt: skip
    if best is None:
        assert cost >= FORBIDDEN / 2 or _fits_not(found, lengths, spacing)
    else:
        assert cost == pytest.approx(best)


def _fits_not(found: Any, lengths: list[int], spacing: int) -> bool:
    """Windows of families always fit each other; those drawn here need not."""
    return any(
        found[j] + lengths[j] + spacing > found[j + 1] or found[j] < 0 for j in range(len(lengths) - 1)
    )
