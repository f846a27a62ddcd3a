"""Dates, times and durations as readers of both languages write them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.i18n.formats import Formats

EN, ZH = Formats("en", "Asia/Shanghai"), Formats("zh-Hans", "Asia/Shanghai")


def test_dates() -> None:
    assert EN.day(date(2026, 11, 22)) == "Sun 22 Nov"
    assert ZH.day(date(2026, 11, 22)) == "11月22日 周日"
    assert EN.day(date(2026, 11, 22), year=True) == "Sun 22 Nov 2026"
    assert ZH.day(date(2026, 11, 22), year=True) == "2026年11月22日 周日"


def test_instants_are_shown_in_the_readers_zone() -> None:
    at = datetime(2026, 11, 22, 18, 5, 9, tzinfo=UTC)
    assert EN.time(at) == "02:05"
    assert EN.time(at, seconds=True) == "02:05:09"
    assert EN.moment(at) == "Mon 23 Nov, 02:05"
    assert EN.moment(at, reference=at + timedelta(hours=1)) == "02:05"
    assert Formats("en", "Europe/Lisbon").moment(at, reference=at + timedelta(hours=7)) == "Sun 22 Nov, 18:05"


@pytest.mark.parametrize(
    ("seconds", "english", "chinese"),
    [
        (0, "0 sec", "0秒"),
        (45, "45 sec", "45秒"),
        (600, "10 min", "10分钟"),
        (3600, "1 hr", "1小时"),
        (7500, "2 hr 5 min", "2小时5分钟"),
        (86400 + 60, "1 day", "1天"),
        (-90, "-1 min 30 sec", "-1分钟30秒"),
    ],
)
def test_durations(seconds: float, english: str, chinese: str) -> None:
    assert EN.duration(seconds) == english
    assert ZH.duration(timedelta(seconds=seconds)) == chinese


@given(st.integers(0, 10_000_000))
def test_a_duration_has_at_most_two_units(seconds: int) -> None:
    assert 2 <= len(EN.duration(seconds).split()) <= 4


def test_numbers_and_lists() -> None:
    assert EN.number(12345.6) == "12,346"
    assert EN.number(12345.6, decimals=1) == "12,345.6"
    assert EN.percent(0.945, decimals=1) == ZH.percent(0.945, decimals=1) == "94.5%"
    assert EN.join(["a", "b", "c"]) == "a, b, and c"
    assert ZH.join(["a", "b", "c"]) == "a、b和c"


def test_zone_label_follows_the_clock_change() -> None:
    lisbon = Formats("en", "Europe/Lisbon")
    assert lisbon.zone_label(datetime(2026, 7, 1, tzinfo=UTC)) == "Lisbon, UTC+01:00"
    assert lisbon.zone_label(datetime(2026, 12, 1, tzinfo=UTC)) == "Lisbon, UTC"
    assert (
        Formats("zh-Hans", "Asia/Shanghai").zone_label(datetime(2026, 7, 1, tzinfo=UTC)) == "上海 UTC+08:00"
    )
    assert Formats("en", "UTC").zone_label(datetime(2026, 7, 1, tzinfo=UTC)) == "UTC"
