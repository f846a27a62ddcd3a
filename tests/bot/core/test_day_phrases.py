"""Days as people name them, in English and Chinese: today or later, never a guess."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.day_phrases import leading_day, read_day
from bot.core.errors import RefusedError

TODAY = date(2026, 11, 27)  # a Friday


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("today", "2026-11-27"),
        ("今天", "2026-11-27"),
        ("Tomorrow", "2026-11-28"),
        ("后天", "2026-11-29"),
        ("fri", "2026-11-27"),
        ("Thursday", "2026-12-03"),
        ("thurs", "2026-12-03"),
        ("周四", "2026-12-03"),
        ("星期日", "2026-11-29"),
        ("礼拜天", "2026-11-29"),
        ("3 May", "2027-05-03"),
        ("May 3", "2027-05-03"),
        ("3 december 2026", "2026-12-03"),
        ("12月3日", "2026-12-03"),
        ("2027年1月2号", "2027-01-02"),
        ("2026-12-03", "2026-12-03"),
        ("29 feb", "2028-02-29"),
    ],
)
def test_a_phrase_means_a_day(text: str, day: str) -> None:
    assert read_day(text, TODAY).isoformat() == day


@pytest.mark.parametrize(
    "text", ["", "someday", "31 feb", "2026-13-01", "thing", "sunny", "周八", "3", "5/6"]
)
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(RefusedError) as refused:
        read_day(text, TODAY)
    assert refused.value.kind == "day_not_understood"


def test_a_past_day_is_said_to_be_past() -> None:
    with pytest.raises(RefusedError) as refused:
        read_day("2026-11-26", TODAY)
    assert refused.value.kind == "day_past"


def test_what_follows_the_day_is_kept() -> None:
    assert leading_day("3 May @dee please", TODAY) == (date(2027, 5, 3), "@dee please")
    assert leading_day("thu", TODAY) == (date(2026, 12, 3), "")
    assert leading_day("nothing here", TODAY) == (None, "nothing here")


@given(day=st.dates(date(2026, 1, 1), date(2030, 12, 31)), ahead=st.integers(0, 360))
def test_every_way_to_write_a_date_within_a_year_means_that_date(day: date, ahead: int) -> None:
    wanted = day + timedelta(days=ahead)
    ways = [
        wanted.isoformat(),
        f"{wanted.month}月{wanted.day}日",
        wanted.strftime("%d %b"),
        wanted.strftime("%B %d"),
    ]
    if (wanted.month, wanted.day) != (2, 29):
        assert {read_day(way, day) for way in ways} == {wanted}


def test_days_of_another_week_are_counted_from_its_first_day() -> None:
    monday = date(2026, 12, 7)
    assert leading_day("thu", TODAY, since=monday) == (date(2026, 12, 10), "")
    assert leading_day("8 dec 10:00", TODAY, since=monday) == (date(2026, 12, 8), "10:00")
    assert leading_day("tomorrow", TODAY, since=monday) == (date(2026, 11, 28), "")
