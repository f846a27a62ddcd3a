"""The week of a roster in numbers: what reports, pictures and screens show, read once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from bot.core.ids import QueueId, RosterId
from bot.core.settings import Settings
from bot.store.unit_of_work import Store
from bot.usecases.plan_roster import assess_within
from forecasting.forecast import VolumeForecast
from forecasting.grid import IntervalGrid
from scheduler.roster.roster import Assignment

__all__ = ["QueueWeek", "WeekReport", "read_week"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class QueueWeek:
    """One queue through the period; arrays [agents] of shape (grid.count,).

    ``inside_share``: share of simulated intervals inside the target by the certificate, None without one.
    """

    queue: str
    grid: IntervalGrid
    required: NDArray[np.int64]
    rostered: NDArray[np.int64]
    forecast: VolumeForecast | None
    inside_share: float | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WeekReport:
    """A roster with everything known about its period.  ``violations``: broken rules by the checker."""

    roster: int
    status: str
    zone: str
    first: date
    days: int
    queues: tuple[QueueWeek, ...]
    assignments: tuple[Assignment, ...]
    agents: int
    paid_hours: float
    violations: int
    weakest: float | None
    inside_share: float | None
    threshold: float
    accepted_because: str | None


def read_week(store: Store, settings: Settings, roster: RosterId) -> WeekReport:
    """Everything a page about one roster shows; the same numbers as `muster roster show`.

    Raises NotFoundError for an unknown roster.
    """
    with store.read() as uow:
        assessment = assess_within(uow, settings, roster)
        certificate = uow.rosters.certificate(roster)
        grid = assessment.grid
        shares = {} if certificate is None else certificate.report.get("share_inside", {})
        queues = tuple(
            QueueWeek(
                queue=cover.queue,
                grid=grid,
                required=cover.required,
                rostered=cover.at_work,
                forecast=uow.forecasts.latest(QueueId(cover.queue), grid.start, grid.end),
                inside_share=shares.get(cover.queue),
            )
            for cover in assessment.coverage
        )
    version = assessment.version
    return WeekReport(
        roster=version.roster_id,
        status=version.status.value,
        zone=version.roster.period.zone,
        first=version.roster.period.first,
        days=version.roster.period.days,
        queues=queues,
        assignments=version.roster.assignments,
        agents=assessment.agents,
        paid_hours=assessment.paid_hours,
        violations=len(assessment.violations),
        weakest=version.weakest,
        inside_share=version.inside_share,
        threshold=settings.roster.publish.certificate,
        accepted_because=version.accepted_because,
    )
