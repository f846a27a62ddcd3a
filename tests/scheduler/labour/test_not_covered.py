"""What a receipt must not call legal: silent packs, unknown history, people no pack holds for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from scheduler.errors import RosterError
from scheduler.labour.judgements import JUDGEMENTS
from scheduler.labour.overtime import overtime_ledger
from scheduler.labour.packs import PACKS, Severity
from scheduler.labour.receipt import RuleState, receipt
from scheduler.labour.working_time import DAY, History
from scheduler.roster.roster import Roster
from tests.scheduler.labour.by_hand import (
    BREAK,
    LUNCH,
    Worked,
    assigned,
    figures,
    judged,
    problem,
    reasons,
    rule,
)

DAY_SHIFT = {"start": "09:00", "hours": 9, "pauses": ((LUNCH, "13:00", 60),)}
WEEK = tuple(Worked(day=d, **DAY_SHIFT) for d in range(5))


def test_every_rule_can_be_judged_and_every_pack_says_what_it_does_not() -> None:
    for pack in PACKS.values():
        assert {r.code for r in pack.rules} <= set(JUDGEMENTS)
        assert all(r.source for r in pack.rules)
        found, _ = judged(pack.name, *WEEK, known_days=366, holidays=frozenset())
        [held] = found.packs
        assert held.silent
        assert held.counts[RuleState.NOT_COVERED] == len(held.silent)


def test_a_first_roster_has_no_history_for_averages_months_and_the_first_rest() -> None:
    early = Worked(day=0, start="07:00", hours=8)
    for name in ("eu.weekly_average", "eu.daily_rest", "cn.monthly_overtime"):
        held = rule(name, early)
        assert (held.state, reasons(held)) == (RuleState.NOT_COVERED, {"no_history"})
    # A rest of eleven hours since the roster began is known whatever was before.
    assert rule("eu.daily_rest", Worked(day=0, start="11:00", hours=8)).state is RuleState.KEPT


def test_an_average_needs_the_whole_reference_period() -> None:
    assert rule("eu.weekly_average", *WEEK, known_days=100).state is RuleState.NOT_COVERED
    assert rule("eu.weekly_average", *WEEK, known_days=123).state is RuleState.KEPT


def test_weeks_without_work_may_be_leave_and_decide_the_average() -> None:
    # Eight weeks of 60 h and eight without work: 31 h on average, 58 h where those were leave.
    worked = tuple(Worked(day=d - 7 * w, start="08:00", hours=12) for w in range(1, 9) for d in range(5))
    held = rule("eu.weekly_average", *WEEK, history=worked, known_days=123)
    assert (held.state, reasons(held)) == (RuleState.NOT_COVERED, {"leave_unknown"})


def test_a_part_week_is_broken_where_it_already_is_and_else_open() -> None:
    three_days = problem(days=3)
    long = tuple(Worked(day=d, start="08:00", hours=14) for d in range(3))
    assert figures(rule("us.weekly_hours", *long, held=three_days)) == [("ann", "2026-11-30", 42, 40)]
    held = rule("us.weekly_hours", *long[:2], held=three_days)
    assert (held.state, reasons(held)) == (RuleState.NOT_COVERED, {"part_week"})


def test_a_weekly_rest_that_the_next_roster_decides_is_open() -> None:
    six_days = tuple(Worked(day=d, **DAY_SHIFT) for d in range(6))
    # Saturday 18:00 to Monday's midnight are 30 h of the 35: Monday's start decides.
    held = rule("eu.weekly_rest", *six_days)
    assert (held.state, reasons(held)) == (RuleState.NOT_COVERED, {"next_roster"})
    # The last shift on Sunday leaves nothing open.
    seven = (*six_days, Worked(day=6, **DAY_SHIFT))
    assert rule("eu.weekly_rest", *seven).state is RuleState.BROKEN


def test_a_rest_day_may_lie_over_the_border_from_a_known_roster() -> None:
    wednesday = problem(first=date(2026, 12, 2), days=5)
    work = tuple(Worked(day=d, **DAY_SHIFT) for d in range(5))
    assert rule("cn.weekly_rest", *work, held=wednesday).state is RuleState.NOT_COVERED
    free_before = rule("cn.weekly_rest", *work, held=wednesday, known_days=2)
    assert free_before.state is RuleState.KEPT
    busy = tuple(Worked(day=d, **DAY_SHIFT) for d in (-2, -1))
    assert rule("cn.weekly_rest", *work, held=wednesday, known_days=2, history=busy).state is RuleState.BROKEN


def test_a_meal_that_may_be_waived_depends_on_consent() -> None:
    held = rule("us-ca.meal_break", Worked(day=0, start="09:00", hours=6))
    assert (held.state, reasons(held)) == (RuleState.NOT_COVERED, {"consent"})
    assert rule("us-ca.meal_break", Worked(day=0, start="09:00", hours=6.5)).state is RuleState.BROKEN


def test_without_a_calendar_holidays_are_not_covered() -> None:
    held = rule("cn.holiday_work", *WEEK)
    assert (held.state, reasons(held)) == (RuleState.NOT_COVERED, {"no_calendar"})


def test_a_pack_for_other_contracts_judges_nobody_and_names_who_is_left() -> None:
    held = problem()
    roster = Roster(period=held.period, assignments=tuple(assigned(held, w) for w in WEEK))
    foreign = replace(PACKS["cn"], contracts=frozenset({"someone-else"}))
    ledger = overtime_ledger([foreign], held, roster, History())
    found = receipt([foreign], held, roster, History(), ledger)
    assert found.outside == ("ann",)
    assert {r.state for r in found.packs[0].rules} == {RuleState.NOT_COVERED}
    assert {reason for r in found.packs[0].rules for reason in reasons(r)} == {"nobody"}
    # No pack, no limit of the month.
    assert {e.limit for e in ledger} == {None}


def test_somebody_unknown_on_the_roster_is_named() -> None:
    found, _ = judged("cn", *WEEK, Worked(day=0, agent="ghost", **DAY_SHIFT))
    assert found.outside == ("ghost",)


def test_a_rule_taken_as_a_warning_breaks_nothing() -> None:
    held = problem()
    week = tuple(Worked(day=d, **DAY_SHIFT) for d in range(7))
    roster = Roster(period=held.period, assignments=tuple(assigned(held, w) for w in week))
    mild = PACKS["cn"].with_severity({"weekly_rest": Severity.WARNING})
    for pack, broken in ((PACKS["cn"], ("cn.weekly_rest",)), (mild, ())):
        ledger = overtime_ledger([pack], held, roster, History())
        assert receipt([pack], held, roster, History(), ledger).broken == broken
    with pytest.raises(RosterError, match=r"no rule 'weekly_rset'; it has daily_hours"):
        PACKS["cn"].with_severity({"weekly_rset": Severity.WARNING})


class TestClockChange:
    """Lisbon, 25 October 2026: the hour after 01:00 comes twice; 29 March: it does not come."""

    def lisbon(self, first: date, days: int):
        return problem(zone="Europe/Lisbon", first=first, days=days)

    def test_a_rest_in_the_short_night_is_an_hour_shorter(self) -> None:
        shifts = (Worked(day=0, start="13:00", hours=8), Worked(day=1, start="08:00", hours=8))
        short = rule("eu.daily_rest", *shifts, held=self.lisbon(date(2026, 3, 28), 2))
        assert figures(short) == [("ann", "2026-03-29", 10, 11)]
        assert rule("eu.daily_rest", *shifts, held=self.lisbon(date(2026, 3, 21), 2)).state is RuleState.KEPT

    def test_a_night_shift_in_the_long_night_is_an_hour_longer(self) -> None:
        # Six hours on the clock from 22:00 to 04:00, seven of work.
        held = self.lisbon(date(2026, 10, 24), 2)
        night = Worked(day=0, start="22:00", hours=7)
        assert assigned(held, night).shift.end.hour == 4
        assert figures(rule("eu.break", night, held=held)) == [("ann", "2026-10-24", 7, 6)]


class TestLedger:
    def test_months_are_those_of_the_persons_zone(self) -> None:
        agents = {
            "ann": {"skills": ["talk"], "contract": "full"},
            "bob": {"skills": ["talk"], "contract": "full", "zone": "Europe/Lisbon"},
            "cem": {"skills": ["talk"], "contract": "full"},
        }
        # 1 December 01:00 in Shanghai is 30 November 17:00 in Lisbon.
        work = {"day": 1, "start": "01:00", "hours": 10}
        _, ledger = judged(
            "cn", Worked(**work), Worked(agent="bob", **work), held=problem(agents=agents), known_days=60
        )
        hours = {(e.agent, e.month.month): e.hours for e in ledger}
        assert (hours["ann", 12], hours["bob", 11], hours["bob", 12]) == (2, 2, 0)
        assert all(e.limit == 36 and e.complete for e in ledger)

    def test_what_is_left_counts_earlier_weeks_and_no_hour_twice(self) -> None:
        # Four Saturdays of 5 h after full weeks, and a day of 10 h within one: 22 h in November.
        weeks = [Worked(day=d - 7 * w, **DAY_SHIFT) for w in range(1, 5) for d in range(5)]
        weeks[0] = replace(weeks[0], hours=11)
        extra = [Worked(day=5 - 7 * w, start="09:00", hours=5) for w in range(1, 5)]
        _, ledger = judged("cn", WEEK[0], history=[*weeks, *extra], known_days=60)
        november = next(e for e in ledger if e.agent == "ann" and e.month == date(2026, 11, 1))
        assert (november.hours, november.left) == (22, 14)

    def test_beyond_the_contract_is_overtime_where_the_law_asks_for_more(self) -> None:
        part = {"full": {"min_hours": 0, "max_hours": 20, "max_days": 7, "templates": ["day"]}}
        _, ledger = judged("cn", *WEEK[:3], held=problem(contracts=part), known_days=60)
        assert sum(e.hours for e in ledger if e.agent == "ann") == 4

    def test_an_unknown_beginning_of_the_month_is_said(self) -> None:
        _, ledger = judged("cn", *WEEK, known_days=3)
        months = {e.month.month: e.complete for e in ledger if e.agent == "ann"}
        assert months == {11: False, 12: True}


def test_paid_pauses_and_time_no_segment_explains_are_work() -> None:
    held = problem()
    made = assigned(held, Worked(day=0, start="09:00", hours=9, pauses=((BREAK, "11:00", 30),)))
    bare = replace(made, shift=replace(made.shift, segments=()))
    for one in (made, bare):
        roster = Roster(period=held.period, assignments=(one,))
        ledger = overtime_ledger([PACKS["cn"]], held, roster, History(since=held.period.start - 60 * DAY))
        assert sum(e.hours for e in ledger if e.agent == "ann") == 1


def test_a_limit_reached_exactly_is_kept() -> None:
    # Free from Wednesday 06:00 to Thursday 06:00 in a week of night shifts: the 24 h, and not a minute more.
    nights = [Worked(day=d, start="18:00", hours=10) for d in (0, 4, 5, 6)]
    around = [Worked(day=1, start="18:00", hours=12), Worked(day=3, start="06:00", hours=23)]
    assert rule("cn.weekly_rest", *nights, *around, known_days=60).state is RuleState.KEPT
    longer = [around[0], replace(around[1], start="05:59")]
    assert figures(rule("cn.weekly_rest", *nights, *longer, known_days=60)) == [
        ("ann", "2026-11-30", 23.98, 24)
    ]
