"""Shrinkage: the share of rostered time in which people are not available for contacts.

Lunch and short breaks stand in the roster as segments of their own and are *not* shrinkage here; what
is left is what no roster shows: sickness, coaching at short notice, system failures.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecasting.grid import IntervalGrid
from scheduler.errors import StaffingError


@dataclass(frozen=True, slots=True, kw_only=True)
class ShrinkageCause:
    """One reason, as a share of rostered time in [0, 1); ``planned`` when it is known beforehand."""

    name: str
    share: float
    planned: bool = False

    def __post_init__(self) -> None:
        if not 0.0 <= self.share < 1.0:
            raise StaffingError(f"shrinkage {self.name!r} must be in [0, 1), got {self.share}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShrinkagePlan:
    """All causes together; their shares are of the same rostered time and add up.

    >>> plan = ShrinkagePlan(causes=(
    ...     ShrinkageCause(name="absence", share=0.06),
    ...     ShrinkageCause(name="coaching", share=0.04, planned=True),
    ... ))
    >>> round(plan.share, 2)
    0.1
    """

    causes: tuple[ShrinkageCause, ...] = ()

    def __post_init__(self) -> None:
        if self.share >= 1.0:
            raise StaffingError(f"the causes of shrinkage add up to {self.share:.0%}; nobody would be left")

    @classmethod
    def flat(cls, share: float, name: str = "shrinkage") -> ShrinkagePlan:
        """One unplanned cause at every hour."""
        return cls(causes=(ShrinkageCause(name=name, share=share),))

    @property
    def share(self) -> float:
        return sum(cause.share for cause in self.causes)

    def per_interval(self, grid: IntervalGrid) -> NDArray[np.float64]:
        """Share of rostered time lost, shape (grid.count,)."""
        return np.full(grid.count, self.share)


def scheduled_agents(base_agents: NDArray[np.int64], shrinkage: NDArray[np.float64]) -> NDArray[np.int64]:
    """Agents to roster so that ``base_agents`` are there on average: ceil(base / (1 - s)).

    Dividing by (1 - s), not multiplying by (1 + s): 10 agents at 30 % need 15, not 13.

    >>> scheduled_agents(np.array([10, 9, 0]), np.array([0.3, 0.1, 0.3])).tolist()
    [15, 10, 0]
    """
    exact = base_agents / (1.0 - shrinkage)
    # 9 / (1 - 0.1) is 10.000000000000002 in floating point; that is still ten people.
    return np.asarray(np.ceil(exact - 1e-9), dtype=np.int64)
