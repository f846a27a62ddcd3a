"""What live queues would save if the same people answered them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.core.ids import QueueId
from bot.core.settings import Settings
from bot.store.unit_of_work import Store
from bot.usecases.week_loads import week_loads
from bot.usecases.workloads import assurance_of
from scheduler.staffing.pooling import Pooling, TargetedLoad, poolings

__all__ = ["QueuePoolings", "pool"]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePoolings:
    """``found``: what saves most first.  ``able``: people who have the skills of all of a pooling's queues.
    ``missing``: queues without a forecast of these days."""

    found: tuple[Pooling, ...]
    able: Mapping[tuple[str, ...], int]
    missing: tuple[QueueId, ...]


def pool(
    store: Store, settings: Settings, *, queues: Sequence[QueueId] | None = None, first: date, days: int
) -> QueuePoolings:
    """Queues apart and together for ``days`` local days from ``first``.  Nothing is stored.

    Raises RefusedError for an unknown queue, and where no queue has a forecast that covers the days.
    """
    week = week_loads(store, settings, queues=queues, first=first, days=days)
    staffing = settings.staffing
    found = poolings(
        [
            TargetedLoad(
                workload=load.workload,
                target=load.target,
                assurance=assurance_of(load, staffing.probability),
            )
            for load in week.found
        ],
        staffing.shrinkage,
        minimum_agents=staffing.minimum_agents,
    )
    with store.read() as uow:
        people = uow.people.all()
    able = {}
    for one in found:
        skills = {settings.queues[QueueId(queue)].skill for queue in one.queues}
        able[one.queues] = sum(skills <= set(person.skills) for person in people)
    return QueuePoolings(found=found, able=able, missing=week.missing)
