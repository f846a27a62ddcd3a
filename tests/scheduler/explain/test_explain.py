"""Why a shift, why not another, and why a gap stays: each true by trying."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from scheduler.check.coverage import coverage
from scheduler.explain.blocked import blocked
from scheduler.explain.why import Wanted, why_not, why_shift
from scheduler.repair.changes import ChangeKind, RepairTask
from scheduler.repair.live import LiveRoster, with_overtime
from scheduler.roster.problem import RosterProblem
from scheduler.roster.roster import Roster
from scheduler.roster.wishes import Wish
from tests.scheduler.instances import by_hand, clock, instance
from tests.scheduler.requests.test_requests import LATE_AND_EARLY, at, shift_of

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def prepared(problem: RosterProblem, roster: Roster) -> tuple[LiveRoster, RepairTask]:
    now = clock(problem.period.first, problem.period.zone, 0, "00:30")
    overtime = with_overtime(problem, 2 * HOUR, {})
    return LiveRoster.of(problem, roster, overtime), RepairTask(problem=problem, roster=roster, now=now)


def test_a_shift_is_explained_by_what_is_missing_without_it() -> None:
    problem = instance(
        queues={"phone": {"skill": "talk", "need": {"9-21": 0, "12-18": 1}}},
        agents={"bob": {"leave": [[0, "00:00", 168]]}, "cem": {"skills": ["write"]}},
    )
    roster = by_hand(problem, {"agent": "ann", "day": 0, "start": "10:00", "lunch": "15:00"})
    live, task = prepared(problem, roster)
    why = why_shift(live, task, "ann", shift_of(roster, "ann", 0))
    assert [(u.start, u.end, u.missing) for u in why.without] == [
        (at(problem, 0, "12:00"), at(problem, 0, "15:00"), 1),
        (at(problem, 0, "16:00"), at(problem, 0, "18:00"), 1),
    ]
    # Two can phone; the other one is on leave, so nothing else helps.
    assert (why.skilled, why.free) == (2, 0)
    assert why.instead.changes == ()


def test_a_shift_somebody_else_could_have_as_well_says_so_and_names_wishes() -> None:
    plain = instance(queues={"phone": {"skill": "talk", "need": {"9-21": 0, "9-13": 1}}})
    wishes = tuple(
        Wish(agent="ann", date=plain.period.first + d * DAY, works=False, weight=30) for d in (0, 1)
    )
    problem = instance(queues={"phone": {"skill": "talk", "need": {"9-21": 0, "9-13": 1}}})
    problem = replace(problem, wishes=wishes)
    roster = by_hand(problem, {"agent": "ann", "day": 0, "start": "09:00"})
    live, task = prepared(problem, roster)
    why = why_shift(live, task, "ann", shift_of(roster, "ann", 0))
    assert (why.skilled, why.free) == (3, 2)
    assert [c.kind for c in why.instead.changes] == [ChangeKind.CALL_IN]
    assert [w.date for w in why.kept] == [wishes[1].date]
    assert [w.date for w in why.missed] == [wishes[0].date]


def test_why_not_another_shift_names_the_rule_or_what_is_then_missing() -> None:
    problem = instance(
        templates={
            "day": {"earliest": "15:00", "latest": "15:00"},
            "early": {
                "earliest": "07:00",
                "latest": "08:00",
                "step_minutes": 60,
                "lengths_minutes": [540],
                "lunch_minutes": 60,
                "lunch_between_hours": [3, 5],
                "spacing_minutes": 60,
            },
        },
        contracts={"full": {"templates": ["day", "early"]}},
        queues={"phone": {"skill": "talk", "need": {"9-21": 0, "15-24": 1}}},
        open={"phone": "7-24"},
        agents={"bob": {"leave": [[0, "00:00", 168]]}, "cem": {"skills": ["write"]}},
    )
    roster = by_hand(
        problem,
        {"agent": "ann", "day": 0, "start": "15:00", "lunch": "19:00"},
        {"agent": "ann", "day": 1, "start": "15:00", "lunch": "19:00"},
    )
    live, task = prepared(problem, roster)
    second = problem.period.first + DAY
    rest = why_not(live, task, "ann", Wanted(date=second, template="early"))
    assert [v.code for v in rest.violations] == ["minimum_rest.too_short"]
    assert not rest.is_possible
    off = why_not(live, task, "ann", Wanted(date=second))
    assert off.violations == ()
    assert off.opened
    assert off.others is not None
    assert off.others.changes == ()
    assert not off.is_possible


def test_a_gap_names_the_smallest_set_of_rules_that_keeps_everybody_out() -> None:
    """Ann is on leave, Bob has his five days, Cem cannot phone."""
    problem = instance(
        agents={"ann": {"leave": [[5, "00:00", 24]]}, "cem": {"skills": ["write"]}},
        queues={"phone": {"skill": "talk", "need": {"9-21": 0, "9-18": 1}}},
    )
    roster = by_hand(problem, *({"agent": "bob", "day": d, "start": "09:00"} for d in range(5)))
    found = {b.gap.start: b for b in blocked(problem, roster, most=10)}
    saturday = found[at(problem, 5, "09:00")]
    assert saturday.skilled == 2
    reasons = {r.rules: (r.agent, r.people) for r in saturday.reliefs}
    assert reasons[("leave",)] == ("ann", 1)
    assert reasons[("max_days_per_week", "weekly_hours")] == ("bob", 1)
    assert saturday.conflict == ("leave", "max_days_per_week")
    # What lifting the leave would bring is what the roster is cheaper by.
    relief = next(r for r in saturday.reliefs if r.rules == ("leave",))
    assert relief.closes == 8 * 60
    assert relief.gain == 8 * 60 * 10 - 8 * 60
    assert saturday.at_work == 0
    # On Sunday nothing keeps Ann away, and that is said: an empty conflict.
    assert found[at(problem, 6, "09:00")].conflict == ()


def test_a_queue_nobody_has_the_skill_for_says_that() -> None:
    problem = instance("nobody_for_email")
    roster = by_hand(problem)
    email = [b for b in blocked(problem, roster, most=20) if b.gap.queue == "email"]
    assert email
    assert all(b.skilled == 0 and b.reliefs == () and b.conflict == () for b in email)


def test_trying_leaves_the_roster_alone() -> None:
    problem = instance(**LATE_AND_EARLY)
    roster = by_hand(problem, {"agent": "ann", "day": 2, "start": "07:00"})
    live, task = prepared(problem, roster)
    why_shift(live, task, "ann", shift_of(roster, "ann", 2))
    why_not(live, task, "ann", Wanted(date=problem.period.first + 2 * DAY))
    assert live.roster() == roster
    assert (live.at == LiveRoster.of(problem, roster, problem).at).all()
    assert coverage(problem, live.roster())[0].at_work.sum() == live.at[0].sum()
