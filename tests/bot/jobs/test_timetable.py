"""Daily jobs run once per local date, on days of 23 and 25 hours too."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.jobs.timetable import DailyJob, daily_jobs, due_slot
from tests.support.builders import settings

ZONES = ["Asia/Shanghai", "Europe/Lisbon", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"]


@given(
    zone=st.sampled_from(ZONES),
    at=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    start=st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1)),
)
def test_every_local_date_comes_exactly_once_and_never_early(zone: str, at: time, start: datetime) -> None:
    job = DailyJob(name="x", at=at, grace=timedelta(hours=12))
    begin = start.replace(tzinfo=UTC)
    slots: list[str] = []
    for minute in range(0, 72 * 60, 20):
        now = begin + timedelta(minutes=minute)
        slot = due_slot(job, now, zone)
        if slot is not None and slot not in slots:
            slots.append(slot)
            local = now.astimezone(ZoneInfo(zone))
            assert (local.date().isoformat(), local.time()) >= (slot, at)
    assert slots == sorted(slots)
    assert 2 <= len(slots) <= 4


@pytest.mark.parametrize(("hours", "due"), [(0, True), (11.9, True), (12, False), (23, False)])
def test_a_slot_missed_in_an_outage_is_made_up_for_a_while(hours: float, due: bool) -> None:
    job = DailyJob(name="x", at=time(20), grace=timedelta(hours=12))
    now = datetime(2026, 11, 24, 12, tzinfo=UTC) + timedelta(hours=hours)
    assert (due_slot(job, now, "Asia/Shanghai") == "2026-11-24") is due


def test_times_come_from_app_yaml() -> None:
    jobs = {job.name: job.at for job in daily_jobs(settings().timetable)}
    assert jobs == {
        "forecast": time(2, 10),
        "orphans": time(7, 30),
        "drift": time(8, 30),
        "evening": time(21, 45),
        "retention": time(3, 40),
    }
