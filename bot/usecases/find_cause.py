"""Why a queue was short: roster, presence, forecast and what really came, put together.  Inside a unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import structlog

from bot.core.break_moves import BreakMove, BreakRules, cheapest, possible, spare_at
from bot.core.cause import (
    LateCost,
    Need,
    NeedOf,
    SeenVolume,
    StaffingCause,
    here_now,
    late_cost,
    needed,
    volume_window,
)
from bot.core.counting import interval_start
from bot.core.data_age import DataAge
from bot.core.floor import PresenceState
from bot.core.ids import AgentId, QueueId
from bot.core.on_duty import working_on
from bot.core.queues import Queue
from bot.core.requirements import RequirementInterval
from bot.core.settings import Settings
from bot.store.failures import is_temporary
from bot.store.unit_of_work import ReadUnit
from bot.usecases.workloads import KINDS
from forecasting.forecast import VolumeForecast, expected_between
from forecasting.grid import local_midnight
from scheduler.errors import SchedulerError
from scheduler.queueing.targets import WorkKind
from scheduler.roster.roster import Assignment
from scheduler.roster.shifts import RESERVED_ACTIVITIES
from scheduler.staffing.requirement import base_agents
from scheduler.staffing.workload import Workload

__all__ = ["Causes", "break_rules", "cause_at", "data_age", "moves", "need_of"]

log = structlog.get_logger(__name__)

HANDLING_WINDOW = timedelta(hours=2)
"""How far back handling times are measured."""
STALE = timedelta(hours=2)
"""States that nothing was heard of for so long say nothing about the present."""
MOST = 8
"""Causes looked up in one unit; each takes some twenty milliseconds."""
MOVES_SHOWN = 2
AHEAD = timedelta(hours=1)
"""How far ahead a break may lie that could be moved."""


@dataclass(slots=True)
class Causes:
    """Causes found once per unit, queue and interval: in a storm a hundred breaches share one.

    After an outage a tick may find breaches of a whole day; past `MOST` causes it goes on without.
    """

    uow: ReadUnit
    settings: Settings
    _held: dict[tuple[QueueId, datetime, datetime], StaffingCause | None] = field(default_factory=dict)

    def at(self, queue: QueueId, at: datetime, now: datetime) -> StaffingCause | None:
        """As `cause_at`; None, logged, where it fails: an alert must not wait for its explanation."""
        key = (queue, interval_start(at, self.settings.staffing.interval), now)
        if key not in self._held:
            if len(self._held) >= MOST:
                return None
            try:
                self._held[key] = cause_at(self.uow, self.settings, queue, at, now)
            except Exception as error:
                if is_temporary(error):
                    raise
                log.exception("cause_not_found", queue=queue)
                self._held[key] = None
        return self._held[key]


def cause_at(uow: ReadUnit, settings: Settings, queue: QueueId, at: datetime, now: datetime) -> StaffingCause:
    """The staffing cause of ``queue`` in the interval that contains ``at``, as known at ``now``.

    Raises KeyError for a queue app.yaml does not have.
    """
    at = at.replace(second=0, microsecond=0)
    requirement = uow.requirements.at(queue, at)
    start, end = _interval(settings, queue, requirement, at)
    forecast = _forecast(uow, queue, requirement, start, end)
    silent = uow.episodes.touching("silence", queue, start, min(now, end))
    on_shift = uow.rosters.on_shift(at)
    published = uow.rosters.published_at(at)
    known = bool(on_shift) or published is not None
    resting = sum(1 for entry in on_shift if entry.activity in RESERVED_ACTIVITIES)
    states = _states(uow, min(at, now), now)
    skill = settings.queues[queue].skill
    able = {a.agent for a in uow.people.all() if skill in a.skills} if states else set()
    cause = StaffingCause(
        queue=queue,
        start=start,
        end=end,
        at=at,
        age=data_age(uow, at, now, forecast=None if forecast is None else forecast.made_at),
        need=_need(uow, settings, queue, requirement, forecast, (start, end), now, silent=bool(silent)),
        rostered=working_on(on_shift, queue) if known else None,
        resting=resting if known else 0,
        here=here_now(on_shift, states, queue, able=able),
        silent_since=silent[0].since if silent else None,
    )
    cause = replace(cause, cost=_cost(settings, cause))
    if cause.short is None or cause.short <= 0 or now >= end:
        return cause
    return replace(cause, moves=moves(uow, settings, queue, now))


def data_age(uow: ReadUnit, at: datetime, now: datetime, *, forecast: datetime | None = None) -> DataAge:
    """How old everything is; ``forecast``: when the one in use was made."""
    return DataAge(
        at=now,
        contacts=uow.contacts.data_until(),
        presence=max((s.heard_at for s in uow.presence.now(now).values()), default=None),
        forecast=forecast,
        roster=uow.rosters.published_at(at),
    )


def need_of(settings: Settings, queue: Queue, forecast: VolumeForecast) -> NeedOf:
    """People at the queue by contacts and handling time, for the forecast's last interval.

    Live work is staffed interval by interval.  Deferrable work is spread over the time it may wait, so the
    whole stretch of the forecast is scaled with the interval.
    """
    kind = KINDS[queue.channel]
    mean = np.where(forecast.open, forecast.mean, 0.0) if kind is not WorkKind.DEFERRABLE else forecast.mean
    target = settings.staffing.targets[queue.target]

    def need(contacts: float, aht_seconds: float) -> int:
        last = float(mean[-1])
        scale = contacts / last if last > 0 else 0.0
        load = Workload(
            queue=queue.queue,
            skill=queue.skill,
            kind=kind,
            grid=forecast.grid,
            contacts=mean * scale if last > 0 else np.append(mean[:-1], contacts),
            aht_seconds=np.full(forecast.grid.count, max(aht_seconds, 1.0)),
            open=forecast.open,
            patience_seconds=None if kind is WorkKind.DEFERRABLE else queue.patience_seconds,
            concurrency=queue.concurrency if kind is WorkKind.CONCURRENT else 1,
        )
        people = int(base_agents(load, target)[-1])
        return max(people, settings.staffing.minimum_agents if forecast.open[-1] else 0)

    return need


def break_rules(uow: ReadUnit, settings: Settings) -> dict[str, BreakRules]:
    """What each agent's contract says about pauses; agents whose contract is gone are left out."""
    found = {}
    for agent in uow.people.all():
        contract = settings.roster.contracts.get(agent.contract)
        if contract is not None:
            templates = settings.roster.templates
            own = tuple(templates[name] for name in contract.templates if name in templates)
            found[str(agent.agent)] = BreakRules(templates=own, zone=agent.zone)
    return found


def work_on(assignments: Sequence[Assignment], queue: QueueId) -> list[tuple[datetime, datetime]]:
    """[start, end) of everybody's work on a queue."""
    return [(s.start, s.end) for a in assignments for s in a.shift.segments if s.activity == queue]


def _interval(
    settings: Settings, queue: QueueId, requirement: RequirementInterval | None, at: datetime
) -> tuple[datetime, datetime]:
    if requirement is not None:
        return requirement.start, requirement.end
    step = settings.staffing.interval
    zone = settings.calendars[settings.queues[queue].calendar].zone
    midnight = local_midnight(at.astimezone(ZoneInfo(zone)).date(), zone)
    start = midnight + (at - midnight) // step * step
    return start, start + step


def _forecast(
    uow: ReadUnit, queue: QueueId, requirement: RequirementInterval | None, start: datetime, end: datetime
) -> VolumeForecast | None:
    """The forecast behind the requirement, else the newest one."""
    if requirement is not None and requirement.forecast is not None:
        stored = uow.forecasts.numbered(requirement.forecast, start, end)
        if stored is not None and stored.forecast.grid.count:
            return stored.forecast
    newest = uow.forecasts.latest(queue, start, end)
    return newest if newest is not None and newest.grid.count else None


def _need(
    uow: ReadUnit,
    settings: Settings,
    name: QueueId,
    requirement: RequirementInterval | None,
    forecast: VolumeForecast | None,
    interval: tuple[datetime, datetime],
    now: datetime,
    *,
    silent: bool,
) -> Need | None:
    planned = None if requirement is None else requirement.scheduled_agents
    if forecast is None:
        return None if requirement is None else Need(by_forecast=requirement.base_agents, planned=planned)
    queue = settings.queues[name]
    start, end = interval
    zone = settings.calendars[queue.calendar].zone
    midnight = local_midnight(start.astimezone(ZoneInfo(zone)).date(), zone)
    day = uow.forecasts.latest_around(name, start, end, back_to=midnight)
    if day is None or not day.grid.count or day.grid.interval != end - start:
        day = forecast
    measured = uow.contacts.handling_times(name, min(now, end) - HANDLING_WINDOW, min(now, end))
    try:
        return needed(
            need_of(settings, queue, day if KINDS[queue.channel] is WorkKind.DEFERRABLE else forecast),
            forecast_contacts=float(forecast.mean[-1]),
            planned_aht_seconds=float(forecast.aht_seconds[-1]),
            planned=planned,
            seen=None if silent else _seen(uow, queue, day, interval, midnight, now),
            measured=measured,
        )
    except SchedulerError:
        # A load no staffing can carry has no need to put a number to.
        return None if requirement is None else Need(by_forecast=requirement.base_agents, planned=planned)


def _seen(
    uow: ReadUnit,
    queue: Queue,
    day: VolumeForecast,
    interval: tuple[datetime, datetime],
    midnight: datetime,
    now: datetime,
) -> SeenVolume | None:
    """What came against what was forecast: of the interval, for deferrable work of the day so far."""
    start, end = interval
    if KINDS[queue.channel] is WorkKind.DEFERRABLE:
        window: tuple[datetime, datetime] | None = (max(midnight, day.grid.start), min(now, end))
    else:
        opens = day.grid.start
        for i in range(day.grid.count - 1, -1, -1):
            if not day.open[i]:
                opens = day.grid.start_of(i + 1)
                break
        window = volume_window(start, end, now, earliest=min(opens, start))
    if window is None or window[1] <= window[0]:
        return None
    came, until = uow.volumes.came(queue.queue, *window)
    return SeenVolume(
        start=window[0],
        end=until,
        contacts=round(came),
        expected=expected_between(day, window[0], until),
    )


def _cost(settings: Settings, cause: StaffingCause) -> LateCost | None:
    """What the gap costs a queue whose customers wait on the line, by the formula it is staffed with."""
    queue = settings.queues[QueueId(cause.queue)]
    kind, need = KINDS[queue.channel], cause.need
    if kind is WorkKind.DEFERRABLE or need is None or not need.contacts or not need.handling_seconds:
        return None
    # numba takes a second to load; most causes are asked of nothing that waits.
    from scheduler.queueing import chat

    target = settings.staffing.targets[queue.target]
    aht = max(need.handling_seconds, 1.0)
    erlangs = need.contacts * aht / (cause.end - cause.start).total_seconds()

    def share_in_time(people: int) -> float:
        held = chat.measures(
            people,
            erlangs,
            concurrency=queue.concurrency if kind is WorkKind.CONCURRENT else 1,
            aht_seconds=aht,
            within_seconds=target.within_seconds,
            patience_seconds=queue.patience_seconds,
        )
        return float(held.service_level)

    return late_cost(cause, share_in_time, within_seconds=target.within_seconds)


def moves(uow: ReadUnit, settings: Settings, queue: QueueId, now: datetime) -> tuple[BreakMove, ...]:
    """Breaks of the next hour that could lie elsewhere without a gap there."""
    assignments = uow.rosters.shifts_between(now, now + AHEAD)
    if not assignments:
        return ()
    ends = max(a.shift.end for a in assignments)
    rows = uow.requirements.between(queue, now - timedelta(hours=1), ends)
    required = [(r.start, r.end, r.base_agents) for r in rows]
    return cheapest(
        possible(
            assignments,
            break_rules(uow, settings),
            queue,
            now=now,
            start=now,
            end=now + AHEAD,
            step=settings.staffing.interval,
        ),
        spare_at(required, work_on(assignments, queue)),
        most=MOVES_SHOWN,
    )


def _states(uow: ReadUnit, at: datetime, now: datetime) -> Mapping[AgentId, PresenceState]:
    """Everybody's state at an instant; empty where nobody's was heard of for two hours."""
    states = uow.presence.now(at)
    if not any(now - state.heard_at < STALE for state in states.values()):
        return {}
    return states
