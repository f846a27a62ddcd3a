"""Contact volumes per queue and interval: imported counts, and counts made from contacts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import and_, delete, func, select
from sqlalchemy.orm import Session

from bot.core.changes import ChangeCounts
from bot.core.ids import QueueId
from bot.store.bulk import batches, upsert
from bot.store.tables import ContactRow, VolumeRow
from forecasting.grid import IntervalGrid, local_midnight
from forecasting.history import VolumeHistory

LONGEST = timedelta(hours=1)
_Row = tuple[datetime, int, float, float | None]


class VolumeSource(Enum):
    """Imported counts win over counts made from contacts: the file may know of contacts we were not given."""

    VOLUMES = "volumes"
    CONTACTS = "contacts"


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeCount:
    """Contacts offered to one queue in [start, start + interval); ``aht_seconds`` None where unknown."""

    queue: QueueId
    start: datetime
    interval: timedelta
    contacts: float
    aht_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumesSaved:
    """``replaced``: rows of another interval length that made room; ``kept``: counts not written because
    imported volumes stand there."""

    counts: ChangeCounts
    replaced: int = 0
    kept: int = 0


class Volumes:
    def __init__(self, session: Session) -> None:
        self._session = session

    def save(self, rows: Sequence[VolumeCount], *, source: VolumeSource) -> VolumesSaved:
        """Write counts of any number of queues; what is there already and equal is left alone.

        A stored row of another length that overlaps a new one is removed: nothing is counted twice.
        """
        by_queue: dict[QueueId, dict[datetime, VolumeCount]] = {}
        for row in rows:
            by_queue.setdefault(row.queue, {})[row.start] = row
        total, replaced, kept = ChangeCounts(), 0, 0
        for queue, wanted in by_queue.items():
            saved = self._save_queue(queue, wanted, source)
            total, replaced, kept = total + saved.counts, replaced + saved.replaced, kept + saved.kept
        return VolumesSaved(counts=total, replaced=replaced, kept=kept)

    def _save_queue(
        self, queue: QueueId, wanted: dict[datetime, VolumeCount], source: VolumeSource
    ) -> VolumesSaved:
        first, last = min(wanted), max(wanted) + LONGEST
        query = select(
            VolumeRow.start,
            VolumeRow.interval_seconds,
            VolumeRow.contacts,
            VolumeRow.aht_seconds,
            VolumeRow.source,
        ).where(VolumeRow.queue == queue, VolumeRow.start > first - LONGEST, VolumeRow.start < last)
        stored = {r[0]: (r[1], r[2], r[3], r[4]) for r in self._session.execute(query)}
        kept = 0
        imported = [k for k, s in stored.items() if s[3] == VolumeSource.VOLUMES.value]
        if source is VolumeSource.CONTACTS and imported:
            taken = _minutes((start, timedelta(seconds=stored[start][0])) for start in imported)
            free = {k: v for k, v in wanted.items() if taken.isdisjoint(_minutes([(k, v.interval)]))}
            kept = len(wanted) - len(free)
            wanted = free
        lengths = {int(row.interval.total_seconds()) for row in wanted.values()}
        foreign = [k for k, s in stored.items() if k not in wanted and s[0] not in lengths]
        gone: list[datetime] = []
        if foreign:
            span = _minutes((row.start, row.interval) for row in wanted.values())
            gone = [
                k for k in foreign if not span.isdisjoint(_minutes([(k, timedelta(seconds=stored[k][0]))]))
            ]
        for part in batches(gone, 500):
            self._session.execute(
                delete(VolumeRow).where(VolumeRow.queue == queue, VolumeRow.start.in_(part))
            )
        new = changed = unchanged = 0
        writes = []
        for start, row in wanted.items():
            values = (int(row.interval.total_seconds()), float(row.contacts), row.aht_seconds, source.value)
            before = stored.get(start)
            if before == values:
                unchanged += 1
                continue
            if before is None:
                new += 1
            else:
                changed += 1
            writes.append(
                {
                    "queue": queue,
                    "start": start,
                    "interval_seconds": values[0],
                    "contacts": values[1],
                    "aht_seconds": values[2],
                    "source": values[3],
                }
            )
        upsert(self._session, VolumeRow, writes, keys=("queue", "start"))
        return VolumesSaved(
            counts=ChangeCounts(new=new, changed=changed, unchanged=unchanged), replaced=len(gone), kept=kept
        )

    def forget_counted(self, queue: QueueId, starts: Sequence[datetime]) -> int:
        """Delete counts made from contacts, of intervals that turn out not to have been observed."""
        gone = 0
        for part in batches(starts, 500):
            query = delete(VolumeRow).where(
                VolumeRow.queue == queue,
                VolumeRow.start.in_(part),
                VolumeRow.source == VolumeSource.CONTACTS.value,
            )
            gone += len(self._session.execute(query.returning(VolumeRow.start)).all())
        return gone

    def history(
        self,
        queue: QueueId,
        zone: str,
        interval: timedelta,
        until: datetime | None = None,
        start: datetime | None = None,
    ) -> VolumeHistory | None:
        """What arrived, on a grid of ``interval`` in whole local days of ``zone``; None without any row.

        Only rows that end by ``until`` and begin at ``start`` or later are read.  Counts of other lengths
        are shared out by overlap.  An interval counts as observed when rows cover it wholly, or from an
        edge of the observed stretch on (a queue that closes at 21:05 is observed in its last quarter).
        """
        query = select(
            VolumeRow.start, VolumeRow.interval_seconds, VolumeRow.contacts, VolumeRow.aht_seconds
        ).where(VolumeRow.queue == queue)
        if start is not None:
            query = query.where(VolumeRow.start >= start)
        if until is not None:
            query = query.where(VolumeRow.start < until)
        rows: list[_Row] = [
            (r[0], r[1], r[2], r[3]) for r in self._session.execute(query.order_by(VolumeRow.start))
        ]
        if until is not None:
            while rows and rows[-1][0] + timedelta(seconds=rows[-1][1]) > until:
                rows.pop()
        if not rows:
            return None
        tz = ZoneInfo(zone)
        begin = local_midnight(rows[0][0].astimezone(tz).date(), zone)
        end = local_midnight(rows[-1][0].astimezone(tz).date() + timedelta(days=1), zone)
        if until is not None:
            end = min(end, begin + -(-(until - begin) // interval) * interval)
        grid = IntervalGrid(start=begin, interval=interval, count=-(-(end - begin) // interval), zone=zone)
        return _on_grid(queue, grid, rows)

    def last_start(self, queue: QueueId) -> datetime | None:
        """Start of the latest interval with a count."""
        return self._session.scalar(select(func.max(VolumeRow.start)).where(VolumeRow.queue == queue))

    def last_end(self, queue: QueueId, until: datetime | None = None) -> datetime | None:
        """End of the latest interval with a count, of those that end by ``until``."""
        query = select(VolumeRow.start, VolumeRow.interval_seconds).where(VolumeRow.queue == queue)
        if until is not None:
            query = query.where(VolumeRow.start < until)
        for start, seconds in self._session.execute(query.order_by(VolumeRow.start.desc()).limit(64)):
            end: datetime = start + timedelta(seconds=seconds)
            if until is None or end <= until:
                return end
        return None

    def came(self, queue: QueueId, start: datetime, end: datetime) -> tuple[float, datetime]:
        """Contacts that came in [start, end), and until when that is known.

        Where another system tells counts from ``start`` on, theirs, as far as they reach without a gap;
        else the contacts in the store, up to ``end``.
        """
        query = (
            select(VolumeRow.start, VolumeRow.interval_seconds, VolumeRow.contacts)
            .where(
                VolumeRow.queue == queue,
                VolumeRow.source == VolumeSource.VOLUMES.value,
                VolumeRow.start >= start,
                VolumeRow.start < end,
            )
            .order_by(VolumeRow.start)
        )
        told, until = 0.0, start
        for begin, seconds, contacts in self._session.execute(query):
            after = begin + timedelta(seconds=seconds)
            if begin != until or after > end:
                break
            told, until = told + contacts, after
        if until > start:
            return told, until
        counted = select(func.count()).where(
            ContactRow.queue == queue, ContactRow.opened_at >= start, ContactRow.opened_at < end
        )
        return float(self._session.scalar(counted) or 0), end

    def came_on_grid(
        self, queue: QueueId, grid: IntervalGrid, until: datetime, *, late: timedelta
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Contacts per interval of a grid that came before ``until``, and the part of each that is known.

        Both of shape (grid.count,).  Where another system tells counts on the grid, theirs, shared out by
        overlap; else the contacts in the store, which may be told ``late`` and are known until then.
        """
        end = min(until, grid.end)
        rows: list[_Row] = [
            (r[0], r[1], r[2], None)
            for r in self._session.execute(
                select(VolumeRow.start, VolumeRow.interval_seconds, VolumeRow.contacts)
                .where(
                    VolumeRow.queue == queue,
                    VolumeRow.source == VolumeSource.VOLUMES.value,
                    VolumeRow.start >= grid.start,
                    VolumeRow.start < end,
                )
                .order_by(VolumeRow.start)
            )
            if r[0] + timedelta(seconds=r[1]) <= end
        ]
        step = grid.interval_seconds
        if rows:
            offered, covered, _, _ = _shared_out(grid, rows)
            return offered, np.minimum(covered / step, 1.0)
        end = max(grid.start, min(until - late, grid.end))
        came = np.zeros(grid.count)
        for at, _ in self.arrivals(queue, grid.start, end):
            came[int((at - grid.start).total_seconds() // step)] += 1.0
        known = (end - grid.start).total_seconds() / step - np.arange(grid.count, dtype=np.float64)
        return came, np.clip(known, 0.0, 1.0)

    def last_told(self, queue: QueueId, until: datetime) -> datetime | None:
        """End of the latest interval up to ``until`` whose count was told to us, not counted by us."""
        query = (
            select(VolumeRow.start, VolumeRow.interval_seconds)
            .where(
                VolumeRow.queue == queue,
                VolumeRow.source == VolumeSource.VOLUMES.value,
                VolumeRow.start < until,
            )
            .order_by(VolumeRow.start.desc())
            .limit(1)
        )
        row = self._session.execute(query).first()
        return None if row is None else min(until, row[0] + timedelta(seconds=row[1]))

    def queues(self) -> list[QueueId]:
        """Queues that have any count."""
        return [
            QueueId(q)
            for q in self._session.scalars(select(VolumeRow.queue).distinct().order_by(VolumeRow.queue))
        ]

    def arrivals(self, queue: QueueId, start: datetime, end: datetime) -> list[tuple[datetime, float | None]]:
        """Arrival and handling time [s] of every contact that arrived in [start, end), in order."""
        query = (
            select(ContactRow.opened_at, ContactRow.handle_seconds)
            .where(and_(ContactRow.queue == queue, ContactRow.opened_at >= start, ContactRow.opened_at < end))
            .order_by(ContactRow.opened_at)
        )
        return [(r[0], r[1]) for r in self._session.execute(query)]


def counts_on_grid(queue: QueueId, grid: IntervalGrid, counts: Sequence[VolumeCount]) -> VolumeHistory:
    """Counts of one queue on a given grid, shared out by overlap as in ``Volumes.history``."""
    ordered = sorted(counts, key=lambda c: c.start)
    rows = [(c.start, int(c.interval.total_seconds()), c.contacts, c.aht_seconds) for c in ordered]
    return _on_grid(queue, grid, rows)


def _on_grid(queue: str, grid: IntervalGrid, rows: Sequence[_Row]) -> VolumeHistory:
    offered, covered, handled, weight = _shared_out(grid, rows)
    observed = _observed(covered, grid.interval_seconds)
    return VolumeHistory(
        queue=queue,
        grid=grid,
        offered=np.where(observed, offered, 0.0),
        observed=observed,
        aht_seconds=np.where(observed & (weight > 0), handled / np.maximum(weight, 1e-300), np.nan),
    )


def _shared_out(grid: IntervalGrid, rows: Sequence[_Row]) -> tuple[NDArray[np.float64], ...]:
    """Per interval: contacts, seconds covered by rows, handled seconds and the contacts behind them."""
    step = grid.interval_seconds
    offset = np.array([(r[0] - grid.start).total_seconds() for r in rows], dtype=np.float64)
    length = np.array([r[1] for r in rows], dtype=np.float64)
    contacts = np.array([r[2] for r in rows], dtype=np.float64)
    aht = np.array([np.nan if r[3] is None else r[3] for r in rows], dtype=np.float64)
    offered, covered = np.zeros(grid.count), np.zeros(grid.count)
    handled, weight = np.zeros(grid.count), np.zeros(grid.count)
    first = np.floor(offset / step).astype(np.int64)
    for piece in range(int(np.ceil(length.max() / step)) + 1):
        index = first + piece
        overlap = np.minimum(offset + length, (index + 1) * step) - np.maximum(offset, index * step)
        inside = (overlap > 0) & (index >= 0) & (index < grid.count)
        at, share = index[inside], (overlap / length)[inside]
        np.add.at(offered, at, contacts[inside] * share)
        np.add.at(covered, at, overlap[inside])
        known = inside & np.isfinite(aht)
        np.add.at(weight, index[known], (contacts * overlap / length)[known])
        np.add.at(handled, index[known], (contacts * aht * overlap / length)[known])
    return offered, covered, handled, weight


def _observed(covered: NDArray[np.float64], step: float) -> NDArray[np.bool_]:
    whole = covered >= step - 0.5
    some = (covered > 0.5) & ~whole
    before = np.concatenate([[False], covered[:-1] > 0.5])
    after = np.concatenate([covered[1:] > 0.5, [False]])
    return np.asarray(whole | (some & (before ^ after)), dtype=np.bool_)


def _minutes(spans: Iterable[tuple[datetime, timedelta]]) -> set[datetime]:
    """Every minute inside the spans; starts and lengths are whole minutes."""
    return {start + k * _MINUTE for start, length in spans for k in range(length // _MINUTE)}


_MINUTE = timedelta(minutes=1)
