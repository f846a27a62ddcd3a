"""Why an interval needs as many agents as it does: the arithmetic as data, one field per assumption."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

import numpy as np

from scheduler.errors import StaffingError
from scheduler.queueing.targets import ServiceTarget, WorkKind
from scheduler.staffing.promised import PromisedWork, intervals_for
from scheduler.staffing.requirement import base_agents
from scheduler.staffing.shrinkage import ShrinkageCause, ShrinkagePlan, scheduled_agents
from scheduler.staffing.workload import Workload


class QueueModel(Enum):
    """Which formula the number of agents comes from."""

    ERLANG_C = "erlang_c"
    ERLANG_A = "erlang_a"
    SPREAD_WORK = "spread_work"


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffingStep:
    """What a number of agents would achieve; ``service_level`` is None where nothing is to be answered."""

    agents: int
    service_level: float | None
    occupancy: float
    abandonment: float
    meets_target: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffingExplanation:
    """The arithmetic of one interval, in the order it is done.

    ``erlangs``: load arriving; ``planned_erlangs``: load to be worked on in this interval, which differs for
    deferrable work.  ``promised``: promised work of which a part is done in this interval, besides;
    ``promised_erlangs``: those parts, which ``planned_erlangs`` includes.
    ``shrinkage_by_cause``: what each cause takes of this interval; they sum to ``shrinkage_share``.
    ``one_fewer`` is None where nobody is needed.  ``minimum_applied``: the need comes from the minimum, not
    from the load.  ``max_agents``: agents there are, where known.
    """

    queue: str
    skill: str
    start: datetime
    kind: WorkKind
    model: QueueModel
    target: ServiceTarget
    open: bool
    contacts: float
    aht_seconds: float
    patience_seconds: float | None
    concurrency: int
    erlangs: float
    planned_erlangs: float
    promised: tuple[PromisedWork, ...]
    promised_erlangs: float
    one_fewer: StaffingStep | None
    enough: StaffingStep
    minimum_applied: bool
    base_agents: int
    shrinkage: tuple[ShrinkageCause, ...]
    shrinkage_by_cause: tuple[float, ...]
    shrinkage_share: float
    scheduled_agents: int
    max_agents: int | None = None

    @property
    def impossible(self) -> bool:
        """Whether more people are needed than there are, where that is known."""
        return self.max_agents is not None and self.scheduled_agents > self.max_agents


def explain(
    workload: Workload,
    target: ServiceTarget,
    shrinkage: ShrinkagePlan,
    index: int,
    *,
    minimum_agents: int = 0,
    max_agents: int | None = None,
) -> StaffingExplanation:
    """How the requirement of interval ``index`` comes about; as ``requirement`` has it."""
    if not 0 <= index < workload.grid.count:
        raise StaffingError(f"interval {index} is outside the grid {workload.grid.describe()}")
    needed = base_agents(workload, target)
    by_load = int(needed[index])
    is_open = bool(workload.open[index])
    base = max(by_load, minimum_agents) if is_open else by_load
    share = shrinkage.per_interval(workload.grid)
    erlangs, promised = float(workload.erlangs[index]), float(workload.promised_erlangs[index])
    if workload.kind is WorkKind.DEFERRABLE:
        model = QueueModel.SPREAD_WORK
        planned, steps = _deferrable_steps(workload, target, needed, index, (base - 1, base))
    else:
        model = QueueModel.ERLANG_C if workload.patience_seconds is None else QueueModel.ERLANG_A
        planned = (erlangs if is_open else 0.0) + promised
        steps = _live_steps(workload, target, planned, index, (base - 1, base))
    return StaffingExplanation(
        queue=workload.queue,
        skill=workload.skill,
        start=workload.grid.start_of(index),
        kind=workload.kind,
        model=model,
        target=target,
        open=is_open,
        contacts=float(workload.contacts[index]),
        aht_seconds=float(workload.aht_seconds[index]),
        patience_seconds=workload.patience_seconds,
        concurrency=workload.concurrency,
        erlangs=erlangs,
        planned_erlangs=planned,
        promised=tuple(
            work for work in workload.promised if index in intervals_for(work, workload.grid, workload.open)
        ),
        promised_erlangs=promised,
        one_fewer=steps[0] if base > 0 else None,
        enough=steps[1],
        minimum_applied=base > by_load,
        base_agents=base,
        shrinkage=shrinkage.causes,
        shrinkage_by_cause=tuple(float(s) for s in shrinkage.by_cause(workload.grid)[:, index]),
        shrinkage_share=float(share[index]),
        scheduled_agents=int(scheduled_agents(np.array([base]), share[index : index + 1])[0]),
        max_agents=max_agents,
    )


def _live_steps(
    workload: Workload, target: ServiceTarget, erlangs: float, index: int, agents: tuple[int, int]
) -> list[StaffingStep]:
    from scheduler.queueing import chat

    steps = []
    for n in agents:
        held = chat.measures(
            max(n, 0),
            erlangs,
            concurrency=workload.concurrency,
            aht_seconds=float(workload.aht_seconds[index]) if erlangs > 0 else 1.0,
            within_seconds=target.within_seconds,
            patience_seconds=workload.patience_seconds,
        )
        level, busy, lost = float(held.service_level), float(held.occupancy), float(held.abandonment)
        steps.append(
            StaffingStep(
                agents=n,
                service_level=level if erlangs > 0 else None,
                occupancy=busy,
                abandonment=lost,
                meets_target=level >= target.share
                and (target.max_occupancy is None or busy <= target.max_occupancy)
                and (target.max_abandonment is None or lost <= target.max_abandonment),
            )
        )
    return steps


def _deferrable_steps(
    workload: Workload,
    target: ServiceTarget,
    needed: np.ndarray[tuple[int], np.dtype[np.int64]],
    index: int,
    agents: tuple[int, int],
) -> tuple[float, list[StaffingStep]]:
    from scheduler.queueing import backlog

    seconds = workload.grid.interval_seconds
    work = workload.erlangs * seconds
    planned = backlog.spread(
        work,
        workload.open,
        interval_seconds=seconds,
        within_seconds=target.within_seconds,
        count_closed_time=target.count_closed_time,
    )
    # Promised work is done in its own intervals, so it arrives where it is planned.
    promised = workload.promised_erlangs * seconds
    planned, work = planned + promised, work + promised
    cap = backlog.USUAL_OCCUPANCY if target.max_occupancy is None else target.max_occupancy
    load = float(planned[index] / seconds)
    steps = []
    for n in agents:
        with_n = np.asarray(needed, dtype=np.int64).copy()
        with_n[index] = max(n, 0)
        share = backlog.share_in_time(
            work,
            with_n,
            workload.open,
            interval_seconds=seconds,
            within_seconds=target.within_seconds,
            count_closed_time=target.count_closed_time,
        )[index]
        busy = load / n if n > 0 else float(load > 0)
        steps.append(
            StaffingStep(
                agents=n,
                service_level=None if np.isnan(share) else float(share),
                occupancy=min(busy, 1.0),
                abandonment=0.0,
                meets_target=busy <= cap + 1e-9,
            )
        )
    return load, steps
