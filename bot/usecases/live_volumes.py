"""Volumes as another system counts them, interval by interval.  One transaction for a batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.core.changes import ChangeCounts
from bot.core.errors import RefusedError
from bot.core.near_names import nearest
from bot.core.settings import Settings
from bot.store.unit_of_work import Store
from bot.store.volumes import VolumeCount, VolumeSource
from bot.usecases.intake import FUTURE

__all__ = ["VolumesResult", "record"]

_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumesResult:
    """``replaced``: stored rows of another interval length that made room.

    ``refused``: (index, kind, text) of counts that were not kept.
    """

    counts: ChangeCounts
    replaced: int
    refused: tuple[tuple[int, str, str], ...]


def record(
    store: Store, settings: Settings, rows: Sequence[VolumeCount], *, sources: Sequence[str], now: datetime
) -> VolumesResult:
    """Keep counts; the same ones again change nothing, a later count of an interval replaces the earlier.

    ``sources``: who told each row.  The rules are those of the volumes file; a refused row does not touch
    the others.
    """
    refused: list[tuple[int, str, str]] = []
    kept: dict[tuple[str, datetime], VolumeCount] = {}
    spoken: dict[str, datetime | None] = {}
    for index, given in enumerate(rows):
        row = replace(given, aht_seconds=given.aht_seconds or None)
        try:
            _check(settings, row, now)
            before = kept.setdefault((row.queue, row.start), row)
            if before != row:
                raise RefusedError(
                    "count_contradicts",
                    "an earlier item counts the same queue and start differently; this one was not kept. "
                    "Send one of them.",
                )
        except RefusedError as error:
            refused.append((index, error.kind, str(error)))
            continue
        latest = spoken.get(sources[index])
        # The count speaks of its interval so far: not of a time that has not come.
        until = min(row.start + row.interval, now)
        spoken[sources[index]] = until if latest is None else max(latest, until)
    if not kept:
        return VolumesResult(counts=ChangeCounts(), replaced=0, refused=tuple(refused))
    with store.unit() as uow:
        # In one order whoever writes, so that two batches do not wait for each other.
        saved = uow.volumes.save([kept[key] for key in sorted(kept)], source=VolumeSource.VOLUMES)
        uow.sources.heard_all(spoken, now)
        uow.commit()
    return VolumesResult(counts=saved.counts, replaced=saved.replaced, refused=tuple(refused))


def _check(settings: Settings, row: VolumeCount, now: datetime) -> None:
    """Raises RefusedError; the text repeats only names of our own."""
    if row.queue not in settings.queues:
        known = ", ".join(sorted(settings.queues))
        near = nearest(row.queue, settings.queues)
        question = f"Did you mean {near}? " if near else ""
        raise RefusedError(
            "unknown_queue",
            f"the queue is not in app.yaml; the count was not kept. {question}Queues: {known}.",
            near=near,
            known=known,
        )
    if _HOUR % row.interval or row.interval % _MINUTE:
        raise RefusedError(
            "interval_unknown",
            "the interval does not divide an hour into whole minutes; the count was not kept. "
            "Send 5, 10, 15, 20, 30 or 60.",
        )
    if row.start.timestamp() % row.interval.total_seconds():
        raise RefusedError(
            "off_grid", "the start is not on its interval; the count was not kept. Send 10:00, 10:15, ..."
        )
    if row.start > now + FUTURE:
        raise RefusedError(
            "count_in_future",
            "the interval has not begun; the count was not kept. Check the clock of the source; what is "
            "expected is forecast by Muster.",
        )
