"""Every five minutes: risk ahead, unusual volume, silent sources; and what became of earlier predictions."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from bot.core.counting import interval_start
from bot.core.ids import QueueId, TeamId
from bot.core.message_codec import decode, encode
from bot.core.messages import Outgoing, Recipient, RecipientKind, Urgency
from bot.core.on_duty import leads_on_duty
from bot.core.outlook import changed_much
from bot.core.outlook_messages import RiskAhead
from bot.core.settings import Settings
from bot.store.failures import is_temporary
from bot.store.outlook import RiskCall
from bot.store.unit_of_work import ReadUnit, Store, UnitOfWork
from bot.usecases import watch_service, watch_volume
from bot.usecases.find_cause import data_age
from bot.usecases.foretell_risk import Prediction, predict
from bot.usecases.outlook_week import tell_weeks, week_so_far
from bot.usecases.todays_forecast import SILENCE

__all__ = ["EVERY", "tick"]

log = structlog.get_logger(__name__)

EVERY = timedelta(minutes=5)
JUDGED_AFTER = timedelta(minutes=10)
"""How long after its window a prediction is judged: words may come late."""


def tick(store: Store, settings: Settings, *, now: datetime) -> int:
    """Look at every queue once in five minutes; returns how many messages were written.

    Replicas compute side by side and one of them writes: the slot and all that is said go together.
    A queue that cannot be foretold does not stop the others.
    """
    slot = interval_start(now, EVERY).isoformat()
    with store.read() as uow:
        if uow.job_slots.taken("watch_outlook", slot):
            return 0
        predictions = [p for q in settings.queues if (p := _attempt(uow, settings, q, now)) is not None]
    with store.unit() as uow:
        if not uow.job_slots.take("watch_outlook", slot, now):
            return 0
        written = _judge(uow, settings, now)
        written += sum(_keep(uow, settings, p, now) for p in predictions)
        written += watch_volume.look(uow, settings, now)
        written += watch_service.look(uow, settings, now)
        written += tell_weeks(uow, settings, now)
        uow.commit()
    return written


def _attempt(uow: ReadUnit, settings: Settings, queue: QueueId, now: datetime) -> Prediction | None:
    try:
        return predict(uow, settings, queue, now)
    except Exception as error:
        if is_temporary(error):
            raise
        log.exception("risk_not_foretold", queue=queue)
        return None


# -- keeping and telling -----------------------------------------------------------------------------------


def _keep(uow: UnitOfWork, settings: Settings, made: Prediction, now: datetime) -> int:
    """Store a prediction; tell the leads on duty once per window, and again only what has changed much."""
    threshold = settings.watch.risk_chance
    held = uow.risk_calls.get(made.queue, made.start)
    if held is not None and held.judged_at is not None:
        return 0
    call = RiskCall(
        queue=made.queue,
        window_start=made.start,
        window_end=made.end,
        made_at=now,
        chance=made.chance,
        expected=made.expected,
        breaches=made.breaches,
        seed=made.seed,
        told_at=None if held is None else held.told_at,
        told_chance=None if held is None else held.told_chance,
        detail={} if held is None else held.detail,
    )
    written = 0
    if call.told_at is None and threshold is not None and made.chance >= threshold:
        recipients, nobody = _leads(uow, settings, settings.queues[made.queue].team, now)
        message = _message(uow, settings, made, now, nobody_on_duty=nobody, this_one=True)
        keys = []
        for recipient in recipients:
            key = f"risk:{made.queue}:{made.start.isoformat()}:{recipient.kind.value}:{recipient.name}"
            _put(uow, recipient, message, key, now)
            keys.append(key)
        call = replace(
            call,
            told_at=now,
            told_chance=made.chance,
            detail={
                "posts": [[r.kind.value, r.name, r.team, k] for r, k in zip(recipients, keys, strict=True)],
                "message": encode(message),
                "edits": 0,
            },
        )
        written = len(keys)
    elif call.told_at is not None and changed_much(call.told_chance or 0.0, made.chance):
        message = _message(
            uow, settings, made, now, nobody_on_duty=bool(call.detail["message"]["nobody_on_duty"])
        )
        call, written = _edit(uow, call, message, now)
        call = replace(call, told_chance=made.chance)
    uow.risk_calls.save(call)
    return written


def _message(
    uow: ReadUnit,
    settings: Settings,
    made: Prediction,
    now: datetime,
    *,
    nobody_on_duty: bool,
    this_one: bool = False,
) -> RiskAhead:
    rate = week_so_far(uow, settings, settings.queues[made.queue].team, now)
    forecast = uow.forecasts.latest_around(made.queue, now, made.end, back_to=now)
    return RiskAhead(
        queue=made.queue,
        start=made.start,
        end=made.end,
        chance=made.chance,
        breaches=made.breaches,
        expected=made.expected,
        backlog=made.backlog,
        pausing=made.pausing,
        leaving=made.leaving,
        age=data_age(uow, now, now, forecast=None if forecast is None else forecast.made_at),
        nobody_on_duty=nobody_on_duty,
        within_seconds=made.within_seconds,
        fix=made.fix,
        chance_after=made.chance_after,
        sent=rate.sent + this_one,
        judged=rate.judged,
        came_true=rate.came_true,
    )


def _judge(uow: UnitOfWork, settings: Settings, now: datetime) -> int:
    """What became of windows that are over; cards about them say so.  A silent window is not judged."""
    written = 0
    for call in uow.risk_calls.unjudged(now - JUDGED_AFTER):
        happened: int | None = None
        silent = uow.episodes.touching(SILENCE, call.queue, call.window_start, call.window_end)
        if call.queue in settings.queues and not silent:
            within = settings.watch.risk_within.get(call.queue)
            if within is None:
                happened = uow.live_queues.broken(call.queue, call.window_start, call.window_end)
            else:
                happened = uow.live_queues.unanswered_within(
                    call.queue, within, call.window_start, call.window_end
                )
        call = replace(call, judged_at=now, happened=happened)
        uow.risk_calls.save(call)
        if call.told_at is not None and happened is not None:
            rate = week_so_far(uow, settings, settings.queues[call.queue].team, call.window_start)
            said = replace(
                _restored(call),
                happened=happened,
                sent=rate.sent,
                judged=rate.judged,
                came_true=rate.came_true,
            )
            call, edits = _edit(uow, call, said, now)
            uow.risk_calls.save(call)
            written += edits
    return written


def _restored(call: RiskCall) -> RiskAhead:
    said = decode("risk_ahead", call.detail["message"])
    assert isinstance(said, RiskAhead)
    return said


def _edit(uow: UnitOfWork, call: RiskCall, message: RiskAhead, now: datetime) -> tuple[RiskCall, int]:
    number = int(call.detail["edits"]) + 1
    posts = call.detail["posts"]
    for kind, name, team, key in posts:
        recipient = Recipient(kind=RecipientKind(kind), name=name, team=team)
        _put(uow, recipient, message, f"{key}:edit:{number}", now, edits=key)
    detail = {"posts": posts, "message": encode(message), "edits": number}
    return replace(call, detail=detail), len(posts)


def _leads(
    uow: ReadUnit, settings: Settings, team: TeamId, now: datetime
) -> tuple[tuple[Recipient, ...], bool]:
    """The reachable leads on duty, else the alert channel and True."""
    agents = {a.agent: a for a in uow.people.all()}
    leads = leads_on_duty(uow.rosters.on_shift(now), agents, team=team, roles=settings.roles)
    if leads:
        return tuple(Recipient(kind=RecipientKind.AGENT, name=lead) for lead in leads), False
    channel = settings.teams[team].channels["alerts"]
    return (Recipient(kind=RecipientKind.CHANNEL, name=channel, team=team),), True


def _put(
    uow: UnitOfWork,
    recipient: Recipient,
    message: RiskAhead,
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
