"""What changing a promise that does not fit would cost in people (SP19)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from bot.core.attainment import Attainment, Fit, fit
from bot.core.courses import Measure
from bot.core.ids import QueueId
from bot.core.settings import Settings
from bot.core.sla import Counted
from bot.store.unit_of_work import Store
from bot.usecases.week_loads import week_loads
from bot.usecases.workloads import assurance_of
from scheduler.queueing.targets import ServiceTarget
from scheduler.staffing.requirement import requirement

__all__ = ["KEPT", "PromiseCost", "promise_costs"]

KEPT: Final = 0.9
"""A promise is kept when nine of ten are: below it the review calls it too tight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseCost:
    """What it takes to answer nine of ten contacts of ``queue`` within ``target.within_seconds`` [s].

    That is the promise itself where it is too tight, half of it where it is too loose.  Hours are rostered
    agent-hours of the days asked about [h]; ``present_hours`` are those of the queue's staffing target.
    """

    policy: str
    fit: Fit
    queue: QueueId
    target: ServiceTarget
    agent_hours: float
    present: ServiceTarget
    present_hours: float

    @property
    def difference_hours(self) -> float:
        """More (or, below 0, fewer) hours than the present staffing target takes."""
        return self.agent_hours - self.present_hours


def promise_costs(
    store: Store, settings: Settings, found: Iterable[Attainment], *, first: date, days: int
) -> tuple[PromiseCost, ...]:
    """The cost for each first response that does not fit, on each queue it was judged on.

    As if all contacts of the queue had that promise: queues are staffed as a whole.  Promises in working
    days are left out.  Raises RefusedError where something does not fit and no forecast covers the days.
    """
    unfit = [
        (row, verdict)
        for row in found
        if row.measure is Measure.FIRST_RESPONSE and (verdict := fit(row)) in (Fit.TOO_TIGHT, Fit.TOO_LOOSE)
    ]
    if not unfit:
        return ()
    promised = {
        policy.name: target
        for policy in settings.policies
        for target in policy.targets
        if target.measure is Measure.FIRST_RESPONSE and target.counted is not Counted.WORKING_DAYS
    }
    week = week_loads(store, settings, queues=None, first=first, days=days)
    loads = {load.queue.queue: load for load in week.found}
    staffing = settings.staffing
    costs = []
    for row, verdict in unfit:
        promise = promised.get(row.policy)
        for queue in row.queues if promise is not None else ():
            load = loads.get(QueueId(queue))
            if load is None or promise is None:
                continue
            within = promise.within.total_seconds() * (0.5 if verdict is Fit.TOO_LOOSE else 1.0)
            wanted = replace(
                load.target,
                share=KEPT,
                within_seconds=within,
                count_closed_time=promise.counted is Counted.ELAPSED,
            )
            sure = assurance_of(load, staffing.probability)
            hours, present = (
                requirement(
                    load.workload,
                    target,
                    staffing.shrinkage,
                    assurance=sure,
                    minimum_agents=staffing.minimum_agents,
                ).agent_hours
                for target in (wanted, load.target)
            )
            costs.append(
                PromiseCost(
                    policy=row.policy,
                    fit=verdict,
                    queue=load.queue.queue,
                    target=wanted,
                    agent_hours=hours,
                    present=load.target,
                    present_hours=present,
                )
            )
    return tuple(costs)
