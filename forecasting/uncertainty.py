"""How far off a forecast may be: quantiles from the errors of the backtest, and sample paths.

A count N in an interval with mean m is taken as negative binomial with

    Var N = m + v m^2,    v = the relative excess variance at this horizon,

the Poisson noise plus everything the forecast did not know (gamma-mixed Poisson: Jongbloed and Koole,
"Managing uncertainty in call centers using Poisson mixtures", 2001).  v is chosen so that the 80 % band
covers 80 % of the backtest's intervals, and never below 0: a band is never narrower than Poisson's.  The
excess is split into an error common to the week, one common to the day, and one of the interval alone.
What is not known of the effect of events comes on top of v on their days, when the band is calibrated as when
it is drawn, so that a week with a campaign in it does not widen all others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, gammaincc

from forecasting.backtest import WeekResult
from forecasting.calendars import ForecastCalendar
from forecasting.day_table import cells_of
from forecasting.errors import ForecastingError
from forecasting.forecast import VolumeForecast
from forecasting.grid import IntervalGrid
from forecasting.models.base import FittedForecaster, event_variance

Floats = NDArray[np.float64]

BAND = 0.80
"""The central band that is calibrated."""
ASSUMED_RELATIVE_SD = 0.25
"""Relative error assumed where no backtest is possible; an 80 % band of about +-32 %."""
MAX_EXCESS = 4.0
NORMAL_BAND = 3.289707253902945
"""q95 - q05 of a normal distribution in standard deviations."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorSpread:
    """``excess``: horizon [weeks] to relative excess variance v, non-decreasing in the horizon.

    ``week_share``, ``day_share``: the parts of v common to a week and to a day [0 to 1, sum at most 1].
    ``weeks``: tested weeks behind it; 0 means assumed, not measured.
    """

    excess: Mapping[int, float]
    week_share: float
    day_share: float
    weeks: int

    def at(self, horizon: int) -> float:
        """v at a horizon; beyond the longest measured one it grows in proportion to the weeks."""
        known = sorted(self.excess)
        if horizon in self.excess:
            return self.excess[horizon]
        below = [h for h in known if h < horizon]
        if not below:
            return self.excess[known[0]]
        if below[-1] == known[-1]:
            return min(MAX_EXCESS, self.excess[known[-1]] * horizon / known[-1])
        above = next(h for h in known if h > horizon)
        share = (horizon - below[-1]) / (above - below[-1])
        return self.excess[below[-1]] * (1 - share) + self.excess[above] * share


def assumed_spread(days_of_history: int) -> ErrorSpread:
    """Without a backtest: a relative error of 25 %, more with less than two weeks of history."""
    few = max(1.0, 14 / max(days_of_history, 1))
    v = min(MAX_EXCESS, ASSUMED_RELATIVE_SD**2 * few)
    return ErrorSpread(excess={1: v}, week_share=0.4, day_share=0.4, weeks=0)


def spread_from_backtest(weeks: Sequence[WeekResult]) -> ErrorSpread:
    """Calibrate v per horizon on one model's backtest weeks; raises ForecastingError for none.

    The target is the 80 % itself, however few weeks were tested: whole counts already make the band cover
    a little more than it must, and the finite-sample step of conformal prediction on top made it too wide.
    """
    horizons = sorted({week.horizon for week in weeks})
    if not horizons:
        raise ForecastingError("no backtest weeks to learn the spread from")
    excess: dict[int, float] = {}
    highest = 0.0
    for horizon in horizons:
        held = [week for week in weeks if week.horizon == horizon]
        forecast = np.concatenate([week.forecast for week in held])
        actual = np.concatenate([week.actual for week in held])
        # A forecast further ahead does not know more.
        highest = max(highest, _calibrate(actual, forecast, _of_events(held), BAND))
        excess[horizon] = highest
    week_share, day_share = _shares(weeks)
    count = len({week.first_day for week in weeks})
    return ErrorSpread(excess=excess, week_share=week_share, day_share=day_share, weeks=count)


def count_quantiles(mean: Floats, excess: Floats, levels: Sequence[float]) -> dict[float, Floats]:
    """Quantiles of the negative binomial with the given mean and relative excess variance, whole counts.

    Where ``excess`` is 0 it is Poisson.  Non-decreasing in the level; 0 where the mean is 0.

    >>> q = count_quantiles(np.array([4.0]), np.array([0.0]), (0.5, 0.95))
    >>> (float(q[0.5][0]), float(q[0.95][0]))
    (4.0, 8.0)
    """
    return {level: _quantile(mean, excess, level) for level in levels}


def excess_per_interval(spread: ErrorSpread, days: Sequence[date], first_day: date) -> Floats:
    """v for every interval, given its local date; the week from ``first_day`` is horizon 1."""
    held: dict[int, float] = {}
    values = np.empty(len(days))
    for i, day in enumerate(days):
        horizon = max(1, (day - first_day).days // 7 + 1)
        if horizon not in held:
            held[horizon] = spread.at(horizon)
        values[i] = held[horizon]
    return values


def excess_on_grid(
    spread: ErrorSpread, fitted: FittedForecaster, grid: IntervalGrid, calendar: ForecastCalendar, first: date
) -> Floats:
    """v for every interval of a grid, with what a fitted model does not know of the events on its days,
    shape (grid.count,); the week from ``first`` is horizon 1."""
    dates = grid.local_dates()
    days = list(dict.fromkeys(dates))
    unknown = dict(zip(days, event_variance(fitted, days, calendar).tolist(), strict=True))
    total = excess_per_interval(spread, dates, first) + np.array([unknown[day] for day in dates])
    return np.asarray(np.minimum(total, MAX_EXCESS))


def sample_paths(forecast: VolumeForecast, paths: int, seed: int) -> NDArray[np.int64]:
    """Possible futures that agree with the bands, shape (paths, grid.count); the same seed, the same paths.

    The excess variance of each local day is read off the forecast's own quantiles, split by
    ``shared_by_week`` and ``shared_by_day``, and drawn as lognormal factors of mean 1; counts are Poisson
    around the product.  So an interval that runs high usually does so with its whole day.
    """
    if paths < 1:
        raise ForecastingError(f"at least one path, got {paths}")
    count = forecast.grid.count
    if count == 0:
        return np.zeros((paths, 0), dtype=np.int64)
    rng = np.random.default_rng(seed)
    _, days, rows, _ = cells_of(forecast.grid)
    v = excess_by_day(forecast, rows, days)
    own = max(0.0, 1 - forecast.shared_by_week - forecast.shared_by_day)

    week = np.arange(days) // 7
    normal = np.sqrt(forecast.shared_by_week) * rng.standard_normal((paths, int(week[-1]) + 1))[:, week]
    normal += np.sqrt(forecast.shared_by_day) * rng.standard_normal((paths, days))
    # Lognormal with relative variance v: log variance log(1 + v), mean corrected to 1.
    log_variance = np.log1p(v)
    z = normal[:, rows] + np.sqrt(own) * rng.standard_normal((paths, count))
    factor = np.exp(z * np.sqrt(log_variance)[rows] - log_variance[rows] / 2)
    return np.asarray(rng.poisson(forecast.mean * factor), dtype=np.int64)


def excess_by_day(forecast: VolumeForecast, rows: NDArray[np.int64], days: int) -> Floats:
    """v of each local day as the forecast's own quantiles tell it, shape (days,).

    ``rows``: the day of every interval.  Whole counts are coarse, so a day's intervals are taken together.
    """
    lowest, highest = min(forecast.quantiles), max(forecast.quantiles)
    if lowest > 0.05 + 1e-9 or highest < 0.95 - 1e-9:
        raise ForecastingError("the excess variance is read off the quantiles 0.05 and 0.95")
    width = (forecast.quantiles[highest] - forecast.quantiles[lowest]) / NORMAL_BAND
    beyond = np.bincount(rows, weights=width**2 - forecast.mean, minlength=days)
    squares = np.bincount(rows, weights=forecast.mean**2, minlength=days)
    return np.clip(np.divide(beyond, squares, out=np.zeros(days), where=squares > 0), 0.0, MAX_EXCESS)


def lifted(forecast: VolumeForecast, factor: Floats) -> VolumeForecast:
    """The forecast with ``factor`` times the contacts in each interval, as relatively unsure as before.

    ``factor``: shape (grid.count,), above 0.  The Poisson part of the band grows with the mean, the excess
    with its square, so that `excess_by_day` stays what it was; no quantile falls below 0.  Raises
    ForecastingError for a factor of another shape, or one that is not above 0.
    """
    if factor.shape != forecast.mean.shape or not np.all(np.isfinite(factor)) or np.any(factor <= 0):
        raise ForecastingError(f"factors must be above 0 and of shape {forecast.mean.shape}")
    lowest, highest = min(forecast.quantiles), max(forecast.quantiles)
    spread = ((forecast.quantiles[highest] - forecast.quantiles[lowest]) / NORMAL_BAND) ** 2
    mean = forecast.mean * factor
    variance = np.maximum(factor**2 * (spread - forecast.mean) + mean, 0.0)
    stretch = np.sqrt(np.divide(variance, spread, out=np.array(factor, dtype=np.float64), where=spread > 0))
    return replace(
        forecast,
        mean=mean,
        quantiles={
            level: np.maximum(mean + (values - forecast.mean) * stretch, 0.0)
            for level, values in forecast.quantiles.items()
        },
    )


def widened(forecast: VolumeForecast, least: float) -> VolumeForecast:
    """The forecast taken to be off by a relative error of at least ``least`` beyond Poisson, on every day.

    Days whose band is that wide already stay as they are; on the others the quantiles move away from the
    mean until `excess_by_day` is ``least`` squared (a little less where one would fall below 0).  Raises
    ForecastingError for an error below 0.
    """
    if least < 0:
        raise ForecastingError(f"an error is not below 0, got {least}")
    if not least or not forecast.grid.count:
        return forecast
    _, days, rows, _ = cells_of(forecast.grid)
    lacking = np.maximum(least**2 - excess_by_day(forecast, rows, days), 0.0)[rows] * forecast.mean**2
    if not lacking.any():
        return forecast
    lowest, highest = min(forecast.quantiles), max(forecast.quantiles)
    spread = ((forecast.quantiles[highest] - forecast.quantiles[lowest]) / NORMAL_BAND) ** 2
    stretch = np.sqrt(np.divide(spread + lacking, spread, out=np.ones(spread.shape), where=spread > 0))
    return replace(
        forecast,
        quantiles={
            level: np.maximum(forecast.mean + (values - forecast.mean) * stretch, 0.0)
            for level, values in forecast.quantiles.items()
        },
    )


def _of_events(weeks: Sequence[WeekResult]) -> Floats:
    held = [np.zeros(w.forecast.size) if w.event_variance is None else w.event_variance for w in weeks]
    return np.concatenate(held)


def _calibrate(actual: Floats, forecast: Floats, known: Floats, target: float) -> float:
    """The smallest v that, on top of ``known``, makes the central band cover the target share."""
    held = forecast > 0
    if not held.any():
        return 0.0
    actual, forecast, known = actual[held], forecast[held], known[held]
    low, high = (1 - BAND) / 2, (1 + BAND) / 2

    def covered(v: float) -> float:
        # A count stands for all positions between P(N < a) and P(N <= a) (randomised probability
        # integral transform, Brockwell 2007); whole counts at the ends would flatter a narrow band.
        spread = known + v
        upto = cdf(actual, forecast, spread)
        before = np.where(actual >= 1, cdf(np.maximum(actual - 1, 0.0), forecast, spread), 0.0)
        inside = np.minimum(upto, high) - np.maximum(before, low)
        return float(np.mean(np.maximum(inside, 0.0) / np.maximum(upto - before, 1e-300)))

    if covered(0.0) >= target:
        return 0.0
    small, large = 0.0, 1e-4
    while covered(large) < target and large < MAX_EXCESS:
        small, large = large, large * 2
    for _ in range(18):
        middle = (small + large) / 2
        small, large = (small, middle) if covered(middle) >= target else (middle, large)
    return min(large, MAX_EXCESS)


def _shares(weeks: Sequence[WeekResult]) -> tuple[float, float]:
    """How the excess of horizon 1 (or the first there is) splits into week, day and interval."""
    first = min(week.horizon for week in weeks)
    day_errors: list[list[float]] = []
    interval_excess, interval_weight = 0.0, 0.0
    day_noise: list[float] = []
    for week in weeks:
        if week.horizon != first:
            continue
        errors: list[float] = []
        for day in np.unique(week.day):
            at = week.day == day
            f, a = float(week.forecast[at].sum()), float(week.actual[at].sum())
            if f < 1:
                continue
            error = (a - f) / f
            errors.append(float(np.clip(error, -1, 1)))
            day_noise.append(1 / f)
            rest = week.actual[at] - week.forecast[at] * (1 + error)
            interval_excess += float((rest**2 - week.forecast[at] * max(1 + error, 0.0)).sum())
            interval_weight += float((week.forecast[at] ** 2).sum())
        if errors:
            day_errors.append(errors)
    if not day_errors or interval_weight <= 0:
        return 0.4, 0.4
    own = max(0.0, interval_excess / interval_weight)
    every = np.concatenate([np.array(errors) for errors in day_errors])
    common = max(0.0, float(np.mean(every**2)) - float(np.mean(day_noise)))
    means = np.array([np.mean(errors) for errors in day_errors])
    sizes = np.array([len(errors) for errors in day_errors])
    inside = float(np.mean([np.var(errors) for errors in day_errors]))
    weekly = float(np.clip(np.mean(means**2) - inside / max(float(sizes.mean()), 1.0), 0.0, common))
    whole = common + own
    if whole <= 0:
        return 0.4, 0.4
    return weekly / whole, (common - weekly) / whole


def cdf(k: Floats, mean: Floats, excess: Floats) -> Floats:
    """P(N <= k) for k >= 0; negative binomial with size 1/v, Poisson where v is 0."""
    size = 1 / np.maximum(excess, 1e-9)
    negative_binomial = betainc(size, k + 1, size / (size + mean))
    return np.asarray(np.where(excess > 1e-9, negative_binomial, gammaincc(k + 1, mean)))


def _quantile(mean: Floats, excess: Floats, level: float) -> Floats:
    if not 0 < level < 1:
        raise ForecastingError(f"a level lies between 0 and 1, got {level}")
    low = np.full(mean.shape, -1.0)  # P(N <= low) < level
    high = np.ceil(mean + 12 * np.sqrt(mean + excess * mean**2) + 12)
    safe = np.maximum(mean, 1e-12)
    for _ in range(60):
        open_ = high - low > 1
        if not open_.any():
            break
        middle = np.floor((low + high) / 2)
        enough = cdf(np.maximum(middle, 0.0), safe, excess) >= level
        high = np.where(open_ & enough, middle, high)
        low = np.where(open_ & ~enough, middle, low)
    return np.where(mean > 0, high, 0.0)
