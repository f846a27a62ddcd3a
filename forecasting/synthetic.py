"""Seeded arrivals with known truth, for tests, the demo and the documentation.

expected(day, interval) = contacts_per_day x weekday factor x trend x share(interval)
actual ~ Poisson(expected x day factor),  day factor lognormal with mean 1
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from forecasting.calendars import ForecastCalendar, OpenPeriod
from forecasting.errors import ForecastingError
from forecasting.grid import IntervalGrid
from forecasting.history import VolumeHistory

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Peak:
    """A bump of the day's profile around ``minute`` after midnight."""

    minute: int
    width_minutes: int
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntheticQueue:
    """The truth of one queue.

    ``contacts_per_day``: of an ordinary day at the grid's first day [count].  ``weekday_factors``: Monday
    first.  ``trend_per_week``: growth [ratio].  ``day_sd``: relative sd of the day factor.
    ``after_closure``: factor of the first open day after a closed regular day.
    ``aht_cv``: coefficient of variation of one contact's handling time.
    """

    name: str
    contacts_per_day: float
    aht_seconds: float
    peaks: tuple[Peak, ...]
    base_weight: float = 0.4
    weekday_factors: tuple[float, ...] = (1.12, 1.03, 1.0, 0.98, 1.0, 0.95, 0.92)
    trend_per_week: float = 0.0
    day_sd: float = 0.05
    after_closure: float = 1.15
    aht_cv: float = 1.0

    def __post_init__(self) -> None:
        if len(self.weekday_factors) != 7:
            raise ForecastingError(f"seven weekday factors, Monday first, got {len(self.weekday_factors)}")
        if self.contacts_per_day < 0 or self.aht_seconds <= 0:
            raise ForecastingError("contacts per day must not be negative, handling time must be positive")


def expected_contacts(queue: SyntheticQueue, grid: IntervalGrid, calendar: ForecastCalendar) -> Floats:
    """The true mean per interval [count], zero where closed, shape (grid.count,)."""
    minutes = grid.minutes_of_day() + grid.interval_seconds / 120
    shape = np.full(grid.count, queue.base_weight)
    for peak in queue.peaks:
        shape += peak.weight * np.exp(-0.5 * ((minutes - peak.minute) / peak.width_minutes) ** 2)
    is_open = calendar.open_mask(grid)
    shape = np.where(is_open, shape, 0.0)
    expected = np.zeros(grid.count)
    ordinary: float | None = None
    after_closed = False
    for i, (day, part) in enumerate(grid.days().items()):
        weight = float(shape[part].sum())
        if weight <= 0:
            after_closed = after_closed or calendar.is_closure(day)
            continue
        ordinary = ordinary or weight
        factor = queue.weekday_factors[calendar.weekday_like(day)] * (1 + queue.trend_per_week) ** (i / 7)
        if after_closed:
            factor *= queue.after_closure
        after_closed = False
        # Days with fewer open hours bring fewer contacts: the first day's weight is the measure.
        expected[part] = queue.contacts_per_day * factor * shape[part] / ordinary
    return expected


def simulate_history(
    queue: SyntheticQueue, grid: IntervalGrid, calendar: ForecastCalendar, *, seed: int
) -> VolumeHistory:
    """One possible past: closed intervals are unobserved, the same seed gives the same history."""
    rng = np.random.default_rng(seed)
    expected = expected_contacts(queue, grid, calendar)
    log_variance = np.log1p(queue.day_sd**2)
    factor = np.ones(grid.count)
    for part in grid.days().values():
        factor[part] = np.exp(rng.normal(-log_variance / 2, np.sqrt(log_variance)))
    offered = rng.poisson(expected * factor).astype(np.float64)
    # The mean of n gamma handling times is gamma with n times the shape.
    shape = np.maximum(offered, 1) / queue.aht_cv**2
    aht = np.where(offered > 0, rng.gamma(shape, queue.aht_seconds / shape), np.nan)
    return VolumeHistory(
        queue=queue.name, grid=grid, offered=offered, observed=calendar.open_mask(grid), aht_seconds=aht
    )


def arrival_times(counts: Floats, grid: IntervalGrid, *, seed: int) -> list[datetime]:
    """Arrivals uniform inside their intervals, in order, aware UTC, to the second.

    ``counts``: whole numbers of contacts, shape (grid.count,).
    """
    if counts.shape != (grid.count,):
        raise ForecastingError(f"counts must have shape ({grid.count},), got {counts.shape}")
    rng = np.random.default_rng(seed)
    times: list[datetime] = []
    for index, count in enumerate(counts.astype(np.int64)):
        if count:
            seconds = np.sort(rng.uniform(0, grid.interval_seconds, int(count)))
            start = grid.start_of(index)
            times.extend(start + timedelta(seconds=int(s)) for s in seconds)
    return times


def handling_times(queue: SyntheticQueue, contacts: int, *, seed: int) -> Floats:
    """Handling times of single contacts [s], gamma with the queue's mean and variation, shape (contacts,)."""
    rng = np.random.default_rng(seed)
    shape = 1 / queue.aht_cv**2
    return np.asarray(rng.gamma(shape, queue.aht_seconds / shape, contacts))


def daily_hours(zone: str, opens: int, closes: int, weekdays: Sequence[int] = range(7)) -> ForecastCalendar:
    """A calendar with one period a day, in local minutes."""
    period = (OpenPeriod(from_minute=opens, to_minute=closes),)
    return ForecastCalendar(zone=zone, weekly=dict.fromkeys(weekdays, period))
