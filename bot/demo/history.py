"""Eight weeks of Harbour's contacts, seeded, as the file a team would export from its own systems."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from bot.demo.truth import ZONE, queues
from forecasting.calendars import ForecastCalendar
from forecasting.grid import IntervalGrid, local_midnight
from forecasting.synthetic import (
    SyntheticQueue,
    arrival_times,
    handling_times,
    simulate_history,
)

WEEKS: Final = 8
COLUMNS: Final = (
    "contact",
    "queue",
    "channel",
    "type",
    "priority",
    "tier",
    "arrived",
    "answered",
    "resolved",
    "outcome",
    "agent",
    "handle_seconds",
)
_INTERVAL: Final = timedelta(minutes=15)

_TYPES: Final = ("order", "consult", "after_sales", "complaint", "other")
_TYPE_SHARES: Final = {
    "phone": (0.26, 0.34, 0.26, 0.06, 0.08),
    "chat": (0.38, 0.33, 0.17, 0.03, 0.09),
    "email": (0.20, 0.30, 0.34, 0.08, 0.08),
}
_PRIORITIES: Final = ("urgent", "high", "medium", "low")
_PRIORITY_SHARES: Final = (0.02, 0.10, 0.58, 0.30)

_USUAL_WAIT_SECONDS: Final = {"phone": 14.0, "chat": 35.0, "email": 70 * 60.0}
"""Median wait before the first response; lognormal, so that a few per cent come late."""
_WAIT_SPREAD: Final = {"phone": 1.0, "chat": 1.2, "email": 0.75}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Arrival:
    queue: SyntheticQueue
    at: datetime
    handle_seconds: float


def write_contacts(
    path: Path, *, monday: date, until: date, calendars: Mapping[str, ForecastCalendar], seed: int
) -> int:
    """contacts.csv from eight weeks before ``monday`` up to ``until`` (exclusive); returns the rows.

    Times are local to Shanghai with their offset.  The same seed gives the same contacts.
    ``calendars``: when each queue is open.
    """
    arrivals = sorted(_arrivals(monday, until, calendars, seed), key=lambda a: a.at)
    rng = np.random.default_rng(seed + 1)
    tz = ZoneInfo(ZONE)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        number, day = 0, None
        for arrival in arrivals:
            name = arrival.queue.name
            local = arrival.at.astimezone(tz)
            number = number + 1 if local.date() == day else 1
            day = local.date()
            wait = rng.lognormal(np.log(_USUAL_WAIT_SECONDS[name]), _WAIT_SPREAD[name])
            answered = local + timedelta(seconds=round(wait))
            handle = max(20, round(arrival.handle_seconds))
            writer.writerow(
                [
                    f"GD{day:%Y%m%d}{number:03d}",
                    name,
                    name,
                    _TYPES[rng.choice(len(_TYPES), p=_TYPE_SHARES[name])],
                    _PRIORITIES[rng.choice(len(_PRIORITIES), p=_PRIORITY_SHARES)],
                    "vip" if rng.random() < 0.06 else "standard",
                    local.isoformat(),
                    answered.isoformat(),
                    (answered + timedelta(seconds=handle)).isoformat(),
                    "solved",
                    "",
                    handle,
                ]
            )
    return len(arrivals)


def _arrivals(
    monday: date, until: date, calendars: Mapping[str, ForecastCalendar], seed: int
) -> Iterator[_Arrival]:
    # Always whole weeks, so that the days before do not depend on where the file ends.
    first = monday - timedelta(weeks=WEEKS)
    grid = IntervalGrid.for_days(first=first, days=7 * (WEEKS + 1), interval=_INTERVAL, zone=ZONE)
    end = local_midnight(until, ZONE)
    for i, queue in enumerate(queues()):
        history = simulate_history(queue, grid, calendars[queue.name], seed=seed + 10 * i)
        times = arrival_times(history.offered, grid, seed=seed + 10 * i + 1)
        seconds = handling_times(queue, len(times), seed=seed + 10 * i + 2)
        for at, handle in zip(times, seconds, strict=True):
            if at < end:
                yield _Arrival(queue=queue, at=at, handle_seconds=float(handle))
