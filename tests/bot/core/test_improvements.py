"""What a measure did: judged by how much the weeks before moved by themselves."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import RefusedError
from bot.core.ids import ActionItemId, TeamId
from bot.core.improvements import Improvement, MeasureEffect, Value, Verdict, effect, usual_change
from bot.core.measure_words import MeasureWords, read_words
from tests.support.builders import at

WEEKS = st.lists(st.floats(min_value=1.0, max_value=1e4), min_size=4, max_size=12)
MEASURE = Improvement(
    item=ActionItemId(3),
    team=TeamId("harbour"),
    what="ask for the order number first",
    kpi="first_response_mean",
    since=at(0),
    window=timedelta(days=28),
    made_at=at(0),
    made_by="lin",
    goal=480.0,
)


def judged(
    before: float, after: float, weeks: list[float], *, lower: bool | None = True, after_weeks: int = 4
) -> MeasureEffect:
    return effect(
        MEASURE,
        before=Value(value=before, count=100),
        after=Value(value=after, count=90),
        weeks_before=weeks,
        weeks_after=after_weeks,
        lower_is_better=lower,
        now=at(0) + timedelta(days=28),
    )


def test_by_hand() -> None:
    weeks = [600.0, 620.0, 600.0, 620.0, 600.0, 620.0, 600.0, 620.0]
    # 20 / 1.128 = 17.73 a week; twice that times sqrt(1/4 + 1/4).
    assert usual_change(weeks, before=4, after=4) == pytest.approx(25.07, abs=0.01)
    found = judged(610, 470, weeks)
    assert (found.verdict, found.change, found.reached, found.whole) == ("better", -140.0, True, True)
    assert judged(610, 590, weeks).verdict == "usual"
    assert judged(610, 640, weeks).verdict == "worse"
    assert judged(610, 640, weeks, lower=None).verdict == "other"
    assert judged(610, 640, weeks, after_weeks=1).verdict == "unknown"
    assert judged(610, 640, weeks[:3]).verdict == "unknown"


def test_without_a_figure_on_one_side_nothing_is_said() -> None:
    found = effect(
        MEASURE,
        before=Value(value=None, count=0),
        after=Value(value=470.0, count=9),
        weeks_before=(),
        weeks_after=1,
        lower_is_better=True,
        now=at(12),
    )
    assert (found.verdict, found.change, found.usual, found.whole) == ("unknown", None, None, False)


@given(WEEKS)
def test_without_a_difference_nothing_is_ever_called_one(weeks: list[float]) -> None:
    assert judged(100.0, 100.0, weeks).verdict == Verdict.USUAL.value


@given(WEEKS, st.floats(min_value=-5e3, max_value=5e3))
def test_better_and_worse_are_mirror_images(weeks: list[float], change: float) -> None:
    mirror = {"better": "worse", "worse": "better", "usual": "usual"}
    there, back = judged(6e3, 6e3 + change, weeks), judged(6e3, 6e3 - change, weeks)
    assert mirror[there.verdict] == back.verdict
    assert judged(6e3, 6e3 + change, weeks, lower=False).verdict == back.verdict


@given(WEEKS, st.floats(min_value=0.5, max_value=100.0))
def test_the_unit_does_not_matter(weeks: list[float], factor: float) -> None:
    usual = usual_change(weeks, before=4, after=4)
    scaled = usual_change([factor * w for w in weeks], before=4, after=4)
    assert usual is not None
    assert scaled == pytest.approx(factor * usual, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize(
    ("text", "unit", "read"),
    [
        ("", "seconds", MeasureWords()),
        ("8m", "seconds", MeasureWords(goal=480.0)),
        ("1h 30m 28d", "seconds", MeasureWords(goal=5400.0, window=timedelta(days=28))),
        (
            "10% 4周 从2026-11-02",
            "share",
            MeasureWords(goal=0.1, window=timedelta(days=28), since=date(2026, 11, 2)),
        ),
        ("85", "points", MeasureWords(goal=85.0)),
        ("from monday", "share", MeasureWords(since=date(2026, 11, 23))),
    ],
)
def test_goal_window_and_beginning_are_read(text: str, unit: str, read: MeasureWords) -> None:
    assert read_words(text, unit, date(2026, 11, 24)) == read


@pytest.mark.parametrize(("text", "unit"), [("soon", "share"), ("120%", "share"), ("10%", "seconds")])
def test_other_words_are_refused(text: str, unit: str) -> None:
    with pytest.raises(RefusedError, match="was not understood"):
        read_words(text, unit, date(2026, 11, 24))
