"""Broken first responses by hour of the week, beside the contacts, the requirement and the roster (FP10)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from bot.core.bottlenecks import Bottleneck, Slot
from bot.core.courses import Measure
from bot.core.exception_windows import excusing
from bot.core.ids import QueueId
from bot.core.settings import Settings
from bot.store.unit_of_work import ReadUnit, Store
from bot.usecases.forecast import chosen_queues

__all__ = ["bottlenecks"]

HOUR = timedelta(hours=1)
QUARTER = timedelta(minutes=15)


def bottlenecks(
    store: Store, settings: Settings, *, queues: Sequence[QueueId] | None = None, weeks: int, now: datetime
) -> list[Bottleneck]:
    """Every hour of the week in which a first response was judged, of the ``weeks`` before ``now``.

    A promise belongs to the hour in which its contact came.  Raises RefusedError for an unknown queue.
    """
    wanted = set(chosen_queues(settings, queues))
    start = now - timedelta(weeks=weeks)
    zones = {
        q: ZoneInfo(settings.calendars[settings.queues[q].calendar].zone)
        for q in settings.queues
        if q in wanted
    }
    judged: dict[Slot, list[int]] = defaultdict(lambda: [0, 0, 0])
    with store.read() as uow:
        windows = uow.exception_windows.between(start, now)
        for clock in uow.clocks.judged_between(start, now, now):
            if clock.measure is not Measure.FIRST_RESPONSE or clock.queue not in wanted:
                continue
            tally = judged[_slot(clock.queue, clock.started_at, zones[clock.queue])]
            tally[0] += 1
            if clock.stopped_at is not None and clock.stopped_at <= clock.due_at:
                continue
            tally[1] += 1
            team = settings.queues[clock.queue].team
            tally[2] += bool(excusing(windows, team=team, queue=clock.queue, at=clock.due_at))
        contacts, needed, rostered = _beside(uow, zones, start, now)
    of_queue: dict[QueueId, list[int]] = defaultdict(lambda: [0, 0])
    for slot, (count, broken, _) in judged.items():
        of_queue[slot.queue][0] += count
        of_queue[slot.queue][1] += broken
    return [
        Bottleneck(
            slot=slot,
            judged=count,
            broken=broken,
            excused=excused,
            excess=broken - count * of_queue[slot.queue][1] / of_queue[slot.queue][0],
            contacts=contacts.get(slot),
            needed=needed.get(slot),
            rostered=rostered.get(slot),
        )
        for slot, (count, broken, excused) in sorted(judged.items())
    ]


def _slot(queue: QueueId, at: datetime, zone: ZoneInfo) -> Slot:
    local = at.astimezone(zone)
    return Slot(queue, local.weekday(), local.hour)


def _beside(
    uow: ReadUnit, zones: dict[QueueId, ZoneInfo], start: datetime, now: datetime
) -> tuple[dict[Slot, float], dict[Slot, float], dict[Slot, float]]:
    """Means by hour of the week: contacts, people needed, people rostered."""
    contacts: dict[Slot, list[float]] = defaultdict(list)
    needed: dict[Slot, list[float]] = defaultdict(list)
    rostered: dict[Slot, list[float]] = defaultdict(list)
    assignments = uow.rosters.shifts_between(start, now)
    covered = sorted({a.shift.date for a in assignments})
    for queue, zone in zones.items():
        history = uow.volumes.history(queue, zone.key, HOUR, until=now, start=start)
        if history is not None:
            for i in np.flatnonzero(history.observed).tolist():
                contacts[_slot(queue, history.grid.start_of(i), zone)].append(float(history.offered[i]))
        for interval in uow.requirements.between(queue, start, now):
            needed[_slot(queue, interval.start, zone)].append(float(interval.base_agents))
        if not covered:
            continue
        at_queue: dict[datetime, int] = defaultdict(int)
        for assignment in assignments:
            for segment in assignment.shift.segments:
                if segment.activity != queue:
                    continue
                mark = (
                    segment.start
                    - (segment.start - datetime.min.replace(tzinfo=segment.start.tzinfo)) % QUARTER
                )
                while mark < segment.end:
                    if segment.start <= mark:
                        at_queue[mark] += 1
                    mark += QUARTER
        days = set(covered)
        mark = start - (start - datetime.min.replace(tzinfo=start.tzinfo)) % QUARTER
        while mark < now:
            # Days without any published shift say that no roster is known, not that nobody was there.
            if mark.astimezone(zone).date() in days:
                rostered[_slot(queue, mark, zone)].append(float(at_queue.get(mark, 0)))
            mark += QUARTER
    return _means(contacts), _means(needed), _means(rostered)


def _means(values: dict[Slot, list[float]]) -> dict[Slot, float]:
    return {slot: float(np.mean(held)) for slot, held in values.items()}
