"""The certificate of a roster: for every peak interval, how likely its target is met.

The target judged is the share within the time (``ServiceTarget.share`` and ``within_seconds``); limits on
occupancy and abandonment shape the requirement, not the certificate.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray

from scheduler.errors import SimulationError
from scheduler.queueing.targets import ServiceTarget
from scheduler.simulation.arrivals import PathsHold
from scheduler.simulation.contacts import PlayedQueue
from scheduler.simulation.engine import Progress, Simulation
from scheduler.simulation.report import QueueReport, SimulationReport
from scheduler.simulation.staffed import StaffedTime
from scheduler.staffing.gap import agents_per_interval
from scheduler.staffing.peaks import judged_together, peak_intervals
from scheduler.staffing.requirement import base_agents

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

THRESHOLD = 0.85
"""The gate below which a roster should not be published."""

WEAKEST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class PeakJudgement:
    """One peak interval, or several judged together, of one queue.

    ``probability``: share of the paths in which the target was met.  ``service_level``: in time over
    judged contacts of all paths.  ``missing_agents``: an estimate, by formula, of how many more agents the
    worst of the intervals needs; 0 where the probability reaches the threshold.
    """

    queue: str
    intervals: tuple[int, ...]
    start: datetime
    end: datetime
    expected_contacts: float
    staffed_agents: float
    probability: float
    service_level: float
    missing_agents: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Certificate:
    """What a roster promises, and what it takes to compute the same again.

    ``judgements``: by queue, then time.  ``share_inside``: over all paths, the share of open intervals with
    contacts in which the target was met, by queue.  ``paths`` is below ``paths_asked`` after a stop.
    """

    seed: int
    paths: int
    paths_asked: int
    threshold: float
    targets: Mapping[str, ServiceTarget]
    judgements: tuple[PeakJudgement, ...]
    share_inside: Mapping[str, float]
    staffed_hours: float
    report: SimulationReport

    @property
    def gate(self) -> float | None:
        """Probability of the weakest peak interval; None where nothing is expected at all."""
        return min((j.probability for j in self.judgements), default=None)

    @property
    def passed(self) -> bool:
        """Whether the gate reaches the threshold; nothing expected is nothing to fail."""
        return self.gate is None or self.gate >= self.threshold

    @property
    def weakest(self) -> tuple[PeakJudgement, ...]:
        """The five judgements with the lowest probability, weakest first."""
        return tuple(
            sorted(self.judgements, key=lambda j: (j.probability, j.service_level, j.start))[:WEAKEST]
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class QueueComparison:
    """One queue played against what really came; arrays have shape (grid.count,).

    ``service_level``: mean over the repeats, NaN where nobody came.  ``inside``: it reached the target's
    share.  ``peak``: the interval is a peak of the *forecast*.
    """

    queue: str
    target: ServiceTarget
    service_level: Floats
    inside: Flags
    peak: Flags
    overall_service_level: float
    overall_abandonment: float
    contacts: int
    turned_away: int

    @property
    def share_inside(self) -> float:
        """Share of the intervals with contacts that were inside the target; NaN where there are none."""
        return _share(self.inside, ~np.isnan(self.service_level))

    @property
    def peak_share_inside(self) -> float:
        """The same of the peak intervals."""
        return _share(self.inside, ~np.isnan(self.service_level) & self.peak)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Comparison:
    """A roster against the contacts that really came."""

    queues: Mapping[str, QueueComparison]
    seed: int
    repeats: int
    staffed_hours: float
    report: SimulationReport


def certify(
    queues: Sequence[PlayedQueue],
    staffed: Sequence[StaffedTime],
    paths: Mapping[str, NDArray[np.generic]],
    *,
    seed: int,
    holds: PathsHold = PathsHold.RATES,
    threshold: float = THRESHOLD,
    peaks: Mapping[str, Flags] | None = None,
    absence: float | Mapping[date, float] = 0.0,
    late_start_seconds: float = 0.0,
    on_progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Certificate:
    """Play every path of ``paths`` (per queue, shape (paths, count)) and judge the peak intervals.

    ``peaks``: per queue the operator's peak windows, shape (count,); a queue that is not in it has the top
    quarter of each week's forecast (``workload.contacts``).  ``absence``: share of agents' days that are
    missed, at random, one for all or by local day.  ``late_start_seconds``: mean
    by which shifts begin late.  ``should_stop`` is asked between paths; at least one is played.
    """
    if not 0.0 < threshold <= 1.0:
        raise SimulationError(f"threshold must lie in (0, 1], got {threshold}")
    simulation = Simulation(queues, staffed)
    report = simulation.run(
        paths,
        seed=seed,
        holds=holds,
        absence=absence,
        late_start_seconds=late_start_seconds,
        on_progress=on_progress,
        should_stop=should_stop,
    )
    judgements: list[PeakJudgement] = []
    for queue in queues:
        judgements += _judge(
            queue, report.queues[queue.name], _agents_on(queue, staffed), _peak(queue, peaks), threshold
        )
    return Certificate(
        seed=seed,
        paths=report.paths,
        paths_asked=next(iter(np.atleast_2d(v).shape[0] for v in paths.values())),
        threshold=threshold,
        targets={queue.name: queue.target for queue in queues},
        judgements=tuple(judgements),
        share_inside={queue.name: _inside_share(queue, report.queues[queue.name]) for queue in queues},
        staffed_hours=_hours(staffed),
        report=report,
    )


def certify_against(
    queues: Sequence[PlayedQueue],
    staffed: Sequence[StaffedTime],
    true_counts: Mapping[str, NDArray[np.generic]],
    *,
    seed: int,
    repeats: int = 10,
    peaks: Mapping[str, Flags] | None = None,
    on_progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Comparison:
    """Play the roster ``repeats`` times against the contacts that came (per queue, shape (count,)).

    Within an interval arrivals are uniform; handling and patience differ from repeat to repeat.
    """
    if repeats < 1:
        raise SimulationError(f"repeats must be 1 or more, got {repeats}")
    paths = {name: np.tile(np.asarray(counts), (repeats, 1)) for name, counts in true_counts.items()}
    report = Simulation(queues, staffed).run(
        paths, seed=seed, holds=PathsHold.COUNTS, on_progress=on_progress, should_stop=should_stop
    )
    found: dict[str, QueueComparison] = {}
    for queue in queues:
        played = report.queues[queue.name]
        level = played.mean_service_level
        found[queue.name] = QueueComparison(
            queue=queue.name,
            target=queue.target,
            service_level=level,
            inside=level >= queue.target.share,
            peak=_peak(queue, peaks),
            overall_service_level=played.overall_service_level,
            overall_abandonment=played.overall_abandonment,
            contacts=int(played.offered[0].sum()),
            turned_away=int(played.turned_away[0].sum()),
        )
    return Comparison(
        queues=found, seed=seed, repeats=report.paths, staffed_hours=_hours(staffed), report=report
    )


def _peak(queue: PlayedQueue, peaks: Mapping[str, Flags] | None) -> Flags:
    load = queue.workload
    if peaks is None or queue.name not in peaks:
        return peak_intervals(load.contacts, load.open, load.grid)
    given = np.asarray(peaks[queue.name], dtype=np.bool_)
    if given.shape != (load.grid.count,):
        raise SimulationError(
            f"peaks of queue {queue.name!r} must have shape ({load.grid.count},), got {given.shape}"
        )
    # A window over closed or empty intervals has nothing to judge there.
    return given & load.open & (load.contacts > 0)


def _judge(
    queue: PlayedQueue, played: QueueReport, agents: Floats, peak: Flags, threshold: float
) -> list[PeakJudgement]:
    load = queue.workload
    grid = load.grid
    missing: NDArray[np.int64] | None = None
    judgements = []
    for group in judged_together(load.contacts, peak, grid.local_dates()):
        at = list(group)
        in_time = played.in_time[:, at].sum(axis=1)
        judged = played.judged[:, at].sum(axis=1)
        # A path in which nobody came missed nothing.
        probability = float(np.mean(in_time >= queue.target.share * judged - 1e-9))
        total = int(judged.sum())
        if probability < threshold and missing is None:
            missing = _missing(queue, played, agents, threshold)
        judgements.append(
            PeakJudgement(
                queue=queue.name,
                intervals=group,
                start=grid.start_of(group[0]),
                end=grid.start_of(group[-1] + 1),
                expected_contacts=float(load.contacts[at].sum()),
                staffed_agents=float(agents[at].mean()),
                probability=probability,
                service_level=int(in_time.sum()) / total if total else float("nan"),
                missing_agents=(
                    max(1, int(missing[at].max())) if missing is not None and probability < threshold else 0
                ),
            )
        )
    return judgements


def _missing(queue: PlayedQueue, played: QueueReport, agents: Floats, threshold: float) -> NDArray[np.int64]:
    """Agents short of the formula's need for a volume that only 1 - threshold of the paths exceed."""
    busy = np.quantile(played.offered, threshold, axis=0)
    load = replace(queue.workload, contacts=np.asarray(busy, dtype=np.float64))
    short = np.ceil(base_agents(load, queue.target) - agents - 1e-9)
    return np.maximum(short, 0).astype(np.int64)


def _inside_share(queue: PlayedQueue, played: QueueReport) -> float:
    judged = played.judged > 0
    return _share(played.in_time >= queue.target.share * played.judged - 1e-9, judged)


def _share(inside: Flags, of: Flags) -> float:
    total = int(np.count_nonzero(of))
    return int(np.count_nonzero(inside & of)) / total if total else float("nan")


def _agents_on(queue: PlayedQueue, staffed: Sequence[StaffedTime]) -> Floats:
    spans = [(row.start, row.end) for row in staffed if row.queue == queue.name]
    return agents_per_interval(queue.workload.grid, spans)


def _hours(staffed: Sequence[StaffedTime]) -> float:
    return sum((row.end - row.start).total_seconds() for row in staffed) / 3600.0
