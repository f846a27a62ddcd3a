"""Forecasts to test against: so many contacts an interval in the open hours, with an honest band."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import numpy as np

from bot.core.ids import QueueId
from bot.store.unit_of_work import Store
from forecasting.forecast import LEVELS, VolumeForecast
from forecasting.grid import IntervalGrid
from forecasting.uncertainty import count_quantiles
from tests.support.builders import CHAT, SHANGHAI, at


def forecast(
    per_interval: float | Callable[[int], float] = 10.0,
    *,
    queue: QueueId = CHAT,
    first: date = date(2026, 11, 23),
    days: int = 7,
    interval: timedelta = timedelta(minutes=15),
    aht_seconds: float = 240.0,
    excess: float = 0.04,
    hours: tuple[int, int] = (8, 22),
    shared_by_week: float = 0.3,
    shared_by_day: float = 0.4,
    made_at: datetime | None = None,
) -> VolumeForecast:
    """``per_interval``: contacts, or by the minute of the day; ``excess``: relative variance past Poisson."""
    grid = IntervalGrid.for_days(first=first, days=days, interval=interval, zone=SHANGHAI)
    minutes = grid.minutes_of_day()
    open_ = (minutes >= hours[0] * 60) & (minutes < hours[1] * 60)
    shape = per_interval if callable(per_interval) else lambda _: per_interval
    mean = np.where(open_, [shape(int(m)) for m in minutes], 0.0)
    made = made_at or at(2, 10, day=first)
    return VolumeForecast(
        queue=queue,
        grid=grid,
        mean=mean,
        quantiles=count_quantiles(mean, np.full(grid.count, excess), LEVELS),
        aht_seconds=np.full(grid.count, aht_seconds),
        open=open_,
        model="mean",
        made_at=made,
        trained_until=made,
        shared_by_week=shared_by_week,
        shared_by_day=shared_by_day,
    )


def save(store: Store, made: VolumeForecast) -> int:
    with store.unit() as uow:
        number = uow.forecasts.save(made, {})
        uow.commit()
    return number
