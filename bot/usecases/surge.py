"""What could be done about too many contacts today, each lever with its predicted effect (CA12)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.core.break_moves import BreakMove
from bot.core.calendar import open_periods
from bot.core.errors import RefusedError
from bot.core.ids import QueueId
from bot.core.queues import check_queue
from bot.core.settings import Settings
from bot.core.surge import (
    Backlog,
    Lever,
    LeverEffect,
    ShareInTime,
    SurgeInterval,
    diverted,
    ranked,
    served_in_time,
    with_people,
)
from bot.store.unit_of_work import ReadUnit, Store
from bot.usecases import offer_hours
from bot.usecases.find_cause import moves, work_on
from bot.usecases.offer_hours import OfferKind
from bot.usecases.put_off_session import Session, sessions_ahead
from bot.usecases.workloads import KINDS
from forecasting.forecast import expected_between
from forecasting.grid import local_midnight
from scheduler.errors import SchedulerError
from scheduler.queueing.targets import WorkKind
from scheduler.roster.roster import Assignment

__all__ = ["SurgeLadder", "look"]

_MOST: Final = 3.0
"""A morning says no more than three times as much of the afternoon."""
_SEEN_FROM: Final = 20.0
"""Contacts expected so far, from which on what came corrects the forecast."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SurgeLadder:
    """``share`` in time for what is left of the day as things stand; ``scale``: what came today against the
    forecast; ``waiting``: how many wait already; ``diverted``: the share self-service is reckoned to take;
    ``moves`` are the breaks that could lie elsewhere."""

    queue: QueueId
    until: datetime
    within_seconds: float
    contacts: float
    scale: float
    waiting: int
    diverted: float
    share: float
    levers: tuple[LeverEffect, ...]
    moves: tuple[BreakMove, ...]
    sessions: tuple[Session, ...]


def look(store: Store, settings: Settings, queue: QueueId, *, now: datetime) -> SurgeLadder:
    """The ladder of a queue.  Changes nothing.

    Service is reckoned interval by interval with the formula the queue is staffed with.  Raises RefusedError
    for an unknown queue, one nobody waits at, one that is closed for the day, and without forecast or roster.
    """
    check_queue(queue, settings.queues)
    if KINDS[settings.queues[queue].channel] is WorkKind.DEFERRABLE:
        raise RefusedError(
            "surge_deferrable",
            f"Nobody waits on the line at {queue}, so a surge is worked off later; nothing was reckoned. "
            "See /muster overtime.",
            queue=queue,
        )
    with store.read() as uow:
        day = _rest_of_day(uow, settings, queue, now)
        found_moves = moves(uow, settings, queue, now)
    base = served_in_time(day.intervals, day.in_time, day.backlog)

    def effect(
        lever: Lever, changed: Sequence[SurgeInterval], *, people: int = 0, minutes: int = 0
    ) -> LeverEffect:
        share = served_in_time(changed, day.in_time, day.backlog)
        return LeverEffect(lever=lever, share=share, gain=share - base, people=people, minutes=minutes)

    part = settings.queues[queue].self_service
    levers = [
        effect(Lever.DIVERT, diverted(day.intervals, part)),
        effect(Lever.TEMPORARY, with_people(day.intervals, [(now, day.until, 1)]), people=1),
    ]
    if found_moves:
        spans = []
        for move in found_moves:
            length = timedelta(minutes=move.minutes)
            spans += [(move.start, move.start + length, 1), (move.to, move.to + length, -1)]
        levers.append(effect(Lever.MOVE_BREAKS, with_people(day.intervals, spans), people=len(found_moves)))
    held = sessions_ahead(day.assignments, queue, now, day.until)
    sessions = [(s.start, s.end, 1) for s in held]
    if sessions:
        levers.append(
            effect(
                Lever.CANCEL_SESSIONS,
                with_people(day.intervals, sessions),
                people=len(sessions),
                minutes=_minutes(sessions),
            )
        )
    asked, overtime = _overtime(store, settings, queue, now)
    if overtime:
        levers.append(
            effect(
                Lever.OVERTIME,
                with_people(day.intervals, overtime),
                people=asked,
                minutes=_minutes(overtime),
            )
        )
    target = settings.staffing.targets[settings.queues[queue].target]
    return SurgeLadder(
        queue=queue,
        until=day.until,
        within_seconds=target.within_seconds,
        contacts=sum(i.contacts for i in day.intervals),
        scale=day.scale,
        waiting=round(day.backlog.waiting),
        diverted=part,
        share=base,
        levers=ranked(levers),
        moves=found_moves,
        sessions=held,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Day:
    """What is left of a queue's day."""

    intervals: tuple[SurgeInterval, ...]
    assignments: tuple[Assignment, ...]
    in_time: ShareInTime
    backlog: Backlog
    scale: float
    until: datetime


def _rest_of_day(uow: ReadUnit, settings: Settings, name: QueueId, now: datetime) -> _Day:
    queue = settings.queues[name]
    calendar = settings.calendars[queue.calendar]
    today = now.astimezone(ZoneInfo(calendar.zone)).date()
    until = max((end for _, end in open_periods(calendar, today)), default=now)
    if until <= now:
        raise RefusedError("surge_closed", f"{name} is closed for the day; nothing was reckoned.", queue=name)
    midnight = local_midnight(today, calendar.zone)
    forecast = uow.forecasts.latest_around(name, now, until, back_to=midnight)
    assignments = tuple(uow.rosters.shifts_between(now, until))
    if forecast is None or not forecast.grid.count or not assignments:
        raise RefusedError(
            "surge_no_plan",
            f"For {name} today there is no forecast or no published roster; nothing was reckoned. Make them: "
            "muster forecast, muster roster publish",
            queue=name,
        )
    expected = expected_between(forecast, midnight, now)
    came, _ = uow.volumes.came(name, midnight, now)
    scale = min(max(came / expected, 1 / _MOST), _MOST) if expected >= _SEEN_FROM else 1.0
    work = work_on(assignments, name)
    step = forecast.grid.interval
    intervals = []
    handling = 0.0
    for i in range(forecast.grid.count):
        start, end = forecast.grid.start_of(i), forecast.grid.start_of(i) + step
        if end <= now or start >= until or not forecast.open[i]:
            continue
        middle = start + step / 2
        seconds = float(forecast.aht_seconds[i])
        contacts = float(forecast.mean[i]) * scale
        handling += contacts * (queue.aht_seconds if math.isnan(seconds) else seconds)
        intervals.append(
            SurgeInterval(
                start=start,
                end=end,
                contacts=contacts,
                people=sum(begin <= middle < stop for begin, stop in work),
            )
        )
    total = sum(i.contacts for i in intervals)
    aht = handling / total if total > 0 else queue.aht_seconds
    side_by_side = queue.concurrency if KINDS[queue.channel] is WorkKind.CONCURRENT else 1
    return _Day(
        intervals=tuple(intervals),
        assignments=assignments,
        in_time=_in_time(settings, name, aht, step),
        backlog=Backlog(
            waiting=uow.contacts.unanswered_count(name, midnight),
            per_person_second=side_by_side / max(aht, 1.0),
        ),
        scale=scale,
        until=until,
    )


def _in_time(settings: Settings, name: QueueId, aht_seconds: float, step: timedelta) -> ShareInTime:
    # numba takes a second to load.
    from scheduler.queueing import chat

    queue = settings.queues[name]
    target = settings.staffing.targets[queue.target]
    aht = max(aht_seconds, 1.0)
    concurrency = queue.concurrency if KINDS[queue.channel] is WorkKind.CONCURRENT else 1

    def share(people: int, contacts: float) -> float:
        if contacts <= 0:
            return 1.0
        if people <= 0:
            return 0.0
        try:
            held = chat.measures(
                people,
                contacts * aht / step.total_seconds(),
                concurrency=concurrency,
                aht_seconds=aht,
                within_seconds=target.within_seconds,
                patience_seconds=queue.patience_seconds,
            )
        except SchedulerError:
            return 0.0  # more work than the people can ever do
        return float(held.service_level)

    return share


def _overtime(
    store: Store, settings: Settings, queue: QueueId, now: datetime
) -> tuple[int, list[tuple[datetime, datetime, int]]]:
    """How many the best offers of today ask, and what they add at the queue; none where none can be made."""
    today = now.astimezone(ZoneInfo(settings.calendars[settings.queues[queue].calendar].zone)).date()
    try:
        found = offer_hours.look(store, settings, OfferKind.OVERTIME, day=today, now=now)
    except RefusedError:
        return 0, []
    spans: list[tuple[datetime, datetime, int]] = []
    for offer in found.offers:
        for shift, sign in ((offer.change.before, -1), (offer.change.after, 1)):
            if shift is not None:
                spans += [(s.start, s.end, sign) for s in shift.segments if s.activity == queue]
    return len(found.offers), spans


def _minutes(spans: Sequence[tuple[datetime, datetime, int]]) -> int:
    return round(sum(n * (end - start).total_seconds() for start, end, n in spans) / 60)
