"""Storm: many breaches of one team and queue at once, told as one.

A storm has one escalation for all its members; they have none of their own while it lasts.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from bot.core.alert_settings import StormRule
from bot.core.alerts import AlertState, Told
from bot.core.ids import AlertId, QueueId, StormId, TeamId
from bot.core.messages import Recipient


@dataclass(frozen=True, slots=True, kw_only=True)
class Recent:
    """An alert that broke lately, and when that was noticed."""

    alert: AlertId
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BreachLine:
    """What broke lately in a queue of a team; ``storm`` where that is one, joined last at ``last_at``."""

    team: TeamId
    queue: QueueId
    recent: tuple[Recent, ...] = ()
    storm: StormId | None = None
    last_at: datetime | None = None


class Weather(Enum):
    """What a number of new breaches does to a queue."""

    CALM = "calm"  # each is told by itself
    BEGINS = "begins"  # with those of the last minutes they are a storm
    JOINS = "joins"  # a storm is under way


def weather(line: BreachLine, new: int, rule: StormRule, now: datetime) -> Weather:
    """Whether ``new`` breaches at ``now`` are a storm, alone or with those before.

    >>> from datetime import UTC
    >>> now = datetime(2026, 11, 24, 2, 10, tzinfo=UTC)
    >>> line = BreachLine(team=TeamId("harbour"), queue=QueueId("chat"))
    >>> [weather(line, new, StormRule(), now).value for new in (4, 5)]
    ['calm', 'begins']
    """
    if line.storm is not None and line.last_at is not None and now - line.last_at <= rule.within:
        return Weather.JOINS
    lately = [r for r in line.recent if now - r.at < rule.within]
    return Weather.BEGINS if len(lately) + new >= rule.count else Weather.CALM


def noted(line: BreachLine, alerts: Collection[AlertId], rule: StormRule, now: datetime) -> BreachLine:
    """The line after these alerts broke: no more is kept than decides about a storm."""
    lately = [r for r in line.recent if now - r.at < rule.within]
    lately += [Recent(alert=alert, at=now) for alert in alerts]
    return replace(line, recent=tuple(lately[-rule.count :]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Storm:
    """One group.  ``state``, ``step``, ``next_step_at``, ``repeats``, ``told`` and ``passed_over`` as in
    `bot.core.alerts.Alert`; ``counted``: members and open ones, as last told."""

    storm: StormId
    team: TeamId
    queue: QueueId
    state: AlertState
    opened_at: datetime
    step: int = -1
    next_step_at: datetime | None = None
    repeats: int = 0
    answered_by: str | None = None
    answered_at: datetime | None = None
    revision: int = 0
    counted: tuple[int, int] = (0, 0)
    passed_over: tuple[str, ...] = ()
    told: tuple[Told, ...] = ()


def told_by(storm: Storm, level: str, recipients: Collection[Recipient], at: datetime) -> Storm:
    """Note who was told, the latest level of each."""
    places = {r.place for r in recipients}
    kept = tuple(t for t in storm.told if t.recipient.place not in places)
    fresh = (Told(level=level, recipient=r, at=at, step=storm.step) for r in recipients)
    return replace(storm, told=(*kept, *fresh))


def storm_key(storm: Storm, recipient: Recipient) -> str:
    """Dedupe key of a storm's post to a recipient."""
    return f"storm:{storm.storm}:{recipient.kind.value}:{recipient.name}"
