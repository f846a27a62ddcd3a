"""Every rule of every pack kept and broken alone, by rosters made by hand."""

from __future__ import annotations

from datetime import date

import pytest

from scheduler.labour.packs import PACKS, rule_names
from scheduler.labour.receipt import RuleState
from tests.scheduler.labour.by_hand import BREAK, LUNCH, Worked, figures, reasons, rule

NINE_TO_SIX = {"start": "09:00", "hours": 9, "pauses": ((LUNCH, "13:00", 60),)}
WEEK = tuple(Worked(day=d, **NINE_TO_SIX) for d in range(5))
NEW_YEAR = frozenset({date(2026, 12, 1)})
YEAR = 366

KEPT = {
    "cn.daily_hours": WEEK,
    "cn.weekly_hours": WEEK,
    "cn.weekly_rest": tuple(Worked(day=d, **NINE_TO_SIX) for d in range(6)),
    "cn.holiday_work": (WEEK[0], *WEEK[2:]),
    "cn.usual_overtime": (Worked(day=0, start="09:00", hours=10, pauses=((LUNCH, "13:00", 60),)),),
    "cn.daily_overtime": (Worked(day=0, start="09:00", hours=12, pauses=((LUNCH, "13:00", 60),)),),
    "cn.monthly_overtime": tuple(
        Worked(day=d, start="09:00", hours=12, pauses=((LUNCH, "13:00", 60),)) for d in range(5)
    ),
    "cn.overtime_pay": WEEK,
    "eu.daily_rest": (Worked(day=0, start="12:00", hours=9), Worked(day=1, start="08:00", hours=9)),
    "eu.break": (Worked(day=0, start="09:00", hours=6), Worked(day=1, **NINE_TO_SIX)),
    "eu.weekly_rest": tuple(Worked(day=d, **NINE_TO_SIX) for d in range(5)),
    "eu.weekly_average": WEEK,
    "eu.night_work": tuple(Worked(day=d, start="22:00", hours=9) for d in range(5)),
    "us.weekly_hours": WEEK,
    "us-ca.meal_break": (Worked(day=0, start="09:00", hours=9, pauses=((LUNCH, "14:00", 30),)),),
    "us-ca.second_meal_break": (
        Worked(day=0, start="08:00", hours=14, pauses=((LUNCH, "12:00", 30), (LUNCH, "18:00", 30))),
    ),
    "us-ca.rest_breaks": (
        Worked(
            day=0, start="09:00", hours=9,
            pauses=((BREAK, "11:00", 10), (LUNCH, "13:00", 60), (BREAK, "16:00", 10)),
        ),
    ),
    "us-ca.day_of_rest": tuple(Worked(day=d, **NINE_TO_SIX) for d in range(6)),
    "us-ca.daily_hours": WEEK,
    "us-ca.weekly_hours": WEEK,
}  # fmt: skip

#: Shifts that break the rule, and (date, amount, limit) of what is found.
BROKEN = {
    "cn.daily_hours": (
        (Worked(day=1, start="09:00", hours=9.5, pauses=((LUNCH, "13:00", 60),)),),
        [("2026-12-01", 8.5, 8)],
    ),
    "cn.weekly_hours": ((*WEEK, Worked(day=5, start="09:00", hours=4)), [("2026-11-30", 44, 40)]),
    "cn.weekly_rest": (tuple(Worked(day=d, **NINE_TO_SIX) for d in range(7)), [("2026-11-30", 15, 24)]),
    "cn.holiday_work": (WEEK, [("2026-12-01", 8, 0)]),
    "cn.usual_overtime": ((Worked(day=0, start="09:00", hours=10),), [("2026-11-30", 2, 1)]),
    "cn.daily_overtime": ((Worked(day=0, start="09:00", hours=11.5),), [("2026-11-30", 3.5, 3)]),
    # Tuesday to Sunday are December: 6 x 5 h beyond the day, and the normal hours of a sixth and seventh day.
    "cn.monthly_overtime": (
        tuple(Worked(day=d, start="08:00", hours=14, pauses=((LUNCH, "13:00", 60),)) for d in range(7)),
        [("2026-12-01", 46, 36)],
    ),
    "cn.overtime_pay": (
        (Worked(day=2, start="09:00", hours=10, pauses=((LUNCH, "13:00", 60),)),),
        [("2026-12-02", 1, 0)],
    ),
    "eu.daily_rest": (
        (Worked(day=0, start="12:00", hours=9.5), Worked(day=1, start="08:00", hours=9)),
        [("2026-12-01", 10.5, 11)],
    ),
    "eu.break": ((Worked(day=0, start="09:00", hours=6.5),), [("2026-11-30", 6.5, 6)]),
    "eu.weekly_rest": (tuple(Worked(day=d, **NINE_TO_SIX) for d in range(7)), [("2026-11-30", 15, 35)]),
    # 16 x 55 h and this week's 40 h, over the 122 days from 7 August on.
    "eu.weekly_average": (WEEK, [("2026-11-30", 52.79, 48)]),
    "eu.night_work": (
        tuple(Worked(day=d, start="22:00", hours=10) for d in range(5)),
        [("2026-11-30", 8.33, 8)],
    ),
    "us.weekly_hours": ((*WEEK, Worked(day=5, start="09:00", hours=1)), [("2026-11-30", 41, 40)]),
    "us-ca.meal_break": (
        (Worked(day=0, start="09:00", hours=9, pauses=((LUNCH, "14:30", 30),)),),
        [("2026-11-30", 5.5, 5)],
    ),
    "us-ca.second_meal_break": (
        (Worked(day=0, start="08:00", hours=14, pauses=((LUNCH, "12:00", 30),)),),
        [("2026-11-30", 13.5, 10)],
    ),
    "us-ca.rest_breaks": (
        (Worked(day=0, start="09:00", hours=9, pauses=((BREAK, "11:00", 10), (LUNCH, "13:00", 60))),),
        [("2026-11-30", 1, 2)],
    ),
    "us-ca.day_of_rest": (tuple(Worked(day=d, **NINE_TO_SIX) for d in range(7)), [("2026-11-30", 0, 1)]),
    "us-ca.daily_hours": ((Worked(day=0, start="09:00", hours=9),), [("2026-11-30", 9, 8)]),
    "us-ca.weekly_hours": ((*WEEK, Worked(day=5, start="09:00", hours=1)), [("2026-11-30", 41, 40)]),
}

#: What was worked before the roster, where that decides.
BEFORE = {
    "eu.weekly_average": tuple(
        Worked(day=d - 7 * week, start="09:00", hours=11) for week in range(1, 17) for d in range(5)
    ),
}


@pytest.mark.parametrize("name", rule_names())
def test_kept(name: str) -> None:
    held = rule(name, *KEPT[name], known_days=YEAR, holidays=NEW_YEAR)
    assert (held.state, figures(held), reasons(held)) == (RuleState.KEPT, [], set())
    assert held.people == 1


@pytest.mark.parametrize("name", rule_names())
def test_broken_or_warned_with_person_day_amount_and_limit(name: str) -> None:
    work, expected = BROKEN[name]
    held = rule(name, *work, known_days=YEAR, holidays=NEW_YEAR, history=BEFORE.get(name, ()))
    assert figures(held) == [("ann", *found) for found in expected]
    pack, _, code = name.partition(".")
    severity = PACKS[pack].rule(code).severity
    assert held.state.value == {"hard": "broken", "warning": "warning"}[severity.value]


def test_every_rule_has_a_case_here() -> None:
    assert set(KEPT) == set(BROKEN) == set(rule_names())
