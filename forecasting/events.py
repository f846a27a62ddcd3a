"""Dated events: mail-outs, campaigns, deadlines, outages, deflection; what somebody knows about single days.

An event belongs to a kind ("bill_mailed"); events of one kind are similar and teach each other.  What an
event does to the volume is learned in ``forecasting.effects``, or entered by hand as a ``Lift``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from forecasting.errors import ForecastingError

MAX_LEAD_TAIL_DAYS = 60
"""Longest ramp before and after an event that may be entered [days]."""


class EventNature(Enum):
    """How an event comes about; decides what may be known before it and on which days it acts."""

    CAMPAIGN = "campaign"  # known in advance; acts from its first day on, for a while
    DEADLINE = "deadline"  # known in advance; acts before and after its last day
    OUTAGE = "outage"  # known once it has begun; learned from, never forecast
    DEFLECTION = (
        "deflection"  # self-service that takes contacts away for good, from its first day to its last
    )


OPEN_END = date(9000, 1, 1)
"""The last day of a deflection that is to stay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lift:
    """A factor on the day's volume entered by hand: ``mid`` expected, 80 % sure between ``low`` and ``high``.

    Raises ForecastingError unless 0 < low <= mid <= high.
    """

    low: float
    mid: float
    high: float

    def __post_init__(self) -> None:
        if not 0 < self.low <= self.mid <= self.high:
            raise ForecastingError(
                f"a lift needs 0 < low <= mid <= high, got {self.low} to {self.high} around {self.mid}; "
                "1.2 means 20 % more contacts"
            )

    @classmethod
    def between(cls, low: float, high: float) -> Lift:
        """A range alone; the middle is the geometric one, as factors multiply.

        >>> round(Lift.between(1.0, 1.44).mid, 3)
        1.2
        """
        if not 0 < low <= high:
            raise ForecastingError(f"a lift needs 0 < low <= high, got {low} to {high}")
        return cls(low=low, mid=(low * high) ** 0.5, high=high)


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedEvent:
    """One event on local days ``first_day`` to ``last_day``, both included.

    ``kind``: what similar events share.  ``size``: exposure relative to the kind's usual one (mailing half
    of the addresses: 0.5).  ``lift``: entered by hand, for this event alone.  ``lead_days`` and
    ``tail_days``: calendar days over which a lift entered by hand ramps up before the first day and dies
    away after the last.

    Raises ForecastingError for an empty kind, days in the wrong order, a size that is not above 0, or
    ramps outside 0 to 60 days.
    """

    kind: str
    first_day: date
    last_day: date
    name: str = ""
    size: float = 1.0
    nature: EventNature = EventNature.CAMPAIGN
    lift: Lift | None = None
    lead_days: int = 0
    tail_days: int = 0

    def __post_init__(self) -> None:
        if not self.kind:
            raise ForecastingError("an event needs a kind: what it shares with similar ones")
        if self.last_day < self.first_day:
            raise ForecastingError(
                f"event {self.kind!r} ends {self.last_day} before it begins {self.first_day}"
            )
        if not 0 < self.size < float("inf"):
            raise ForecastingError(f"event {self.kind!r}: a size is above 0 (1 is usual), got {self.size}")
        for days in (self.lead_days, self.tail_days):
            if not 0 <= days <= MAX_LEAD_TAIL_DAYS:
                raise ForecastingError(
                    f"event {self.kind!r}: ramps are 0 to {MAX_LEAD_TAIL_DAYS} days, got {days}"
                )

    @property
    def days(self) -> int:
        """Calendar days from the first to the last, both counted."""
        return (self.last_day - self.first_day).days + 1

    def ramp(self, day: date) -> float:
        """Share of a lift entered by hand that acts on ``day``: 1 on its days, less on the ramps, else 0.

        >>> sale = DatedEvent(
        ...     kind="sale", first_day=date(2026, 11, 11), last_day=date(2026, 11, 11), tail_days=3
        ... )
        >>> [sale.ramp(date(2026, 11, d)) for d in (10, 11, 12, 13, 14, 15)]
        [0.0, 1.0, 0.75, 0.5, 0.25, 0.0]
        """
        if day < self.first_day:
            return max(0.0, 1 - (self.first_day - day).days / (self.lead_days + 1))
        if day > self.last_day:
            return max(0.0, 1 - (day - self.last_day).days / (self.tail_days + 1))
        return 1.0


_OUTAGE_WORDS = frozenset({"outage", "down", "failure", "incident", "disruption"})
_DEFLECTION_WORDS = frozenset({"deflection", "chatbot", "selfservice"})
_DEADLINE_WORDS = frozenset({"due", "deadline", "fee", "expiry", "expires"})


def nature_of_kind(kind: str) -> EventNature:
    """What the name of a kind says of its nature, for lists of events that do not say it themselves.

    >>> [nature_of_kind(kind).value for kind in ("bill_mailed", "first_half_due", "site outage")]
    ['campaign', 'deadline', 'outage']
    """
    words = set(kind.lower().replace("_", " ").replace("-", " ").split())
    if words & _OUTAGE_WORDS:
        return EventNature.OUTAGE
    if words & _DEFLECTION_WORDS:
        return EventNature.DEFLECTION
    return EventNature.DEADLINE if words & _DEADLINE_WORDS else EventNature.CAMPAIGN


def known_events(events: Iterable[DatedEvent], origin: date) -> tuple[DatedEvent, ...]:
    """The events somebody could know on the morning of ``origin``: all that were planned, and the outages
    that had begun before it.

    >>> day = date(2024, 7, 19)
    >>> portal = DatedEvent(kind="portal_down", nature=EventNature.OUTAGE, first_day=day, last_day=day)
    >>> known_events([portal], day), len(known_events([portal], date(2024, 7, 20)))
    ((), 1)
    """
    return tuple(e for e in events if e.nature is not EventNature.OUTAGE or e.first_day < origin)


def distinct_events(events: Iterable[DatedEvent]) -> tuple[DatedEvent, ...]:
    """In order of time; of events of one kind on the same days the first one given is kept."""
    held: dict[tuple[str, date, date], DatedEvent] = {}
    for event in events:
        held.setdefault((event.kind, event.first_day, event.last_day), event)
    return tuple(sorted(held.values(), key=lambda e: (e.first_day, e.last_day, e.kind)))


def span_of(event: DatedEvent) -> tuple[date, date]:
    """First and last day on which a lift entered by hand acts."""
    return (
        event.first_day - timedelta(days=event.lead_days),
        event.last_day + timedelta(days=event.tail_days),
    )
