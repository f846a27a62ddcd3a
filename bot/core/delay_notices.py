"""When a case is predicted to be late, and which new time its customer is told (CP1).

Two plain predictions, each said with its reason: nobody has worked on the case since half of its time was
used; or the queue needs longer for those before it than is left.  A better one would need each agent's
state; these need only what Muster surely knows, and they err towards telling the customer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.core.calendar import BusinessCalendar, is_open, next_opening
from bot.core.contacts import ContactEvent, EventKind
from bot.core.errors import RefusedError

__all__ = ["NOTICED_MEASURES", "idle_since", "new_time", "predicted_wait", "threshold"]

NOTICED_MEASURES: Final = frozenset({"first_response", "next_response", "resolution"})
"""Promises whose delay a customer is told of."""

WORK: Final = frozenset(
    {
        EventKind.ASSIGNED,
        EventKind.RESPONDED,
        EventKind.RESUMED,
        EventKind.CALLED_BACK,
        EventKind.INFORMED,
        EventKind.PLAN_GIVEN,
        EventKind.EXAMINED,
        EventKind.HANDED_OVER,
        EventKind.UNBLOCKED,
    }
)
"""What people do to a case, as opposed to what happens to it."""
SHORTEST: Final = timedelta(minutes=30)
LONGEST: Final = timedelta(hours=3)
_STEP: Final = timedelta(minutes=30)
_AFTER_OPENING: Final = timedelta(hours=2)


def threshold(delay_notice_at: float, warn_at: Sequence[float]) -> float | None:
    """The warning that offers a notice: the first from ``delay_notice_at`` on; None without one so late.

    >>> threshold(0.8, (0.5, 0.85, 0.9)), threshold(0.8, (0.5,))
    (0.85, None)
    """
    return min((f for f in warn_at if f >= delay_notice_at), default=None)


def idle_since(events: Iterable[ContactEvent], *, started_at: datetime, due_at: datetime) -> datetime | None:
    """Since when nobody has worked on the case; None where somebody did in the second half of its time."""
    half = started_at + (due_at - started_at) / 2
    last = max((e.at for e in events if e.kind in WORK), default=None)
    if last is not None and last >= half:
        return None
    return started_at if last is None else max(last, started_at)


def predicted_wait(ahead: int, *, aht_seconds: float, people: int, concurrency: int) -> timedelta | None:
    """How long a queue needs to answer those before a contact; None where nobody works it.

    Those ahead, each with the mean handling time, spread over everybody rostered at the queue.

    >>> predicted_wait(6, aht_seconds=480, people=3, concurrency=2)
    datetime.timedelta(seconds=480)
    """
    if people <= 0:
        return None
    return timedelta(seconds=ahead * aht_seconds / (people * concurrency))


def new_time(
    *, started_at: datetime, due_at: datetime, now: datetime, calendar: BusinessCalendar
) -> datetime:
    """The time to tell: half as long again as was promised, from half an hour to three hours after it.

    On a full half hour, and within opening hours: else two hours after the next opening.

    >>> from datetime import UTC, time
    >>> office = BusinessCalendar(
    ...     name="office", zone="Asia/Shanghai", weekly={d: ((time(9), time(18)),) for d in range(5)}
    ... )
    >>> nine = datetime(2026, 11, 26, 1, tzinfo=UTC)
    >>> later = timedelta(hours=6)
    >>> new_time(started_at=nine, due_at=nine + later, now=nine + later, calendar=office).isoformat()
    '2026-11-26T10:00:00+00:00'
    """
    later = min(max((due_at - started_at) / 2, SHORTEST), LONGEST)
    at = _half_hour(max(now, due_at) + later, calendar.zone)
    if is_open(calendar, at - timedelta(seconds=1)):
        return at  # the time before it can be worked in
    try:
        return _half_hour(next_opening(calendar, at) + _AFTER_OPENING, calendar.zone)
    except RefusedError:
        return at  # a calendar that never opens says nothing about when to answer


def _half_hour(at: datetime, zone: str) -> datetime:
    """The next full half hour on the wall, itself where it is one."""
    wall = at.astimezone(ZoneInfo(zone))
    past = timedelta(minutes=wall.minute % 30, seconds=wall.second, microseconds=wall.microsecond)
    return at if not past else at + (_STEP - past)
