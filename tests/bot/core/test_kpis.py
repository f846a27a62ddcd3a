"""Key figures against figures worked out by hand; what is missing says why and is never 0."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.kpis.catalogue import KPIS, Kpi, Unit
from bot.core.kpis.compute import Figures, Missing, compute, facts_of, type_shares
from bot.core.kpis.goals import Goal, expected, on_course, reached
from bot.core.kpis.resolution import resolution_times
from bot.core.kpis.rows import Answer, ContactFact
from bot.core.kpis.settings import PackTimes
from bot.core.packs import MONTH, WEEK, due_at, last_period, period_of
from bot.core.satisfaction import Satisfaction, Scale
from bot.i18n.catalog import Translator
from tests.support.builders import HOURS, SHANGHAI, at, settings

MONDAY = date(2026, 11, 16)
NEXT = date(2026, 11, 23)
START, END = at(0, day=MONDAY), at(0, day=NEXT)
WITHIN = timedelta(days=7)
MINUTE = timedelta(minutes=1)


def fact(ref: str, opened: datetime, **fields: object) -> ContactFact:
    given_fields = {"queue": "chat", "type": "order", "priority": "medium", **fields}
    return ContactFact(ref=ref, opened_at=opened, **given_fields)  # type: ignore[arg-type]


def figures(
    contacts: Sequence[ContactFact], answers: Sequence[Answer] = (), *, now: datetime = END
) -> Figures:
    clock_time = lambda c: (c.resolved_at - c.opened_at).total_seconds()  # noqa: E731
    return compute(facts_of(contacts, answers, WITHIN), START, END, now=now, resolution_time=clock_time)


def value(found: Figures, kpi: Kpi) -> float | None:
    return found.by_kpi[kpi].value


def test_without_any_data_every_figure_is_missing_with_its_reason() -> None:
    found = figures([])
    assert all(f.value is None and f.missing is not None for f in found.by_kpi.values())
    assert set(found.by_kpi) == set(Kpi)
    assert found.by_kpi[Kpi.CSAT].missing is Missing.NO_ANSWERS
    # A contact alone makes no customer, no promise, no handling time and no complaint known.
    lonely = figures([fact("a", START + MINUTE)])
    reasons = {k: lonely.by_kpi[k].missing for k in Kpi}
    assert reasons[Kpi.FIRST_RESPONSE_MEAN] is Missing.NONE_ANSWERED
    assert reasons[Kpi.OVERDUE_RATE] is Missing.NO_PROMISES
    assert reasons[Kpi.REPEAT_RATE] is Missing.NO_CUSTOMERS
    assert reasons[Kpi.AHT] is Missing.NO_HANDLE_TIMES
    assert reasons[Kpi.COMPLAINT_RESOLUTION_RATE] is Missing.NO_COMPLAINTS
    assert value(lonely, Kpi.COMPLAINT_RATE) == 0.0  # a real 0: there was a contact, and no complaint


def test_waits_are_told_as_mean_median_and_p90() -> None:
    waits = (1, 1, 2, 2, 3, 3, 4, 4, 5, 60)
    found = figures(
        [
            fact(f"c{n}", START + n * MINUTE, responded_at=START + (n + w) * MINUTE)
            for n, w in enumerate(waits)
        ]
    )
    told = [
        value(found, k) for k in (Kpi.FIRST_RESPONSE_MEAN, Kpi.FIRST_RESPONSE_MEDIAN, Kpi.FIRST_RESPONSE_P90)
    ]
    assert told == [510.0, 180.0, 300.0]
    assert found.by_kpi[Kpi.FIRST_RESPONSE_MEAN].count == 10


def test_overdue_counts_by_class_and_leaves_out_what_has_time_left() -> None:
    due = START + 30 * MINUTE
    found = figures(
        [
            fact("kept", START, priority="high", response_due=due, responded_at=due),
            fact("late", START, priority="high", response_due=due, responded_at=due + MINUTE),
            fact("never", START, priority="low", response_due=due),
            fact("time-left", START, priority="low", response_due=END + MINUTE),
            fact(
                "after-the-end", START, priority="low", response_due=END - MINUTE, responded_at=END + MINUTE
            ),
            fact("no-promise", START),
        ]
    )
    assert [(c.priority, c.judged, c.overdue) for c in found.classes] == [("high", 2, 1), ("low", 2, 2)]
    assert value(found, Kpi.OVERDUE_RATE) == 0.75


def test_a_finished_week_is_told_as_it_ended() -> None:
    """Solved later, it is not solved in this week's figures: the week before stays what it was."""
    late = fact("late", START, type="complaint", resolved_at=END + MINUTE)
    held = fact("held", START, type="complaint", resolution_due=END + MINUTE)
    done = fact("done", START, type="complaint", resolved_at=END - MINUTE)
    found = figures([late, held, done], now=END + WITHIN)
    assert value(found, Kpi.COMPLAINT_RESOLUTION_RATE) == 0.5  # the held one still had time
    assert found.by_kpi[Kpi.COMPLAINT_RESOLUTION_RATE].count == 2
    assert value(found, Kpi.THROUGHPUT) == 1.0


def test_repeats_and_first_contact_resolution_are_of_one_customer_and_type() -> None:
    before = START - timedelta(days=3)
    found = figures(
        [
            fact("first", before, customer="x", resolved_at=before + MINUTE),
            fact("again", START, customer="x"),
            fact("other-type", START, customer="x", type="complaint"),
            fact("seven-days", before + WITHIN, customer="y"),
            fact("seven-days-before", before, customer="y", resolved_at=before + MINUTE),
            fact("alone", before, customer="z", resolved_at=before + MINUTE),
            fact("unsolved", before, customer="u"),
            fact("unknown", START),
        ]
    )
    # Of again, other-type and seven-days two came within 7 days after one of their customer and type.
    assert value(found, Kpi.REPEAT_RATE) == pytest.approx(2 / 3)
    # Of the four whose 7 days ended in this week one was solved and nobody asked again.
    assert found.by_kpi[Kpi.FCR].count == 4
    assert value(found, Kpi.FCR) == 0.25


def test_scales_stay_apart_and_the_common_one_is_open() -> None:
    answers = [
        Answer(queue="chat", at=START, satisfaction=Satisfaction(scale=scale, value=held), aspects=aspects)
        for scale, held, aspects in (
            (Scale.FIVE, 5, {"attitude": 1.0}),
            (Scale.FIVE, 3, {"attitude": 0.5, "speed": 0.0}),
            (Scale.THREE, 2, {}),
            (Scale.POINTS, 75, {}),
            (Scale.NPS, 9, {}),
            (Scale.NPS, 6, {}),
            (Scale.NPS, 7, {}),
            (Scale.NPS, 10, {}),
        )
    ]
    found = figures([], answers)
    assert value(found, Kpi.CSAT_FIVE) == 4.0
    assert value(found, Kpi.CSAT_THREE) == 1.0
    assert value(found, Kpi.CSAT_POINTS) == 75.0
    assert value(found, Kpi.CSAT) == pytest.approx((100 + 50 + 100 + 75) / 4)
    assert value(found, Kpi.NPS) == 25.0  # two promoters, one detractor of four
    assert value(found, Kpi.POSITIVE_SHARE) == 0.5
    assert [(a.aspect, a.points, a.count) for a in found.aspects] == [
        ("attitude", 75.0, 2),
        ("speed", 0.0, 1),
    ]


def test_a_solution_takes_the_time_of_its_promises_calendar() -> None:
    length = resolution_times(settings().terms)
    evening, morning = at(21, day=MONDAY), at(9, day=MONDAY + timedelta(days=1))
    solved = fact("c", evening, resolved_at=morning)
    assert length(solved) == 2 * 3600  # open 08:00 to 22:00
    urgent = fact("c", evening, resolved_at=morning, resolution_policy="urgent")
    assert length(urgent) == 12 * 3600  # that row counts clock time


def test_a_goal_stands_on_its_straight_path() -> None:
    goal = Goal(
        kpi=Kpi.COMPLAINT_RESOLUTION_RATE,
        baseline=0.80,
        value=0.95,
        start=date(2026, 10, 1),
        by=date(2026, 12, 30),
    )
    middle = date(2026, 11, 15)
    assert expected(goal, middle) == pytest.approx(0.875)
    assert on_course(goal, 0.88, middle)
    assert not on_course(goal, 0.87, middle)
    assert not reached(goal, 0.94)
    fewer = Goal(kpi=Kpi.AHT, baseline=185.0, value=180.0, start=goal.start, by=goal.by)
    assert fewer.falls
    assert reached(fewer, 179.0)


@given(
    day=st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    baseline=st.floats(-100, 100),
    goal=st.floats(-100, 100),
)
def test_the_path_never_leaves_its_ends(day: date, baseline: float, goal: float) -> None:
    held = Goal(kpi=Kpi.NPS, baseline=baseline, value=goal, start=date(2026, 6, 1), by=date(2026, 9, 1))
    low, high = min(baseline, goal), max(baseline, goal)
    assert low - 1e-9 <= expected(held, day) <= high + 1e-9


def test_types_are_counted_with_their_change() -> None:
    (order, other) = type_shares({"order": 3, "other": 1}, {})
    assert (order.change, other.change) == (None, None)


@pytest.mark.parametrize("locale", ["en", "zh-Hans"])
def test_every_figure_has_a_name_a_definition_and_a_formula(locale: str) -> None:
    t = Translator(locale)
    assert set(KPIS) == set(Kpi)
    for kpi in Kpi:
        assert t.text(f"kpi.name.{kpi.value}")
        for part in ("definition", "formula"):
            assert len(t.text(f"kpi.{part}.{kpi.value}", days=7)) > 4
    for reason in Missing:
        assert t.text(f"kpi.missing.{reason.value}")
    assert {terms.unit for terms in KPIS.values()} == set(Unit)


def test_a_pack_is_due_once_a_period_whatever_the_clock_does() -> None:
    monday = PackTimes(at=time(9), weekday=0)
    assert due_at(monday, at(8, day=NEXT), SHANGHAI, HOURS) == at(9, day=NEXT)
    assert due_at(monday, at(23, day=NEXT + timedelta(days=6)), SHANGHAI, HOURS) == at(9, day=NEXT)
    assert last_period(WEEK, at(9, day=NEXT), SHANGHAI).first == MONDAY
    # Sunday 1 November 2026 is no working day: the month's pack comes on Monday.
    month = PackTimes(at=time(9), weekday=None)
    assert due_at(month, at(8, day=date(2026, 11, 20)), SHANGHAI, HOURS) == at(9, day=date(2026, 11, 2))
    assert last_period(MONTH, at(9, day=date(2026, 11, 2)), SHANGHAI) == period_of(MONTH, date(2026, 10, 5))
    # 01:30 comes twice in New York on 1 November 2026; the pack is due at the first.
    twice = PackTimes(at=time(1, 30), weekday=6)
    due = due_at(twice, datetime.fromisoformat("2026-11-01T07:00:00+00:00"), "America/New_York", HOURS)
    assert due.isoformat() == "2026-11-01T05:30:00+00:00"
