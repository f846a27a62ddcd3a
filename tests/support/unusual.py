"""Days drawn from a forecast itself, watched as the service watches: every alarm on them is false."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import numpy as np

from bot.core.volume_watch import Block, is_back_inside, unusual_side
from forecasting.forecast import VolumeForecast
from forecasting.intraday import stretch
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


def alarms_of(made: VolumeForecast, contacts: np.ndarray) -> int:
    """Alarms the service would raise on a day against its forecast; ``contacts`` NaN: closed, or not known.

    Intervals of a quarter of an hour and more are judged one by one, as `block_length` has it.
    """
    alarms, going_on, before = 0, None, None
    for i, (start, came) in enumerate(zip(made.grid.starts(), contacts.tolist(), strict=True)):
        if not np.isfinite(came) or made.mean[i] <= 0:
            before, going_on = None, None
            continue
        expected = stretch(made, slice(i, i + 1))
        last = Block(start=start, end=start + made.grid.interval, contacts=round(came), expected=expected)
        if going_on is not None and is_back_inside(last, going_on):
            going_on = None
        if going_on is None:
            going_on = unusual_side([b for b in (before, last) if b is not None])
            alarms += going_on is not None
        before = last
    return alarms
