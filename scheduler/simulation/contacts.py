"""A queue as the simulation sees it, and its contacts drawn: when, how long, until when they wait."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from scheduler.errors import SimulationError
from scheduler.queueing.targets import ServiceTarget, WorkKind
from scheduler.simulation.arrivals import uniform_arrivals
from scheduler.staffing.workload import Workload

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class HandlingShape(Enum):
    """How handling times scatter about their mean."""

    EXPONENTIAL = "exponential"
    LOGNORMAL = "lognormal"
    FIXED = "fixed"
    EMPIRICAL = "empirical"
    """As recorded ones do: drawn from a sample, scaled to the mean of the interval."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlayedQueue:
    """A queue as the simulation sees it; contacts of ``workload`` are the forecast, not what is played.

    ``handling_cv``: standard deviation of a lognormal handling time over its mean.
    ``priority``: where an agent serves several queues, those with the lowest number go first.
    ``handling_sample``: recorded handling times, any unit, not negative, for the EMPIRICAL shape.
    """

    workload: Workload
    target: ServiceTarget
    handling: HandlingShape = HandlingShape.EXPONENTIAL
    handling_cv: float = 1.0
    handling_sample: Floats | None = None
    priority: int = 0

    def __post_init__(self) -> None:
        if not self.handling_cv > 0:
            raise SimulationError(f"handling_cv must be positive, got {self.handling_cv}")
        sample = self.handling_sample
        if (sample is None) != (self.handling is not HandlingShape.EMPIRICAL):
            raise SimulationError("handling_sample goes with the EMPIRICAL shape, and only with it")
        if sample is not None and not (
            np.all(np.isfinite(sample)) and np.all(sample >= 0) and sample.sum() > 0
        ):
            raise SimulationError(
                "handling_sample must hold finite times that are not negative, some above 0"
            )

    @property
    def name(self) -> str:
        return self.workload.queue


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Contacts:
    """The contacts of one queue and path in order of arrival, [s] after the grid's start."""

    arrival: Floats
    interval: Ints
    service: Floats
    deadline: Floats
    turned_away: Ints


def given(queue: PlayedQueue, arrival: Floats, service: Floats, patience: Floats) -> Contacts:
    """Contacts that are known one by one, in any order; equal shapes, all in seconds.

    ``arrival``: after the grid's start, inside the grid.  ``service``: handling time.  ``patience``: how long
    the contact waits before it hangs up, inf for ever.  Live contacts outside opening hours are turned away.
    Raises SimulationError on contacts outside the grid and on negative times.
    """
    load = queue.workload
    if not arrival.shape == service.shape == patience.shape:
        raise SimulationError(
            f"contacts need as many arrivals as services and patiences, got {arrival.size}, {service.size}, "
            f"{patience.size}"
        )
    end = load.grid.count * load.grid.interval_seconds
    if not (np.all(np.isfinite(arrival)) and np.all(arrival >= 0) and np.all(arrival < end)):
        raise SimulationError(f"contacts of queue {queue.name!r} must arrive inside the grid")
    if not (np.all(np.isfinite(service)) and np.all(service >= 0) and np.all(patience >= 0)):
        raise SimulationError(f"contacts of queue {queue.name!r} need times that are not negative")
    order = np.argsort(arrival, kind="stable")
    interval = (arrival[order] // load.grid.interval_seconds).astype(np.int64)
    taken = np.ones(order.size, dtype=np.bool_)
    if load.kind is not WorkKind.DEFERRABLE:
        taken = load.open[interval]
    turned_away = np.bincount(interval[~taken], minlength=load.grid.count).astype(np.int64)
    order, interval = order[taken], interval[taken]
    deadline = arrival[order] + patience[order]
    if load.kind is not WorkKind.DEFERRABLE:
        deadline = np.minimum(deadline, closing_times(load)[interval])
    return Contacts(
        arrival=np.ascontiguousarray(arrival[order], dtype=np.float64),
        interval=interval,
        service=np.ascontiguousarray(service[order], dtype=np.float64),
        deadline=deadline,
        turned_away=turned_away,
    )


def draw(queue: PlayedQueue, counts: Ints, closes: Floats, rng: np.random.Generator) -> Contacts:
    """The contacts of one path: when, how long, until when they wait."""
    load = queue.workload
    turned_away = np.zeros_like(counts)
    if load.kind is not WorkKind.DEFERRABLE:
        turned_away = np.where(load.open, 0, counts)
        counts = counts - turned_away
    aht = load.aht_seconds
    if np.any((counts > 0) & ~(np.isfinite(aht) & (aht > 0))):
        raise SimulationError(f"queue {queue.name!r} has contacts in an interval without a handling time")
    arrival, interval = uniform_arrivals(counts, load.grid.interval_seconds, rng)
    service = _handling(queue, aht[interval], rng)
    if load.kind is WorkKind.DEFERRABLE:
        deadline = np.full(arrival.size, np.inf)
    else:
        deadline = closes[interval]
        if load.patience_seconds is not None:
            patience = rng.standard_exponential(arrival.size)
            patience *= load.patience_seconds
            patience += arrival
            deadline = np.minimum(patience, deadline)
    return Contacts(
        arrival=arrival, interval=interval, service=service, deadline=deadline, turned_away=turned_away
    )


def _handling(queue: PlayedQueue, mean: Floats, rng: np.random.Generator) -> Floats:
    if queue.handling is HandlingShape.FIXED:
        return mean
    if queue.handling is HandlingShape.EXPONENTIAL:
        return np.asarray(rng.standard_exponential(mean.size) * mean, dtype=np.float64)
    if queue.handling_sample is not None:
        drawn = rng.choice(queue.handling_sample, size=mean.size)
        return np.asarray(drawn * (mean / queue.handling_sample.mean()), dtype=np.float64)
    variance = np.log1p(queue.handling_cv**2)
    scatter = np.exp(np.sqrt(variance) * rng.standard_normal(mean.size) - variance / 2.0)
    return np.asarray(mean * scatter, dtype=np.float64)


def closing_times(load: Workload) -> Floats:
    """For each open interval the end of its run of open ones [s]; inf where that run meets the grid's end."""
    closes = np.full(load.grid.count, np.inf)
    edges = [0, *(np.flatnonzero(np.diff(load.open.astype(np.int8))) + 1).tolist(), load.grid.count]
    for start, end in pairwise(edges):
        if end < load.grid.count:
            closes[start:end] = end * load.grid.interval_seconds
    return closes


def counted_time(queue: PlayedQueue) -> tuple[Floats, NDArray[np.bool_]]:
    """Counted seconds before each interval edge, shape (count + 1,), and which intervals count."""
    load = queue.workload
    counted = np.ones(load.grid.count, dtype=np.bool_) if queue.target.count_closed_time else load.open
    before = np.concatenate(([0.0], np.cumsum(counted * load.grid.interval_seconds)))
    return before, np.ascontiguousarray(counted)
