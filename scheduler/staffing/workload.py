"""Workload: contacts and handling times of one queue per interval, the input of every requirement."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecasting.grid import IntervalGrid
from scheduler.errors import StaffingError
from scheduler.queueing.targets import WorkKind
from scheduler.staffing.promised import PromisedWork, promised_erlangs


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Workload:
    """Expected contacts of one queue and the time each takes.

    ``contacts``: expected arrivals [count], shape (grid.count,), not negative.
    ``aht_seconds``: mean handling time with after-call work [s], same shape, positive where contacts are.
    ``open``: True where contacts are accepted, same shape; live contacts elsewhere need nobody.
    ``patience_seconds``: mean of an exponential patience [s], or None where nobody hangs up.
    ``concurrency``: conversations one agent holds at a time; 1 unless the kind is CONCURRENT.
    ``promised``: return calls and follow-ups due at times of their own, besides the contacts.
    """

    queue: str
    skill: str
    kind: WorkKind
    grid: IntervalGrid
    contacts: NDArray[np.float64]
    aht_seconds: NDArray[np.float64]
    open: NDArray[np.bool_]
    patience_seconds: float | None = None
    concurrency: int = 1
    promised: tuple[PromisedWork, ...] = ()

    def __post_init__(self) -> None:
        shape = (self.grid.count,)
        for name in ("contacts", "aht_seconds", "open"):
            if getattr(self, name).shape != shape:
                raise StaffingError(
                    f"{name} of queue {self.queue!r} must have shape {shape}, got {getattr(self, name).shape}"
                )
        if not np.all(np.isfinite(self.contacts)) or np.any(self.contacts < 0):
            raise StaffingError(f"contacts of queue {self.queue!r} must be finite and not negative")
        taken = (self.contacts > 0) | (self.promised_erlangs > 0)
        aht = self.aht_seconds[taken]
        if not np.all(np.isfinite(aht)) or np.any(aht <= 0):
            raise StaffingError(f"aht_seconds of queue {self.queue!r} must be positive where contacts are")
        patience = self.patience_seconds
        if patience is not None and not (math.isfinite(patience) and patience > 0):
            raise StaffingError(f"patience_seconds of queue {self.queue!r} must be positive, got {patience}")
        if self.concurrency < 1:
            raise StaffingError(
                f"concurrency of queue {self.queue!r} must be 1 or more, got {self.concurrency}"
            )
        if self.concurrency > 1 and self.kind is not WorkKind.CONCURRENT:
            raise StaffingError(f"queue {self.queue!r} is {self.kind.value}, so its concurrency must be 1")

    @property
    def erlangs(self) -> NDArray[np.float64]:
        """Offered load of contacts [erlang], shape (grid.count,): contacts x AHT / interval, zero where none
        come."""
        aht = np.where(self.contacts > 0, self.aht_seconds, 0.0)
        return np.asarray(self.contacts * aht / self.grid.interval_seconds, dtype=np.float64)

    @property
    def promised_erlangs(self) -> NDArray[np.float64]:
        """Load of promised work in the intervals in which it is done [erlang], shape (grid.count,)."""
        return promised_erlangs(self.promised, self.grid, self.open)
