"""Play a roster against forecast paths, or against what really came, before anybody relies on it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.core.errors import NotFoundError, RefusedError
from bot.core.ids import QueueId, RosterId
from bot.core.peak_fixes import PeakFix
from bot.core.rosters import RosterVersion
from bot.core.settings import Settings
from bot.store.rosters import StoredCertificate
from bot.store.unit_of_work import Store
from bot.store.volumes import VolumeCount, counts_on_grid
from bot.usecases import peak_fixes
from bot.usecases.workloads import QueueLoad, grid_of, loads
from forecasting.grid import IntervalGrid
from forecasting.uncertainty import sample_paths
from scheduler.roster.roster import Roster
from scheduler.simulation.arrivals import PathsHold
from scheduler.simulation.attendance import attendance
from scheduler.simulation.certificate import Certificate, Comparison, PeakJudgement, certify_against
from scheduler.simulation.certificate import certify as certify_roster
from scheduler.simulation.contacts import PlayedQueue
from scheduler.simulation.report import QueueReport
from scheduler.simulation.staffed import staffed_time

__all__ = ["AgainstTruth", "Certified", "against", "certify", "compared", "played"]

Progress = Callable[[int, int], None]
REPEATS = 10


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Certified:
    """``missing``: queues with people on the roster but without a forecast; they were not played.
    ``fixes``: of the weakest peaks below the threshold."""

    version: RosterVersion
    certificate: Certificate
    stored: StoredCertificate
    missing: tuple[QueueId, ...]
    fixes: Mapping[PeakJudgement, PeakFix]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AgainstTruth:
    """The roster against the contacts that really came; ``expected`` is what the forecast had said."""

    version: RosterVersion
    comparison: Comparison
    expected: Mapping[str, float]
    missing: tuple[QueueId, ...]


def certify(
    store: Store,
    settings: Settings,
    roster: RosterId,
    *,
    seed: int,
    paths: int,
    now: datetime,
    on_progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Certified:
    """Play ``paths`` weeks drawn from the forecast and keep the certificate with the roster.

    Planned shrinkage takes its hours out of the roster, the rest has agents miss days at random, because
    the requirement was raised for both (`scheduler.simulation.attendance`).  Raises NotFoundError, and
    RefusedError where no queue has a forecast of the period.
    """
    version, grid, found, missing = _read(store, settings, roster)
    certificate = played(
        settings,
        version.roster,
        grid,
        found,
        seed=seed,
        paths=paths,
        on_progress=on_progress,
        should_stop=should_stop,
    )
    with store.read() as uow:
        weak = [j for j in certificate.weakest if j.probability < certificate.threshold]
        fixed = peak_fixes.fixes(uow, settings, roster, weak, now=now)
    stored = StoredCertificate(
        roster=roster,
        made_at=now,
        weakest=1.0 if certificate.gate is None else certificate.gate,
        inside_share=_inside(certificate),
        seed=seed,
        paths=certificate.paths,
        report=_report(certificate, grid, found, fixed) | {"volume_error": settings.staffing.volume_error},
    )
    with store.unit() as uow:
        uow.rosters.save_certificate(stored)
        uow.commit()
    return Certified(
        version=version, certificate=certificate, stored=stored, missing=tuple(missing), fixes=fixed
    )


def played(
    settings: Settings,
    roster: Roster,
    grid: IntervalGrid,
    found: Sequence[QueueLoad],
    *,
    seed: int,
    paths: int,
    on_progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Certificate:
    """The certificate of any roster against any loads; nothing is read or stored."""
    queues = [PlayedQueue(workload=load.workload, target=load.target) for load in found]
    drawn = {
        load.workload.queue: sample_paths(load.stored.forecast, paths, seed + i)
        for i, load in enumerate(found)
    }
    there = attendance(staffed_time(roster, [q.name for q in queues]), settings.staffing.shrinkage, grid)
    return certify_roster(
        queues,
        there.staffed,
        drawn,
        seed=seed,
        holds=PathsHold.COUNTS,
        peaks={load.workload.queue: load.peak for load in found},
        # A certificate of 0 asks for nothing; the scheduler wants a probability above 0.
        threshold=max(settings.roster.publish.certificate, 1e-9),
        absence=there.absence,
        late_start_seconds=settings.staffing.late_start.total_seconds(),
        on_progress=on_progress,
        should_stop=should_stop,
    )


def against(
    store: Store,
    settings: Settings,
    roster: RosterId,
    counts: Sequence[VolumeCount],
    *,
    seed: int,
    repeats: int = REPEATS,
    on_progress: Progress | None = None,
) -> AgainstTruth:
    """Play the roster against true counts.  Nothing is stored.

    Everybody rostered is there but for planned shrinkage: the absences of that week are not known.  Raises
    NotFoundError, and RefusedError where no forecast or no true count falls into the period.
    """
    version, grid, found, missing = _read(store, settings, roster)
    true: dict[str, NDArray[np.generic]] = {}
    judged = []
    for load in found:
        own = [c for c in counts if c.queue == load.queue.queue and grid.start <= c.start < grid.end]
        if not own:
            missing.append(load.queue.queue)
            continue
        history = counts_on_grid(load.queue.queue, grid, own)
        true[load.workload.queue] = np.rint(history.offered).astype(np.int64)
        judged.append(load)
    if not judged:
        first, last = version.roster.period.first.isoformat(), version.roster.period.dates[-1].isoformat()
        raise RefusedError(
            "no_truth",
            f"The file has no contacts between {first} and {last}; nothing was played.",
            first=first,
            last=last,
        )
    comparison = compared(
        settings, version.roster, grid, found, true, seed=seed, repeats=repeats, on_progress=on_progress
    )
    return AgainstTruth(
        version=version,
        comparison=comparison,
        expected={load.workload.queue: float(load.workload.contacts.sum()) for load in judged},
        missing=tuple(missing),
    )


def compared(
    settings: Settings,
    roster: Roster,
    grid: IntervalGrid,
    found: Sequence[QueueLoad],
    true: Mapping[str, NDArray[np.generic]],
    *,
    seed: int,
    repeats: int = REPEATS,
    on_progress: Progress | None = None,
) -> Comparison:
    """Any roster against the contacts that came, by queue, shape (grid.count,); nothing is read or stored.

    Only queues of which there are counts are played.  Everybody rostered is there but for planned shrinkage.
    """
    queues = [
        PlayedQueue(workload=load.workload, target=load.target)
        for load in found
        if load.workload.queue in true
    ]
    rostered = staffed_time(roster, [q.name for q in queues])
    return certify_against(
        queues,
        attendance(rostered, settings.staffing.shrinkage.planned, grid).staffed,
        true,
        seed=seed,
        repeats=repeats,
        peaks={load.workload.queue: load.peak for load in found},
        on_progress=on_progress,
    )


def _read(
    store: Store, settings: Settings, roster: RosterId
) -> tuple[RosterVersion, IntervalGrid, list[QueueLoad], list[QueueId]]:
    with store.read() as uow:
        version = uow.rosters.get(roster)
        if version is None:
            raise NotFoundError("no_roster", f"There is no roster {roster}.", roster=roster)
        grid = grid_of(settings, version.roster.period)
        found, missing = loads(uow, settings, grid, list(settings.queues))
    worked = {s.activity for a in version.roster.assignments for s in a.shift.segments if s.is_work}
    if not found:
        first, last = version.roster.period.first.isoformat(), version.roster.period.dates[-1].isoformat()
        raise RefusedError(
            "no_forecast",
            f"No forecast covers {first} to {last}; the roster was not played. First: muster forecast.",
            first=first,
            last=last,
        )
    return version, grid, found, [q for q in missing if q in worked]


def _inside(certificate: Certificate) -> float:
    inside = judged = 0
    for name, played in certificate.report.queues.items():
        there = played.judged > 0
        met = played.in_time >= certificate.targets[name].share * played.judged - 1e-9
        inside += int(np.count_nonzero(met & there))
        judged += int(np.count_nonzero(there))
    return inside / judged if judged else 1.0


def _report(
    certificate: Certificate,
    grid: IntervalGrid,
    found: Sequence[QueueLoad],
    fixed: Mapping[PeakJudgement, PeakFix],
) -> dict[str, Any]:
    """Plain JSON: the judgements, and per queue and open interval what the played weeks showed."""
    return {
        "threshold": certificate.threshold,
        "paths_asked": certificate.paths_asked,
        "staffed_hours": certificate.staffed_hours,
        "share_inside": {name: _number(v) for name, v in certificate.share_inside.items()},
        "forecasts": {load.workload.queue: load.stored.id for load in found},
        "judgements": [
            {
                "queue": j.queue,
                "start": j.start.isoformat(),
                "end": j.end.isoformat(),
                "stretches": _stretches(j, grid),
                "expected_contacts": j.expected_contacts,
                "staffed_agents": j.staffed_agents,
                "probability": j.probability,
                "service_level": _number(j.service_level),
                "missing_agents": j.missing_agents,
                "fix": peak_fixes.fix_json(fixed[j]) if j in fixed else None,
            }
            for j in certificate.judgements
        ],
        "intervals": {
            load.workload.queue: _intervals(
                certificate.report.queues[load.workload.queue], load, grid, certificate
            )
            for load in found
        },
    }


def _stretches(judgement: PeakJudgement, grid: IntervalGrid) -> list[tuple[str, str]]:
    """The runs of intervals that were judged together, [start, end)."""
    at = np.array(judgement.intervals)
    return [
        (
            grid.start_of(int(run[0])).isoformat(),
            (grid.start_of(int(run[-1])) + grid.interval).isoformat(),
        )
        for run in np.split(at, np.flatnonzero(np.diff(at) > 1) + 1)
    ]


def _intervals(
    played: QueueReport, load: QueueLoad, grid: IntervalGrid, certificate: Certificate
) -> list[dict[str, Any]]:
    level = played.mean_service_level
    share = certificate.targets[load.workload.queue].share
    met = np.mean(played.in_time >= share * played.judged - 1e-9, axis=0)
    return [
        {
            "start": grid.start_of(int(i)).isoformat(),
            "service_level": _number(float(level[i])),
            "probability": float(met[i]),
        }
        for i in np.flatnonzero(load.workload.open)
    ]


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
