"""Volume outside the forecast's band, and sources that fell silent: told once each, and told when over.

Called inside a unit.  Without a forecast of the present nothing is judged.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.core.calendar import is_open, open_periods
from bot.core.ids import QueueId
from bot.core.message_codec import decode, encode
from bot.core.messages import Outgoing, Recipient, RecipientKind, Urgency
from bot.core.outlook_messages import SourceSilence, VolumeUnusual
from bot.core.service_messages import ServiceBelow
from bot.core.settings import Settings
from bot.core.volume_watch import (
    HIGH,
    LOW,
    OUTSIDE,
    Block,
    band,
    block_length,
    is_back_inside,
    is_silent,
    unusual_side,
)
from bot.store.outlook import Episode
from bot.store.unit_of_work import ReadUnit, UnitOfWork
from bot.usecases.count_contacts import mark_of
from bot.usecases.find_cause import data_age
from bot.usecases.todays_forecast import LATE_WORDS, SILENCE, today
from forecasting.forecast import share_between
from forecasting.grid import local_midnight
from forecasting.intraday import Stretch, stretch
from forecasting.rest_of_day import ahead_of

__all__ = ["look", "opening_before", "tell_channel"]

_FAR_BACK = timedelta(days=2)


def look(uow: UnitOfWork, settings: Settings, now: datetime) -> int:
    """Judge every queue at ``now``; returns how many messages were written."""
    written = 0
    for queue in settings.queues:
        silent = _silence(uow, settings, queue, now)
        written += silent
        if settings.watch.anomaly:
            written += _volume(uow, settings, queue, now)
    return written


def opening_before(settings: Settings, queue: QueueId, now: datetime) -> datetime:
    """When the queue opened today: the first opening of the local day, its midnight where it has none."""
    calendar = settings.calendars[settings.queues[queue].calendar]
    day = now.astimezone(ZoneInfo(calendar.zone)).date()
    periods = open_periods(calendar, day)
    return periods[0][0] if periods else local_midnight(day, calendar.zone)


# -- volume ------------------------------------------------------------------------------------------------


def _volume(uow: UnitOfWork, settings: Settings, queue: QueueId, now: datetime) -> int:
    if uow.count_marks.get(mark_of(queue)) is None:
        return 0  # nobody feeds this queue live: what came is not known yet
    going_on = {e.kind: e for e in uow.episodes.going_on() if e.queue == queue}
    blocks = _blocks(uow, settings, queue, now)
    written = 0
    for side in (HIGH, LOW):
        episode = going_on.get(side)
        if episode is None:
            continue
        closed = not is_open(settings.calendars[settings.queues[queue].calendar], now)
        # Silence is its own alarm: what did not come is then not few, but unknown.
        stopped = side == LOW and SILENCE in going_on
        if stopped or closed or (blocks and is_back_inside(blocks[-1], side)):
            written += _volume_over(uow, settings, episode, now)
    if not blocks or SILENCE in going_on or {HIGH, LOW} & set(going_on):
        return written
    unusual = unusual_side(blocks)
    if unusual is None:
        return written
    both = len(blocks) > 1 and blocks[0].tail(unusual) < OUTSIDE
    return written + _volume_unusual(uow, settings, queue, unusual, blocks if both else blocks[-1:], now)


def _blocks(uow: ReadUnit, settings: Settings, queue: QueueId, now: datetime) -> list[Block]:
    """The last two stretches that are over, oldest first; fewer after the opening, none without forecast."""
    length = block_length(settings.staffing.interval)
    step = settings.staffing.interval
    until = now - LATE_WORDS
    end = until - timedelta(seconds=until.timestamp() % step.total_seconds())
    opened = opening_before(settings, queue, now)
    forecast = uow.forecasts.latest_around(queue, end - length, end, back_to=opened)
    if forecast is None or not forecast.grid.count:
        return []
    found = []
    # Both are judged by what the day had shown before them, or the first would excuse the second.
    so_far = today(uow, settings, queue, end - 2 * length, seen_until=end - 2 * length)
    updated = ahead_of(so_far.rest) if so_far is not None and so_far.known else None
    for last in (end - length, end):
        start = last - length
        if start < max(opened, forecast.grid.start):
            continue
        share = share_between(forecast, start, last)
        came, known_until = uow.volumes.came(queue, start, last)
        unknown = uow.episodes.touching(SILENCE, queue, start, last) or known_until < last
        if unknown or not forecast.open[share > 0].all():
            continue
        as_today = None
        if updated is not None and updated.grid.count and updated.grid.start <= start:
            as_today = stretch(updated, share_between(updated, start, last))
        found.append(
            Block(
                start=start,
                end=last,
                contacts=round(came),
                expected=stretch(forecast, share),
                as_today=as_today,
            )
        )
    # The latest must be there: an older one alone is old news.
    return found if found and found[-1].end == end else []


def _volume_unusual(
    uow: UnitOfWork, settings: Settings, queue: QueueId, side: str, blocks: list[Block], now: datetime
) -> int:
    last = blocks[-1]
    expected = last.expected
    start, contacts = last.start, last.contacts
    if len(blocks) > 1:
        # Both together: the hour is what people know.
        start, contacts = blocks[0].start, contacts + blocks[0].contacts
        forecast = uow.forecasts.latest_around(queue, start, last.end, back_to=start)
        if forecast is not None and forecast.grid.count:
            expected = stretch(forecast, share_between(forecast, start, last.end))
    low, high = band(expected)
    message = VolumeUnusual(
        queue=queue,
        since=start,
        start=start,
        end=last.end,
        contacts=contacts,
        expected=expected.mean,
        low=low,
        high=high,
        age=data_age(uow, now, now),
    )
    episode = uow.episodes.open(side, queue, since=start, now=now, detail=encode(message))
    if episode is None:
        return 0
    tell_channel(uow, settings, queue, message, key=f"volume:{episode}", now=now)
    return 1


def _volume_over(uow: UnitOfWork, settings: Settings, episode: Episode, now: datetime) -> int:
    if not uow.episodes.end(episode.id, now):
        return 0
    said = decode("volume_unusual", episode.detail)
    assert isinstance(said, VolumeUnusual)
    over = replace(said, ended_at=now)
    key = f"volume:{episode.id}"
    tell_channel(uow, settings, episode.queue, over, key=f"{key}:over", now=now, edits=key)
    return 1


# -- silence -----------------------------------------------------------------------------------------------


def _silence(uow: UnitOfWork, settings: Settings, queue: QueueId, now: datetime) -> int:
    least = settings.watch.silence
    going_on = next((e for e in uow.episodes.going_on(SILENCE) if e.queue == queue), None)
    if least is None:
        return 0 if going_on is None else _heard(uow, settings, going_on, now)
    since = _heard_until(uow, queue, now)
    if since is None:
        return 0  # nobody feeds this queue live
    expected = _expected(uow, queue, since, now)
    chance = None if expected is None else is_silent(expected, since, now, least)
    if going_on is not None:
        back = since > going_on.since and chance is None
        return _heard(uow, settings, going_on, now) if back else 0
    if chance is None or expected is None:
        return 0
    message = SourceSilence(queue=queue, since=since, noticed_at=now, expected=expected.mean, chance=chance)
    episode = uow.episodes.open(SILENCE, queue, since=since, now=now, detail=encode(message))
    if episode is None:
        return 0
    tell_channel(uow, settings, queue, message, key=f"silence:{episode}", now=now)
    return 1


def _heard_until(uow: ReadUnit, queue: QueueId, now: datetime) -> datetime | None:
    """Until when something is known of a queue that is fed live: its latest contact, or a count of it."""
    if uow.count_marks.get(mark_of(queue)) is None:
        return None
    opened = uow.live_queues.last_opened(queue, now)
    counted = uow.volumes.last_told(queue, now)
    return max((t for t in (opened, counted) if t is not None), default=None)


def _expected(uow: ReadUnit, queue: QueueId, since: datetime, now: datetime) -> Stretch | None:
    """What the forecast had between ``since`` and now, as far as it reaches; None without one."""
    start = max(since, now - _FAR_BACK)
    forecast = uow.forecasts.latest_around(queue, start, now, back_to=start)
    if forecast is None:
        # One that began meanwhile still speaks for the time since then.
        forecast = uow.forecasts.latest_around(queue, now, now, back_to=start)
    if forecast is None or not forecast.grid.count:
        return None
    return stretch(forecast, share_between(forecast, since, now))


def _heard(uow: UnitOfWork, settings: Settings, episode: Episode, now: datetime) -> int:
    if not uow.episodes.end(episode.id, now):
        return 0
    said = decode("source_silence", episode.detail)
    assert isinstance(said, SourceSilence)
    over = replace(said, heard_at=now)
    key = f"silence:{episode.id}"
    tell_channel(uow, settings, episode.queue, over, key=f"{key}:heard", now=now, edits=key)
    return 1


def tell_channel(
    uow: UnitOfWork,
    settings: Settings,
    queue: QueueId,
    message: VolumeUnusual | SourceSilence | ServiceBelow,
    *,
    key: str,
    now: datetime,
    edits: str | None = None,
) -> None:
    """An alarm about a queue, to its team's alert channel; ``edits``: the key of the post it replaces."""
    team = settings.teams[settings.queues[queue].team]
    recipient = Recipient(kind=RecipientKind.CHANNEL, name=team.channels["alerts"], team=team.team)
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
