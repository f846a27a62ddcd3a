"""Live contacts counted into volumes, so that the forecast's history goes on by itself.

Idempotent: an interval is counted from the contacts in the store, however often.  Imported volumes win.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.counting import arrivals_by_interval, interval_start, mean, open_starts
from bot.core.ids import QueueId
from bot.core.settings import Settings
from bot.store.contacts import TouchedContact
from bot.store.outlook import CountMark
from bot.store.unit_of_work import ReadUnit, Store, UnitOfWork
from bot.store.volumes import VolumeCount, VolumeSource

__all__ = ["EVENTS", "EVERY", "MARK", "mark_of", "recount", "tick"]

EVERY = timedelta(minutes=5)
EVENTS = 50_000
"""Events read at a time; nobody waits for reading, and what is written are a few counts."""
BATCHES = 20
"""Such looks in one tick; more events wait for the next one."""
OVERLAP = 2_000
"""Events looked at again: a transaction that commits late may have lower numbers than those seen before."""
AGAIN = timedelta(hours=1)
"""Open intervals before the last count that are looked at again."""
MARK = "contacts"
FROM_FILES = frozenset({"file", "import"})
"""Sources of contacts that were not told as they came: they do not say that a queue is fed live."""


def mark_of(queue: QueueId) -> str:
    """Name of a queue's own mark: since when it has live contacts, and until when they are counted."""
    return f"{MARK}:{queue}"


def tick(store: Store, settings: Settings, *, now: datetime) -> int:
    """Count the intervals that events have touched since last time; returns how many counts changed.

    Open intervals of a queue that is fed live get a count of zero where nobody came, from its first live
    contact on; closed ones only where somebody came.  Intervals in which the source was silent have no
    count at all.  Only intervals that are over are counted.  One replica counts in each five minutes.
    """
    slot = interval_start(now, EVERY).isoformat()
    with store.read() as look:
        if look.job_slots.taken("count_contacts", slot):
            return 0
    with store.unit() as uow:
        if not uow.job_slots.take("count_contacts", slot, now):
            return 0
        uow.count_marks.begin(MARK, now)
        uow.commit()
    changed = 0
    for _ in range(BATCHES):
        with store.read() as view:
            mark = view.count_marks.get(MARK)
            assert mark is not None
            last, touched = view.contacts.touched_after(max(0, mark.event - OVERLAP), EVENTS)
            counts = _count(view, settings, touched, now)
        with store.unit() as uow:
            changed += sum(_keep(uow, c, now) for c in counts)
            uow.count_marks.set(MARK, CountMark(event=max(last, mark.event), since=None, counted_at=now))
            uow.commit()
        if last - mark.event < EVENTS - OVERLAP:
            break
    return changed


def recount(store: Store, settings: Settings, *, days: int, now: datetime) -> int:
    """Count the last days again, every interval of every live queue: mends whatever was missed."""
    counts = []
    with store.read() as view:
        for queue in settings.queues:
            mark = view.count_marks.get(mark_of(queue))
            if mark is not None and mark.since is not None:
                begin = max(mark.since, now - timedelta(days=days))
                counts.append(_count_queue(view, settings, queue, (), begin, now, since=mark.since))
    with store.unit() as uow:
        changed = sum(_keep(uow, c, now) for c in counts)
        uow.commit()
    return changed


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counted:
    """Counts of one queue, and the intervals of which nothing is known after all."""

    queue: QueueId
    since: datetime
    rows: tuple[VolumeCount, ...] = ()
    unseen: tuple[datetime, ...] = ()


def _keep(uow: UnitOfWork, counted: _Counted, now: datetime) -> int:
    gone = uow.volumes.forget_counted(counted.queue, counted.unseen)
    saved = uow.volumes.save(counted.rows, source=VolumeSource.CONTACTS) if counted.rows else None
    uow.count_marks.set(mark_of(counted.queue), CountMark(event=0, since=counted.since, counted_at=now))
    return gone + (0 if saved is None else saved.counts.new + saved.counts.changed)


def _count(
    view: ReadUnit, settings: Settings, touched: Collection[TouchedContact], now: datetime
) -> list[_Counted]:
    openings: dict[QueueId, set[datetime]] = defaultdict(set)
    live: dict[QueueId, set[datetime]] = defaultdict(set)
    for contact in touched:
        openings[contact.queue].add(contact.opened_at)
        if contact.source not in FROM_FILES:
            live[contact.queue].add(contact.opened_at)
    silent = view.episodes.going_on("silence")
    found = []
    for queue in settings.queues:
        held = view.count_marks.get(mark_of(queue))
        since = min(
            [*live[queue], *([held.since] if held is not None and held.since is not None else [])],
            default=None,
        )
        if since is None:
            continue  # nobody feeds this queue live
        begin = (since if held is None else held.counted_at) - AGAIN
        begin = min([begin, *(e.since for e in silent if e.queue == queue)])
        found.append(
            _count_queue(view, settings, queue, openings[queue], max(begin, since), now, since=since)
        )
    return found


def _count_queue(
    view: ReadUnit,
    settings: Settings,
    queue: QueueId,
    touched: Collection[datetime],
    begin: datetime,
    now: datetime,
    *,
    since: datetime,
) -> _Counted:
    """Count all open intervals from ``begin``, and those that contain a touched opening."""
    interval = settings.staffing.interval
    calendar = settings.calendars[settings.queues[queue].calendar]
    end = interval_start(now, interval)
    first = interval_start(begin, interval)
    wanted = set(open_starts(calendar, interval, first, end))
    wanted |= {s for t in touched if (s := interval_start(t, interval)) < end}
    # The source may have spoken only for a part of its first interval.
    wanted.discard(interval_start(since, interval))
    if not wanted:
        return _Counted(queue=queue, since=since)
    counted: dict[datetime, list[float | None]] = {}
    for start, stop in _runs(sorted(wanted), interval):
        counted |= arrivals_by_interval(view.volumes.arrivals(queue, start, stop), interval)
    spans = [
        (e.since, e.ended_at or now)
        for e in view.episodes.touching("silence", queue, min(wanted), max(wanted) + interval)
    ]
    unseen = {s for s in wanted if any(a < s + interval and s < b for a, b in spans)}
    # What a source tells of its silent time afterwards may be all or a part: no count is better than half.
    return _Counted(
        queue=queue,
        since=since,
        rows=tuple(
            VolumeCount(
                queue=queue,
                start=start,
                interval=interval,
                contacts=float(len(counted.get(start, ()))),
                aht_seconds=mean(counted.get(start, ())),
            )
            for start in sorted(wanted - unseen)
        ),
        unseen=tuple(sorted(unseen)),
    )


def _runs(starts: list[datetime], interval: timedelta) -> list[tuple[datetime, datetime]]:
    """Stretches [start, end) of intervals that follow one another, so that each is one question."""
    found: list[tuple[datetime, datetime]] = []
    for start in starts:
        if found and found[-1][1] == start:
            found[-1] = (found[-1][0], start + interval)
        else:
            found.append((start, start + interval))
    return found
