"""The stand-up digest: yesterday's figures, overdue cases and today's cover, once per team and local date."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.core.calendar import open_periods
from bot.core.case_history import steps_of
from bot.core.contacts import CLOSED, Contact
from bot.core.courses import Measure
from bot.core.digests import cover_today, meeting_at, queue_day, top_type
from bot.core.idea_messages import IdeaLine, KudosLine
from bot.core.ids import ContactRef, QueueId
from bot.core.item_messages import ItemLine, StandUpClosed
from bot.core.messages import (
    BlockedCase,
    CoverToday,
    Outgoing,
    OverdueCase,
    OverdueType,
    QueueDay,
    Recipient,
    RecipientKind,
    SilentQueue,
    StandUpDigest,
    TopType,
    Urgency,
)
from bot.core.people import StandUp, Team
from bot.core.queues import Queue
from bot.core.settings import Settings
from bot.core.sla import make_clocks
from bot.store.unit_of_work import ReadUnit, Store, UnitOfWork
from bot.usecases.name_causes import LOOK_BACK, unnamed
from forecasting.grid import local_midnight

__all__ = [
    "LATE",
    "MAX_DELAY",
    "close",
    "cover_between",
    "digest_key",
    "next_due",
    "overdue_by_type",
    "queues_open",
    "tick",
    "without_forecast",
]

LATE = timedelta(minutes=2)
"""A digest written this long after its time is marked late."""
MAX_DELAY = timedelta(hours=3)
"""A digest that could not be written for this long after the meeting is left out: nobody stands there."""
_OVERDUE_SHOWN = 10
_BLOCKED_SHOWN = 10
ITEMS_SHOWN = 10


def tick(store: Store, settings: Settings, *, now: datetime) -> int:
    """Write the digests that are due; returns how many.

    The slot is the team and the local date, so replicas, restarts and clock changes make no second one.
    """
    written = 0
    for team in settings.teams.values():
        if team.stand_up is None:
            continue
        day = now.astimezone(ZoneInfo(team.zone)).date()
        meeting = meeting_at(team.stand_up, day, team.zone)
        if meeting is None or not meeting - team.stand_up.digest_before <= now < meeting + MAX_DELAY:
            continue
        if _written(store, f"stand_up:{team.team}", day):
            continue
        with store.unit() as uow:
            if uow.job_slots.take(f"stand_up:{team.team}", day.isoformat(), now):
                _write(uow, settings, team, team.stand_up, day, meeting, now)
                uow.commit()
                written += 1
    return written


def close(store: Store, settings: Settings, *, now: datetime) -> int:
    """Under each digest, when the meeting's time is over: what was agreed, and what nobody owns (SR1, SR3).

    Returns how many were written.  A team with nothing to do, and a meeting without a digest, are left in
    peace.
    """
    written = 0
    for team in settings.teams.values():
        if team.stand_up is None:
            continue
        day = now.astimezone(ZoneInfo(team.zone)).date()
        meeting = meeting_at(team.stand_up, day, team.zone)
        if meeting is None or not timedelta(0) <= now - meeting - team.stand_up.length < MAX_DELAY:
            continue
        if _written(store, f"stand_up_end:{team.team}", day):
            continue
        with store.unit() as uow:
            if uow.job_slots.take(f"stand_up_end:{team.team}", day.isoformat(), now):
                written += _close(uow, team, day, now)
                uow.commit()
    return written


def _written(store: Store, job: str, day: date) -> bool:
    """Asked every half minute of the hours after a meeting: a look that keeps no writer waiting."""
    with store.read() as look:
        return look.job_slots.taken(job, day.isoformat())


def _close(uow: UnitOfWork, team: Team, day: date, now: datetime) -> int:
    digest = _key(team, day)
    items = uow.action_items.open_of(team.team)
    if not items or uow.outbox.by_key(digest) is None:
        return 0
    message = StandUpClosed(
        team=team.team,
        day=day,
        lines=tuple(ItemLine.of(item) for item in items[:ITEMS_SHOWN]),
        total=len(items),
        owners=len({item.owner for item in items if item.owner is not None}),
        unowned=sum(item.owner is None for item in items),
    )
    put = Outgoing(
        recipient=_channel(team),
        message=message,
        dedupe_key=f"{digest}:closed",
        urgency=Urgency.DIGEST,
        not_before=now,
        thread_of=digest,
    )
    return int(uow.outbox.put(put, now))


def digest_key(team: Team, now: datetime) -> str | None:
    """The key of a team's digest of today in the outbox, written or not; None for a team without digests."""
    return None if team.stand_up is None else _key(team, now.astimezone(ZoneInfo(team.zone)).date())


def _key(team: Team, day: date) -> str:
    return f"stand_up:{team.team}:{day.isoformat()}"


def _channel(team: Team) -> Recipient:
    return Recipient(kind=RecipientKind.CHANNEL, name=team.channels["standup"], team=team.team)


def next_due(settings: Settings, *, now: datetime) -> datetime | None:
    """When the next digest of any team is due; None where no team has one."""
    found: list[datetime] = []
    for team in settings.teams.values():
        if team.stand_up is None:
            continue
        today = now.astimezone(ZoneInfo(team.zone)).date()
        for ahead in range(9):
            meeting = meeting_at(team.stand_up, today + timedelta(days=ahead), team.zone)
            if meeting is not None and meeting - team.stand_up.digest_before > now:
                found.append(meeting - team.stand_up.digest_before)
                break
    return min(found, default=None)


def _write(
    uow: UnitOfWork,
    settings: Settings,
    team: Team,
    stand_up: StandUp,
    day: date,
    meeting: datetime,
    now: datetime,
) -> None:
    queues = [queue for queue in settings.queues.values() if queue.team == team.team]
    midnight = local_midnight(day, team.zone)
    tomorrow = local_midnight(day + timedelta(days=1), team.zone)
    overdue, overdue_total = uow.contacts.open_overdue([q.queue for q in queues], now, _OVERDUE_SHOWN)
    blocked, blocked_total = _blocked(uow, settings, {q.queue for q in queues})
    roster_known = uow.rosters.published(now) is not None
    names = [q.queue for q in queues]
    items = uow.action_items.open_of(team.team)
    by_type = overdue_by_type(uow, names, now)
    most = max(by_type.items(), key=lambda item: (item[1], item[0]), default=None)
    message = StandUpDigest(
        team=team.team,
        day=day,
        meeting_at=meeting,
        yesterday=_yesterday(uow, settings, queues, team, day, now),
        overdue=tuple(
            OverdueCase(
                ref=case.contact.ref,
                queue=case.contact.queue,
                priority=case.contact.priority.value,
                due_at=case.due_at,
                owner=case.contact.agent,
            )
            for case in overdue
        ),
        overdue_total=overdue_total,
        cover=cover_between(uow, queues, midnight, tomorrow, roster_known=roster_known),
        roster_known=roster_known,
        data_until=uow.contacts.data_until(),
        late=now - (meeting - stand_up.digest_before) >= LATE,
        overdue_type=None if most is None else OverdueType(type=most[0], count=most[1]),
        silent=tuple(
            SilentQueue(queue=e.queue, since=e.since)
            for e in uow.episodes.going_on("silence")
            if e.queue in names
        ),
        blocked=blocked,
        blocked_total=blocked_total,
        items=tuple(ItemLine.of(item) for item in items[:ITEMS_SHOWN]),
        items_total=len(items),
        done=tuple(ItemLine.of(i) for i in uow.action_items.done_since(team.team, _before(team, day, now))),
        top_types=tuple(_top_types(uow, queues, team, day)),
        no_forecast=tuple(without_forecast(uow, settings, queues, day, now)),
        kudos=tuple(
            KudosLine.of(k) for k in uow.kudos.shown_since(team.team, _before(team, day, now))[:ITEMS_SHOWN]
        ),
        ideas=tuple(IdeaLine.of(i) for i in uow.ideas.open_of(team.team) if i.due_at <= now)[:ITEMS_SHOWN],
        unnamed=unnamed(uow, settings, team.team, now - LOOK_BACK, now, most=0).total,
    )
    uow.outbox.put(
        Outgoing(
            recipient=_channel(team),
            message=message,
            dedupe_key=_key(team, day),
            urgency=Urgency.DIGEST,
            not_before=now,
        ),
        now,
    )


def _before(team: Team, day: date, now: datetime) -> datetime:
    """When the digest before this one was due; a week back where there was none in a week."""
    assert team.stand_up is not None
    for back in range(1, 8):
        meeting = meeting_at(team.stand_up, day - timedelta(days=back), team.zone)
        if meeting is not None:
            return meeting - team.stand_up.digest_before
    return now - timedelta(days=7)


def _top_types(uow: ReadUnit, queues: Sequence[Queue], team: Team, day: date) -> Iterator[TopType]:
    week, start, end = (local_midnight(day - timedelta(days=n), team.zone) for n in (8, 1, 0))
    for queue in queues:
        counts = [_by_type(uow.contacts.mix(queue.queue, *span)) for span in ((start, end), (week, start))]
        found = top_type(queue.queue, *counts)
        if found is not None:
            yield found


def _by_type(mix: Sequence[tuple[str, str, int, int, float]]) -> dict[str, int]:
    """Contacts by type, whatever their channel."""
    found: Counter[str] = Counter()
    for kind, _, count, _, _ in mix:
        found[kind] += count
    return dict(found)


def overdue_by_type(uow: ReadUnit, queues: Sequence[QueueId], now: datetime) -> dict[str, int]:
    """Open cases with a promise already broken, by their type (MA12); types without one are absent."""
    return uow.contacts.overdue_types(queues, now)


def _opening(settings: Settings, queue: Queue, day: date) -> tuple[datetime, datetime] | None:
    """First opening and last closing of a local day; None for a day off."""
    periods = open_periods(settings.calendars[queue.calendar], day)
    return (periods[0][0], periods[-1][1]) if periods else None


def queues_open(settings: Settings, queues: Sequence[Queue], day: date, now: datetime) -> list[QueueId]:
    """Queues that are open, or will be, in what is left of a local day."""
    return [
        queue.queue
        for queue in queues
        if (hours := _opening(settings, queue, day)) is not None and hours[1] > now
    ]


def without_forecast(
    uow: ReadUnit, settings: Settings, queues: Sequence[Queue], day: date, now: datetime
) -> Iterator[QueueId]:
    """Queues open today for which no forecast reaches the end of the day."""
    for queue in queues:
        hours = _opening(settings, queue, day)
        if hours is not None and hours[1] > now:
            at = max(now, hours[0])
            if uow.forecasts.latest_around(queue.queue, at, hours[1], back_to=at) is None:
                yield queue.queue


def _blocked(
    uow: UnitOfWork, settings: Settings, queues: set[QueueId]
) -> tuple[tuple[BlockedCase, ...], int]:
    """Cases of the team that a department holds up, the longest first, and how many there are."""
    standing = uow.case_work.blocked_now()
    contacts = uow.contacts.many({block.ref for block in standing})
    found = [
        (block, contacts[block.ref])
        for block in standing
        if block.ref in contacts
        and contacts[block.ref].queue in queues
        and contacts[block.ref].status not in CLOSED
    ]
    return tuple(
        BlockedCase(
            ref=block.ref,
            queue=contact.queue,
            department=settings.departments[block.department].name
            if block.department in settings.departments
            else block.department,
            since=block.since,
            chaser=block.chaser,
        )
        for block, contact in found[:_BLOCKED_SHOWN]
    ), len(found)


def _yesterday(
    uow: UnitOfWork,
    settings: Settings,
    queues: Sequence[Queue],
    team: Team,
    day: date,
    now: datetime,
) -> tuple[QueueDay, ...]:
    start = local_midnight(day - timedelta(days=1), team.zone)
    end = local_midnight(day, team.zone)
    contacts = uow.contacts.opened_between([q.queue for q in queues], start, end)
    due = _due(uow, settings, contacts)
    by_queue: dict[QueueId, list[Contact]] = {q.queue: [] for q in queues}
    for contact in contacts:
        by_queue[contact.queue].append(contact)
    return tuple(queue_day(queue, found, due, now) for queue, found in by_queue.items())


def _due(uow: UnitOfWork, settings: Settings, contacts: Sequence[Contact]) -> dict[ContactRef, datetime]:
    """When each first response was due: by its clock, or for contacts from files by today's policies."""
    found: dict[ContactRef, datetime] = {}
    clocks = uow.clocks.of([c.ref for c in contacts])
    for contact in contacts:
        held = clocks.get(contact.ref, {}).get((Measure.FIRST_RESPONSE, 0))
        if held is not None:
            found[contact.ref] = held.due_at
            continue
        calendar = settings.calendars[settings.queues[contact.queue].calendar]
        for clock in make_clocks(steps_of(contact), settings.terms, calendar):
            if clock.measure is Measure.FIRST_RESPONSE:
                found[contact.ref] = clock.due_at
    return found


def cover_between(
    uow: ReadUnit, queues: Sequence[Queue], start: datetime, end: datetime, *, roster_known: bool
) -> tuple[CoverToday, ...]:
    """The published roster against the requirement of the intervals that begin in [start, end).

    Queues without a requirement there are absent.
    """
    work: dict[str, list[tuple[datetime, datetime]]] = {}
    if roster_known:
        for assignment in uow.rosters.shifts_between(start, end):
            for segment in assignment.shift.segments:
                work.setdefault(segment.activity, []).append((segment.start, segment.end))
    return tuple(
        cover_today(queue.queue, requirement, work.get(queue.queue, []) if roster_known else None)
        for queue in queues
        if (requirement := uow.requirements.between(queue.queue, start, end))
    )
