"""VolumeHistory: what arrived, per interval, and which intervals were open and observed."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from forecasting.errors import HistoryError
from forecasting.grid import IntervalGrid


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VolumeHistory:
    """Contacts offered to one queue on a grid.

    ``offered``: contacts that arrived, answered or not [count], shape (grid.count,); 0 where unobserved.
    ``observed``: True where the source has a row for the interval, shape (grid.count,).  An unobserved
    interval is closed or missing: ``forecasting.cleaning`` tells which, models must not read it as zero.
    ``aht_seconds``: mean handling time including after-call work [s], NaN where unknown, same shape.
    """

    queue: str
    grid: IntervalGrid
    offered: NDArray[np.float64]
    observed: NDArray[np.bool_]
    aht_seconds: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))

    def __post_init__(self) -> None:
        if self.aht_seconds.size == 0 and self.grid.count:
            object.__setattr__(self, "aht_seconds", np.full(self.grid.count, np.nan))
        for name in ("offered", "observed", "aht_seconds"):
            shape = getattr(self, name).shape
            if shape != (self.grid.count,):
                raise HistoryError(f"{name} must have shape ({self.grid.count},), got {shape}")
        if not np.all(np.isfinite(self.offered)) or np.any(self.offered < 0):
            raise HistoryError(
                "offered must be finite and not negative; mark unknown intervals as unobserved"
            )

    def part(self, which: slice) -> VolumeHistory:
        """The same history on a contiguous part of its grid."""
        return VolumeHistory(
            queue=self.queue,
            grid=self.grid.sub(which),
            offered=self.offered[which],
            observed=self.observed[which],
            aht_seconds=self.aht_seconds[which],
        )
