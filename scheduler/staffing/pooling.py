"""Pooling: what queues would need if the same people answered all of them.

Larger groups need fewer people for the same service, because the busy moments of one queue are filled by
the idle ones of another: where nobody gives up and handling times are exponential with one mean, splitting
servers never helps (D. R. Smith, W. Whitt, "Resource sharing for efficiency in traffic systems", Bell System
Technical Journal 60 (1981)).  Two limits:

- With different means it may.  The mixture is hyperexponential, more variable than the formulas take it to
  be, and short contacts wait behind long ones.  `Pooling.variability` says how far it is from them.
- With patience, and a target so low that agents are overloaded by intent, more are answered at once apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from scheduler.errors import StaffingError
from scheduler.queueing.targets import ServiceTarget, WorkKind
from scheduler.staffing.assurance import Assurance
from scheduler.staffing.requirement import requirement
from scheduler.staffing.shrinkage import ShrinkagePlan
from scheduler.staffing.workload import Workload

Floats = NDArray[np.float64]

__all__ = ["Pooling", "TargetedLoad", "pool", "pooled_assurance", "pooled_load", "poolings", "strictest"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TargetedLoad:
    """A queue's workload with the target it is staffed for, and how surely."""

    workload: Workload
    target: ServiceTarget
    assurance: Assurance | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooling:
    """Queues apart and together over one grid.

    ``split_hours`` and ``pooled_hours``: rostered agent-hours [h]; ``split_peak`` and ``pooled_peak``: most
    people on the roster at a time.  ``target``: what the pooled queue was staffed for.
    ``variability``: squared coefficient of variation of the mixed handling times; 1 is what the formulas
    assume, and waits are about (1 + variability) / 2 times theirs (the Allen-Cunneen approximation).
    """

    queues: tuple[str, ...]
    kind: WorkKind
    target: ServiceTarget
    split_hours: float
    pooled_hours: float
    split_peak: int
    pooled_peak: int
    variability: float

    @property
    def saved_hours(self) -> float:
        """Hours that pooling saves; below 0 where the stricter target costs more than pooling saves."""
        return self.split_hours - self.pooled_hours

    @property
    def saved_share(self) -> float | None:
        """The same as a share of the split hours; None where they are none."""
        return self.saved_hours / self.split_hours if self.split_hours > 0 else None


def strictest(targets: Sequence[ServiceTarget]) -> ServiceTarget:
    """The target that keeps all of ``targets``: highest share, shortest time, lowest limits.

    >>> both = strictest([ServiceTarget(share=0.9, within_seconds=60), ServiceTarget(max_occupancy=0.85)])
    >>> both.share, both.within_seconds, both.max_occupancy, both.max_abandonment
    (0.9, 20.0, 0.85, None)
    """
    if not targets:
        raise StaffingError("there is no target to keep")
    return ServiceTarget(
        share=max(t.share for t in targets),
        within_seconds=min(t.within_seconds for t in targets),
        max_occupancy=min((t.max_occupancy for t in targets if t.max_occupancy is not None), default=None),
        max_abandonment=min(
            (t.max_abandonment for t in targets if t.max_abandonment is not None), default=None
        ),
        count_closed_time=all(t.count_closed_time for t in targets),
    )


def pooled_load(workloads: Sequence[Workload]) -> Workload:
    """One queue with the contacts of all.

    Handling time is the mean over contacts, interval by interval; patience the mean over contacts, for ever
    where one of the queues is patient for ever; concurrency the lowest; open where any is.  Raises
    StaffingError for queues of different kinds or grids, and for work that can wait.
    """
    if not workloads:
        raise StaffingError("there are no queues to pool")
    first = workloads[0]
    for load in workloads:
        if load.kind is not first.kind or load.grid != first.grid:
            raise StaffingError(f"queues {first.queue!r} and {load.queue!r} differ in kind or grid")
        if load.kind is WorkKind.DEFERRABLE:
            raise StaffingError(
                f"queue {load.queue!r} can wait; its work is spread, so pooling saves nothing"
            )
    contacts = np.array([load.contacts for load in workloads])
    weight, aht = (np.array(rows) for rows in zip(*(_weighed(load) for load in workloads), strict=True))
    weights = weight.sum(axis=0)
    patience = [load.patience_seconds for load in workloads]
    by_queue = contacts.sum(axis=1)
    known = [p for p in patience if p is not None]
    return Workload(
        queue="+".join(load.queue for load in workloads),
        skill="+".join(dict.fromkeys(load.skill for load in workloads)),
        kind=first.kind,
        grid=first.grid,
        contacts=contacts.sum(axis=0),
        aht_seconds=np.where(
            weights > 0, (weight * aht).sum(axis=0) / np.where(weights > 0, weights, 1.0), 1.0
        ),
        open=np.any([load.open for load in workloads], axis=0),
        patience_seconds=None
        if len(known) < len(patience)
        else float(np.average(known, weights=by_queue if by_queue.sum() > 0 else None)),
        concurrency=min(load.concurrency for load in workloads),
        promised=tuple(work for load in workloads for work in load.promised),
    )


def pooled_assurance(queues: Sequence[TargetedLoad]) -> Assurance | None:
    """The surest probability, in the peaks of any of ``queues``; None unless all of them have one.

    Their forecasts are taken to err together, which is the most that pooling can leave uncertain.
    """
    given = [(q.workload, q.assurance) for q in queues if q.assurance is not None]
    if len(given) < len(queues) or not given:
        return None
    erlangs = np.array([load.erlangs for load, _ in given])
    errors = np.array([np.sqrt(assurance.load_excess) for _, assurance in given])
    total = erlangs.sum(axis=0)
    error = np.divide((erlangs * errors).sum(axis=0), total, out=np.zeros(total.shape), where=total > 0)
    return Assurance(
        probability=max(assurance.probability for _, assurance in given),
        peak=np.any([assurance.peak for _, assurance in given], axis=0),
        load_excess=error**2,
    )


def pool(queues: Sequence[TargetedLoad], shrinkage: ShrinkagePlan, *, minimum_agents: int = 0) -> Pooling:
    """What ``queues`` need apart, each with its own target, and together, with the strictest."""
    apart = [
        requirement(q.workload, q.target, shrinkage, assurance=q.assurance, minimum_agents=minimum_agents)
        for q in queues
    ]
    load, target = pooled_load([q.workload for q in queues]), strictest([q.target for q in queues])
    together = requirement(
        load, target, shrinkage, assurance=pooled_assurance(queues), minimum_agents=minimum_agents
    )
    return Pooling(
        queues=tuple(q.workload.queue for q in queues),
        kind=load.kind,
        target=target,
        split_hours=sum(need.agent_hours for need in apart),
        pooled_hours=together.agent_hours,
        split_peak=int(np.sum([need.scheduled_agents for need in apart], axis=0).max(initial=0)),
        pooled_peak=int(together.scheduled_agents.max(initial=0)),
        variability=_variability([q.workload for q in queues]),
    )


def poolings(
    queues: Sequence[TargetedLoad], shrinkage: ShrinkagePlan, *, minimum_agents: int = 0
) -> tuple[Pooling, ...]:
    """Every pair of queues of one live kind, and all of a kind where there are more than two.

    Those that save most come first.
    """
    found = []
    for kind in (WorkKind.LIVE, WorkKind.CONCURRENT):
        alike = [q for q in queues if q.workload.kind is kind]
        groups: list[tuple[TargetedLoad, ...]] = list(combinations(alike, 2))
        if len(alike) > 2:
            groups.append(tuple(alike))
        found += [pool(group, shrinkage, minimum_agents=minimum_agents) for group in groups]
    return tuple(sorted(found, key=lambda p: (-p.saved_hours, p.queues)))


def _weighed(load: Workload) -> tuple[Floats, Floats]:
    """Contacts of each interval, with promised work as so many contacts more, and their handling time [s]."""
    aht = np.where((load.contacts > 0) | (load.promised_erlangs > 0), load.aht_seconds, 0.0)
    more = load.promised_erlangs * load.grid.interval_seconds / np.where(aht > 0, aht, 1.0)
    return np.asarray(load.contacts + more), aht


def _variability(workloads: Sequence[Workload]) -> float:
    """Squared coefficient of variation of a mixture of exponentials, weighted by contacts; 1 without any."""
    weight, aht = (np.concatenate(rows) for rows in zip(*(_weighed(load) for load in workloads), strict=True))
    total = weight.sum()
    mean = (weight * aht).sum() / total if total > 0 else 0.0
    if mean <= 0:
        return 1.0
    return float(2.0 * (weight * aht**2).sum() / total / mean**2 - 1.0)
