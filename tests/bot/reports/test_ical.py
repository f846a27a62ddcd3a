"""A feed is right over clock changes, moves with the roster, and is read by a strict reader."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar, Event

from bot.i18n.catalog import Translator
from bot.i18n.formats import Formats
from bot.reports.ical import calendar
from scheduler.roster.shifts import LUNCH, PREPARE, Segment, Shift

LISBON = "Europe/Lisbon"
NOW = datetime(2026, 10, 20, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def local(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo(LISBON)).astimezone(UTC)


def shift(day: date, start: int = 9, queue: str = "phone") -> Shift:
    begin, noon, end = local(day, start), local(day, start + 4), local(day, start + 9)
    return Shift(
        date=day,
        start=begin - timedelta(minutes=5),
        end=end,
        segments=(
            Segment(activity=PREPARE, start=begin - timedelta(minutes=5), end=begin, paid=True),
            Segment(activity=queue, start=begin, end=noon, paid=True),
            Segment(activity=LUNCH, start=noon, end=noon + HOUR, paid=False),
            Segment(activity=queue, start=noon + HOUR, end=end, paid=True),
        ),
    )


def events(shifts: list[Shift], locale: str = "en") -> list[Event]:
    data = calendar("bo", shifts, Translator(locale), Formats(locale, LISBON), now=NOW)
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    return list(Calendar.from_ical(data).walk("VEVENT"))


def test_nine_oclock_stays_nine_oclock_over_the_clock_change() -> None:
    """Lisbon goes back to UTC on 25 October 2026."""
    days = [date(2026, 10, 23), date(2026, 10, 26)]
    found = events([shift(d) for d in days])
    assert [e.start for e in found] == [local(d, 9) - timedelta(minutes=5) for d in days]
    assert [e.start.hour for e in found] == [7, 8]
    zone = ZoneInfo(LISBON)
    assert [e.end.astimezone(zone).hour for e in found] == [18, 18]
    assert "13:00–14:00  lunch" in found[0]["description"]
    assert "13:00–14:00  lunch" in found[1]["description"]


def test_a_moved_shift_is_the_same_event_and_two_of_a_day_are_two() -> None:
    day = date(2026, 10, 23)
    (before,) = events([shift(day)])
    (moved,) = events([shift(day, start=11)])
    assert before["uid"] == moved["uid"]
    assert before.start != moved.start
    (other,) = events([shift(day + timedelta(days=1))])
    assert other["uid"] != before["uid"]
    morning, evening = events([shift(day), shift(day, start=14)])
    assert morning["uid"] == before["uid"] != evening["uid"]


@pytest.mark.parametrize("queue", ["a,b;c", "行\\n", "x" * 200, "🚑" * 40, "A\u2028B"])
def test_any_queue_name_comes_back_whole(queue: str) -> None:
    (found,) = events([shift(date(2026, 10, 23), queue=queue)], "zh-Hans")
    assert found["summary"] == f"班次：{queue}"
    assert found["dtstamp"].dt == NOW


def test_nobody_on_the_roster_has_an_empty_calendar_that_is_one() -> None:
    assert events([]) == []
