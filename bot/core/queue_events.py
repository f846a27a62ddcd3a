"""Events of queues: what somebody knows about single days, and an effect written by hand (FP5, FP8)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from bot.core.ids import EventId, QueueId
from forecasting.events import DatedEvent, EventNature, Lift, distinct_events, nature_of_kind

__all__ = ["NAME_LENGTH", "NATURES", "QueueEvent", "acting_on", "read_lift", "read_nature", "same_event"]

NAME_LENGTH = 80
NATURES: Mapping[str, EventNature] = MappingProxyType(
    {
        **{nature.value: nature for nature in EventNature},
        "活动": EventNature.CAMPAIGN,
        "截止": EventNature.DEADLINE,
        "故障": EventNature.OUTAGE,
        "分流": EventNature.DEFLECTION,
    }
)
"""What a nature is called, in English and Chinese."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueEvent:
    """A dated event and whom it concerns.

    ``queue``: None for every queue.  ``event.kind`` is a code, ``event.name`` words of the staff.  ``number``
    is None until it is stored.
    """

    queue: QueueId | None
    event: DatedEvent
    added_by: str
    added_at: datetime
    number: EventId | None = None

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What tells events apart: of one kind, on the same days, for the same queue there is one."""
        event = self.event
        return (self.queue or "", event.kind, event.first_day.isoformat(), event.last_day.isoformat())


def same_event(one: QueueEvent, other: QueueEvent) -> bool:
    """Whether both say the same, whoever said it and whatever they call it."""
    return one.key == other.key and replace(one.event, name="") == replace(other.event, name="")


def acting_on(events: Iterable[QueueEvent], queue: QueueId) -> tuple[DatedEvent, ...]:
    """The events of a queue; what is said for it alone wins over what is said for all."""
    held = [e for e in events if e.queue in (None, queue)]
    return distinct_events(e.event for e in sorted(held, key=lambda e: e.queue is None))


def read_nature(text: str, kind: str) -> EventNature | None:
    """The nature a text names; where it is empty, what the name of the kind says.  None for another word.

    >>> read_nature("故障", "site"), read_nature("", "first_half_due"), read_nature("party", "x")
    (<EventNature.OUTAGE: 'outage'>, <EventNature.DEADLINE: 'deadline'>, None)
    """
    return NATURES.get(text.strip().lower()) if text.strip() else nature_of_kind(kind)


_PART = r"([+\-\u2212]?\s*\d+(?:\.\d+)?)\s*[%\uff05]?"
_BETWEEN = r"\s*(?:\.\.+|\u2026|\u2013|\u2014|~|\uff5e|to|\u81f3|\u5230)\s*"
_LIFT = re.compile(rf"{_PART}(?:{_BETWEEN}{_PART})?(?:{_BETWEEN}{_PART})?", re.IGNORECASE)


def read_lift(text: str) -> Lift | None:
    """What an event is expected to add, in per cent: one figure, a range, or low, middle and high.

    None where it is nothing of these, takes away everything (-100 % or more), or is not in order.

    >>> read_lift("+10%..+30%").mid.__round__(3)
    1.196
    >>> lift = read_lift("10..15..30")
    >>> (lift.low, lift.mid, lift.high)
    (1.1, 1.15, 1.3)
    >>> read_lift("-25%").mid, read_lift("much"), read_lift("30..10")
    (0.75, None, None)
    """
    found = _LIFT.fullmatch(text.strip())
    if found is None:
        return None
    factors = [
        1 + float(part.replace(" ", "").replace("\u2212", "-")) / 100
        for part in found.groups()
        if part is not None
    ]
    if min(factors) <= 0 or factors != sorted(factors):
        return None
    rounded = [round(factor, 6) for factor in factors]
    middle = rounded[1] if len(rounded) == 3 else math.sqrt(rounded[0] * rounded[-1])
    return Lift(low=rounded[0], mid=middle if len(rounded) > 1 else rounded[0], high=rounded[-1])
