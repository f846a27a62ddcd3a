"""One agent's roster is the best of all there are: every rule and wish, hard and soft, by brute force."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, time, timedelta
from itertools import product
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduler.check.score import score
from scheduler.check.violations import check
from scheduler.roster.people import FairShare, ShiftLimit
from scheduler.roster.problem import RosterProblem
from scheduler.roster.roster import Assignment, Roster, RosterOutcome
from scheduler.roster.rules import ForbiddenSuccessions, OpeningHours, Presence, RosterRules, SteadyStarts
from scheduler.roster.wishes import Pairing, ShiftCover, Wish
from scheduler.solve import SolveParams, solve
from scheduler.solve.breaks import make_shift
from scheduler.solve.candidates import find_candidates
from tests.scheduler.instances import instance, requirement, span

QUICK = SolveParams(seconds=20, workers=1, gap=0.0)
# A proof ends the solve long before; the limit is for a machine with other work beside.
PROVEN = replace(QUICK, seconds=120)
#: Early and late shifts without pauses; a late one leaves eight hours to the next early one.
TWO_KINDS: dict[str, Any] = {
    "days": 7,
    "templates": {
        "day": {
            "earliest": "06:00", "latest": "06:00", "step_minutes": 60, "lengths_minutes": [480],
            "lunch_minutes": 0,
        },
        "late": {"earliest": "14:00", "latest": "14:00", "step_minutes": 60, "lengths_minutes": [480]},
    },
    "contracts": {"full": {"min_hours": 0, "max_hours": 56, "max_days": 7, "templates": ["day", "late"]}},
    "open": {"phone": "0-24"},
}  # fmt: skip
FREE = RosterRules(consecutive_days=None, weekly_rest=None, days_per_week=None, weekly_hours=None, rest=None)


def two_kinds(
    rules: RosterRules = FREE,
    *,
    need: Mapping[str, int] = MappingProxyType({"6-22": 1}),
    who: tuple[str, ...] = ("ann",),
    **patch: Any,
) -> RosterProblem:
    """A few people, two kinds of shift, no rule but those given."""
    agents = {name: {"skills": ["talk"], "contract": "full"} for name in who}
    problem = instance(rules=rules, **{**TWO_KINDS, "agents": agents, **patch})
    hours = problem.grid.minutes_of_day() / 60
    asked = np.zeros(problem.grid.count, dtype=np.int64)
    for text, people in need.items():
        low, high = (int(h) for h in text.split("-"))
        asked[(hours >= low) & (hours < high)] = people
    return replace(
        problem,
        agents=tuple(a for a in problem.agents if a.agent in who),
        requirements=(requirement("phone", "talk", problem.grid, asked),),
    )


def with_contract(problem: RosterProblem, **limits: Any) -> RosterProblem:
    agents = tuple(replace(a, contract=replace(a.contract, **limits)) for a in problem.agents)
    return replace(problem, agents=agents)


def every_roster(problem: RosterProblem) -> Iterator[Roster]:
    """All rosters of one agent whose shifts have no pauses."""
    candidates = find_candidates(problem)
    (agent,) = problem.agents
    by_day: list[list[Assignment | None]] = [[None] for _ in problem.period.dates]
    for c in candidates.allowed[agent.agent]:
        cell = candidates.cells[c]
        shift = make_shift(problem, candidates.families[cell.family], cell.start, ())
        by_day[cell.day].append(Assignment(agent=agent.agent, shift=shift))
    for chosen in product(*by_day):
        made = tuple(a for a in chosen if a is not None)
        yield Roster(period=problem.period, assignments=(*problem.fixed, *made))


def best_of_all(problem: RosterProblem) -> float | None:
    """The least score of a roster that breaks no rule; None where all break one."""
    legal = (r for r in every_roster(problem) if not check(problem, r))
    return min((score(problem, r).objective for r in legal), default=None)


def kinds(roster: Roster | None) -> str:
    """A letter a day: d, l, or a dot for a day off."""
    assert roster is not None
    held = {a.shift.date: a.shift.template[0] for a in roster.assignments}
    return "".join(held.get(day, ".") for day in roster.period.dates)


def runs(roster: Roster | None, letter: str) -> list[int]:
    """Lengths of runs of days off (a dot) or of work, those at the edges left out."""
    marked = "".join("." if k == "." else "w" for k in kinds(roster))
    parts = marked.split("w" if letter == "." else ".")
    return [len(p) for p in parts[1:-1] if p]


def solved(problem: RosterProblem) -> Roster:
    result = solve(problem, QUICK)
    assert result.roster is not None
    assert check(problem, result.roster) == ()
    assert result.objective == pytest.approx(score(problem, result.roster).objective)
    return result.roster


def off_on(*days: int) -> tuple[Wish, ...]:
    first = instance().period.first
    return tuple(Wish(agent="ann", date=first + timedelta(days=d), works=False, weight=9_000) for d in days)


def test_without_rules_every_day_is_worked() -> None:
    assert "." not in kinds(solved(two_kinds()))


def test_days_off_come_in_runs() -> None:
    problem = replace(two_kinds(), wishes=off_on(2))
    assert runs(solved(problem), ".") == [1]
    assert runs(solved(with_contract(problem, min_consecutive_days_off=2)), ".") == [2]


def test_working_days_come_in_runs() -> None:
    problem = replace(two_kinds(), wishes=off_on(1, 3, 4))
    assert runs(solved(problem), "w") == [1]
    assert runs(solved(with_contract(problem, min_consecutive_days=2)), "w") in ([], [2])


def test_a_contract_limits_days_in_a_row() -> None:
    limited = with_contract(two_kinds(), max_consecutive_days=2)
    assert max(len(part) for part in kinds(solved(limited)).split(".")) == 2


def test_kinds_of_shift_are_limited() -> None:
    problem = with_contract(
        two_kinds(need={"14-22": 1}),
        shift_limits=(ShiftLimit(templates=("late",), most=3),),
    )
    assert kinds(solved(problem)).count("l") == 3


def test_weekends_are_limited() -> None:
    problem = two_kinds(days=14)
    assert kinds(solved(problem)).count(".") == 0
    worked = kinds(solved(with_contract(problem, max_weekends=1)))
    saturdays = [(problem.period.dates[i].weekday(), k) for i, k in enumerate(worked)]
    assert sum(1 for weekday, k in saturdays if weekday in (5, 6) and k == ".") == 2


def test_weekends_are_whole_or_free() -> None:
    first = instance().period.first
    saturday = (5 - first.weekday()) % 7
    problem = replace(two_kinds(days=7), wishes=off_on(saturday))
    assert kinds(solved(problem)).count(".") == 1
    assert kinds(solved(with_contract(problem, complete_weekends=True))).count(".") == 2


def test_weekends_rotate() -> None:
    problem = with_contract(two_kinds(days=14), weekend_rotation=2)
    assert kinds(solved(problem)).count(".") == 2


def test_hours_of_the_period_are_limited_and_promised() -> None:
    problem = two_kinds()
    assert 7 - kinds(solved(with_contract(problem, max_hours_per_period=24))).count(".") == 3
    nobody = two_kinds(need={"6-22": 0})
    assert kinds(solved(nobody)).count(".") == 7
    promised = with_contract(nobody, min_hours_per_period=16)
    assert kinds(solved(promised)).count(".") == 5


def test_some_kinds_never_follow_each_other() -> None:
    wish = Wish(agent="ann", date=instance().period.first, works=True, weight=50_000, templates=("late",))
    early = two_kinds(need={"6-14": 1})
    problem = replace(early, wishes=(wish,))
    assert kinds(solved(problem)).startswith("ld")
    never = ForbiddenSuccessions(pairs=frozenset({("late", "day")}))
    ruled = replace(problem, rules=replace(problem.rules, successions=never))
    assert not kinds(solved(ruled)).startswith("ld")


def test_starts_stay_steady_where_that_costs_nothing() -> None:
    problem = two_kinds(RosterRules(steady_starts=SteadyStarts(hours=2, weight=50)), days=5)
    assert len(set(kinds(solved(problem)))) == 1


def test_fair_shares_keep_people_off() -> None:
    problem = two_kinds(days=7)
    share = (FairShare(most=0, weight=20_000),)
    spared = replace(problem, agents=tuple(replace(a, fair_shares=share) for a in problem.agents))
    assert kinds(solved(spared)).count(".") == 2


def test_cover_by_kind_of_shift() -> None:
    nobody = two_kinds(need={"6-22": 0})
    day = nobody.period.first + timedelta(days=3)
    asked = ShiftCover(date=day, template="late", required=1, under_weight=5_000, over_weight=10)
    assert kinds(solved(replace(nobody, shift_cover=(asked,)))) == "...l..."


def test_soft_rules_are_broken_where_that_pays() -> None:
    problem = with_contract(two_kinds(), max_consecutive_days=2)
    cheap = replace(problem, rules=replace(problem.rules, soft={"max_consecutive_days": 1}))
    roster = solved(cheap)
    assert "." not in kinds(roster)
    assert score(cheap, roster).terms["soft_rules"] == 5


def test_somebody_with_the_attribute_is_always_there() -> None:
    problem = two_kinds(who=("ann", "bob"), days=1)
    opened = span(problem.period.first, problem.period.zone, 0, "06:00", 16)
    lead = Presence(name="lead", attribute="lead", least=1, weight=90, spans=(opened,))
    led = replace(
        problem,
        rules=replace(problem.rules, presence=(lead,)),
        agents=tuple(replace(a, attributes=frozenset({"lead"})) for a in problem.agents),
    )
    held = {a.shift.template for a in solved(led).assignments}
    assert held == {"day", "late"}
    one = replace(led, agents=(led.agents[0], replace(led.agents[1], attributes=frozenset())))
    assert score(one, solved(one)).terms["presence"] == 8 * 60 * 90


def test_no_more_people_than_seats() -> None:
    problem = two_kinds(who=("ann", "bob", "cem"), need={"6-14": 3}, days=1)
    assert len(solved(problem).assignments) == 3
    seats = Presence(name="seats", most=2, weight=500)
    seated = replace(problem, rules=replace(problem.rules, presence=(seats,)))
    assert len(solved(seated).assignments) == 2


def test_a_new_starter_works_beside_the_mentor() -> None:
    problem = two_kinds(who=("ann", "bob"), days=2)
    paired = replace(problem, pairings=(Pairing(agent="ann", mentor="bob", weight=20_000),))
    roster = solved(paired)
    assert score(paired, roster).terms["pairings"] == 0
    apart = score(paired, solved(problem)).terms["pairings"]
    assert apart > 0


def test_who_is_quicker_at_a_queue_works_there() -> None:
    """Two queues at the same hours: each goes to whom it costs less."""
    problem = two_kinds(who=("ann", "bob"), need={"6-14": 1}, days=3)
    write = requirement("email", "write", problem.grid, problem.required("phone"))
    spans = problem.rules.opening_hours.spans if problem.rules.opening_hours is not None else {}
    opened = OpeningHours(spans={**spans, "email": spans["phone"]})
    skills = {"ann": {"talk": 0.8, "write": 1.0}, "bob": {"talk": 1.0, "write": 0.9}}
    both = replace(
        problem,
        rules=replace(problem.rules, opening_hours=opened),
        requirements=(*problem.requirements, write),
        agents=tuple(replace(a, skills=skills[a.agent]) for a in problem.agents),
    )
    roster = solved(both)
    assert {(a.agent, a.shift.queues) for a in roster.assignments} == {
        ("ann", ("email",)), ("bob", ("phone",))
    }  # fmt: skip
    assert score(both, roster).terms["proficiency"] == 0
    # Alone, the slower one still comes: a tenth of the work lost is cheaper than nobody there.
    alone = replace(both, agents=both.agents[1:], requirements=(write,))
    alone = replace(
        alone, rules=replace(alone.rules, opening_hours=OpeningHours(spans={"email": spans["phone"]}))
    )
    kept = solved(alone)
    assert len(kept.assignments) == 3
    assert score(alone, kept).terms["proficiency"] == 3 * 8 * 60 * 10 * 0.1


def test_preparing_comes_before_the_phones_and_is_paid() -> None:
    problem = two_kinds(days=1)
    prepared = replace(
        problem, templates=tuple(replace(t, prepare=timedelta(minutes=5)) for t in problem.templates)
    )
    (assignment,) = solved(prepared).assignments
    assert [s.activity for s in assignment.shift.segments] == ["prepare", "phone"]
    assert assignment.shift.segments[0].duration == timedelta(minutes=5)
    assert assignment.shift.paid_time == timedelta(minutes=485)
    assert score(prepared, solved(prepared)).under_minutes == 8 * 60


def test_a_run_that_ended_with_the_previous_roster_is_not_ours_to_mend() -> None:
    before = [{"agent": "ann", "day": -1, "start": "06:00", "hours": 8, "queue": "phone"}]
    problem = replace(two_kinds(previous=before), wishes=off_on(0))
    held = with_contract(problem, min_consecutive_days=3)
    assert kinds(solved(held)).startswith(".")
    result = solve(held, PROVEN)
    assert (result.outcome, result.objective) == (RosterOutcome.OPTIMAL, best_of_all(held))


def test_a_run_from_the_previous_roster_counts_from_its_first_day() -> None:
    before = [{"agent": "ann", "day": -1, "start": "06:00", "hours": 8, "queue": "phone"}]
    problem = replace(two_kinds(previous=before), wishes=off_on(2))
    assert kinds(solved(with_contract(problem, min_consecutive_days=3)))[:3] in ("dd.", "dl.", "ld.", "ll.")
    longer = with_contract(problem, min_consecutive_days=4)
    assert kinds(solved(longer))[:2] == ".." or "." not in kinds(solved(longer))[:3]


def test_preparing_takes_a_seat() -> None:
    problem = two_kinds(who=("ann", "bob"), need={"6-14": 1, "14-22": 1}, days=1)
    seats = Presence(name="seats", most=1, weight=10)
    prepared = replace(
        problem,
        rules=replace(problem.rules, presence=(seats,)),
        templates=tuple(replace(t, prepare=timedelta(minutes=5)) for t in problem.templates),
    )
    # The late shift is in its seat from five to two, while the early one still is.
    roster = solved(prepared)
    assert len(roster.assignments) == 2
    assert score(prepared, roster).terms["presence"] == 10 * 60


def test_a_prepared_shift_can_be_fixed() -> None:
    problem = two_kinds(days=2)
    prepared = replace(
        problem, templates=tuple(replace(t, prepare=timedelta(minutes=5)) for t in problem.templates)
    )
    first = solved(prepared).assignments[0]
    again = solved(replace(prepared, fixed=(first,)))
    assert first in again.assignments
    assert len(again.assignments) == 2


@st.composite
def problems(draw: st.DrawFn) -> RosterProblem:
    """One agent, six days or a few more, any mix of rules."""
    days = draw(st.integers(5, 7))
    soft = draw(
        st.dictionaries(
            st.sampled_from(
                ["max_consecutive_days", "min_consecutive_days", "min_consecutive_days_off",
                 "max_weekends", "complete_weekends", "weekend_rotation", "max_shifts",
                 "forbidden_succession"]
            ),
            st.integers(1, 4_000),
            max_size=3,
        )
    )  # fmt: skip
    never = ForbiddenSuccessions(pairs=frozenset({("late", "day")})) if draw(st.booleans()) else None
    steady = SteadyStarts(hours=4, weight=draw(st.integers(1, 900))) if draw(st.booleans()) else None
    chosen: dict[str, Any] = {"soft": soft, "successions": never, "steady_starts": steady}
    if draw(st.booleans()):
        chosen |= {"consecutive_days": None, "rest": None}
    rules = RosterRules(**chosen)
    before = draw(st.lists(st.integers(-4, -1), max_size=4, unique=True))
    fixed = draw(st.lists(st.integers(0, days - 1), max_size=1))
    start = draw(st.sampled_from(["06:00", "14:00"]))
    problem = two_kinds(
        rules,
        days=days,
        first=draw(st.sampled_from([date(2026, 3, d) for d in (2, 4, 6, 7, 8)])),
        queues={
            "phone": {
                "skill": "talk",
                "need": draw(st.sampled_from([{"6-14": 1}, {"6-22": 1}, {"14-22": 2}])),
            }
        },
        previous=[
            {"agent": "ann", "day": d, "start": "06:00", "hours": 8, "queue": "phone"} for d in sorted(before)
        ],
        fixed=[{"agent": "ann", "day": d, "start": start, "hours": 8, "queue": "phone"} for d in fixed],
    )
    problem = with_contract(
        problem,
        min_hours_per_week=draw(st.sampled_from([0, 32])),
        max_hours_per_week=draw(st.sampled_from([40, 56])),
        min_hours_per_period=draw(st.sampled_from([0, 24])),
        max_hours_per_period=draw(st.sampled_from([None, 32])),
        max_consecutive_days=draw(st.sampled_from([None, 2, 3])),
        min_consecutive_days=draw(st.integers(1, 2)),
        min_consecutive_days_off=draw(st.integers(1, 3)),
        max_weekends=draw(st.sampled_from([None, 0, 1])),
        complete_weekends=draw(st.booleans()),
        weekend_rotation=draw(st.integers(1, 2)),
        shift_limits=(ShiftLimit(templates=("late",), most=draw(st.integers(0, 3))),)
        if draw(st.booleans())
        else (),
    )
    wishes = tuple(
        Wish(
            agent="ann",
            date=problem.period.first + timedelta(days=d),
            works=draw(st.booleans()),
            weight=draw(st.integers(0, 9_000)),
            templates=draw(st.sampled_from([(), ("late",), ("day",)])),
            starts_from=draw(st.sampled_from([None, None, time(8)])),
            starts_before=draw(st.sampled_from([None, None, time(14)])),
        )
        for d in draw(st.lists(st.integers(0, days - 1), max_size=3, unique=True))
    )
    shares = (
        FairShare(
            templates=draw(st.sampled_from([(), ("late",)])), most=1, weight=draw(st.integers(0, 5_000))
        ),
    )
    skills = {"talk": draw(st.sampled_from([1.0, 1.0, 0.7, 1.3]))}
    agents = tuple(replace(a, fair_shares=shares, skills=skills) for a in problem.agents)
    return replace(problem, wishes=wishes, agents=agents)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(problem=problems())
def test_one_agents_roster_is_the_best_of_all(problem: RosterProblem) -> None:
    best = best_of_all(problem)
    result = solve(problem, PROVEN)
    assert result.roster is not None
    if best is None:
        assert result.outcome is RosterOutcome.INFEASIBLE
        assert result.explanation.conflicts
    else:
        assert check(problem, result.roster) == ()
        assert result.objective == pytest.approx(best)
        assert result.outcome is RosterOutcome.OPTIMAL
