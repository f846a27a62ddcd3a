"""What came of the peaks that certificates of published rosters judged, from the stored contacts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from bot.core.calendar import add_business_time
from bot.core.certificate_calibration import PeakOutcome
from bot.core.contacts import answered_at
from bot.core.ids import QueueId
from bot.core.queues import Queue
from bot.core.rosters import RosterVersion
from bot.core.settings import Settings
from bot.store.rosters import StoredCertificate
from bot.store.unit_of_work import ReadUnit, Store
from bot.usecases.workloads import KINDS
from forecasting.day_table import cells_of
from forecasting.grid import local_midnight
from forecasting.uncertainty import excess_by_day, widened
from scheduler.queueing.targets import WorkKind

__all__ = ["outcomes"]

DAY = timedelta(days=1)


def outcomes(
    store: Store, settings: Settings, *, first: date, last: date, now: datetime
) -> tuple[PeakOutcome, ...]:
    """The judged peaks of the local days ``first`` to ``last`` that are over, by start.

    Of every published roster with a certificate; queues without any contact of that day in the store are
    left out (their volumes may be known, not how they were answered).  A peak is over when its last contact
    could still have been answered in time.  Nothing is stored.
    """
    found: list[PeakOutcome] = []
    with store.read() as uow:
        begin = local_midnight(first, settings.zone)
        end = local_midnight(last + DAY, settings.zone)
        seen: set[int] = set()
        instant = begin
        while instant < end:
            version = uow.rosters.published(instant)
            instant += DAY
            if version is None or version.roster_id in seen:
                continue
            seen.add(version.roster_id)
            certificate = uow.rosters.certificate(version.roster_id)
            if certificate is not None:
                found += _of_roster(uow, settings, version, certificate, begin, end, now)
    return tuple(sorted(found, key=lambda o: (o.start, o.queue)))


def _of_roster(
    uow: ReadUnit,
    settings: Settings,
    version: RosterVersion,
    certificate: StoredCertificate,
    begin: datetime,
    end: datetime,
    now: datetime,
) -> list[PeakOutcome]:
    found = []
    for judgement in certificate.report.get("judgements", []):
        queue = settings.queues.get(QueueId(judgement["queue"]))
        stretches = judgement.get("stretches")
        if queue is None or not stretches:
            continue  # no such queue any more, or certified before the stretches were kept
        target = settings.staffing.targets[queue.target]
        start, stop = (datetime.fromisoformat(judgement[edge]) for edge in ("start", "end"))
        if not (begin <= start < end) or _due(settings, queue, stop) > now:
            continue
        contacts = uow.contacts.opened_between([queue.queue], start, stop)
        if not contacts and not _any_that_day(uow, queue.queue, start, settings.zone):
            continue
        judged = [c for c in contacts if _inside(c.opened_at, stretches)]
        found.append(
            PeakOutcome(
                roster=version.roster_id,
                queue=queue.queue,
                day=start.astimezone(ZoneInfo(settings.zone)).date(),
                start=start,
                end=stop,
                promised=float(judgement["probability"]),
                target_share=target.share,
                expected_contacts=float(judgement["expected_contacts"]),
                contacts=len(judged),
                error=_error(uow, certificate, queue.queue, stretches),
                in_time=sum(
                    (at := answered_at(c)) is not None and at <= _due(settings, queue, c.opened_at)
                    for c in judged
                ),
            )
        )
    return found


def _error(
    uow: ReadUnit, certificate: StoredCertificate, queue: QueueId, stretches: Sequence[Sequence[str]]
) -> float | None:
    """Relative error beyond chance of the peak's contacts together, by the forecast the certificate played.

    What is common to a day does not even out over its intervals, what is an interval's own does.
    """
    number = certificate.report.get("forecasts", {}).get(queue)
    edges = [(datetime.fromisoformat(a), datetime.fromisoformat(b)) for a, b in stretches]
    first, last = min(a for a, _ in edges), max(b for _, b in edges)
    stored = None if number is None else uow.forecasts.numbered(int(number), first, last)
    if stored is None or not stored.forecast.grid.count:
        return None
    forecast = widened(stored.forecast, float(certificate.report.get("volume_error", 0.0)))
    _, days, rows, _ = cells_of(forecast.grid)
    excess = excess_by_day(forecast, rows, days)[rows]
    inside = np.array([any(a <= at < b for a, b in edges) for at in forecast.grid.starts()])
    mean, off = forecast.mean[inside], (np.sqrt(excess) * forecast.mean)[inside]
    if mean.sum() <= 0:
        return None
    common = min(1.0, forecast.shared_by_week + forecast.shared_by_day)
    variance = common * off.sum() ** 2 + (1 - common) * (off**2).sum()
    return float(np.sqrt(variance) / mean.sum())


def _due(settings: Settings, queue: Queue, opened: datetime) -> datetime:
    """Until when a contact is in time; work that can wait counts open hours, unless its target says else."""
    target = settings.staffing.targets[queue.target]
    within = timedelta(seconds=target.within_seconds)
    if KINDS[queue.channel] is not WorkKind.DEFERRABLE or target.count_closed_time:
        return opened + within
    return add_business_time(settings.calendars[queue.calendar], opened, within)


def _inside(at: datetime, stretches: Sequence[Sequence[str]]) -> bool:
    """Peaks judged together may lie apart."""
    return any(datetime.fromisoformat(a) <= at < datetime.fromisoformat(b) for a, b in stretches)


def _any_that_day(uow: ReadUnit, queue: QueueId, start: datetime, zone: str) -> bool:
    midnight = local_midnight(start.astimezone(ZoneInfo(zone)).date(), zone)
    return uow.contacts.count_opened(queue, midnight, midnight + DAY) > 0
