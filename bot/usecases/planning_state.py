"""How the planning of a week stands: from the last contact to the live roster, and what comes next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from bot.core.ids import QueueId
from bot.core.rosters import RosterStatus, RosterVersion
from bot.core.runs import Run
from bot.core.settings import Settings
from bot.store.unit_of_work import ReadUnit
from bot.usecases import plan_roster
from scheduler.roster.roster import RosterPeriod

__all__ = ["PlanningState", "QueueState", "Step", "default_week", "state_of"]

_DAY = timedelta(days=1)


class Step(Enum):
    """What a planner would do next."""

    HISTORY = "history"
    FORECAST = "forecast"
    STAFFING = "staffing"
    SOLVE = "solve"
    WAIT = "wait"
    CERTIFY = "certify"
    PUBLISH = "publish"
    ACCEPT = "accept"  # the certificate is below the threshold
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueState:
    """``contacts_until``: end of the latest interval with a count.  ``forecast``: [start, end) of the newest
    one, ``covered`` where some forecast has the whole week; ``needed_at``: when the requirement was made."""

    queue: QueueId
    contacts_until: datetime | None
    forecast: tuple[datetime, datetime] | None
    covered: bool
    needed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanningState:
    """``draft``: the newest one, where it is newer than the live roster.  ``run``: a solve under way."""

    first: date
    period: RosterPeriod
    queues: tuple[QueueState, ...]
    draft: RosterVersion | None
    live: RosterVersion | None
    run: Run | None
    step: Step


def state_of(uow: ReadUnit, settings: Settings, first: date) -> PlanningState:
    """The state of the seven days from ``first``."""
    period = RosterPeriod(first=first, days=7, zone=settings.zone)
    queues = tuple(_queue(uow, QueueId(name), period) for name in settings.queues)
    live = uow.rosters.published_for(period)
    draft = uow.rosters.latest(RosterStatus.DRAFT, first)
    if draft is not None and (
        draft.roster.period.days != period.days or (live is not None and draft.roster_id < live.roster_id)
    ):
        draft = None
    run = next((r for r in uow.runs.unfinished(plan_roster.KIND) if _is_of(r, period)), None)
    return PlanningState(
        first=first,
        period=period,
        queues=queues,
        draft=draft,
        live=live,
        run=run,
        step=_step(queues, draft, live, run, settings.roster.publish.certificate),
    )


def default_week(uow: ReadUnit, settings: Settings, now: datetime) -> date:
    """The first whole ISO week that the newest forecast covers, else next week."""
    zone = ZoneInfo(settings.zone)
    today = now.astimezone(zone).date()
    spans = [uow.forecasts.newest_span(QueueId(queue)) for queue in settings.queues]
    starts = [span[0] for span in spans if span is not None]
    if not starts:
        return today + (7 - today.weekday()) * _DAY
    first = max(starts).astimezone(zone)
    day = first.date()
    # A forecast that begins at midnight of a Monday covers that whole week.
    if day.weekday() == 0 and first.hour == first.minute == 0:
        return day
    return day + (7 - day.weekday()) * _DAY


def _queue(uow: ReadUnit, queue: QueueId, period: RosterPeriod) -> QueueState:
    return QueueState(
        queue=queue,
        contacts_until=uow.volumes.last_end(queue),
        forecast=uow.forecasts.newest_span(queue),
        covered=uow.forecasts.latest(queue, period.start, period.end) is not None,
        needed_at=uow.requirements.made_at(queue, period.start, period.end),
    )


def _is_of(run: Run, period: RosterPeriod) -> bool:
    first = date.fromisoformat(str(run.parameters["first"]))
    days = int(str(run.parameters["days"]))
    return first < period.first + period.days * _DAY and period.first < first + days * _DAY


def _step(
    queues: tuple[QueueState, ...],
    draft: RosterVersion | None,
    live: RosterVersion | None,
    run: Run | None,
    threshold: float,
) -> Step:
    if run is not None:
        return Step.WAIT
    if draft is not None:
        if draft.weakest is None:
            return Step.CERTIFY
        return Step.PUBLISH if draft.weakest >= threshold else Step.ACCEPT
    if live is not None:
        return Step.NOTHING
    if not any(q.contacts_until for q in queues):
        return Step.HISTORY
    if not any(q.covered for q in queues):
        return Step.FORECAST
    if not any(q.needed_at for q in queues):
        return Step.STAFFING
    return Step.SOLVE
