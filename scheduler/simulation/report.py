"""What came of playing a roster: per queue, path and interval of arrival."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecasting.grid import IntervalGrid

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def _ratio(part: NDArray[np.generic], whole: NDArray[np.generic]) -> Floats:
    """part / whole, NaN where there is nothing to divide by."""
    out = np.full(whole.shape, np.nan)
    np.divide(part, whole, out=out, where=np.asarray(whole) > 0)
    return out


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class QueueReport:
    """One queue; arrays have shape (paths, grid.count), contacts count in the interval they *arrive* in.

    ``offered`` = ``answered`` + ``abandoned`` + those still waiting at the end.
    ``in_time``: answered within the target's time; for deferrable work finished within it.
    ``abandoned``: hung up, or turned away when the queue closed.
    ``undecided``: waiting at the end, their time not yet up; not judged.
    ``turned_away``: live contacts outside opening hours; not offered.
    ``wait_seconds``: summed wait of the answered [s].
    ``busy_seconds``, ``staffed_seconds``: worked and there, by the interval it happens in
    [place-seconds; a chat agent has ``concurrency`` places].
    """

    queue: str
    grid: IntervalGrid
    offered: Ints
    answered: Ints
    in_time: Ints
    abandoned: Ints
    undecided: Ints
    turned_away: Ints
    wait_seconds: Floats
    busy_seconds: Floats
    staffed_seconds: Floats

    @property
    def waiting(self) -> Ints:
        """Neither answered nor gone at the end."""
        return np.asarray(self.offered - self.answered - self.abandoned, dtype=np.int64)

    @property
    def judged(self) -> Ints:
        """Contacts of which it is known whether they were in time."""
        return np.asarray(self.offered - self.undecided, dtype=np.int64)

    @property
    def service_level(self) -> Floats:
        """Share of the judged contacts that were in time; NaN where there are none."""
        return _ratio(self.in_time, self.judged)

    @property
    def mean_service_level(self) -> Floats:
        """In time over judged, all paths together, shape (grid.count,); NaN where none came."""
        return _ratio(self.in_time.sum(axis=0), self.judged.sum(axis=0))

    @property
    def overall_service_level(self) -> float:
        """In time over judged, everything together; NaN where nothing came."""
        return float(_ratio(np.asarray(self.in_time.sum()), np.asarray(self.judged.sum())))

    @property
    def overall_abandonment(self) -> float:
        """Abandoned over offered, everything together; NaN where nothing came."""
        return float(_ratio(np.asarray(self.abandoned.sum()), np.asarray(self.offered.sum())))

    @property
    def asa_seconds(self) -> Floats:
        """Mean wait of the answered [s]; NaN where none were."""
        return _ratio(self.wait_seconds, self.answered)

    @property
    def occupancy(self) -> Floats:
        """Busy over staffed time; NaN where nobody was there."""
        return _ratio(self.busy_seconds, self.staffed_seconds)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SimulationReport:
    """All queues of one simulation and what it takes to repeat it."""

    queues: Mapping[str, QueueReport]
    seed: int
    paths: int
    contacts: int
    """Contacts played, all queues and paths."""
