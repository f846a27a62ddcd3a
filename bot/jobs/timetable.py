"""The timetable: what runs how often, as data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.core.settings import Timetable

__all__ = ["DAILY_CHECK", "TICKS", "DailyJob", "Tick", "daily_jobs", "due_slot"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """Runs every ``every``; between ticks it may be woken.  Each claims what is due and is safe to repeat."""

    name: str
    every: timedelta


TICKS: Final = (
    Tick(name="watch_sla", every=timedelta(seconds=1)),
    Tick(name="escalate", every=timedelta(seconds=1)),
    Tick(name="promises", every=timedelta(seconds=1)),
    Tick(name="promise_owners", every=timedelta(seconds=30)),
    Tick(name="promise_news", every=timedelta(minutes=5)),
    Tick(name="requests", every=timedelta(seconds=30)),
    Tick(name="deliver", every=timedelta(seconds=1)),
    Tick(name="stand_up", every=timedelta(seconds=30)),
    Tick(name="reviews", every=timedelta(seconds=30)),
    Tick(name="packs", every=timedelta(seconds=30)),
    Tick(name="shift_reminders", every=timedelta(seconds=30)),
    Tick(name="shift_starts", every=timedelta(seconds=30)),
    Tick(name="chase", every=timedelta(seconds=30)),
    Tick(name="campaigns", every=timedelta(seconds=30)),
    Tick(name="diversions", every=timedelta(seconds=5)),
    Tick(name="surveys", every=timedelta(seconds=10)),
    Tick(name="daily", every=timedelta(seconds=30)),
    Tick(name="runs", every=timedelta(seconds=2)),
    Tick(name="reasons", every=timedelta(seconds=2)),
    Tick(name="publications", every=timedelta(seconds=2)),
    Tick(name="count_contacts", every=timedelta(seconds=60)),
    Tick(name="watch_outlook", every=timedelta(seconds=30)),
    Tick(name="boards", every=timedelta(seconds=10)),
    Tick(name="on_shift", every=timedelta(seconds=15)),
    Tick(name="incidents", every=timedelta(seconds=2)),
)

DAILY_CHECK: Final = "daily"
"""The tick that looks whether a daily job is due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyJob:
    """Once per local date at ``at``; made up for within ``grace``, skipped for that day after it."""

    name: str
    at: time
    grace: timedelta


def daily_jobs(timetable: Timetable) -> tuple[DailyJob, ...]:
    """The jobs of a day, at the times app.yaml gives."""
    return (
        DailyJob(name="forecast", at=timetable.forecast, grace=timedelta(hours=12)),
        DailyJob(name="orphans", at=timetable.orphans, grace=timedelta(hours=12)),
        DailyJob(name="drift", at=timetable.drift, grace=timedelta(hours=9)),
        DailyJob(name="evening", at=timetable.evening, grace=timedelta(hours=2)),
        DailyJob(name="retention", at=timetable.retention, grace=timedelta(hours=20)),
    )


def due_slot(job: DailyJob, now: datetime, zone: str) -> str | None:
    """The slot (local date) whose time has come and whose grace has not passed, else None.

    Keyed by date, so a night whose clock goes back does not run it twice, and a local time that does not
    exist runs at the next that does.

    >>> from datetime import UTC
    >>> job = DailyJob(name="forecast", at=time(1, 30), grace=timedelta(hours=12))
    >>> due_slot(job, datetime(2026, 11, 1, 5, 30, tzinfo=UTC), "America/New_York")
    '2026-11-01'
    >>> due_slot(job, datetime(2026, 11, 1, 6, 30, tzinfo=UTC), "America/New_York")
    '2026-11-01'
    >>> due_slot(job, datetime(2026, 11, 1, 5, 29, tzinfo=UTC), "America/New_York") is None
    True
    """
    local = now.astimezone(ZoneInfo(zone))
    for back in (0, 1):
        day = local.date() - timedelta(days=back)
        # Wall time on purpose: the grace may be an hour off in a night that changes its clock.
        since = local.replace(tzinfo=None) - datetime.combine(day, job.at)
        if timedelta(0) <= since < job.grace:
            return day.isoformat()
    return None
