"""Broken promises of a stretch for people to read: Pareto's order, and how much data stands behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.core.cause_messages import UnnamedMiss
from bot.core.causes import Pareto
from bot.core.ids import TeamId
from bot.core.settings import Settings
from bot.store.unit_of_work import Store
from bot.usecases.name_causes import unnamed
from bot.usecases.pareto import causes_between, types_between

__all__ = ["MissReport", "read_misses"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MissReport:
    """``broken`` of ``judged`` promises that fell due in [start, end); ``since``: the first of them, None
    where there is none.  ``open``: the newest of those without a cause."""

    team: TeamId
    start: datetime
    end: datetime
    by: str
    judged: int
    broken: int
    since: datetime | None
    pareto: Pareto
    open: tuple[UnnamedMiss, ...] = ()


def read_misses(
    store: Store,
    settings: Settings,
    team: TeamId,
    *,
    start: datetime,
    end: datetime,
    by: str = "cause",
    most: int = 0,
) -> MissReport:
    """``by``: ``cause`` or ``type``; ``most``: so many without a cause, with what Muster proposes."""
    queues = {queue.queue for queue in settings.queues.values() if queue.team == team}
    with store.read() as uow:
        judged, since = uow.misses.judged(queues, start, end)
        count = types_between if by == "type" else causes_between
        found = count(uow, settings, team, start, end)
        left = unnamed(uow, settings, team, start, end, most=most).lines if most else ()
    return MissReport(
        team=team,
        start=start,
        end=end,
        by=by,
        judged=judged,
        broken=found.total + found.unnamed,
        since=since,
        pareto=found,
        open=left,
    )
