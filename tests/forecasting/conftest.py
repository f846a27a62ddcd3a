"""Histories the forecasting tests share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from forecasting.calendars import ForecastCalendar
from forecasting.grid import IntervalGrid
from forecasting.history import VolumeHistory
from forecasting.synthetic import Peak, SyntheticQueue, daily_hours, simulate_history

HALF_HOUR = timedelta(minutes=30)
ZONE = "Asia/Shanghai"
FIRST = date(2026, 1, 5)  # a Monday

MakeHistory = Callable[..., VolumeHistory]


@pytest.fixture
def phone() -> SyntheticQueue:
    return SyntheticQueue(
        name="phone",
        contacts_per_day=1500,
        aht_seconds=240,
        peaks=(
            Peak(minute=630, width_minutes=80, weight=1.0),
            Peak(minute=900, width_minutes=80, weight=0.7),
        ),
        weekday_factors=(1.3, 1.1, 1.0, 0.95, 1.0, 0.6, 0.5),
        day_sd=0.03,
    )


@pytest.fixture
def hours() -> ForecastCalendar:
    return daily_hours(ZONE, 8 * 60, 20 * 60)


@pytest.fixture
def make_history(phone: SyntheticQueue, hours: ForecastCalendar) -> MakeHistory:
    def make(
        days: int = 84,
        *,
        seed: int = 1,
        queue: SyntheticQueue = phone,
        calendar: ForecastCalendar = hours,
        first: date = FIRST,
        interval: timedelta = HALF_HOUR,
    ) -> VolumeHistory:
        grid = IntervalGrid.for_days(first=first, days=days, interval=interval, zone=calendar.zone)
        return simulate_history(queue, grid, calendar, seed=seed)

    return make
