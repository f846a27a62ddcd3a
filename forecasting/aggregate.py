"""Rows to counts on a grid, and from a fine grid to a coarser one.

An aggregated interval is observed only when all its parts were: half an hour of which only five minutes
were recorded says nothing about the half hour.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from forecasting.errors import HistoryError
from forecasting.grid import IntervalGrid, local_midnight
from forecasting.history import VolumeHistory

HOUR_MINUTES = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeRow:
    """One source row: contacts offered in the interval that begins at ``start`` (aware, UTC)."""

    start: datetime
    contacts: float
    aht_seconds: float = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregation:
    """A history and what could not enter it.

    ``partial_intervals``: intervals of which only some parts were in the source; they are unobserved.
    ``partial_contacts``: contacts [count] in those parts.
    """

    history: VolumeHistory
    source_interval: timedelta
    partial_intervals: int
    partial_contacts: float


def infer_interval(starts: Sequence[datetime]) -> timedelta:
    """The source's interval: the usual distance between successive starts; must divide one hour.

    The usual distance is the most frequent one, because closed hours and gaps are longer and only rows
    out of place are shorter.  Raises HistoryError with fewer than two different starts, or where the
    usual distance does not divide an hour.

    >>> from datetime import UTC
    >>> day = datetime(2026, 3, 2, tzinfo=UTC)
    >>> infer_interval([day, day + timedelta(minutes=5), day + timedelta(minutes=10)])
    datetime.timedelta(seconds=300)
    """
    seconds = np.unique(np.array([s.timestamp() for s in starts], dtype=np.float64))
    if seconds.size < 2:
        raise HistoryError("the interval cannot be inferred from fewer than two different starts; give it")
    steps, times = np.unique(np.diff(seconds), return_counts=True)
    # Ties go to the shorter step (np.unique sorts): a finer interval loses nothing.
    step = float(steps[int(np.argmax(times))])
    if step <= 0 or HOUR_MINUTES * 60 % step or step % 60:
        raise HistoryError(
            f"the usual distance between starts is {step / 60:g} minutes, which does not divide an hour; "
            "expected 5, 6, 10, 12, 15, 20, 30 or 60 minutes"
        )
    return timedelta(seconds=step)


def aggregate_rows(
    rows: Iterable[VolumeRow],
    *,
    queue: str,
    zone: str,
    interval: timedelta | None = None,
    source_interval: timedelta | None = None,
) -> Aggregation:
    """Put rows (any order) on a grid of ``interval`` (the source's own where absent).

    Rows with one start add up.  The grid runs over whole local days, from the first row's to the last
    row's.  Handling times are weighted by contacts.  Raises HistoryError for no rows, starts off the
    source's grid, negative or non-finite counts, or an ``interval`` that is no multiple of the source's.
    """
    held = sorted(rows, key=lambda row: row.start)
    if not held:
        raise HistoryError("no rows: a history needs at least one interval")
    source = source_interval or infer_interval([row.start for row in held])
    tz = ZoneInfo(zone)
    start = local_midnight(held[0].start.astimezone(tz).date(), zone)
    end = local_midnight(held[-1].start.astimezone(tz).date() + timedelta(days=1), zone)
    grid = IntervalGrid(start=start, interval=source, count=(end - start) // source, zone=zone)

    contacts = np.array([row.contacts for row in held], dtype=np.float64)
    if not np.all(np.isfinite(contacts)) or np.any(contacts < 0):
        raise HistoryError("contacts must be finite and not negative")
    offsets = np.array([(row.start - start).total_seconds() for row in held]) / source.total_seconds()
    index = np.rint(offsets).astype(np.int64)
    if np.any(np.abs(offsets - index) > 1e-6):
        bad = held[int(np.argmax(np.abs(offsets - index)))].start
        raise HistoryError(f"{bad.isoformat()} does not lie on the source's {source} grid")
    offered = np.zeros(grid.count)
    observed = np.zeros(grid.count, dtype=np.bool_)
    np.add.at(offered, index, contacts)
    observed[index] = True
    aht = _weighted_aht(
        index, contacts, np.array([row.aht_seconds for row in held], dtype=np.float64), grid.count
    )
    fine = VolumeHistory(queue=queue, grid=grid, offered=offered, observed=observed, aht_seconds=aht)
    if interval is None or interval == source:
        return Aggregation(history=fine, source_interval=source, partial_intervals=0, partial_contacts=0.0)
    coarse, partial, lost = _coarsen(fine, interval)
    return Aggregation(
        history=coarse, source_interval=source, partial_intervals=partial, partial_contacts=lost
    )


def resample(history: VolumeHistory, interval: timedelta) -> VolumeHistory:
    """The same history on a coarser interval; counts add up, handling times are weighted by contacts.

    An interval is observed only if all its parts were; the total over fully observed intervals is kept.
    Raises HistoryError where ``interval`` is finer or not a multiple.
    """
    if interval == history.grid.interval:
        return history
    return _coarsen(history, interval)[0]


def _coarsen(history: VolumeHistory, interval: timedelta) -> tuple[VolumeHistory, int, float]:
    grid = history.grid
    if interval < grid.interval or interval % grid.interval:
        raise HistoryError(
            f"cannot turn intervals of {grid.interval} into {interval}: "
            "give a multiple of the source's interval"
        )
    parts = interval // grid.interval
    # Coarse intervals begin on the clock's mark, so cut what precedes the first and follows the last.
    minutes = grid.minutes_of_day()
    step = interval.total_seconds() / 60
    lead = next((i for i in range(min(parts, grid.count)) if minutes[i] % step == 0), 0)
    count = (grid.count - lead) // parts
    used = slice(lead, lead + count * parts)
    offered = history.offered[used].reshape(count, parts)
    observed = history.observed[used].reshape(count, parts)
    weights = np.where(np.isnan(history.aht_seconds[used]), 0.0, history.offered[used]).reshape(count, parts)
    handled = np.nansum(weights * np.nan_to_num(history.aht_seconds[used]).reshape(count, parts), axis=1)
    total = weights.sum(axis=1)
    whole: NDArray[np.bool_] = np.asarray(observed.all(axis=1))
    partial = observed.any(axis=1) & ~whole
    coarse = VolumeHistory(
        queue=history.queue,
        grid=IntervalGrid(start=grid.start_of(lead), interval=interval, count=count, zone=grid.zone),
        offered=np.where(whole, offered.sum(axis=1), 0.0),
        observed=whole,
        aht_seconds=np.where(whole & (total > 0), handled / np.maximum(total, 1e-300), np.nan),
    )
    lost = float((offered * observed).sum(axis=1)[partial].sum())
    return coarse, int(partial.sum()), lost


def _weighted_aht(
    index: NDArray[np.int64], contacts: NDArray[np.float64], aht: NDArray[np.float64], count: int
) -> NDArray[np.float64]:
    known = np.isfinite(aht) & (contacts > 0)
    weight = np.zeros(count)
    handled = np.zeros(count)
    np.add.at(weight, index[known], contacts[known])
    np.add.at(handled, index[known], contacts[known] * aht[known])
    return np.where(weight > 0, handled / np.maximum(weight, 1e-300), np.nan)
