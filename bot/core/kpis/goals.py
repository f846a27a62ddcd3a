"""Goals: from a baseline to a value by a date, and where the straight path between them stands (KS11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bot.core.ids import QueueId
from bot.core.kpis.catalogue import KPIS, Better, Kpi

__all__ = ["Benchmark", "Goal", "expected", "on_course", "reached"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """``baseline`` on the day ``start``, ``value`` on the day ``by``, both in the KPI's unit.

    ``queue``: of one queue alone; None for the team.
    """

    kpi: Kpi
    baseline: float
    value: float
    start: date
    by: date
    queue: QueueId | None = None

    @property
    def falls(self) -> bool:
        """Whether lower is better; a goal that only holds a level takes the figure's own direction."""
        if self.value == self.baseline:
            return KPIS[self.kpi].better is Better.LOWER
        return self.value < self.baseline


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """What others reach, and who says so (KS15)."""

    value: float
    source: str


def expected(goal: Goal, day: date) -> float:
    """Where the straight path from baseline to value stands on ``day``.

    >>> goal = Goal(
    ...     kpi=Kpi.FIRST_RESPONSE_MEAN, baseline=900.0, value=480.0,
    ...     start=date(2026, 11, 1), by=date(2026, 12, 1),
    ... )
    >>> [expected(goal, d) for d in (date(2026, 10, 1), date(2026, 11, 16), date(2027, 1, 1))]
    [900.0, 690.0, 480.0]
    """
    length = (goal.by - goal.start).days
    passed = min(max((day - goal.start).days, 0), length)
    share = passed / length if length else 1.0
    return goal.baseline + (goal.value - goal.baseline) * share


def on_course(goal: Goal, actual: float, day: date) -> bool:
    """Whether the figure is at least as good as the path asks for on ``day``."""
    path = expected(goal, day)
    return actual <= path if goal.falls else actual >= path


def reached(goal: Goal, actual: float) -> bool:
    return actual <= goal.value if goal.falls else actual >= goal.value
