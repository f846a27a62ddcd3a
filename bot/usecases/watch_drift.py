"""Forecasts that stay too high or too low: planners and leads are told once, and see when it is over."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from bot.core.ids import QueueId, TeamId
from bot.core.message_codec import decode, encode
from bot.core.messages import Outgoing, Recipient, RecipientKind, Urgency
from bot.core.on_duty import reachable
from bot.core.outlook_messages import ForecastDrift
from bot.core.people import Role
from bot.core.settings import Settings
from bot.store.failures import is_temporary
from bot.store.outlook import Episode
from bot.store.unit_of_work import ReadUnit, Store, UnitOfWork
from bot.usecases.review_forecast import DRIFT, TRACKED, came_and_said
from forecasting.accuracy import (
    SIGNAL_LIMIT,
    DayError,
    TrackingSignal,
    day_errors,
    is_calm,
    is_drifting,
    track,
)
from forecasting.grid import local_midnight

__all__ = ["tick"]

log = structlog.get_logger(__name__)

FRESH = timedelta(days=7)
"""Older data says nothing about the present; an older forecast should be made anew first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tracked:
    queue: QueueId
    signal: TrackingSignal
    newest: DayError


def tick(store: Store, settings: Settings, *, now: datetime) -> int:
    """Judge every queue's forecasts by the days that are over; returns how many messages were written.

    A drift is an episode: it is told when it begins, in the transaction that begins it, and not again before
    it has ended; its end edits what was told.  Replicas may run this side by side.  A queue that cannot be
    judged does not stop the others.
    """
    if not settings.watch.drift:
        return 0
    with store.read() as uow:
        judged = [t for q in settings.queues if (t := _attempt(uow, settings, q, now)) is not None]
    written = 0
    with store.unit() as uow:
        going_on = {e.queue: e for e in uow.episodes.going_on(DRIFT)}
        for tracked in judged:
            episode = going_on.get(tracked.queue)
            if episode is not None:
                written += _over(uow, episode, tracked, now)
            elif is_drifting(tracked.signal):
                written += _begun(uow, settings, tracked, now)
        uow.commit()
    return written


def _attempt(uow: ReadUnit, settings: Settings, queue: QueueId, now: datetime) -> _Tracked | None:
    try:
        return _tracked(uow, settings, queue, now)
    except Exception as error:
        if is_temporary(error):
            raise
        log.exception("drift_not_judged", queue=queue)
        return None


def _tracked(uow: ReadUnit, settings: Settings, queue: QueueId, now: datetime) -> _Tracked | None:
    """The signal of a queue; None without enough days, or where the newest is too long ago."""
    frozen, actuals = came_and_said(uow, settings, queue, now - TRACKED, now)
    if actuals is None:
        return None
    errors = day_errors([one for one in frozen if not one.backdated], actuals)
    signal = track(errors)
    zone = settings.calendars[settings.queues[queue].calendar].zone
    if signal is None or local_midnight(signal.last, zone) < now - FRESH:
        return None
    return _Tracked(queue=queue, signal=signal, newest=errors[-1])


def _begun(uow: UnitOfWork, settings: Settings, tracked: _Tracked, now: datetime) -> int:
    signal, newest = tracked.signal, tracked.newest
    zone = settings.calendars[settings.queues[tracked.queue].calendar].zone
    message = ForecastDrift(
        queue=tracked.queue,
        last=signal.last,
        days=signal.days,
        signal=signal.signal,
        limit=SIGNAL_LIMIT,
        bias=signal.bias,
        number=newest.number,
        made=_local_day(newest.made_at, zone),
        stale=local_midnight(signal.last, zone) - newest.made_at > FRESH,
    )
    recipients = _recipients(uow, settings, settings.queues[tracked.queue].team)
    detail = {
        "message": encode(message),
        "posts": [[r.kind.value, r.name, r.team] for r in recipients],
    }
    since = local_midnight(signal.last, zone)
    episode = uow.episodes.open(DRIFT, tracked.queue, since=since, now=now, detail=detail)
    if episode is None:
        return 0
    for recipient in recipients:
        _put(uow, recipient, message, _key(episode, recipient), now)
    return len(recipients)


def _over(uow: UnitOfWork, episode: Episode, tracked: _Tracked, now: datetime) -> int:
    """End an episode whose queue is calm; what was told then says so, which calls nobody."""
    said = decode("forecast_drift", episode.detail["message"])
    assert isinstance(said, ForecastDrift)
    if not is_calm(tracked.signal, too_much=said.bias > 0) or not uow.episodes.end(episode.id, now):
        return 0
    over = replace(said, over_on=tracked.signal.last)
    posts = list(episode.detail["posts"])
    for kind, name, team in posts:
        recipient = Recipient(kind=RecipientKind(kind), name=name, team=team)
        key = _key(episode.id, recipient)
        _put(uow, recipient, over, f"{key}:over", now, edits=key)
    return len(posts)


def _local_day(at: datetime, zone: str) -> date:
    return at.astimezone(ZoneInfo(zone)).date()


def _key(episode: int, recipient: Recipient) -> str:
    return f"drift:{episode}:{recipient.kind.value}:{recipient.name}"


def _recipients(uow: ReadUnit, settings: Settings, team: TeamId) -> tuple[Recipient, ...]:
    """Reachable leads and above of the team, and planners of any team, whom app.yaml may name by e-mail
    alone; where there is nobody, the last resort of the team's chain."""
    found: list[Recipient] = []
    known: set[str] = set()
    for agent in uow.people.all():
        if not reachable(agent):
            continue
        role = settings.roles.role_of(agent.email, agent.role)
        if role is Role.PLANNER or (agent.team == team and role is not Role.AGENT):
            found.append(Recipient(kind=RecipientKind.AGENT, name=agent.agent, team=team))
            known.add(agent.email.lower())
    found += [
        Recipient(kind=RecipientKind.EMAIL, name=email, team=team)
        for email, role in sorted(settings.roles.by_email.items())
        if role is Role.PLANNER and email not in known
    ]
    resort = settings.chains[settings.teams[team].escalation].last_resort
    return tuple(found) or (Recipient(kind=RecipientKind.EMAIL, name=resort, team=team),)


def _put(
    uow: UnitOfWork,
    recipient: Recipient,
    message: ForecastDrift,
    key: str,
    now: datetime,
    *,
    edits: str | None = None,
) -> None:
    uow.outbox.put(
        Outgoing(
            recipient=recipient,
            message=message,
            dedupe_key=key,
            urgency=Urgency.NOTICE,
            not_before=now,
            edits=edits,
        ),
        now,
    )
