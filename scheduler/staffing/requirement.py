"""Requirement: how many agents each interval needs, in seats and on the roster."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from forecasting.grid import IntervalGrid
from scheduler.errors import StaffingError
from scheduler.queueing.targets import ServiceTarget, WorkKind
from scheduler.staffing.shrinkage import ShrinkagePlan, scheduled_agents
from scheduler.staffing.workload import Workload

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImpossibleInterval:
    """An interval whose target cannot be met with the agents there are, and with how many it could."""

    index: int
    start: datetime
    needed: int
    available: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Requirement:
    """Agents needed per interval by one queue; all arrays have shape (grid.count,).

    ``base_agents``: agents who must be available [count].
    ``shrinkage``: share of rostered time in which people are not available, besides breaks.
    ``scheduled_agents``: agents to roster, ceil(base / (1 - shrinkage)) [count].
    ``max_agents``: agents there are, where known; the need is never cut to it, see ``impossible``.
    """

    queue: str
    skill: str
    grid: IntervalGrid
    base_agents: Ints
    shrinkage: NDArray[np.float64]
    scheduled_agents: Ints
    max_agents: int | None = None

    def __post_init__(self) -> None:
        for name in ("base_agents", "shrinkage", "scheduled_agents"):
            held = getattr(self, name)
            if held.shape != (self.grid.count,):
                raise StaffingError(
                    f"{name} of queue {self.queue!r} must have shape ({self.grid.count},), got {held.shape}"
                )
        if np.any(self.base_agents < 0) or np.any(self.scheduled_agents < self.base_agents):
            raise StaffingError(f"queue {self.queue!r} cannot need fewer scheduled than base agents")

    @property
    def agent_hours(self) -> float:
        """Rostered hours on this queue if every interval had exactly its scheduled agents [h]."""
        return float(self.scheduled_agents.sum()) * self.grid.interval_seconds / 3600.0

    @property
    def impossible(self) -> tuple[ImpossibleInterval, ...]:
        """Intervals that need more than ``max_agents`` on the roster, in order; empty where unknown."""
        if self.max_agents is None:
            return ()
        return tuple(
            ImpossibleInterval(
                index=int(i),
                start=self.grid.start_of(int(i)),
                needed=int(self.scheduled_agents[i]),
                available=self.max_agents,
            )
            for i in np.flatnonzero(self.scheduled_agents > self.max_agents)
        )


def base_agents(workload: Workload, target: ServiceTarget) -> Ints:
    """Fewest available agents per interval that meet ``target``, shape (grid.count,); 0 where closed.

    LIVE: Erlang A with the workload's patience, else Erlang C, per interval in steady state.
    CONCURRENT: the same on agents x concurrency places.  DEFERRABLE: the work is spread evenly over the
    open time within ``target.within_seconds`` and agents are busy at most ``max_occupancy`` (0.90).  Promised
    work is added to the load of the intervals in which it is done (`scheduler.staffing.promised`).
    """
    # numba takes a second to load, and the dataclasses of this module are wanted without it.
    from scheduler.queueing import backlog, chat, search

    if workload.kind is WorkKind.DEFERRABLE:
        planned = backlog.spread(
            workload.erlangs * workload.grid.interval_seconds,
            workload.open,
            interval_seconds=workload.grid.interval_seconds,
            within_seconds=target.within_seconds,
            count_closed_time=target.count_closed_time,
        )
        planned = planned + workload.promised_erlangs * workload.grid.interval_seconds
        return backlog.least_agents(
            planned, interval_seconds=workload.grid.interval_seconds, max_occupancy=target.max_occupancy
        )
    erlangs = np.where(workload.open, workload.erlangs, 0.0) + workload.promised_erlangs
    aht = np.where(erlangs > 0, workload.aht_seconds, 1.0)
    if workload.kind is WorkKind.CONCURRENT:
        return chat.least_chat_agents(
            erlangs,
            concurrency=workload.concurrency,
            aht_seconds=aht,
            target=target,
            patience_seconds=workload.patience_seconds,
        )
    return search.least_agents(
        erlangs, aht_seconds=aht, target=target, patience_seconds=workload.patience_seconds
    )


def requirement(
    workload: Workload,
    target: ServiceTarget,
    shrinkage: ShrinkagePlan,
    *,
    minimum_agents: int = 0,
    max_agents: int | None = None,
) -> Requirement:
    """What ``workload`` needs to meet ``target`` in every interval, with ``shrinkage`` on top.

    ``minimum_agents`` are available at every open interval, load or not.  ``max_agents`` cuts nothing: the
    result says in ``impossible`` where the need is greater and how great it is.
    """
    if minimum_agents < 0:
        raise StaffingError(f"minimum_agents must not be negative, got {minimum_agents}")
    base = base_agents(workload, target)
    base = np.where(workload.open, np.maximum(base, minimum_agents), base)
    share = shrinkage.per_interval(workload.grid)
    return Requirement(
        queue=workload.queue,
        skill=workload.skill,
        grid=workload.grid,
        base_agents=base,
        shrinkage=share,
        scheduled_agents=scheduled_agents(base, share),
        max_agents=max_agents,
    )
