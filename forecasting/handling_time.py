"""Average handling time per weekday and interval, how sure it is, and how it varies.

An interval of the day differs from the queue's mean, and a weekday's interval from that interval on other
days; each is believed as far as its contacts prove it (nested credibility; Bühlmann and Straub,
"Glaubwürdigkeit für Schadensätze", 1970):

    common(i) = (S(i) + K1 A) / (n(i) + K1),    AHT(w, i) = (S(w, i) + K2 common(i)) / (n(w, i) + K2)

with n contacts that took S seconds together, older days weighted down, A the queue's mean, and K = the
variance of one contact over the variance of true differences, both estimated from the history itself.  What
comes on a day to come departs from that by the day (some products, some people) and by chance:

    Var(mean of m contacts) = AHT^2 (unsure(w, i)^2 + day_sd^2 + cv^2 / m)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from forecasting.calendars import ForecastCalendar
from forecasting.day_table import cells_of
from forecasting.errors import ForecastingError
from forecasting.grid import IntervalGrid
from forecasting.history import VolumeHistory
from forecasting.standard_handling_time import ASSUMED_RELATIVE_SD, USUAL_CV

Floats = NDArray[np.float64]

USUAL_CREDIBILITY = 200.0
"""K where the history is too short to tell.  With a coefficient of variation of 1.2 the mean of 200 calls is
known to about 8.5 %, which is the size of true differences within a day."""
LEAST_CREDIBILITY, MOST_CREDIBILITY = 30.0, 5000.0
RECENT_DAYS = 182
"""Only the last half year: products, systems and people change."""
HALF_LIFE_DAYS = 60.0
ENOUGH_CONTACTS = 500.0
ENOUGH_DAYS = 8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HandlingTime:
    """``seconds``: weekday by interval of day [s], never NaN.  ``mean_seconds``: of the queue [s].

    ``contacts``: contacts with a known handling time behind it [count]; 0 means the default was taken.
    ``unsure``: relative sd of ``seconds``, same shape.  ``day_sd``: relative sd by which days differ.
    ``cv``: coefficient of variation of one contact.
    """

    seconds: Floats
    mean_seconds: float
    contacts: float
    unsure: Floats
    day_sd: float
    cv: float

    @property
    def assumed(self) -> bool:
        return self.contacts == 0

    def day_range(self) -> tuple[float, float]:
        """80 % range of the queue's mean on a day of very many contacts [s].

        >>> table = np.full((7, 24), 200.0)
        >>> told = HandlingTime(
        ...     seconds=table, mean_seconds=200.0, contacts=9e4, unsure=0.0 * table, day_sd=0.08, cv=1.2
        ... )
        >>> [round(value) for value in told.day_range()]
        [180, 221]
        """
        unsure = ASSUMED_RELATIVE_SD if self.assumed else self.cv / float(np.sqrt(self.contacts))
        low, high = _quantiles(
            np.array([self.mean_seconds]), np.array([unsure**2 + self.day_sd**2]), (0.1, 0.9)
        )
        return float(low[0]), float(high[0])

    def on_grid(self, grid: IntervalGrid, calendar: ForecastCalendar) -> Floats:
        """Handling time per interval [s], shape (grid.count,)."""
        return self._picked(self.seconds, grid, calendar)

    def quantiles_on_grid(
        self, grid: IntervalGrid, calendar: ForecastCalendar, contacts: Floats, levels: Sequence[float]
    ) -> dict[float, Floats]:
        """Quantiles of the mean handling time of ``contacts`` in each interval [s], shape (grid.count,).

        Lognormal.  Where fewer than one contact is expected, of one.
        """
        middle = self.on_grid(grid, calendar)
        unsure = self._picked(self.unsure, grid, calendar)
        variance = unsure**2 + self.day_sd**2 + self.cv**2 / np.maximum(contacts, 1.0)
        found = _quantiles(middle, variance, levels)
        return dict(zip(levels, found, strict=True))

    def _picked(self, table: Floats, grid: IntervalGrid, calendar: ForecastCalendar) -> Floats:
        if grid.count == 0:
            return np.zeros(0)
        first, days, rows, columns = cells_of(grid)
        return np.asarray(table[_like(calendar, first, days)[rows], columns])


def fit_handling_time(
    history: VolumeHistory,
    calendar: ForecastCalendar,
    *,
    default_seconds: float,
    default_relative_sd: float = ASSUMED_RELATIVE_SD,
) -> HandlingTime:
    """Learn from the history; ``default_seconds`` [s] and its relative sd where it knows nothing.

    The default counts as much as ``(USUAL_CV / default_relative_sd)^2`` contacts, so the first day of
    history does not throw it over.  Raises ForecastingError for a default or sd that is not positive.
    """
    if not default_seconds > 0 or not default_relative_sd > 0:
        raise ForecastingError(
            f"a handling time and its sd are positive, got {default_seconds} and {default_relative_sd}"
        )
    columns_a_day = int(24 * 3600 / history.grid.interval_seconds)
    shape = (7, columns_a_day)
    known = history.observed & np.isfinite(history.aht_seconds) & (history.aht_seconds > 0)
    contacts = np.where(known, history.offered, 0.0)
    if contacts.sum() <= 0:
        return HandlingTime(
            seconds=np.full(shape, float(default_seconds)),
            mean_seconds=float(default_seconds),
            contacts=0.0,
            unsure=np.full(shape, float(default_relative_sd)),
            day_sd=0.0,
            cv=USUAL_CV,
        )
    first, days, rows, columns = cells_of(history.grid)
    last = int(rows[np.flatnonzero(contacts > 0)[-1]])
    contacts = np.where(rows > last - RECENT_DAYS, contacts, 0.0)
    seconds = np.nan_to_num(history.aht_seconds)
    weights = contacts * 0.5 ** (np.maximum(last - rows, 0) / HALF_LIFE_DAYS)
    prior = (USUAL_CV / default_relative_sd) ** 2
    mean = float((weights @ seconds + prior * default_seconds) / (weights.sum() + prior))

    by_column = np.zeros((2, columns_a_day))
    by_cell = np.zeros((2, *shape))
    cell = (_like(calendar, first, days)[rows], columns)
    for at, values in enumerate((weights, weights * seconds)):
        np.add.at(by_column[at], columns, values)
        np.add.at(by_cell[at], cell, values)
    within = _variance_of_one(contacts, seconds, columns)
    k1 = _credibility(by_column[0], by_column[1], np.full(columns_a_day, mean), within)
    common = (by_column[1] + k1 * mean) / (by_column[0] + k1)
    k2 = _credibility(by_cell[0], by_cell[1], np.broadcast_to(common, shape), within)
    fitted = (by_cell[1] + k2 * common) / (by_cell[0] + k2)
    day_sd, cv = _variation(contacts, seconds, fitted[cell], rows, days)
    # What is not known of a common interval, and of what a weekday has beyond it.
    unsure = cv * np.sqrt(1 / (by_column[0] + k1) + 1 / (by_cell[0] + k2))
    return HandlingTime(
        seconds=fitted,
        mean_seconds=mean,
        contacts=float(contacts.sum()),
        unsure=unsure,
        day_sd=day_sd,
        cv=cv,
    )


def _like(calendar: ForecastCalendar, first: date, days: int) -> NDArray[np.int64]:
    pattern = (calendar.weekday_like(date.fromordinal(first.toordinal() + i)) for i in range(days))
    return np.fromiter(pattern, dtype=np.int64, count=days)


def _variance_of_one(contacts: Floats, seconds: Floats, columns: NDArray[np.int64]) -> float:
    """Variance of one contact's handling time, from how the means of like intervals differ [s^2]."""
    held = contacts > 0
    n, a, group = contacts[held], seconds[held], columns[held]
    total = np.bincount(group, weights=n)
    means = np.bincount(group, weights=n * a) / np.maximum(total, 1e-300)
    freedom = held.sum() - int((total > 0).sum())
    return float((n * (a - means[group]) ** 2).sum() / freedom) if freedom > 0 else 0.0


def _credibility(weights: Floats, worked: Floats, around: Floats, within: float) -> float:
    """K: contacts that the common value is worth beside a group's own (Bühlmann and Straub)."""
    held = weights > 0
    n = weights[held]
    if within <= 0 or n.size < 3 or n.sum() < ENOUGH_CONTACTS:
        return USUAL_CREDIBILITY
    apart = float((n * (worked[held] / n - around[held]) ** 2).sum()) - n.size * within
    between = apart / float(n.sum() - (n**2).sum() / n.sum())
    if between <= 0:
        return MOST_CREDIBILITY
    return float(np.clip(within / between, LEAST_CREDIBILITY, MOST_CREDIBILITY))


def _variation(
    contacts: Floats, seconds: Floats, fitted: Floats, rows: NDArray[np.int64], days: int
) -> tuple[float, float]:
    """(relative sd by which days differ, coefficient of variation of one contact)."""
    n = np.bincount(rows, weights=contacts, minlength=days)
    used = n > 0
    expected = np.bincount(rows, weights=contacts * fitted, minlength=days)
    worked = np.bincount(rows, weights=contacts * seconds, minlength=days)
    level = np.divide(worked, expected, out=np.ones(days), where=expected > 0)
    held = contacts > 0
    rest = seconds[held] / (fitted[held] * level[rows[held]]) - 1
    freedom = int(held.sum()) - int(used.sum())
    if used.sum() < ENOUGH_DAYS or contacts.sum() < ENOUGH_CONTACTS or freedom <= 0:
        return ASSUMED_RELATIVE_SD / 3, USUAL_CV
    cv2 = float((contacts[held] * rest**2).sum() / freedom)
    apart = (level[used] - np.average(level[used], weights=n[used])) ** 2
    day_variance = float(np.average(apart, weights=n[used])) - cv2 * float(used.sum() / n[used].sum())
    return float(np.sqrt(max(0.0, day_variance))), float(np.sqrt(cv2))


def _quantiles(middle: Floats, variance: Floats, levels: Sequence[float]) -> list[Floats]:
    """Of a lognormal with the given mean and relative variance."""
    log_variance = np.log1p(variance)
    centre = np.log(middle) - log_variance / 2
    return [np.asarray(np.exp(centre + ndtri(level) * np.sqrt(log_variance))) for level in levels]
