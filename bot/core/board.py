"""The board: what waits now, how much of it is late, and where it stands (MA3, MA4, MA12)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from bot.core.courses import Measure
from bot.core.data_age import DataAge
from bot.core.ids import QueueId, TeamId

__all__ = ["Board", "PromiseLine", "QueueLine", "Stage", "StageLine"]


class Stage(Enum):
    """Where an open case stands; each case stands in one."""

    NEW = "new"  # nobody has answered
    IN_WORK = "in_work"  # answered, being worked on
    CUSTOMER = "customer"  # waits for the customer
    DEPARTMENT = "department"  # waits for, or was handed over to, a department


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueLine:
    """``pending``: open cases; ``unanswered`` of them wait for a first answer, ``late`` of those too long.

    ``in_resolution``: answered and not solved; ``median_age`` and ``oldest_age`` since their opening [s].
    """

    queue: QueueId
    pending: int
    unanswered: int
    late: int
    in_resolution: int
    median_age: float | None
    oldest_age: float | None

    @property
    def late_rate(self) -> float | None:
        """Response-overdue rate: late of those that wait for a first answer."""
        return self.late / self.unanswered if self.unanswered else None


@dataclass(frozen=True, slots=True, kw_only=True)
class StageLine:
    """``cases`` stand in a stage, the longest since ``oldest_at``."""

    stage: Stage
    cases: int
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseLine:
    """``running`` clocks of a measure: ``overdue`` already, ``soon`` due within SOON, ``paused`` apart."""

    measure: Measure
    running: int
    overdue: int
    soon: int
    paused: int


SOON = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """One team's board at an instant.  ``overdue_types``: open cases with a broken promise, by their type."""

    team: TeamId
    at: datetime
    queues: tuple[QueueLine, ...]
    stages: tuple[StageLine, ...]
    promises: tuple[PromiseLine, ...]
    overdue_types: tuple[tuple[str, int], ...]
    overdue: int
    age: DataAge
