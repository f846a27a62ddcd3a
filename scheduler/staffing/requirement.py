"""Requirement: how many agents each interval needs, in seats and on the roster."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from forecasting.grid import IntervalGrid
from scheduler.errors import StaffingError
from scheduler.queueing.targets import ServiceTarget, WorkKind
from scheduler.staffing.assurance import Assurance
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


def base_agents(workload: Workload, target: ServiceTarget, assurance: Assurance | None = None) -> Ints:
    """Fewest available agents per interval that meet ``target``, shape (grid.count,); 0 where closed.

    LIVE: Erlang A with the workload's patience, else Erlang C, per interval, at the load of ``live_load``.
    CONCURRENT: the same on agents x concurrency places.  DEFERRABLE: the work is spread evenly over the
    open time within ``target.within_seconds`` and agents are busy at most ``max_occupancy`` (0.90).  Promised
    work is added to the load of the intervals in which it is done (`scheduler.staffing.promised`).

    Without ``assurance`` the load is as forecast and the target is met on average.  With it peaks hold the
    target with the probability asked for, other intervals so that all contacts together are in time as the
    target wants; deferrable work is staffed for a load that is exceeded with the probability left.
    """
    if assurance is not None and assurance.peak.shape != (workload.grid.count,):
        raise StaffingError(
            f"the assurance of queue {workload.queue!r} must have shape ({workload.grid.count},), "
            f"got {assurance.peak.shape}"
        )
    if workload.kind is WorkKind.DEFERRABLE:
        return _deferrable_agents(workload, target, assurance)
    return _live_agents(workload, target, assurance, live_load(workload, target))


def _live_agents(
    workload: Workload, target: ServiceTarget, assurance: Assurance | None, erlangs: NDArray[np.float64]
) -> Ints:
    # numba takes a second to load, and the dataclasses of this module are wanted without it.
    from scheduler.queueing import search, single_interval

    aht = np.where(erlangs > 0, workload.aht_seconds, 1.0)
    patience = workload.patience_seconds
    places = search.least_agents(erlangs, aht_seconds=aht, target=target, patience_seconds=patience)
    if assurance is not None:
        sure = single_interval.least_agents_for_chance(
            np.where(assurance.peak, erlangs, 0.0),
            aht_seconds=aht,
            target=target,
            interval_seconds=assurance.judged_seconds(workload.contacts, workload.grid),
            probability=assurance.probability,
            patience_seconds=patience,
            load_excess=assurance.load_excess,
        )
        usual = single_interval.least_agents_expected(
            np.where(assurance.peak, 0.0, erlangs),
            aht_seconds=aht,
            target=target,
            patience_seconds=patience,
            load_excess=assurance.load_excess,
        )
        # Limits on occupancy and abandonment hold for the load as forecast.
        places = np.maximum(places, np.where(assurance.peak, sure, usual))
    return np.asarray(-(-places // workload.concurrency), dtype=np.int64)


def live_load(workload: Workload, target: ServiceTarget) -> NDArray[np.float64]:
    """Load each interval of live work is staffed for [erlang], shape (grid.count,); 0 where closed.

    It is the arriving load, moved by what the interval before leaves in progress: see ``offered_load``; and
    the promised work that is done in the interval.
    """
    from scheduler.queueing import offered_load

    level = offered_load.level_load(
        np.where(workload.open, workload.erlangs, 0.0),
        workload.aht_seconds,
        workload.open,
        interval_seconds=workload.grid.interval_seconds,
        target=target,
        patience_seconds=workload.patience_seconds,
    )
    return np.asarray(level + workload.promised_erlangs, dtype=np.float64)


def deferrable_work(
    workload: Workload, target: ServiceTarget, assurance: Assurance | None = None
) -> NDArray[np.float64]:
    """Deferrable work to be done per interval [agent-seconds], shape (grid.count,)."""
    from scheduler.queueing import backlog

    seconds = workload.grid.interval_seconds
    work = workload.erlangs * seconds
    if assurance is not None:
        log_sd = np.sqrt(np.log1p(assurance.load_excess))
        work = work * np.exp(log_sd * NormalDist().inv_cdf(assurance.probability) - log_sd**2 / 2)
    planned = backlog.spread(
        work,
        workload.open,
        interval_seconds=seconds,
        within_seconds=target.within_seconds,
        count_closed_time=target.count_closed_time,
    )
    # How much was promised is known.
    return np.asarray(planned + workload.promised_erlangs * seconds, dtype=np.float64)


def _deferrable_agents(workload: Workload, target: ServiceTarget, assurance: Assurance | None) -> Ints:
    from scheduler.queueing import backlog

    return backlog.least_agents(
        deferrable_work(workload, target, assurance),
        interval_seconds=workload.grid.interval_seconds,
        max_occupancy=target.max_occupancy,
    )


def requirement(
    workload: Workload,
    target: ServiceTarget,
    shrinkage: ShrinkagePlan,
    *,
    assurance: Assurance | None = None,
    minimum_agents: int = 0,
    max_agents: int | None = None,
) -> Requirement:
    """What ``workload`` needs to meet ``target`` in every interval, with ``shrinkage`` on top.

    ``assurance``: how surely, when the load is not what was forecast and people are absent at random; their
    absence makes the load per agent there as uncertain as the forecast's error does.

    ``minimum_agents`` are available at every open interval, load or not.  ``max_agents`` cuts nothing: the
    result says in ``impossible`` where the need is greater and how great it is.
    """
    if minimum_agents < 0:
        raise StaffingError(f"minimum_agents must not be negative, got {minimum_agents}")
    share = shrinkage.per_interval(workload.grid)
    base = sure_agents(workload, target, shrinkage, assurance)[0]
    base = np.where(workload.open, np.maximum(base, minimum_agents), base)
    return Requirement(
        queue=workload.queue,
        skill=workload.skill,
        grid=workload.grid,
        base_agents=base,
        shrinkage=share,
        scheduled_agents=scheduled_agents(base, share),
        max_agents=max_agents,
    )


def sure_agents(
    workload: Workload, target: ServiceTarget, shrinkage: ShrinkagePlan, assurance: Assurance | None
) -> tuple[Ints, Assurance | None]:
    """``base_agents`` when people are absent by ``shrinkage``, and the assurance with that uncertainty in it.

    How much absence matters depends on how many there are, so it is counted with the number found without.
    """
    if assurance is None or workload.kind is WorkKind.DEFERRABLE:
        base = base_agents(workload, target, assurance)
        if assurance is None:
            return base, None
        sure = with_absence(assurance, base, shrinkage.unplanned.per_interval(workload.grid))
        return base_agents(workload, target, sure), sure
    erlangs = live_load(workload, target)
    base = _live_agents(workload, target, assurance, erlangs)
    sure = with_absence(assurance, base, shrinkage.unplanned.per_interval(workload.grid))
    return _live_agents(workload, target, sure, erlangs), sure


def with_absence(assurance: Assurance, base: Ints, absence: NDArray[np.float64]) -> Assurance:
    """The assurance when ``base`` agents are there only on average, each rostered one absent at random.

    Of N rostered with N (1 - s) = base the number there has the relative variance s / base, and so has, near
    enough, the load on each of them.

    >>> twelve = Assurance(probability=0.9, peak=np.array([True]), load_excess=np.array([0.01]))
    >>> with_absence(twelve, np.array([12]), np.array([0.06])).load_excess.round(4).tolist()
    [0.015]
    """
    scatter = absence / np.maximum(base, 1)
    return replace(assurance, load_excess=assurance.load_excess + scatter)
