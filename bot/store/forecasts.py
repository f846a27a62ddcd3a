"""Forecasts, frozen once made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from bot.core.ids import QueueId
from bot.store.tables import ForecastIntervalRow, ForecastRow
from forecasting.accuracy import FrozenForecast
from forecasting.forecast import LEVELS, VolumeForecast
from forecasting.grid import IntervalGrid

COLUMNS = {level: f"q{round(level * 100):02d}" for level in LEVELS}
"""Quantile level to its column, in the store as in the file: 0.05 is q05."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredForecast:
    """A forecast with the number of its row and the report that came with it."""

    id: int
    forecast: VolumeForecast
    report: Mapping[str, Any]


class Forecasts:
    def __init__(self, session: Session) -> None:
        self._session = session

    def save(self, forecast: VolumeForecast, report: Mapping[str, Any]) -> int:
        """Keep a forecast; returns its number."""
        row = ForecastRow(
            queue=forecast.queue,
            model=forecast.model,
            made_at=forecast.made_at,
            trained_until=forecast.trained_until,
            start=forecast.grid.start,
            interval_seconds=int(forecast.grid.interval_seconds),
            count=forecast.grid.count,
            zone=forecast.grid.zone,
            shared_by_week=forecast.shared_by_week,
            shared_by_day=forecast.shared_by_day,
            report=dict(report),
        )
        self._session.add(row)
        self._session.flush()
        intervals = [
            {
                "forecast_id": row.id,
                "start": start,
                "mean": float(forecast.mean[i]),
                **{name: float(forecast.quantiles[level][i]) for level, name in COLUMNS.items()},
                "aht_seconds": float(forecast.aht_seconds[i]),
                "open": bool(forecast.open[i]),
            }
            for i, start in enumerate(forecast.grid.starts())
        ]
        if intervals:
            self._session.execute(insert(ForecastIntervalRow), intervals)
        return row.id

    def latest(self, queue: QueueId, start: datetime, end: datetime) -> VolumeForecast | None:
        """The newest forecast that covers [start, end), cut to it; None where there is none."""
        found = self.latest_stored(queue, start, end)
        return None if found is None else found.forecast

    def latest_stored(self, queue: QueueId, start: datetime, end: datetime) -> StoredForecast | None:
        """As ``latest``, with the row's own figures."""
        query = select(ForecastRow).where(ForecastRow.queue == queue, ForecastRow.start <= start)
        for row in self._session.scalars(query.order_by(ForecastRow.made_at.desc(), ForecastRow.id.desc())):
            grid = _grid(row)
            if grid.end >= end:
                return self._stored(row, grid, grid.slice_between(start, end))
        return None

    def latest_around(
        self, queue: QueueId, at: datetime, end: datetime, *, back_to: datetime
    ) -> VolumeForecast | None:
        """The forecast of ``stored_around``."""
        found = self.stored_around(queue, at, end, back_to=back_to)
        return None if found is None else found.forecast

    def stored_around(
        self, queue: QueueId, at: datetime, end: datetime, *, back_to: datetime
    ) -> StoredForecast | None:
        """The newest forecast that covers [at, end), from ``back_to`` on as far as it reaches back.

        Intervals that begin before ``back_to`` or end after ``end`` are whole.
        """
        query = select(ForecastRow).where(ForecastRow.queue == queue, ForecastRow.start <= at)
        for row in self._session.scalars(query.order_by(ForecastRow.made_at.desc(), ForecastRow.id.desc())):
            grid = _grid(row)
            if grid.end >= end:
                first = max(0, (back_to - grid.start) // grid.interval)
                last = -((grid.start - end) // grid.interval)
                return self._stored(row, grid, slice(first, max(first, last)))
        return None

    def numbered(self, number: int, start: datetime, end: datetime) -> StoredForecast | None:
        """One forecast by its number, cut to [start, end); None where it is gone or does not cover that."""
        row = self._session.get(ForecastRow, number)
        if row is None:
            return None
        grid = _grid(row)
        if start < grid.start or end > grid.end:
            return None
        return self._stored(row, grid, grid.slice_between(start, end))

    def newest(self, queue: QueueId) -> StoredForecast | None:
        """The forecast made last, whole."""
        row = self._session.scalar(
            select(ForecastRow)
            .where(ForecastRow.queue == queue)
            .order_by(ForecastRow.made_at.desc(), ForecastRow.id.desc())
            .limit(1)
        )
        return None if row is None else self._stored(row, _grid(row), slice(None))

    def known_by(self, queue: QueueId, at: datetime) -> StoredForecast | None:
        """The forecast that used most of what was known at ``at``, and nothing later; whole."""
        row = self._session.scalar(
            select(ForecastRow)
            .where(ForecastRow.queue == queue, ForecastRow.start <= at)
            .order_by(ForecastRow.start.desc(), ForecastRow.id.desc())
            .limit(1)
        )
        return None if row is None else self._stored(row, _grid(row), slice(None))

    def of_period(
        self, queue: QueueId, start: datetime, end: datetime, *, by: datetime | None = None
    ) -> StoredForecast | None:
        """The newest forecast, whole, that covers [start, end); where none does, the one with most of it.

        ``by``: only of those that used nothing known later, and then the one that begins last.
        """
        query = select(ForecastRow).where(ForecastRow.queue == queue, ForecastRow.start < end)
        if by is None:
            query = query.order_by(ForecastRow.made_at.desc(), ForecastRow.id.desc())
        else:
            query = query.where(ForecastRow.start <= by)
            query = query.order_by(ForecastRow.start.desc(), ForecastRow.id.desc())
        best: tuple[ForecastRow, timedelta] | None = None
        for row in self._session.scalars(query):
            covered = min(end, _grid(row).end) - max(start, row.start)
            if covered > timedelta(0) and (best is None or covered > best[1]):
                best = row, covered
            if covered == end - start:
                break
        return None if best is None else self._stored(best[0], _grid(best[0]), slice(None))

    def frozen(self, queue: QueueId, start: datetime, end: datetime) -> list[FrozenForecast]:
        """Every forecast with whole intervals in [start, end), cut to it, in the order of making.

        Forecasts are never changed, so this is what was said then.
        """
        query = select(ForecastRow).where(ForecastRow.queue == queue, ForecastRow.start < end)
        held = ForecastIntervalRow
        found: list[FrozenForecast] = []
        for row in self._session.scalars(query.order_by(ForecastRow.made_at, ForecastRow.id)):
            grid = _grid(row)
            wanted = grid.sub(grid.slice_between(start, end))
            if not wanted.count:
                continue
            rows = self._session.execute(
                select(held.mean, held.q10, held.q90, held.open)
                .where(held.forecast_id == row.id, held.start >= wanted.start, held.start < wanted.end)
                .order_by(held.start)
            ).all()
            values = np.array([(r[0], r[1], r[2]) for r in rows], dtype=np.float64).reshape(-1, 3)
            found.append(
                FrozenForecast(
                    number=row.id,
                    made_at=row.made_at,
                    begins=grid.start,
                    grid=wanted,
                    mean=values[:, 0],
                    low=values[:, 1],
                    high=values[:, 2],
                    open=np.array([r[3] for r in rows], dtype=np.bool_),
                )
            )
        return found

    def newest_span(self, queue: QueueId) -> tuple[datetime, datetime] | None:
        """Start and end of the forecast made last."""
        row = self._session.scalar(
            select(ForecastRow)
            .where(ForecastRow.queue == queue)
            .order_by(ForecastRow.made_at.desc(), ForecastRow.id.desc())
            .limit(1)
        )
        if row is None:
            return None
        grid = _grid(row)
        return grid.start, grid.end

    def _stored(self, row: ForecastRow, grid: IntervalGrid, part: slice) -> StoredForecast:
        wanted = grid.sub(part)
        held = ForecastIntervalRow
        columns = [held.start, held.mean, held.aht_seconds, held.open]
        columns += [getattr(held, name) for name in COLUMNS.values()]
        rows = self._session.execute(
            select(*columns)
            .where(held.forecast_id == row.id, held.start >= wanted.start, held.start < wanted.end)
            .order_by(held.start)
        ).all()
        forecast = VolumeForecast(
            queue=row.queue,
            grid=wanted,
            mean=np.array([r[1] for r in rows], dtype=np.float64),
            quantiles={
                level: np.array([r[4 + i] for r in rows], dtype=np.float64) for i, level in enumerate(COLUMNS)
            },
            aht_seconds=np.array([r[2] for r in rows], dtype=np.float64),
            open=np.array([r[3] for r in rows], dtype=np.bool_),
            model=row.model,
            made_at=row.made_at,
            trained_until=row.trained_until,
            shared_by_week=row.shared_by_week,
            shared_by_day=row.shared_by_day,
        )
        return StoredForecast(id=row.id, forecast=forecast, report=row.report)


def _grid(row: ForecastRow) -> IntervalGrid:
    return IntervalGrid(
        start=row.start, interval=timedelta(seconds=row.interval_seconds), count=row.count, zone=row.zone
    )
