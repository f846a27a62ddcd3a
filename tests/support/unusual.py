"""Days drawn from a forecast itself, watched as the service watches: every alarm on them is false."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import numpy as np

from bot.core.volume_watch import Block, is_back_inside, unusual_side
from forecasting.day_drift import DayDrift
from forecasting.forecast import VolumeForecast
from forecasting.intraday import stretch
from forecasting.rest_of_day import ahead_of, update_day
from forecasting.uncertainty import sample_paths
from tests.support.builders import at
from tests.support.forecasts import forecast


def alarms_a_day(mean: float, excess: float, *, days: int, seed: int) -> float:
    """Alarms a day of one queue, 56 open quarters of ``mean`` contacts, when the forecast is right."""
    made = forecast(mean, days=1, excess=excess)
    open_ = np.flatnonzero(made.open)
    expected = stretch(made, slice(int(open_[0]), int(open_[0]) + 1))
    drawn = sample_paths(made, days, seed)[:, open_]

    @cache
    def block(contacts: int) -> Block:
        return Block(start=at(10), end=at(10, 15), contacts=contacts, expected=expected)

    @cache
    def side_of(before: int, last: int) -> str | None:
        return unusual_side([block(before), block(last)])

    @cache
    def over(contacts: int, side: str) -> bool:
        return is_back_inside(block(contacts), side)

    alarms = 0
    for day in drawn.tolist():
        going_on: str | None = None
        for before, last in pairwise(day):
            if going_on is not None and over(last, going_on):
                going_on = None
            if going_on is None and (side := side_of(before, last)) is not None:
                going_on, alarms = side, alarms + 1
    return alarms / days


def alarms_of(made: VolumeForecast, drift: DayDrift, contacts: np.ndarray) -> int:
    """Alarms the service would raise on a day against its forecast; ``contacts`` NaN: closed, or not known.

    Intervals of a quarter of an hour and more are judged one by one, as `block_length` has it.
    """
    alarms, going_on = 0, None
    known = np.isfinite(contacts) & (made.mean > 0)
    counts = np.where(known, np.nan_to_num(contacts), 0.0)
    starts = list(made.grid.starts())

    def block(i: int, updated: VolumeForecast, first: int) -> Block:
        return Block(
            start=starts[i],
            end=starts[i] + made.grid.interval,
            contacts=round(float(contacts[i])),
            expected=stretch(made, slice(i, i + 1)),
            as_today=stretch(updated, slice(i - first, i - first + 1)),
        )

    for i in np.flatnonzero(known).tolist():
        if going_on is not None and is_back_inside(block(i, made, 0), going_on):
            going_on = None
        if going_on is None:
            first = max(0, i - 1)
            seen = known.astype(np.float64)
            seen[first:] = 0.0
            rest = update_day(
                made, drift, counts=np.where(seen > 0, counts, 0.0), seen=seen, now=starts[first]
            )
            updated = ahead_of(rest)
            pair = [block(j, updated, first) for j in (i - 1, i) if j >= 0 and known[j]]
            going_on = unusual_side(pair)
            alarms += going_on is not None
        if i + 1 < known.size and not known[i + 1]:
            going_on = None
    return alarms
