"""So many breaches at once that they are told as one: who joins a storm.  Called inside a unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.core.alert_settings import StormRule
from bot.core.alerts import Alert, AlertState
from bot.core.ids import AlertId, ContactRef, QueueId, StormId, TeamId
from bot.core.storms import BreachLine, Weather, noted, weather
from bot.store.unit_of_work import UnitOfWork
from bot.usecases.on_the_floor import Present

__all__ = ["Storms", "note", "storms_of"]

_Key = tuple[TeamId, QueueId]


@dataclass(slots=True, kw_only=True)
class Storms:
    """What these breaches do to their queues: which storm each joins, and the queues where one begins."""

    rule: StormRule | None
    lines: dict[_Key, BreachLine] = field(default_factory=dict)
    broke: dict[_Key, list[ContactRef]] = field(default_factory=dict)
    joined: dict[ContactRef, StormId] = field(default_factory=dict)
    begun: list[_Key] = field(default_factory=list)


def storms_of(uow: UnitOfWork, present: Present, alerts: Sequence[Alert], now: datetime) -> Storms:
    """Whether the escalations that begin with these alerts are storms.  Locks their queues' lines."""
    found = Storms(rule=present.settings.alerts.storm)
    if found.rule is None:
        return found
    for alert in alerts:
        if alert.pressing and alert.step < 0 and alert.state is AlertState.OPEN and alert.storm is None:
            found.broke.setdefault((alert.team, alert.queue), []).append(alert.ref)
    if not found.broke:
        return found
    for line in uow.storms.lock_lines(found.broke):
        key = (line.team, line.queue)
        how = weather(line, len(found.broke[key]), found.rule, now)
        if how is Weather.BEGINS:
            line = replace(line, storm=uow.storms.open(line.team, line.queue, now).storm)
            found.begun.append(key)
        storm = line.storm
        if how is not Weather.CALM and storm is not None:
            line = replace(line, last_at=now)
            found.joined.update((ref, storm) for ref in found.broke[key])
        found.lines[key] = line
    return found


def note(
    uow: UnitOfWork, storms: Storms, numbers: Mapping[ContactRef, AlertId], now: datetime
) -> list[Alert]:
    """Remember what broke.  Returns the alerts of the minutes before, which a storm that begins draws in.

    One that somebody works on at this moment is left to them.
    """
    if storms.rule is None or not storms.lines:
        return []
    drawn: list[Alert] = []
    for key in storms.begun:
        line = storms.lines[key]
        lately = {r.alert for r in line.recent if now - r.at < storms.rule.within}
        for alert in uow.alerts.lock_free(lately - set(numbers.values())):
            if alert.state is AlertState.OPEN and alert.pressing and alert.storm is None:
                revision = alert.revision + 1
                drawn.append(replace(alert, storm=line.storm, next_step_at=None, revision=revision))
    uow.alerts.save(drawn)
    uow.storms.save_lines(
        noted(line, [numbers[ref] for ref in storms.broke[key] if ref in numbers], storms.rule, now)
        for key, line in storms.lines.items()
    )
    return drawn
