"""Service levels below their target: told once, with the staffing cause, and told when over.

Called inside a unit.  Live queues only: what is answered within hours has its cases' own promises.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.core.calendar import is_open
from bot.core.ids import QueueId
from bot.core.message_codec import decode, encode
from bot.core.queues import Channel
from bot.core.service_messages import ServiceBelow
from bot.core.service_watch import STRETCH, is_back, is_below
from bot.core.settings import Settings
from bot.store.outlook import Episode
from bot.store.unit_of_work import UnitOfWork
from bot.usecases.count_contacts import mark_of
from bot.usecases.find_cause import Causes, data_age
from bot.usecases.todays_forecast import SILENCE
from bot.usecases.watch_volume import opening_before, tell_channel

__all__ = ["SERVICE", "look"]

SERVICE = "service"
_LIVE = frozenset({Channel.PHONE, Channel.CHAT, Channel.APP})
_LATE_WORDS = timedelta(seconds=30)


def look(uow: UnitOfWork, settings: Settings, now: datetime) -> int:
    """Judge every live queue at ``now``; returns how many messages were written."""
    causes = Causes(uow, settings)
    return sum(
        _judge(uow, settings, causes, queue.queue, now)
        for queue in settings.queues.values()
        if queue.channel in _LIVE
    )


def _judge(uow: UnitOfWork, settings: Settings, causes: Causes, queue: QueueId, now: datetime) -> int:
    if uow.count_marks.get(mark_of(queue)) is None:
        return 0  # nobody feeds this queue live
    target = settings.staffing.targets[settings.queues[queue].target]
    going_on = next((e for e in uow.episodes.going_on(SERVICE) if e.queue == queue), None)
    closed = not is_open(settings.calendars[settings.queues[queue].calendar], now)
    silent = any(e.queue == queue for e in uow.episodes.going_on(SILENCE))
    within = timedelta(seconds=target.within_seconds)
    end = now - _LATE_WORDS
    start = max(end - STRETCH, opening_before(settings, queue, now))
    judged = uow.contacts.count_opened(queue, start - within, end - within)
    kept = judged - uow.live_queues.unanswered_within(queue, within, start, end)
    if going_on is not None:
        over = closed or silent or is_back(judged, kept, target.share)
        return _over(uow, settings, going_on, now) if over else 0
    if closed or silent or not is_below(judged, kept, target.share):
        return 0
    message = ServiceBelow(
        queue=queue,
        start=start,
        end=end,
        judged=judged,
        within=kept,
        share=target.share,
        within_seconds=target.within_seconds,
        age=data_age(uow, now, now),
        cause=causes.at(queue, now, now),
    )
    episode = uow.episodes.open(SERVICE, queue, since=start, now=now, detail=encode(message))
    if episode is None:
        return 0
    tell_channel(uow, settings, queue, message, key=f"service:{episode}", now=now)
    return 1


def _over(uow: UnitOfWork, settings: Settings, episode: Episode, now: datetime) -> int:
    if not uow.episodes.end(episode.id, now):
        return 0
    said = decode("service_below", episode.detail)
    assert isinstance(said, ServiceBelow)
    key = f"service:{episode.id}"
    tell_channel(
        uow, settings, episode.queue, replace(said, ended_at=now), key=f"{key}:over", now=now, edits=key
    )
    return 1
