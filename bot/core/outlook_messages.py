"""Messages of the outlook: risk ahead and how it went, unusual volume, silent sources, drifting forecasts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from bot.core.break_moves import BreakMove
from bot.core.cause_messages import UnnamedMiss
from bot.core.data_age import DataAge

__all__ = [
    "KINDS",
    "ForecastDrift",
    "MorningCard",
    "OutlookMessage",
    "RiskAhead",
    "RiskWeek",
    "SourceSilence",
    "VolumeUnusual",
    "WeakHalfHour",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskAhead:
    """P(``chance``) that at least ``breaches`` promises are broken in [start, end) (L8).

    ``within_seconds``: judged by this answer time; None: by the cases' own promises.  ``fix``: the one move
    of a break that helps most, ``chance_after`` it.  ``sent``/``judged``/``came_true``: this week's cards.
    ``happened``: promises really broken, once the window is over.
    """

    queue: str
    start: datetime
    end: datetime
    chance: float
    breaches: int
    expected: float
    backlog: int
    pausing: int
    leaving: int
    age: DataAge
    nobody_on_duty: bool = False
    within_seconds: float | None = None
    fix: BreakMove | None = None
    chance_after: float | None = None
    sent: int = 0
    judged: int = 0
    came_true: int = 0
    happened: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WeakHalfHour:
    """``broken`` first responses fell due in the half hour from ``start`` (FP10).

    ``rostered`` and ``needed``: people at the queue in its middle by roster and requirement; None: unknown.
    """

    queue: str
    start: datetime
    broken: int
    rostered: int | None = None
    needed: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskWeek:
    """To a team's leads on Monday: how often the risk cards of the week from ``first`` came true.

    ``weakest``: the half hours in which most promises broke, worst first.
    """

    team: str
    first: date
    sent: int
    judged: int
    came_true: int
    weakest: tuple[WeakHalfHour, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeUnusual:
    """``contacts`` came in [start, end), where ``low`` to ``high`` is the forecast's 95 % band (MA6).

    ``ended_at``: back inside; then this is the edit of the post.
    """

    queue: str
    since: datetime
    start: datetime
    end: datetime
    contacts: int
    expected: float
    low: int
    high: int
    age: DataAge
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSilence:
    """No contact of a queue since ``since``, where ``expected`` were forecast by ``noticed_at`` (MA6).

    ``chance``: that nobody came by accident.  ``heard_at``: heard again; then this is the edit of the post.
    """

    queue: str
    since: datetime
    noticed_at: datetime
    expected: float
    chance: float
    heard_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastDrift:
    """To planners and leads: a queue's forecast has been wrong to one side for a while.

    ``signal`` [-1 to 1] and ``bias`` [ratio] of ``days`` judged days up to ``last``, positive where too much
    was forecast; a signal of ``limit`` and more is drift.  ``number``, ``made``: the forecast in force on the
    last day, and the day it was made on; ``stale``: that was more than a week before.  ``over_on``: the
    forecast is right again; then this is the edit of the post.
    """

    queue: str
    last: date
    days: int
    signal: float
    limit: float
    bias: float
    number: int
    made: date
    stale: bool
    over_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CertifiedPeak:
    """A peak of [start, end): promised with probability ``promised``; ``contacts`` came where ``expected``
    were, ``share`` of them answered in time (None where nobody came)."""

    queue: str
    start: datetime
    end: datetime
    promised: float
    expected: float
    contacts: int
    share: float | None
    held: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPromise:
    """What ``owner`` owes on a case by ``due_at``."""

    owner: str
    ref: str
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EveningCard:
    """To a team's leads in the evening: certificate against what came, and promises due by tomorrow noon.

    ``held`` of ``peaks`` were inside their target; ``shown``: the worst of them.  ``due``: the first of
    ``promises``.  ``misses``: the first of today's ``unnamed`` broken promises that have no cause yet.
    """

    team: str
    day: date
    peaks: int
    held: int
    shown: tuple[CertifiedPeak, ...]
    promises: int
    due: tuple[OpenPromise, ...]
    unnamed: int = 0
    misses: tuple[UnnamedMiss, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverAhead:
    """``rostered`` of ``needed`` people at a queue, in the interval that needs most."""

    queue: str
    rostered: int
    needed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GapAhead:
    """Up to ``missing`` people too few in [start, end).

    Then ``pausing`` of the skill's people are on a pause, and ``away`` were taken off by absence or leave.
    """

    queue: str
    start: datetime
    end: datetime
    missing: int
    pausing: int = 0
    away: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PeakAhead:
    """A peak of today that the roster's certificate judged: P(target) ``probability``."""

    queue: str
    start: datetime
    end: datetime
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MorningCard:
    """To a lead whose shift begins at ``start``: what the hours until ``until`` bring (L1).

    ``no_forecast``: queues open today that nothing is forecast for, ``all_dark`` where that is all of them;
    their gaps are not looked for.  ``unstaffed``: queues nobody worked out a requirement for.
    ``changed_since``: changes of the roster after its certificate.  ``due``: the first of ``promises`` that
    fall due by ``promises_until``.  ``back``: whose first shift after leave is today's.
    """

    team: str
    day: date
    start: datetime
    until: datetime
    cover: tuple[CoverAhead, ...]
    gaps: tuple[GapAhead, ...]
    gaps_total: int
    peaks: tuple[PeakAhead, ...]
    promises: int
    promises_until: datetime
    due: tuple[OpenPromise, ...]
    back: tuple[str, ...]
    certified_at: datetime | None = None
    changed_since: int = 0
    no_forecast: tuple[str, ...] = ()
    all_dark: bool = False
    data_until: datetime | None = None
    unstaffed: tuple[str, ...] = ()


OutlookMessage = (
    EveningCard | MorningCard | ForecastDrift | RiskAhead | RiskWeek | SourceSilence | VolumeUnusual
)

KINDS: Final[Mapping[str, type[OutlookMessage]]] = {
    "evening_card": EveningCard,
    "morning_card": MorningCard,
    "forecast_drift": ForecastDrift,
    "risk_ahead": RiskAhead,
    "risk_week": RiskWeek,
    "source_silence": SourceSilence,
    "volume_unusual": VolumeUnusual,
}
"""Names of the kinds in rows; they never change."""
