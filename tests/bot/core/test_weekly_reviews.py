"""SR8, F5: figures of one person's week, goals in words, and S0's table 3 as the source prints it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import InvalidFormError
from bot.core.ids import ContactRef, ReviewId
from bot.core.kpis.rows import ContactFact
from bot.core.own_figures import OwnFigures, OwnWeek, own_figures
from bot.core.review_table import HEADINGS, cells
from bot.core.satisfaction import Satisfaction, Scale
from bot.core.weekly_reviews import (
    BOUNDS,
    Filled,
    Goal,
    GoalMeasure,
    Review,
    ReviewTimes,
    due_day,
    fill,
    outcomes,
    parse_goals,
    remind_due,
    window,
)
from tests.support.builders import SHANGHAI, TEAM, agent, at

FRIDAY = date(2026, 11, 27)


def solved(n: int, **fields: object) -> ContactFact:
    opened = at(10, day=FRIDAY)
    given_fields = {"queue": "chat", "type": "order", "priority": "medium", **fields}
    return ContactFact(ref=f"GD{n}", opened_at=opened, resolved_at=opened, **given_fields)  # type: ignore[arg-type]


def own_week(*cases: ContactFact, **fields: object) -> OwnWeek:
    return OwnWeek(cases=cases, repeat_within=timedelta(days=7), **fields)  # type: ignore[arg-type]


def source_week() -> OwnWeek:
    """S0 table 3: 120 calls, 185 s, 85 % at the first contact, satisfaction 4.2."""
    return own_week(
        *(solved(n, handle_seconds=180.0 if n % 2 else 190.0, customer=f"c{n}") for n in range(120)),
        said={
            ContactRef(f"GD{n}"): Satisfaction(scale=Scale.FIVE, value=5 if n % 5 == 0 else 4)
            for n in range(120)
        },
        followed=frozenset(f"GD{n}" for n in range(12)),
        reopened={f"GD{n}": at(11, day=FRIDAY) for n in range(12, 18)},
    )


def review(measured: OwnFigures, filled: Filled | None = None, day: date = FRIDAY) -> Review:
    return Review(
        review=ReviewId(1),
        agent=agent("bo").agent,
        team=TEAM,
        day=day,
        sent_at=at(15, day=day),
        measured=measured,
        filled=filled,
    )


def test_the_sources_row_is_printed_as_the_source_has_it() -> None:
    measured = own_figures(source_week())
    typed = {"handled": "120", "aht": "185", "fcr": "85", "csat": "4.2"}
    filled = fill(figures=typed, points=["brevity", "first_contact"], goal="AHT ≤ 180 s", measured=measured)
    assert HEADINGS[:2] == ("客服工号", "姓名")
    assert cells(replace(agent("bo"), name="王芳"), review(measured, filled)) == (
        "bo",
        "王芳",
        "120",
        "185",
        "85",
        "4.2",
        "表达简洁，缩短处理时长、一次性解决",
        "AHT≤180秒",
    )


def test_what_is_missing_is_empty_with_its_reason_and_never_nought() -> None:
    nothing = own_figures(own_week())
    assert (nothing.handled, nothing.aht, nothing.fcr, nothing.csat) == (None,) * 4
    assert set(nothing.missing.values()) == {"no_cases"}
    assert cells(agent("bo"), review(nothing))[2:] == ("",) * 6
    some = own_figures(own_week(solved(1)))
    assert some.handled == 1
    assert some.missing == {"aht": "no_handle_times", "fcr": "no_customers", "csat": "no_answers"}


def test_other_scales_are_put_on_one_to_five_and_nps_is_left_out() -> None:
    answers = [
        Satisfaction(scale=Scale.THREE, value=2),
        Satisfaction(scale=Scale.POINTS, value=50),
        Satisfaction(scale=Scale.NPS, value=0),
    ]
    said = {ContactRef(f"GD{n}"): a for n, a in enumerate(answers)}
    found = own_figures(own_week(*map(solved, range(3)), said=said))
    assert found.csat == 4.0
    assert found.rescaled


@pytest.mark.parametrize(
    ("typed", "goals"),
    [
        ("", []),
        ("AHT ≤ 180 s", [(GoalMeasure.AHT, 180.0)]),
        ("aht <= 3 min", [(GoalMeasure.AHT, 180.0)]),
        ("FCR to 85 %", [(GoalMeasure.FCR, 0.85)]),
        ("FCR ≥ 85", [(GoalMeasure.FCR, 0.85)]),
        ("fcr 0.85", [(GoalMeasure.FCR, 0.85)]),
        ("AHT≤180秒；FCR提升至85%", [(GoalMeasure.AHT, 180.0), (GoalMeasure.FCR, 0.85)]),
        ("平均处理时长降到180秒、满意度4.5分", [(GoalMeasure.AHT, 180.0), (GoalMeasure.CSAT, 4.5)]),
        ("CSAT at least 4.5 and calls 130", [(GoalMeasure.CSAT, 4.5), (GoalMeasure.HANDLED, 130.0)]),
    ],
)
def test_goals_are_read_as_people_write_them(typed: str, goals: list[tuple[GoalMeasure, float]]) -> None:
    assert [(g.measure, pytest.approx(g.value)) for g in parse_goals(typed)] == goals


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("be nicer", "review_goal"),
        ("AHT 85 %", "review_goal"),
        ("FCR 85 s", "review_goal"),
        ("AHT ≥ 180 s", "review_goal_direction"),
        ("CSAT below 3", "review_goal_direction"),
        ("AHT ≤ 2 s", "review_figure_aht"),
        ("FCR to 120 %", "review_figure_fcr"),
        ("CSAT 6", "review_figure_csat"),
        ("AHT 180, AHT 170", "review_goal_twice"),
        ("AHT 180, FCR 85, CSAT 4, calls 100", "review_goal_many"),
    ],
)
def test_a_goal_that_cannot_be_checked_is_refused_at_its_field(typed: str, kind: str) -> None:
    with pytest.raises(InvalidFormError) as caught:
        parse_goals(typed)
    assert [(p.name, p.kind) for p in caught.value.problems] == [("goal", kind)]


@given(st.text(max_size=60))
def test_whatever_is_typed_is_a_goal_within_bounds_or_refused(text: str) -> None:
    try:
        found = parse_goals(text)
    except InvalidFormError:
        return
    for goal in found:
        least, most = BOUNDS[goal.measure]
        assert least <= goal.value <= most


def test_every_wrong_field_is_told_at_once() -> None:
    with pytest.raises(InvalidFormError) as caught:
        fill(
            figures={"handled": "many", "aht": "1", "fcr": "101", "csat": "4,2"},
            points=[],
            goal="soon",
            measured=OwnFigures(),
        )
    assert [p.name for p in caught.value.problems] == ["handled", "aht", "fcr", "goal"]


def test_a_figure_left_as_it_was_keeps_what_was_measured() -> None:
    measured = OwnFigures(handled=7, aht=185.4, fcr=6 / 7, csat=4.166)
    typed = {"handled": "7", "aht": "185", "fcr": "85.7", "csat": "4.1"}
    told = fill(figures=typed, points=[], goal="", measured=measured).told
    assert told == {"handled": 7.0, "aht": 185.4, "fcr": 6 / 7, "csat": 4.1}


def test_a_goal_is_judged_by_the_week_after_it() -> None:
    goals = (Goal(measure=GoalMeasure.AHT, value=180.0), Goal(measure=GoalMeasure.FCR, value=0.85))
    before = review(OwnFigures(), Filled(goals=goals), day=FRIDAY - timedelta(days=7))
    found = outcomes(before, OwnFigures(aht=178.0, missing={"fcr": "no_customers"}))
    assert [(o.reached, o.missing) for o in found] == [(True, None), (None, "no_customers")]
    assert outcomes(review(OwnFigures()), OwnFigures(aht=1.0)) == ()
    assert outcomes(None, OwnFigures()) == ()


def test_weeks_touch_and_keep_their_hour_when_clocks_change() -> None:
    times = ReviewTimes()
    days = [date(2026, 10, 16), date(2026, 10, 23), date(2026, 10, 30)]  # Lisbon's clock goes back between
    spans = [window(times, "Europe/Lisbon", day) for day in days]
    assert [a[1] for a in spans[:-1]] == [b[0] for b in spans[1:]]
    assert spans[2][1] - spans[2][0] == timedelta(days=7, hours=1)


@pytest.mark.parametrize(
    ("when", "day"),
    [
        (at(14, 59, day=FRIDAY), None),
        (at(15, day=FRIDAY), FRIDAY),
        (at(20, 59, day=FRIDAY), FRIDAY),
        (at(21, day=FRIDAY), None),
        (at(15, day=FRIDAY + timedelta(days=1)), None),
    ],
)
def test_the_form_is_due_on_the_day_and_not_for_ever(when: datetime, day: date | None) -> None:
    assert due_day(ReviewTimes(), SHANGHAI, when) == day


def test_the_reminder_is_due_on_the_monday_after_and_on_no_other() -> None:
    monday = FRIDAY + timedelta(days=3)
    assert remind_due(ReviewTimes(), SHANGHAI, FRIDAY, at(10, day=monday))
    assert not remind_due(ReviewTimes(), SHANGHAI, FRIDAY, at(9, 59, day=monday))
    assert not remind_due(ReviewTimes(), SHANGHAI, FRIDAY, at(10, day=monday + timedelta(days=7)))
