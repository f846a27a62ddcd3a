"""Price list: what a tighter or looser target costs in people, before anybody promises it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from scheduler.queueing.targets import ServiceTarget, WorkKind
from scheduler.staffing.assurance import Assurance
from scheduler.staffing.requirement import Requirement, requirement
from scheduler.staffing.shrinkage import ShrinkagePlan
from scheduler.staffing.workload import Workload

__all__ = ["LIVE_SECONDS", "SHARES", "Price", "PriceList", "price_list"]

SHARES = (0.70, 0.75, 0.80, 0.85, 0.90, 0.95)
LIVE_SECONDS = (10.0, 20.0, 30.0, 60.0, 120.0)
DEFERRABLE_HOURS = (1, 2, 4)
WORKING_DAYS = (1, 2, 3)

Staffed = Callable[[Workload, ServiceTarget], Requirement]
"""How a requirement is made of a target: everything but the target held as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What one target needs over the whole grid.

    ``agent_hours``: rostered hours [h], ``difference_hours`` [h] and ``difference_share`` against the
    present target (the share is None where that needs nobody).  ``peak_agents``: most on the roster at a
    time.  ``occupancy``: share of their time the agents who are there are busy.  ``abandonment``: expected
    share of the contacts that hang up, None where nobody does.  ``working_days``: where the time is that
    many mean opening days of the queue.
    """

    target: ServiceTarget
    agent_hours: float
    peak_agents: int
    occupancy: float
    abandonment: float | None
    difference_hours: float
    difference_share: float | None
    present: bool
    working_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceList:
    """``by_share``: other shares at the present time; empty for deferrable work, where the share does not
    change the need (all of the work is spread over the window).  ``by_time``: other times at the present
    share.  The present target is in both, marked."""

    queue: str
    kind: WorkKind
    present: Price
    by_share: tuple[Price, ...]
    by_time: tuple[Price, ...]


def price_list(
    workload: Workload,
    present: ServiceTarget,
    shrinkage: ShrinkagePlan,
    *,
    assurance: Assurance | None = None,
    minimum_agents: int = 0,
) -> PriceList:
    """The requirement of ``workload`` for other shares and times than those of the ``present`` target.

    Limits on occupancy and abandonment stay as they are; where they decide, a looser target saves nothing.
    Needs are whole people, so small steps may cost nothing or much.
    """

    def staffed(load: Workload, target: ServiceTarget) -> Requirement:
        return requirement(load, target, shrinkage, assurance=assurance, minimum_agents=minimum_agents)

    now = _price(workload, present, staffed, None)
    by_share: list[tuple[ServiceTarget, int | None]] = []
    if workload.kind is not WorkKind.DEFERRABLE:
        by_share = [(replace(present, share=s), None) for s in sorted({*SHARES, present.share})]
    return PriceList(
        queue=workload.queue,
        kind=workload.kind,
        present=now,
        by_share=_priced(workload, by_share, staffed, now),
        by_time=_priced(workload, _times(workload, present), staffed, now),
    )


def _times(workload: Workload, present: ServiceTarget) -> list[tuple[ServiceTarget, int | None]]:
    """Targets with other times, the shortest first, and how many working days each is."""
    if workload.kind is not WorkKind.DEFERRABLE:
        return [
            (replace(present, within_seconds=s), None)
            for s in sorted({*LIVE_SECONDS, present.within_seconds})
        ]
    times: dict[float, int | None] = {hours * 3600.0: None for hours in DEFERRABLE_HOURS}
    day = _opening_day(workload, present)
    # A day of the same length as some hours is called a day.
    times |= {days * day: days for days in WORKING_DAYS if day > 0}
    times.setdefault(present.within_seconds, None)
    return [(replace(present, within_seconds=s), times[s]) for s in sorted(times)]


def _opening_day(workload: Workload, target: ServiceTarget) -> float:
    """Seconds that count of a mean day on which the queue is open."""
    if target.count_closed_time:
        return 86_400.0
    opened = [int(np.count_nonzero(workload.open[part])) for part in workload.grid.days().values()]
    opened = [count for count in opened if count]
    return workload.grid.interval_seconds * sum(opened) / len(opened) if opened else 0.0


def _priced(
    workload: Workload, targets: Sequence[tuple[ServiceTarget, int | None]], staffed: Staffed, present: Price
) -> tuple[Price, ...]:
    return tuple(_price(workload, target, staffed, present, days) for target, days in targets)


def _price(
    workload: Workload,
    target: ServiceTarget,
    staffed: Staffed,
    present: Price | None,
    working_days: int | None = None,
) -> Price:
    needed = staffed(workload, target)
    occupancy, abandonment = _occupancy_and_abandonment(workload, target, needed)
    hours = needed.agent_hours
    before = hours if present is None else present.agent_hours
    return Price(
        target=target,
        agent_hours=hours,
        peak_agents=int(needed.scheduled_agents.max(initial=0)),
        occupancy=occupancy,
        abandonment=abandonment,
        difference_hours=hours - before,
        difference_share=(hours - before) / before if before > 0 else None,
        present=present is None or target == present.target,
        working_days=working_days,
    )


def _occupancy_and_abandonment(
    workload: Workload, target: ServiceTarget, needed: Requirement
) -> tuple[float, float | None]:
    """Means over agents' time and over contacts, with the base agents of ``needed``."""
    # numba takes a second to load, and the dataclasses of this module are wanted without it.
    from scheduler.queueing import chat

    agents = needed.base_agents
    total = float(agents.sum())
    if workload.kind is WorkKind.DEFERRABLE:
        load = float((workload.erlangs + workload.promised_erlangs).sum())
        return load / total if total else 0.0, None
    erlangs = np.where(workload.open, workload.erlangs, 0.0) + workload.promised_erlangs
    at = erlangs > 0
    if not np.any(at) or total == 0:
        return 0.0, None if workload.patience_seconds is None else 0.0
    held = chat.measures(
        agents[at],
        erlangs[at],
        concurrency=workload.concurrency,
        aht_seconds=workload.aht_seconds[at],
        within_seconds=target.within_seconds,
        patience_seconds=workload.patience_seconds,
    )
    occupancy = float((held.occupancy * agents[at]).sum()) / total
    if workload.patience_seconds is None:
        return occupancy, None
    contacts = np.where(workload.open, workload.contacts, 0.0)[at]
    return occupancy, float(np.average(held.abandonment, weights=contacts)) if contacts.sum() > 0 else 0.0
