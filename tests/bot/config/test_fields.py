"""How durations, windows and weekdays are written."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from bot.config.fields import Window, parse_duration, parse_weekdays, parse_window


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("5m", 300), ("2h", 7200), ("5h30m", 19800), ("730d", 63072000), ("1.5h", 5400), ("0m", 0),
     ("1h 30m", 5400), (" 5M ", 300)],
)  # fmt: skip
def test_durations(text: str, seconds: float) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "value", ["", "5", 5, None, "m5", "30m5h", "5m5m", "-5m", "5 minutes", "1e9999d", "9" * 30 + "d"]
)
def test_what_is_no_duration(value: object) -> None:
    with pytest.raises(PydanticCustomError):
        parse_duration(value)


@given(st.integers(0, 30), st.integers(0, 23), st.integers(0, 59), st.integers(0, 59))
def test_a_duration_is_the_sum_of_its_parts(days: int, hours: int, minutes: int, seconds: int) -> None:
    assert parse_duration(f"{days}d{hours}h{minutes}m{seconds}s") == timedelta(
        days=days, hours=hours, minutes=minutes, seconds=seconds
    )


def test_midnight_as_an_end_is_the_end_of_the_day() -> None:
    assert parse_window("22:00-24:00") == parse_window("22:00-00:00") == Window(start=time(22), end=time(0))


@pytest.mark.parametrize(
    "value", ["08:00", "8-22", "25:00-26:00", "08:00-08:00", "10:00-09:00", 8, None, "08:60-09:00"]
)
def test_what_is_no_window(value: object) -> None:
    with pytest.raises(PydanticCustomError):
        parse_window(value)


def test_weekday_ranges_may_pass_sunday() -> None:
    assert parse_weekdays("sat-mon") == {5, 6, 0}
    assert parse_weekdays("MON-sun") == set(range(7))


@pytest.mark.parametrize("value", ["", "mo", "mon-", "mon-fry", None, 1])
def test_what_is_no_weekday(value: object) -> None:
    with pytest.raises(PydanticCustomError):
        parse_weekdays(value)
