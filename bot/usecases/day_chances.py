"""What a change does to a day's service: its weakest peak, played with and without the change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from bot.core.settings import Settings
from bot.store.unit_of_work import ReadUnit
from bot.usecases.workloads import QueueLoad, grid_of, loads
from forecasting.grid import IntervalGrid
from forecasting.uncertainty import sample_paths
from scheduler.roster.roster import Roster, RosterPeriod
from scheduler.simulation.arrivals import PathsHold
from scheduler.simulation.attendance import attendance
from scheduler.simulation.certificate import certify
from scheduler.simulation.contacts import PlayedQueue
from scheduler.simulation.staffed import staffed_time

__all__ = ["DayPlay", "day_play"]

PATHS = 100
"""Played days behind one number; its error is about three points where the chance is 0.9."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DayPlay:
    """The contacts of one day, drawn once, to play any roster against."""

    settings: Settings
    grid: IntervalGrid
    day: date
    found: tuple[QueueLoad, ...]
    seed: int

    def weakest(self, roster: Roster) -> float | None:
        """P(target) of the day's weakest peak with this roster; None where nothing is expected that day.

        As the certificate plays it (`bot.usecases.certify`), but for one day: contacts of other days are
        left out.  The same seed draws the same contacts for every roster, so that they can be compared.
        """
        queues = [PlayedQueue(workload=load.workload, target=load.target) for load in self.found]
        part = self.grid.days().get(self.day)
        if part is None or not queues:
            return None
        drawn = {}
        for i, load in enumerate(self.found):
            paths = sample_paths(load.stored.forecast, PATHS, self.seed + i)
            only = np.zeros_like(paths)
            only[:, part] = paths[:, part]
            drawn[load.workload.queue] = only
        there = attendance(
            staffed_time(roster, [q.name for q in queues]), self.settings.staffing.shrinkage, self.grid
        )
        certificate = certify(
            queues,
            there.staffed,
            drawn,
            seed=self.seed,
            holds=PathsHold.COUNTS,
            peaks={load.workload.queue: load.peak for load in self.found},
            threshold=max(self.settings.roster.publish.certificate, 1e-9),
            absence=there.absence,
            late_start_seconds=self.settings.staffing.late_start.total_seconds(),
        )
        of_day = [
            j.probability
            for j in certificate.judgements
            if any(part.start <= i < part.stop for i in j.intervals)
        ]
        return min(of_day, default=None)


def day_play(uow: ReadUnit, settings: Settings, period: RosterPeriod, day: date) -> DayPlay:
    """What is expected on ``day`` of a roster's period; without a forecast nothing can be played."""
    grid = grid_of(settings, period)
    found: Sequence[QueueLoad]
    found, _ = loads(uow, settings, grid, list(settings.queues))
    return DayPlay(settings=settings, grid=grid, day=day, found=tuple(found), seed=settings.roster.solve.seed)
