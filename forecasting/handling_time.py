"""Average handling time per weekday and interval, shrunk to the queue's mean.

    AHT(w, i) = (sum n a + K A) / (sum n + K)

with n contacts of mean handling time a in past intervals of weekday w at interval i, A the queue's mean
weighted by contacts, and K the contacts that A is worth (credibility; Bühlmann 1967).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from forecasting.calendars import ForecastCalendar
from forecasting.day_table import cells_of
from forecasting.errors import ForecastingError
from forecasting.grid import IntervalGrid
from forecasting.history import VolumeHistory

Floats = NDArray[np.float64]

CREDIBILITY_CONTACTS = 200.0
"""K.  With a coefficient of variation of 1.2 the mean of 200 calls is known to about 8.5 %, which is the
size of true differences within a week."""
RECENT_DAYS = 182
"""Only the last half year: products, systems and people change."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HandlingTime:
    """``seconds``: weekday by interval of day [s], never NaN.  ``mean_seconds``: of the queue [s].

    ``contacts``: contacts with a known handling time behind it [count]; 0 means the default was taken.
    """

    seconds: Floats
    mean_seconds: float
    contacts: float

    @property
    def assumed(self) -> bool:
        return self.contacts == 0

    def on_grid(self, grid: IntervalGrid, calendar: ForecastCalendar) -> Floats:
        """Handling time per interval [s], shape (grid.count,)."""
        if grid.count == 0:
            return np.zeros(0)
        first, days, rows, columns = cells_of(grid)
        like = np.array(
            [calendar.weekday_like(date.fromordinal(first.toordinal() + i)) for i in range(days)],
            dtype=np.int64,
        )
        return np.asarray(self.seconds[like[rows], columns])


def fit_handling_time(
    history: VolumeHistory, calendar: ForecastCalendar, *, default_seconds: float
) -> HandlingTime:
    """Learn from the history; ``default_seconds`` [s] where it knows nothing.

    Raises ForecastingError for a default that is not positive.
    """
    if not default_seconds > 0:
        raise ForecastingError(f"a handling time is positive, got {default_seconds}")
    columns_a_day = int(24 * 3600 / history.grid.interval_seconds)
    known = history.observed & np.isfinite(history.aht_seconds) & (history.aht_seconds > 0)
    weights = np.where(known, history.offered, 0.0)
    if weights.sum() <= 0:
        return HandlingTime(
            seconds=np.full((7, columns_a_day), float(default_seconds)),
            mean_seconds=float(default_seconds),
            contacts=0.0,
        )
    first, days, rows, columns = cells_of(history.grid)
    last = rows[np.flatnonzero(weights > 0)[-1]]
    weights = np.where(rows > last - RECENT_DAYS, weights, 0.0)
    worked = weights * np.nan_to_num(history.aht_seconds)
    mean = float(worked.sum() / weights.sum())
    like = np.array(
        [calendar.weekday_like(date.fromordinal(first.toordinal() + i)) for i in range(days)],
        dtype=np.int64,
    )[rows]
    contacts: NDArray[np.float64] = np.zeros((7, columns_a_day))
    seconds: NDArray[np.float64] = np.zeros((7, columns_a_day))
    np.add.at(contacts, (like, columns), weights)
    np.add.at(seconds, (like, columns), worked)
    shrunk = (seconds + CREDIBILITY_CONTACTS * mean) / (contacts + CREDIBILITY_CONTACTS)
    return HandlingTime(seconds=shrunk, mean_seconds=mean, contacts=float(weights.sum()))
