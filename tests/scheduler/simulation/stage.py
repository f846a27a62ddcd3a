"""Small queues and staffs to play."""

from datetime import UTC, datetime, timedelta

import numpy as np

from forecasting.grid import IntervalGrid
from scheduler.queueing.targets import ServiceTarget, WorkKind
from scheduler.simulation import HandlingShape, PlayedQueue, StaffedTime
from scheduler.staffing import Workload

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)


def half_hours(count: int, start: datetime = NINE, zone: str = "UTC") -> IntervalGrid:
    return IntervalGrid(start=start, interval=timedelta(minutes=30), count=count, zone=zone)


def queue(
    grid: IntervalGrid,
    *,
    name: str = "phone",
    kind: WorkKind = WorkKind.LIVE,
    contacts: float = 10.0,
    aht: float = 180.0,
    patience: float | None = None,
    concurrency: int = 1,
    target: ServiceTarget | None = None,
    handling: HandlingShape = HandlingShape.EXPONENTIAL,
    handling_cv: float = 1.0,
    handling_sample: np.ndarray | None = None,
    is_open: np.ndarray | None = None,
) -> PlayedQueue:
    open_ = np.ones(grid.count, dtype=bool) if is_open is None else is_open
    return PlayedQueue(
        workload=Workload(
            queue=name,
            skill=name,
            kind=kind,
            grid=grid,
            contacts=np.where(open_, contacts, 0.0),
            aht_seconds=np.full(grid.count, aht),
            open=open_,
            patience_seconds=patience,
            concurrency=concurrency,
        ),
        target=target or ServiceTarget(),
        handling=handling,
        handling_cv=handling_cv,
        handling_sample=handling_sample,
    )


def minutes(
    agent: str, start: float, end: float, name: str = "phone", origin: datetime = NINE
) -> StaffedTime:
    """``agent`` on queue ``name`` from ``start`` to ``end`` minutes after the grid's start."""
    return StaffedTime(
        agent=agent,
        queue=name,
        start=origin + timedelta(minutes=start),
        end=origin + timedelta(minutes=end),
    )


def everybody(grid: IntervalGrid, agents: int, name: str = "phone") -> list[StaffedTime]:
    """``agents`` who are there from the grid's start to its end."""
    return [
        StaffedTime(agent=f"{name}-{i}", queue=name, start=grid.start, end=grid.end) for i in range(agents)
    ]
