"""Each rule broken alone by a roster made by hand: the checker names it, with amount and limit."""

from dataclasses import replace

import pytest

from scheduler.check.violations import check, unmet
from scheduler.roster.roster import Assignment, Roster
from scheduler.roster.rules import MaxConsecutiveDays, RosterRules
from scheduler.roster.shifts import LUNCH, Segment
from tests.scheduler.instances import HOUR, MINUTE, by_hand, instance

WEEK = {"agent": "ann", "start": "09:00"}
SIX_DAYS = {"full": {"min_hours": 0, "max_hours": 60, "max_days": 6, "templates": ["day"]}}
SEVEN_DAYS = {"full": {"min_hours": 0, "max_hours": 60, "max_days": 7, "templates": ["day"]}}


def broken(problem, roster):
    return [(v.code, v.agent, round(v.amount, 2), round(v.limit, 2)) for v in check(problem, roster)]


def test_a_legal_roster_breaks_nothing() -> None:
    problem = instance()
    assert broken(problem, by_hand(problem, *({**WEEK, "day": d} for d in range(5)))) == []


def test_rest_too_short() -> None:
    problem = instance("late_and_early")
    roster = by_hand(
        problem,
        {"agent": "ann", "day": 0, "start": "14:00"},
        {"agent": "ann", "day": 1, "start": "09:00"},
    )
    assert broken(problem, roster) == [("minimum_rest.too_short", "ann", 10.0, 11.0)]


def test_rest_is_elapsed_time_when_clocks_go_forward() -> None:
    # 22:00 to 09:00 are eleven hours on the clock, ten in that night.
    patch = {
        "templates": {"day": {"earliest": "09:00", "latest": "13:00"}},
        "open": {"phone": "9-22"},
    }
    shifts = [{"agent": "ann", "day": 0, "start": "13:00"}, {"agent": "ann", "day": 1, "start": "09:00"}]
    spring = instance("clocks_go_forward", **patch)
    assert broken(spring, by_hand(spring, *shifts)) == [("minimum_rest.too_short", "ann", 10.0, 11.0)]
    usual = instance(**patch)
    assert broken(usual, by_hand(usual, *shifts)) == []


def test_rest_counts_from_the_previous_roster() -> None:
    problem = instance(
        "late_and_early",
        previous=[{"agent": "ann", "day": -1, "start": "14:00", "hours": 9, "queue": "phone"}],
    )
    roster = by_hand(problem, {"agent": "ann", "day": 0, "start": "09:00"})
    assert broken(problem, roster) == [("minimum_rest.too_short", "ann", 10.0, 11.0)]


def test_two_shifts_on_a_day() -> None:
    rules = RosterRules(rest=None)
    problem = instance("late_and_early", rules=rules)
    roster = by_hand(
        problem,
        {"agent": "ann", "day": 0, "start": "06:00"},
        {"agent": "ann", "day": 0, "start": "15:00"},
    )
    assert broken(problem, roster) == [("one_shift_per_day.several", "ann", 2, 1)]


def test_too_many_days_in_a_row_over_the_border() -> None:
    problem = instance("after_six_days")
    roster = by_hand(problem, {**WEEK, "day": 0})
    assert broken(problem, roster) == [("max_consecutive_days.too_many", "ann", 7, 6)]


def test_seven_days_leave_no_rest_day() -> None:
    problem = instance(contracts=SEVEN_DAYS, rules=RosterRules(consecutive_days=None))
    roster = by_hand(problem, *({**WEEK, "day": d} for d in range(7)))
    assert broken(problem, roster) == [("weekly_rest_days.too_few", "ann", 0, 1)]


def test_more_days_than_the_contract() -> None:
    contract = {"full": {"min_hours": 0, "max_hours": 60, "max_days": 5, "templates": ["day"]}}
    problem = instance(contracts=contract)
    roster = by_hand(problem, *({**WEEK, "day": d} for d in range(6)))
    assert broken(problem, roster) == [("max_days_per_week.too_many", "ann", 6, 5)]


def test_more_hours_than_the_contract() -> None:
    contract = {"full": {"min_hours": 0, "max_hours": 40, "max_days": 6, "templates": ["day"]}}
    problem = instance(contracts=contract)
    roster = by_hand(problem, *({**WEEK, "day": d} for d in range(6)))
    assert broken(problem, roster) == [("weekly_hours.too_many", "ann", 48.0, 40)]


def test_outside_availability_and_on_leave() -> None:
    available = instance(
        agents={"ann": {"skills": ["talk"], "contract": "full", "available": [[0, "08:00", 9]]}}
    )
    roster = by_hand(available, {**WEEK, "day": 0})
    assert broken(available, roster) == [("availability.outside", "ann", 9.0, 0)]
    leave = instance(agents={"ann": {"skills": ["talk"], "contract": "full", "leave": [[0, "16:00", 5]]}})
    assert broken(leave, by_hand(leave, {**WEEK, "day": 0})) == [("leave.overlap", "ann", 2.0, 0)]


def test_missing_skill() -> None:
    problem = instance("two_queues")
    roster = by_hand(problem, {**WEEK, "day": 0, "queue": "email"})
    assert broken(problem, roster) == [("skill.missing", "ann", 1, 0)]


def test_outside_opening_hours() -> None:
    problem = instance(open={"phone": "10-21"})
    assert broken(problem, by_hand(problem, {**WEEK, "day": 0})) == [("opening_hours.closed", "ann", 1.0, 0)]


@pytest.mark.parametrize("shift", [{"start": "08:00"}, {"start": "10:00", "hours": 8}])
def test_no_template_fits(shift: dict[str, object]) -> None:
    problem = instance(open={"phone": "0-24"})
    found = broken(problem, by_hand(problem, {"agent": "ann", "day": 0, **shift}))
    assert [code for code, *_ in found] == ["shift_template.none_fits"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"lunch": None}, ("breaks.lunch_count", 0, 1)),
        ({"lunch": "11:00"}, ("breaks.lunch_early", 120, 180)),
        ({"lunch": "15:00"}, ("breaks.lunch_late", 360, 300)),
        ({"lunch_hours": 2}, ("breaks.lunch_length", 120, 60)),
    ],
)
def test_lunch_missing_early_late_or_long(
    change: dict[str, object], expected: tuple[str, float, float]
) -> None:
    problem = instance()
    roster = by_hand(problem, {**WEEK, "day": 0, **change})
    code, amount, limit = expected
    assert broken(problem, roster) == [(code, "ann", amount, limit)]


def test_breaks_too_close_together() -> None:
    problem = instance(
        interval_minutes=15, templates={"day": {"break_minutes": 15, "break_count": 2}}, days=1
    )
    (held,) = by_hand(problem, {**WEEK, "day": 0}).assignments
    begin = held.shift.start
    marks = [(0, "phone"), (60, "break"), (75, "phone"), (240, LUNCH), (300, "phone"), (330, "break")]
    ends = [m for m, _ in marks[1:]] + [345]
    segments = [
        Segment(activity=a, start=begin + m * MINUTE, end=begin + e * MINUTE, paid=a != LUNCH)
        for (m, a), e in zip(marks, ends, strict=True)
    ]
    segments.append(Segment(activity="phone", start=begin + 345 * MINUTE, end=held.shift.end, paid=True))
    shift = replace(held.shift, segments=tuple(segments))
    roster = Roster(period=problem.period, assignments=(Assignment(agent="ann", shift=shift),))
    assert broken(problem, roster) == [("breaks.spacing", "ann", 30, 60)]


def test_gaps_overlaps_and_unknown_queues_in_a_shift() -> None:
    problem = instance(rules=RosterRules(templates=None, breaks=None))
    (held,) = by_hand(problem, {**WEEK, "day": 0}).assignments
    start, end = held.shift.start, held.shift.end

    def with_segments(*parts: tuple[str, float, float]) -> list[tuple[str, str, float, float]]:
        segments = tuple(
            Segment(activity=a, start=start + x * HOUR, end=start + y * HOUR, paid=True) for a, x, y in parts
        )
        shift = replace(held.shift, segments=segments)
        roster = Roster(period=problem.period, assignments=(Assignment(agent="ann", shift=shift),))
        return broken(problem, roster)

    assert end - start == 9 * HOUR
    assert with_segments(("phone", 0, 4), ("phone", 5, 9)) == [("segments.gap", "ann", 60, 0)]
    assert with_segments(("phone", 0, 5), ("phone", 4, 9)) == [("segments.overlap", "ann", 60, 0)]
    assert with_segments(("phone", 0, 5), ("fax", 5, 9)) == [("segments.unknown_queue", "ann", 1, 0)]


def test_an_unknown_agent_and_a_shift_outside_the_period() -> None:
    problem = instance()
    stranger = by_hand(problem, {"agent": "zoe", "day": 0, "start": "09:00"})
    assert broken(problem, stranger) == [("known_agent.unknown", "zoe", 1, 0)]
    late = instance(rules=RosterRules(templates=None, breaks=None), open={"phone": "0-24"}, days=2)
    codes = [c for c, *_ in broken(late, by_hand(late, {**WEEK, "day": 2}))]
    assert "period.outside" in codes


def test_a_rule_switched_off_is_not_reported() -> None:
    problem = instance("after_six_days", rules=RosterRules(consecutive_days=MaxConsecutiveDays(days=7)))
    assert broken(problem, by_hand(problem, {**WEEK, "day": 0})) == []
    off = instance("after_six_days", rules=RosterRules(consecutive_days=None))
    assert broken(off, by_hand(off, {**WEEK, "day": 0})) == []


def test_minimum_hours_are_soft_and_fall_with_leave() -> None:
    problem = instance(
        "with_minimum",
        agents={"ann": {"skills": ["talk"], "contract": "full", "leave": [[0, "00:00", 48]]}},
    )
    roster = by_hand(problem, *({**WEEK, "day": d} for d in (2, 3)))
    assert broken(problem, roster) == []
    short = {v.agent: (v.amount, v.limit, v.hard) for v in unmet(problem, roster)}
    # Two of five days away: 24 of 40 hours remain; bob and cem have no shift at all.
    assert short == {"ann": (16.0, 24.0, False), "bob": (0.0, 40.0, False), "cem": (0.0, 40.0, False)}
