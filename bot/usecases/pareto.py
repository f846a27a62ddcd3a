"""What most misses of a team come from (KS12)."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from bot.core.causes import Miss, Pareto, pareto
from bot.core.ids import TeamId
from bot.core.settings import Settings
from bot.store.unit_of_work import ReadUnit

__all__ = ["causes_between", "misses_between", "types_between"]


def causes_between(uow: ReadUnit, settings: Settings, team: TeamId, start: datetime, end: datetime) -> Pareto:
    """A team's broken promises that fell due in [start, end), by the cause somebody named.

    ``unnamed`` of them have none yet: they stand in no line, and shares are of those that have one.
    """
    misses = misses_between(uow, settings, team, start, end)
    named = Counter(miss.named.cause for miss in misses if miss.named is not None)
    return pareto(named, unnamed=len(misses) - named.total())


def types_between(uow: ReadUnit, settings: Settings, team: TeamId, start: datetime, end: datetime) -> Pareto:
    """The same promises by the type of their case; every one has one."""
    return pareto(Counter(miss.type for miss in misses_between(uow, settings, team, start, end)))


def misses_between(
    uow: ReadUnit, settings: Settings, team: TeamId, start: datetime, end: datetime
) -> list[Miss]:
    """A team's broken promises that fell due in [start, end), as they stood at ``end``, the first first."""
    queues = [queue.queue for queue in settings.queues.values() if queue.team == team]
    return uow.misses.between(queues, start, end, end)
