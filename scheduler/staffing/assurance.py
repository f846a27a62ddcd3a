"""Assurance: how sure the target is to hold when the load is not what was forecast."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecasting.grid import IntervalGrid
from scheduler.errors import StaffingError
from scheduler.staffing.peaks import judged_together

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Assurance:
    """What is asked of a requirement beyond the target itself; arrays have shape (grid.count,).

    ``probability``: chance, in (0, 1), with which the target holds in each *peak* interval.  Elsewhere the
    share in time of all contacts together is to reach the target.
    ``peak``: which intervals those are.
    ``load_excess``: relative variance of the load about its forecast.
    """

    probability: float
    peak: Flags
    load_excess: Floats

    def __post_init__(self) -> None:
        if not 0.0 < self.probability < 1.0:
            raise StaffingError(
                f"a probability must lie between 0 and 1, both excluded, got {self.probability}"
            )
        if self.peak.shape != self.load_excess.shape:
            raise StaffingError(
                f"peak has shape {self.peak.shape}, load_excess {self.load_excess.shape}; they must be equal"
            )
        if not np.all(np.isfinite(self.load_excess)) or np.any(self.load_excess < 0):
            raise StaffingError("load_excess must be finite and not negative")

    def judged_seconds(self, contacts: Floats, grid: IntervalGrid) -> Floats:
        """For how long the share in time is averaged before it is judged [s], shape (grid.count,).

        The interval's own length, or, in peaks that the certificate judges together, as much longer as the
        group expects more contacts than the interval: of ten calls a single late one is 10 %.
        """
        seconds = np.full(grid.count, grid.interval_seconds)
        for group in judged_together(contacts, self.peak & (contacts > 0), grid.local_dates()):
            at = list(group)
            seconds[at] *= float(contacts[at].sum()) / contacts[at]
        return seconds
