"""What other service targets would cost in a week, from the same loads as the requirement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.core.ids import QueueId
from bot.core.settings import Settings
from bot.store.unit_of_work import Store
from bot.usecases.week_loads import week_loads
from bot.usecases.workloads import assurance_of
from scheduler.staffing.price_list import PriceList, price_list

__all__ = ["TargetPrices", "prices"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetPrices:
    """``missing``: queues without a forecast of these days."""

    lists: tuple[PriceList, ...]
    missing: tuple[QueueId, ...]


def prices(
    store: Store, settings: Settings, *, queues: Sequence[QueueId] | None = None, first: date, days: int
) -> TargetPrices:
    """The price list of each queue for ``days`` local days from ``first``.  Nothing is stored.

    Raises RefusedError for an unknown queue, and where no queue has a forecast that covers the days.
    """
    week = week_loads(store, settings, queues=queues, first=first, days=days)
    staffing = settings.staffing
    return TargetPrices(
        lists=tuple(
            price_list(
                load.workload,
                load.target,
                staffing.shrinkage,
                assurance=assurance_of(load, staffing.probability),
                minimum_agents=staffing.minimum_agents,
            )
            for load in week.found
        ),
        missing=week.missing,
    )
