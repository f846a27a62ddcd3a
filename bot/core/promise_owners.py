"""Whether the owner of a promise is on shift when it falls due, and who else could keep it (CP4, ST15)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from bot.core.ids import AgentId
from scheduler.roster.shifts import Shift

__all__ = ["SUGGESTED", "TIGHT", "Attendance", "OwnerThen", "StandIn", "owner_then", "stand_ins"]

TIGHT: Final = timedelta(minutes=15)
"""A shift that ends less than this after the due time, or began less than this before it, is tight."""
SUGGESTED: Final = 3


class Attendance(Enum):
    ON = "on"
    TIGHT = "tight"
    OFF = "off"  # not on shift
    ABSENT = "absent"  # on leave that day
    UNKNOWN = "unknown"  # no roster is published for that time


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerThen:
    """``begins``/``ends``: of the shift at the due time, or of the last one before it on that day."""

    attendance: Attendance
    begins: datetime | None = None
    ends: datetime | None = None

    @property
    def there(self) -> bool:
        """False only where it is known that the owner is not there."""
        return self.attendance not in (Attendance.OFF, Attendance.ABSENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class StandIn:
    """A colleague who is on shift when a promise falls due.  ``at_queue``: rostered at the case's queue then.

    ``owed``: promises this person already has to keep.
    """

    agent: AgentId
    begins: datetime
    ends: datetime
    at_queue: bool = False
    owed: int = 0


def owner_then(due_at: datetime, shifts: Sequence[Shift], *, absent: bool, published: bool) -> OwnerThen:
    """What the published roster says of the owner at the due time.

    ``shifts``: the owner's, of the day round ``due_at``.  A shift that ends at the very due time counts:
    the work can still be done in it, and that is tight.
    """
    if absent:
        return OwnerThen(attendance=Attendance.ABSENT)
    if not published:
        return OwnerThen(attendance=Attendance.UNKNOWN)
    held = next((s for s in shifts if s.start < due_at <= s.end), None)
    if held is None:
        earlier = [s for s in shifts if timedelta(0) <= due_at - s.end < timedelta(hours=16)]
        last = max(earlier, key=lambda s: s.end, default=None)
        return OwnerThen(
            attendance=Attendance.OFF,
            begins=None if last is None else last.start,
            ends=None if last is None else last.end,
        )
    tight = held.end - due_at < TIGHT or due_at - held.start < TIGHT
    return OwnerThen(
        attendance=Attendance.TIGHT if tight else Attendance.ON, begins=held.start, ends=held.end
    )


def stand_ins(candidates: Iterable[StandIn], due_at: datetime) -> tuple[StandIn, ...]:
    """The best three: with time to spare first, then at the case's queue, then with the fewest promises."""

    def order(one: StandIn) -> tuple[bool, bool, int, str]:
        tight = one.ends - due_at < TIGHT or due_at - one.begins < TIGHT
        return (tight, not one.at_queue, one.owed, one.agent)

    return tuple(sorted(candidates, key=order)[:SUGGESTED])
