"""Why an interval needs as many agents as it does: the arithmetic as data, one field per assumption."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

import numpy as np

from scheduler.errors import StaffingError
from scheduler.queueing.targets import ServiceTarget, WorkKind
from scheduler.staffing.assurance import Assurance
from scheduler.staffing.promised import PromisedWork, intervals_for
from scheduler.staffing.requirement import deferrable_work, live_load, sure_agents
from scheduler.staffing.shrinkage import ShrinkageCause, ShrinkagePlan, scheduled_agents
from scheduler.staffing.workload import Workload


class QueueModel(Enum):
    """Which formula the number of agents comes from."""

    ERLANG_C = "erlang_c"
    ERLANG_A = "erlang_a"
    SPREAD_WORK = "spread_work"


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffingStep:
    """What a number of agents would achieve; ``service_level`` is None where nothing is to be answered.

    ``service_level``: share in time of all contacts, with the load as uncertain as assumed.
    ``chance``: that this interval reaches the target's share; None where that is not what was asked.
    ``asa_seconds``: mean wait of the answered, ``answered_95_seconds``: within so long 95 % are answered [s],
    inf where never; both for the load as forecast, None for work that can wait.
    """

    agents: int
    service_level: float | None
    chance: float | None = None
    asa_seconds: float | None = None
    answered_95_seconds: float | None = None
    occupancy: float
    abandonment: float
    meets_target: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffingExplanation:
    """The arithmetic of one interval, in the order it is done.

    ``erlangs``: load arriving; ``planned_erlangs``: load to be worked on in this interval, which differs for
    deferrable work and where earlier contacts are still in progress.  ``promised``: promised work of which
    a part is done in this interval, besides; ``promised_erlangs``: those parts, which ``planned_erlangs``
    includes.  ``one_fewer`` is None where nobody is needed.  ``minimum_applied``: the need comes from the
    minimum, not from the load.  ``max_agents``: agents there are, where known.
    ``probability``: asked for in this interval, None where the target is to be met on average.
    ``forecast_excess``, ``absence_excess``: relative variances of the load, from the forecast's error and
    from people who are absent at random.
    ``judged_seconds``: for how long the share in time is averaged before a peak is judged.
    ``shrinkage_by_cause``: what each cause takes of this interval; they sum to ``shrinkage_share``.
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
    probability: float | None
    forecast_excess: float
    absence_excess: float
    judged_seconds: float
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
    assurance: Assurance | None = None,
    minimum_agents: int = 0,
    max_agents: int | None = None,
) -> StaffingExplanation:
    """How the requirement of interval ``index`` comes about; as ``requirement`` has it."""
    grid = workload.grid
    if not 0 <= index < grid.count:
        raise StaffingError(f"interval {index} is outside the grid {grid.describe()}")
    share = shrinkage.per_interval(grid)
    forecast_excess = 0.0 if assurance is None else float(assurance.load_excess[index])
    needed, assurance = sure_agents(workload, target, shrinkage, assurance)
    by_load = int(needed[index])
    is_open = bool(workload.open[index])
    base = max(by_load, minimum_agents) if is_open else by_load
    excess = 0.0 if assurance is None else float(assurance.load_excess[index])
    judged = (
        np.full(grid.count, grid.interval_seconds)
        if assurance is None
        else assurance.judged_seconds(workload.contacts, grid)
    )
    probability = assurance.probability if assurance is not None and assurance.peak[index] else None
    if workload.kind is WorkKind.DEFERRABLE:
        model = QueueModel.SPREAD_WORK
        probability = None if assurance is None else assurance.probability
        planned = float(deferrable_work(workload, target, assurance)[index]) / grid.interval_seconds
        steps = _deferrable_steps(workload, target, needed, index, planned, (base - 1, base))
    else:
        model = QueueModel.ERLANG_C if workload.patience_seconds is None else QueueModel.ERLANG_A
        planned = float(live_load(workload, target)[index])
        asked = _Asked(probability=probability, excess=excess, judged_seconds=float(judged[index]))
        steps = _live_steps(workload, target, planned, index, asked, (base - 1, base))
    return StaffingExplanation(
        queue=workload.queue,
        skill=workload.skill,
        start=grid.start_of(index),
        kind=workload.kind,
        model=model,
        target=target,
        open=is_open,
        contacts=float(workload.contacts[index]),
        aht_seconds=float(workload.aht_seconds[index]),
        patience_seconds=workload.patience_seconds,
        concurrency=workload.concurrency,
        erlangs=float(workload.erlangs[index]),
        planned_erlangs=planned,
        probability=probability,
        forecast_excess=forecast_excess,
        absence_excess=excess - forecast_excess,
        judged_seconds=float(judged[index]),
        promised=tuple(
            work for work in workload.promised if index in intervals_for(work, workload.grid, workload.open)
        ),
        promised_erlangs=float(workload.promised_erlangs[index]),
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    probability: float | None
    excess: float
    judged_seconds: float


def _live_steps(
    workload: Workload,
    target: ServiceTarget,
    erlangs: float,
    index: int,
    asked: _Asked,
    agents: tuple[int, int],
) -> list[StaffingStep]:
    from scheduler.queueing import chat, percentiles, single_interval

    aht = float(workload.aht_seconds[index]) if erlangs > 0 else 1.0
    steps = []
    for n in agents:
        held = chat.measures(
            max(n, 0),
            erlangs,
            concurrency=workload.concurrency,
            aht_seconds=aht,
            within_seconds=target.within_seconds,
            patience_seconds=workload.patience_seconds,
        )
        places = max(n, 0) * workload.concurrency
        level = float(
            single_interval.expected_share(
                places,
                erlangs,
                aht_seconds=aht,
                target=target,
                patience_seconds=workload.patience_seconds,
                load_excess=asked.excess,
            )
        )
        chance = None
        if asked.probability is not None and erlangs > 0:
            chance = float(
                single_interval.chance_met(
                    places,
                    erlangs,
                    aht_seconds=aht,
                    target=target,
                    interval_seconds=asked.judged_seconds,
                    patience_seconds=workload.patience_seconds,
                    load_excess=asked.excess,
                )
            )
        busy, lost = float(held.occupancy), float(held.abandonment)
        steps.append(
            StaffingStep(
                agents=n,
                service_level=level if erlangs > 0 else None,
                chance=chance,
                asa_seconds=float(held.asa_seconds),
                answered_95_seconds=float(
                    percentiles.answered_within(
                        places,
                        erlangs,
                        aht_seconds=aht,
                        share=0.95,
                        patience_seconds=workload.patience_seconds,
                    )
                ),
                occupancy=busy,
                abandonment=lost,
                meets_target=float(held.service_level) >= target.share
                and (
                    level >= target.share
                    if chance is None or asked.probability is None
                    else chance >= asked.probability
                )
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
    load: float,
    agents: tuple[int, int],
) -> list[StaffingStep]:
    from scheduler.queueing import backlog

    seconds = workload.grid.interval_seconds
    # Promised work is done in its own intervals, so it arrives where it is planned.
    work = (workload.erlangs + workload.promised_erlangs) * seconds
    cap = backlog.USUAL_OCCUPANCY if target.max_occupancy is None else target.max_occupancy
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
    return steps
