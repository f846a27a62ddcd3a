"""Numbers of the stand-up digest, from plain inputs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Final
from zoneinfo import ZoneInfo

from bot.core.contacts import Contact, ContactType, answered_at
from bot.core.ids import ContactRef
from bot.core.messages import CoverToday, QueueDay, TopType
from bot.core.people import StandUp
from bot.core.requirements import RequirementInterval

__all__ = ["cover_today", "meeting_at", "queue_day", "top_type"]

ENOUGH: Final = 20
"""Contacts of a day, or of the week before it, whose shares say something."""
OFTEN: Final = 0.25
"""From this share on it is worth asking whether people could help themselves."""
PLAIN: Final = frozenset({ContactType.CONSULT.value, ContactType.ORDER.value})
"""Questions that a page or a bot can answer."""


def meeting_at(stand_up: StandUp, day: date, zone: str) -> datetime | None:
    """The meeting of a local day in UTC; None on days without one.

    Where the clock shows the time twice it is the first; where it skips it, as long after midnight as usual.

    >>> from datetime import time
    >>> rule = StandUp(
    ...     at=time(9, 30), digest_before=timedelta(minutes=10), length=timedelta(minutes=15),
    ...     weekdays=frozenset({0}),
    ... )
    >>> meeting_at(rule, date(2026, 11, 23), "Asia/Shanghai").isoformat()
    '2026-11-23T01:30:00+00:00'
    """
    if day.weekday() not in stand_up.weekdays:
        return None
    return datetime.combine(day, stand_up.at, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def queue_day(
    queue: str, contacts: Iterable[Contact], due: Mapping[ContactRef, datetime], now: datetime
) -> QueueDay:
    """First responses of one queue's contacts.

    ``due``: when each first response is or was due; contacts without an entry promised nothing and are
    not judged, nor are those that still have time at ``now``.  The median is over the answered ones, in
    seconds from opening.
    """
    count = judged = within = 0
    waits: list[float] = []
    for contact in contacts:
        count += 1
        answered = answered_at(contact)
        if answered is not None:
            waits.append((answered - contact.opened_at).total_seconds())
        promised = due.get(contact.ref)
        if promised is None or (answered is None and now < promised):
            continue
        judged += 1
        within += answered is not None and answered <= promised
    return QueueDay(
        queue=queue,
        contacts=count,
        judged=judged,
        within=within,
        median_response_seconds=median(waits) if waits else None,
    )


def top_type(queue: str, day: Mapping[str, int], week: Mapping[str, int]) -> TopType | None:
    """What a queue's contacts of a day were mostly about, against the week before; None for too few.

    ``day``, ``week``: contacts by type.

    >>> top_type("chat", {"order": 30, "consult": 20, "other": 50}, {"order": 48, "consult": 152})
    TopType(queue='chat', type='other', contacts=100, share=0.5, change=0.5, self_service=False)
    >>> top_type("chat", {"order": 19}, {}) is None
    True
    """
    total, before = sum(day.values()), sum(week.values())
    if total < ENOUGH:
        return None
    name, count = max(day.items(), key=lambda item: (item[1], item[0]))
    share = count / total
    return TopType(
        queue=queue,
        type=name,
        contacts=total,
        share=share,
        change=share - week.get(name, 0) / before if before >= ENOUGH else None,
        self_service=share >= OFTEN and name in PLAIN,
    )


def cover_today(
    queue: str,
    requirement: Sequence[RequirementInterval],
    at_work: Sequence[tuple[datetime, datetime]] | None,
) -> CoverToday:
    """The roster against the requirement (scheduled agents) of one queue.

    ``at_work``: [start, end) of every person's work on the queue; None where no roster is published, and
    then nothing is said to be missing.  An interval with a break in it counts the minutes that are left.
    """
    peak = max((i.scheduled_agents for i in requirement), default=0)
    if at_work is None:
        return CoverToday(queue=queue, required_agents_peak=peak, missing_agent_minutes=0.0)
    missing_minutes, worst, worst_at = 0.0, 0.0, None
    for interval in requirement:
        present = sum(
            (
                max(min(end, interval.end) - max(start, interval.start), timedelta(0))
                for start, end in at_work
            ),
            start=timedelta(0),
        )
        gap = interval.scheduled_agents - present / interval.interval
        if gap > 1e-9:
            missing_minutes += gap * interval.interval.total_seconds() / 60
            if gap > worst:
                worst, worst_at = gap, interval.start
    return CoverToday(
        queue=queue,
        required_agents_peak=peak,
        missing_agent_minutes=missing_minutes,
        worst_at=worst_at,
        worst_missing=math.ceil(worst - 1e-9),
    )
