"""What the operator decided about alerts: repeats, storms, the noise budget, quiet hours."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class StormRule:
    """``count`` or more breaches of one team and queue ``within`` become one grouped card."""

    count: int = 5
    within: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoiseBudget:
    """Messages that claim attention, per ``person`` and per ``channel`` in each stretch of length ``per``."""

    person: int = 12
    channel: int = 30
    per: timedelta = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """Local times of a person's own zone; an ``end`` before ``start`` is the next morning."""

    start: time
    end: time


def quiet_until(quiet: QuietHours, zone: str, now: datetime) -> datetime | None:
    """When the quiet hours that hold at ``now`` in ``zone`` end; None where none hold.

    >>> from datetime import UTC
    >>> quiet = QuietHours(start=time(22), end=time(7))
    >>> night = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)
    >>> quiet_until(quiet, "Asia/Shanghai", night).isoformat()
    '2026-11-24T23:00:00+00:00'
    >>> quiet_until(quiet, "Europe/Lisbon", night) is None
    True
    """
    local = now.astimezone(ZoneInfo(zone))
    for days in (0, -1):
        day = local.date() + timedelta(days=days)
        start = datetime.combine(day, quiet.start, local.tzinfo)
        over_midnight = quiet.end <= quiet.start
        end = datetime.combine(day + timedelta(days=int(over_midnight)), quiet.end, local.tzinfo)
        if start <= local < end:
            return end.astimezone(UTC)
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSettings:
    """``repeat``: first wait before an alert nobody took is said again, then doubled up to ``repeat_most``.

    None switches a part off.  ``snooze`` is how long an alert stays away, ``undo`` how long a press can be
    taken back, ``post_lives`` how long one post serves a case before a new one is made.
    """

    repeat: timedelta | None = timedelta(minutes=15)
    repeat_most: timedelta = timedelta(hours=4)
    ownerless_after: timedelta | None = timedelta(minutes=5)
    storm: StormRule | None = field(default_factory=StormRule)
    budget: NoiseBudget | None = field(default_factory=NoiseBudget)
    quiet_hours: QuietHours | None = QuietHours(start=time(22), end=time(7))
    snooze: timedelta = timedelta(minutes=15)
    undo: timedelta = timedelta(minutes=10)
    post_lives: timedelta = timedelta(days=1)
