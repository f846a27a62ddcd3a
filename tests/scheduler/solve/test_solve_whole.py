"""What a planner gets: rosters, proofs, reasons, progress, and the best so far when stopped."""

from __future__ import annotations

import pickle
import threading
from dataclasses import replace
from typing import Any

import pytest

from scheduler.check.coverage import coverage
from scheduler.check.score import score
from scheduler.check.violations import check
from scheduler.errors import SolveError
from scheduler.roster.roster import RosterOutcome
from scheduler.roster.rules import RosterRules
from scheduler.solve import Progress, SolveParams, solve
from tests.scheduler.instances import instance, variations

QUICK = SolveParams(seconds=8, workers=1, gap=0.0)
# A proof ends the solve long before; the limit is for a machine with other work beside.
PROVEN = replace(QUICK, seconds=120)


@pytest.mark.parametrize("name", ["base", *variations()])
def test_every_variation_gives_a_roster_that_the_checker_accepts(name: str) -> None:
    problem = instance(name)
    result = solve(problem, replace(QUICK, seconds=3))
    assert result.roster is not None
    allowed = set(result.explanation.conflicts)
    assert {(v.rule, v.agent, v.date) for v in check(problem, result.roster)} <= {
        (v.rule, v.agent, v.date) for v in allowed
    }
    recomputed = score(problem, result.roster)
    assert result.objective == recomputed.objective == pytest.approx(sum(result.terms.values()))
    assert result.bound is not None
    assert result.bound <= result.objective + 1e-6


def test_the_base_is_solved_to_proven_optimality() -> None:
    result = solve(instance(), PROVEN)
    assert result.outcome is RosterOutcome.OPTIMAL
    assert result.gap == 0.0
    # Three people on five days each cover 09-21 as two nine-hour shifts a day: 14 of 15 shifts.
    assert result.roster is not None
    assert len(result.roster.assignments) == 14
    assert result.terms["paid_minutes"] == 14 * 480


def test_lunches_of_two_do_not_coincide() -> None:
    problem = instance(days=1, queues={"phone": {"skill": "talk", "need": {"9-18": 1}}})
    result = solve(problem, PROVEN)
    assert result.roster is not None
    assert coverage(problem, result.roster)[0].under.sum() == 0
    assert result.explanation.uncovered == ()


def test_too_few_agents_still_give_the_best_roster_and_name_the_gaps() -> None:
    problem = instance("too_few_agents")
    result = solve(problem, QUICK)
    assert result.outcome in (RosterOutcome.OPTIMAL, RosterOutcome.FEASIBLE)
    assert result.roster is not None
    assert len(result.roster.assignments) == 15
    missing = sum(u.missing * (u.end - u.start).total_seconds() / 60 for u in result.explanation.uncovered)
    assert missing == score(problem, result.roster).under_minutes > 0


def test_a_queue_nobody_can_work_is_listed() -> None:
    result = solve(instance("nobody_for_email"), PROVEN)
    assert [u.queue for u in result.explanation.uncovered].count("email") == 7
    assert all(u.missing == 1 for u in result.explanation.uncovered if u.queue == "email")


def test_nothing_to_do_means_nobody_works() -> None:
    result = solve(instance("nothing_to_do"), PROVEN)
    assert result.roster is not None
    assert result.roster.assignments == ()
    assert (result.outcome, result.objective, result.gap) == (RosterOutcome.OPTIMAL, 0.0, 0.0)


def test_promised_hours_are_given() -> None:
    problem = instance("with_minimum")
    result = solve(problem, QUICK)
    assert result.roster is not None
    hours = {
        agent: sum(s.paid_time.total_seconds() for s in shifts) / 3600
        for agent, shifts in result.roster.by_agent().items()
    }
    assert hours == {"ann": 40.0, "bob": 40.0, "cem": 40.0}
    assert result.explanation.unmet == ()


def test_hours_that_leave_makes_impossible_are_not_asked_for() -> None:
    away = {"skills": ["talk"], "contract": "full", "leave": [[0, "00:00", 168]]}
    result = solve(instance("with_minimum", agents={"ann": away}), QUICK)
    assert result.outcome is not RosterOutcome.INFEASIBLE
    assert result.roster is not None
    assert "ann" not in result.roster.by_agent()
    assert result.terms["minimum_hours"] == 0


def test_conflicting_fixed_shifts_are_kept_and_explained() -> None:
    problem = instance("fixed_without_rest")
    result = solve(problem, QUICK)
    assert result.outcome is RosterOutcome.INFEASIBLE
    assert result.roster is not None
    assert set(problem.fixed) <= set(result.roster.assignments)
    assert result.explanation.conflicting_rules == ("minimum_rest",)
    (conflict,) = result.explanation.conflicts
    assert (conflict.agent, conflict.amount, conflict.limit) == ("ann", 6.0, 11.0)
    assert len(result.roster.assignments) > len(problem.fixed)


def test_a_fixed_shift_on_leave_is_explained() -> None:
    result = solve(instance("four_hour_gap_on_leave"), QUICK)
    assert result.outcome is RosterOutcome.INFEASIBLE
    assert result.explanation.conflicting_rules == ("leave",)


def test_more_fixed_days_than_the_contract_do_not_break_the_solve() -> None:
    shift = {"agent": "ann", "start": "09:00", "hours": 9, "queue": "phone", "lunch": "12:00"}
    problem = instance(fixed=[{**shift, "day": d} for d in range(7)])
    result = solve(problem, QUICK)
    assert result.outcome is RosterOutcome.INFEASIBLE
    assert set(result.explanation.conflicting_rules) == {
        "max_consecutive_days",
        "max_days_per_week",
        "weekly_hours",
        "weekly_rest_days",
    }


def test_the_same_seed_and_limit_give_the_same_roster() -> None:
    params = SolveParams(seconds=1, seed=7, workers=1, deterministic_limit=1.0)
    problem = instance("late_and_early", agents={f"p{i}": _talker() for i in range(5)})
    first, second = solve(problem, params), solve(problem, params)
    assert first.roster == second.roster
    assert (first.objective, first.bound) == (second.objective, second.bound)


def _talker() -> dict[str, Any]:
    return {"skills": ["talk"], "contract": "full"}


def _hard() -> Any:
    """Too large to be proven optimal within a second or two."""
    agents = {f"p{i:02d}": _talker() for i in range(24)}
    return instance(
        "late_and_early",
        interval_minutes=15,
        agents=agents,
        queues={"phone": {"skill": "talk", "need": {"6-9": 3, "9-14": 11, "14-19": 9, "19-24": 5}}},
        templates={"day": {"break_minutes": 15, "break_count": 2, "step_minutes": 30}},
    )


def test_stopping_keeps_the_best_so_far() -> None:
    problem = _hard()
    seen = threading.Event()

    def progress(state: Progress) -> None:
        if state.objective is not None:
            seen.set()

    params = SolveParams(seconds=120, workers=2, gap=0.0)
    result = solve(problem, params, on_progress=progress, should_stop=seen.is_set)
    assert result.roster is not None
    assert check(problem, result.roster) == ()
    assert result.seconds < 60
    assert result.outcome in (RosterOutcome.CANCELLED, RosterOutcome.OPTIMAL)


def test_stopped_before_it_began_it_says_so() -> None:
    result = solve(_hard(), QUICK, should_stop=lambda: True)
    assert result.outcome is RosterOutcome.CANCELLED
    assert result.seconds < 8


def test_progress_never_gets_worse() -> None:
    states: list[Progress] = []
    result = solve(instance("with_short_breaks"), QUICK, on_progress=states.append)
    objectives = [s.objective for s in states if s.objective is not None]
    bounds = [s.bound for s in states if s.bound is not None]
    assert objectives == sorted(objectives, reverse=True)
    assert bounds == sorted(bounds)
    assert objectives[-1] == result.objective


def test_an_error_of_the_listener_reaches_the_caller() -> None:
    def broken(_: Progress) -> None:
        raise RuntimeError("listener")

    with pytest.raises(RuntimeError, match="listener"):
        solve(instance(), QUICK, on_progress=broken)

    def stop() -> bool:
        raise RuntimeError("stop request")

    with pytest.raises(RuntimeError, match="stop request"):
        solve(instance(), QUICK, should_stop=stop)


def test_senseless_parameters_are_refused() -> None:
    with pytest.raises(SolveError, match="seconds must be above 0"):
        SolveParams(seconds=0)
    with pytest.raises(SolveError, match="workers must be at least 1"):
        SolveParams(workers=0)


def test_rules_switched_off_are_not_kept() -> None:
    off = RosterRules(consecutive_days=None, weekly_rest=None, days_per_week=None, weekly_hours=None)
    result = solve(instance(rules=off, agents={"ann": _talker()}), QUICK)
    assert result.roster is not None
    assert max(len(s) for s in result.roster.by_agent().values()) >= 5


def test_many_alike_are_counted_and_handed_out() -> None:
    problem = instance(
        "late_and_early",
        days=5,
        agents={f"p{i:02d}": _talker() for i in range(60)},
        queues={"phone": {"skill": "talk", "need": {"6-9": 8, "9-12": 24, "12-17": 28, "17-24": 10}}},
    )
    result = solve(problem, SolveParams(seconds=120, workers=2, gap=0.01))
    assert result.roster is not None
    assert check(problem, result.roster) == ()
    assert result.gap is not None
    assert result.gap <= 0.01


def test_a_result_survives_the_way_back_from_a_child_process() -> None:
    result = solve(instance(days=2), QUICK)
    again = pickle.loads(pickle.dumps(result))
    assert again.roster == result.roster
    assert dict(again.terms) == dict(result.terms)
