"""The rest of today: the forecast of the day, moved by what has come and narrowed by what that tells.

See `day_drift` for the model.  Each stretch that was seen moves the day's log factor by

    gain = spread / (spread + own_variance + 1 / mean)
    log factor += gain x (log((N + 1/2) / mean) - log factor)

and between stretches the factor returns towards 1 and the spread grows (Kalman filter), so a busy early hour
counts for less than a busy last one and neither counts for more than such hours were worth in the backtest.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from forecasting.day_drift import ENOUGH, HALF_WIDTH, DayDrift
from forecasting.errors import ForecastingError
from forecasting.forecast import VolumeForecast, share_between
from forecasting.intraday import chance_of_none, excess_of, stretch, together
from forecasting.uncertainty import count_quantiles

Floats = NDArray[np.float64]

__all__ = ["OUTAGE_CHANCE", "RestOfDay", "ahead_of", "update_day"]

OUTAGE_CHANCE = 1e-6
"""P(nobody comes by accident) below which a run of zeros is an outage of the recording, not a quiet time."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RestOfDay:
    """A day's forecast as it stands at ``now``.

    ``forecast``: the day with its intervals from the one that holds ``now`` on updated; earlier ones as they
    were.  ``frozen``: as it was before the day began.  ``contacts`` came in what was seen of the day, where
    ``expected`` were forecast.  ``factor``: the level of the day at ``now``, 80 % between ``factor_low`` and
    ``factor_high``; ``factor_variance``: of its logarithm.  ``rest``: contacts from ``now`` to the end,
    updated, 80 % between ``rest_low`` and ``rest_high``; ``rest_frozen``: the same as it was forecast.
    ``left_out_minutes``: of the day so far that taught nothing, because it was not seen or nothing at all
    came where that is no accident.
    """

    forecast: VolumeForecast
    frozen: VolumeForecast
    now: datetime
    drift: DayDrift
    contacts: float
    expected: float
    factor: float
    factor_low: float
    factor_high: float
    factor_variance: float
    rest: float
    rest_low: float
    rest_high: float
    rest_frozen: float
    left_out_minutes: float


def ahead_of(rest: RestOfDay) -> VolumeForecast:
    """The updated intervals alone, from the one that holds ``now``; their band is read off them alone."""
    grid = rest.forecast.grid
    first = min(max(0, (rest.now - grid.start) // grid.interval), grid.count)
    return rest.forecast.part(slice(first, grid.count))


def update_day(
    forecast: VolumeForecast, drift: DayDrift, *, counts: Floats, seen: Floats, now: datetime
) -> RestOfDay:
    """Update the forecast of one local day at ``now``.

    ``counts``: contacts in the seen part of each interval [count]; ``seen``: that part [0 to 1]; both of
    shape (grid.count,), 0 where nothing is known, and nothing after ``now``.  Without anything seen the day
    stays as it was.  Means and quantiles never fall below 0; closed intervals stay 0.

    Raises ForecastingError for shapes that do not fit, negative counts, or parts outside [0, 1].
    """
    counts, seen = np.asarray(counts, dtype=np.float64), np.asarray(seen, dtype=np.float64)
    shape = (forecast.grid.count,)
    if counts.shape != shape or seen.shape != shape:
        raise ForecastingError(f"counts and seen must have shape {shape}, got {counts.shape}, {seen.shape}")
    if np.any(counts < 0) or not np.all(np.isfinite(counts)):
        raise ForecastingError("counts must be finite and not negative")
    if np.any((seen < 0) | (seen > 1)):
        raise ForecastingError("the seen part of an interval lies between 0 and 1")
    excess = excess_of(forecast)
    past = share_between(forecast, forecast.grid.start, now)
    seen = np.where(forecast.mean > 0, np.minimum(seen, past), 0.0)
    useful = np.where(_outages(forecast, drift, excess, counts, seen), 0.0, seen)
    level, spread, at = _filter(forecast, drift, counts, useful)

    minutes = forecast.grid.interval_seconds / 60
    ahead = np.maximum((np.arange(forecast.grid.count) + 0.5) * minutes - at, 0.0)
    kept = np.exp(-ahead / drift.memory_minutes)
    later = past < 1.0
    mean = np.where(later, forecast.mean * np.exp(level * kept), forecast.mean)
    shared = drift.variance + (spread - drift.variance) * kept**2
    whole = drift.variance + drift.own_variance
    left = (shared + drift.own_variance) / whole if whole > 0 else np.ones(shape)
    tighter = excess * (1 - drift.narrowing * (1 - left))
    levels = tuple(forecast.quantiles)
    fresh = count_quantiles(mean, tighter, levels)
    any_seen = bool(useful.any())
    common = forecast.shared_by_week + forecast.shared_by_day
    updated = forecast
    if any_seen:
        own = drift.own_variance
        weight = np.where(later, mean, 0.0)
        share = np.divide(shared, shared + own, out=np.zeros(shape), where=shared + own > 0)
        common = float((share * weight).sum() / weight.sum()) if weight.sum() > 0 else 0.0
        updated = replace(
            forecast,
            mean=mean,
            quantiles={level: np.where(later, fresh[level], forecast.quantiles[level]) for level in levels},
            shared_by_week=0.0,
            shared_by_day=min(1.0, common),
        )
    rest = share_between(forecast, now, forecast.grid.end)
    if any_seen:
        total = together(mean * rest, tighter, common)
    else:
        total = stretch(forecast, rest)
    band = count_quantiles(np.array([total.mean]), np.array([total.excess]), (0.1, 0.9))
    since = (now - forecast.grid.start).total_seconds() / 60 - at
    back = math.exp(-max(0.0, since) / drift.memory_minutes)
    centre = level * back
    variance = drift.variance + (spread - drift.variance) * back**2
    width = HALF_WIDTH * math.sqrt(variance)
    unseen = np.where((forecast.mean > 0) & forecast.open, past - np.minimum(useful, past), 0.0)
    return RestOfDay(
        forecast=updated,
        frozen=forecast,
        now=now,
        drift=drift,
        contacts=float(counts[seen > 0].sum()),
        expected=float((forecast.mean * seen).sum()),
        factor=math.exp(centre),
        factor_low=math.exp(centre - width),
        factor_high=math.exp(centre + width),
        factor_variance=variance,
        rest=total.mean,
        rest_low=float(band[0.1][0]),
        rest_high=float(band[0.9][0]),
        rest_frozen=float((forecast.mean * rest).sum()),
        left_out_minutes=float(unseen.sum()) * minutes,
    )


def _filter(
    forecast: VolumeForecast, drift: DayDrift, counts: Floats, seen: Floats
) -> tuple[float, float, float]:
    """The day's log factor, its variance, and the minute of the grid they hold at."""
    minutes = forecast.grid.interval_seconds / 60
    level, spread, at = 0.0, drift.variance, 0.0
    for middle, mean, came, parts in _stretches(forecast.mean * seen, counts, seen, minutes):
        kept = math.exp(-max(0.0, middle - at) / drift.memory_minutes)
        level, spread = level * kept, drift.variance + (spread - drift.variance) * kept**2
        gain = spread / (spread + drift.own_variance / parts + 1 / mean)
        level += gain * (math.log((came + 0.5) / mean) - level)
        spread, at = spread * (1 - gain), middle
    return level, spread, at


def _stretches(
    expected: Floats, counts: Floats, seen: Floats, minutes: float
) -> list[tuple[float, float, float, float]]:
    """(middle [min], expected, contacts, intervals averaged) of seen stretches of enough contacts each.

    What is left at the end joins the last one; alone it has to do.
    """
    found: list[list[float]] = []
    open_: list[float] | None = None
    for i in np.flatnonzero(seen > 0).tolist():
        m = float(expected[i])
        if m <= 0:
            continue
        row = [m * (i + seen[i] / 2) * minutes, m, float(counts[i]), m * m]
        open_ = row if open_ is None else [a + b for a, b in zip(open_, row, strict=True)]
        if open_[1] >= ENOUGH:
            found.append(open_)
            open_ = None
    if open_ is not None:
        if found:
            found[-1] = [a + b for a, b in zip(found[-1], open_, strict=True)]
        else:
            found.append(open_)
    return [(at / m, m, came, m * m / squares) for at, m, came, squares in found]


def _outages(
    forecast: VolumeForecast, drift: DayDrift, excess: Floats, counts: Floats, seen: Floats
) -> NDArray[np.bool_]:
    """Seen intervals in a run of zeros that is no accident, at the level the rest of the day has.

    On a day that is all but closed, zeros between a few contacts are what such a day brings.
    """
    shared = forecast.shared_by_week + forecast.shared_by_day
    runs = _zero_runs(counts, seen)
    mask = np.zeros(seen.shape, dtype=np.bool_)
    for run in runs:
        if chance_of_none(together(forecast.mean[run] * seen[run], excess[run], shared)) < OUTAGE_CHANCE:
            mask[run] = True
    if not mask.any() or not (counts[~mask] > 0).any():
        return mask
    level, _, _ = _filter(forecast, drift, counts, np.where(mask, 0.0, seen))
    for run in runs:
        low = together(forecast.mean[run] * seen[run] * math.exp(level), excess[run], shared)
        if mask[run[0]] and chance_of_none(low) >= OUTAGE_CHANCE:
            mask[run] = False
    return mask


def _zero_runs(counts: Floats, seen: Floats) -> list[list[int]]:
    found: list[list[int]] = []
    run: list[int] = []
    for i in np.flatnonzero(seen > 0).tolist():
        if counts[i] > 0:
            run = []
            continue
        if not run:
            found.append(run)
        run.append(i)
    return found
