"""Plays a roster against arrivals, contact by contact.

An agent serves the queue his time is staffed on, one contact at a time (chat: ``concurrency``), first in
first out, the agent longest idle first; and the queues he helps in.  A contact goes to an idle agent of its
own queue before one who helps; a free agent takes the queue with the lowest priority number, of equals his
own, then who has waited longest.  He takes nothing after the end of a stretch of staffed time, but finishes
what he has; until then his next stretch does not begin.  Live contacts hang up when their patience ends or
the queue closes; deferrable ones wait, over closed hours too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from forecasting.grid import IntervalGrid
from scheduler.errors import SimulationError
from scheduler.queueing.targets import WorkKind
from scheduler.simulation.arrivals import PathsHold, counts_of
from scheduler.simulation.contacts import Contacts, PlayedQueue, closing_times, counted_time, draw
from scheduler.simulation.report import QueueReport, SimulationReport
from scheduler.simulation.staffed import Rows, StaffedTime

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Progress = Callable[[int, int], None]
"""Told (paths played, paths in all)."""


class Simulation:
    """Queues and a roster, ready to be played any number of times.

    >>> from datetime import UTC, datetime, timedelta
    >>> from scheduler.queueing.targets import ServiceTarget
    >>> from scheduler.staffing.workload import Workload
    >>> grid = IntervalGrid(
    ...     start=datetime(2026, 11, 23, 9, tzinfo=UTC), interval=timedelta(minutes=30), count=2, zone="UTC"
    ... )
    >>> phone = Workload(
    ...     queue="phone", skill="phone", kind=WorkKind.LIVE, grid=grid, contacts=np.array([10.0, 10.0]),
    ...     aht_seconds=np.full(2, 180.0), open=np.ones(2, dtype=bool),
    ... )
    >>> one = StaffedTime(agent="a", queue="phone", start=grid.start, end=grid.end)
    >>> played = Simulation([PlayedQueue(workload=phone, target=ServiceTarget())], [one])
    >>> report = played.run({"phone": np.array([10, 10])}, seed=7)
    >>> report.queues["phone"].offered.tolist()
    [[10, 10]]
    """

    def __init__(self, queues: Sequence[PlayedQueue], staffed: Sequence[StaffedTime]) -> None:
        """Raises SimulationError on queues with different grids and on agents staffed twice at a time."""
        if not queues:
            raise SimulationError("there is no queue to play; give at least one")
        self.queues = tuple(queues)
        self.grid = queues[0].workload.grid
        names = [queue.name for queue in queues]
        if len(set(names)) != len(names):
            raise SimulationError(f"queue names must differ, got {', '.join(names)}")
        for queue in queues:
            if queue.workload.grid != self.grid:
                raise SimulationError(
                    f"all queues must share one grid; {queue.name!r} has {queue.workload.grid.describe()}, "
                    f"{names[0]!r} has {self.grid.describe()}"
                )
        self._rows = Rows.of(staffed, {name: i for i, name in enumerate(names)}, self.grid)
        self._skilled = bool(np.any(self._rows.serves.sum(axis=1) > 1))
        if self._skilled and any(queue.workload.concurrency > 1 for queue in queues):
            raise SimulationError(
                "agents who help in other queues take one contact at a time; a queue with several at once "
                "cannot be played with them"
            )
        self._closes = [closing_times(queue.workload) for queue in queues]
        self._counted = [counted_time(queue) for queue in queues]

    def run(
        self,
        paths: Mapping[str, NDArray[np.generic]],
        *,
        seed: int,
        holds: PathsHold = PathsHold.COUNTS,
        absence: float | Mapping[date, float] = 0.0,
        late_start_seconds: float = 0.0,
        on_progress: Progress | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> SimulationReport:
        """Play every path once; ``paths`` per queue has shape (paths, count), or (count,) for a single one.

        ``absence``: probability that an agent misses a local day, each day on its own; one for all days or
        one for each.  ``late_start_seconds``: mean of an exponential time by which each shift begins late.
        The same seed plays the same contacts, whatever the roster.  ``should_stop`` is asked between paths;
        what was played until then is reported (at least one path).
        """
        _refuse_late(late_start_seconds)
        chances = absence.values() if isinstance(absence, Mapping) else (absence,)
        for chance in chances:
            if not 0.0 <= chance < 1.0:
                raise SimulationError(f"absence must lie in [0, 1), got {chance}")
        volumes = self._volumes(paths)
        total = volumes[0].shape[0]
        tallies: list[list[_Tally]] = []
        for p in range(total):
            if p > 0 and should_stop is not None and should_stop():
                break
            tallies.append(
                self._play([volume[p] for volume in volumes], holds, (seed, p), absence, late_start_seconds)
            )
            if on_progress is not None:
                on_progress(p + 1, total)
        reports = {
            queue.name: _stack(queue.name, self.grid, [path[q] for path in tallies])
            for q, queue in enumerate(self.queues)
        }
        return SimulationReport(
            queues=reports,
            seed=seed,
            paths=len(tallies),
            contacts=sum(int(report.offered.sum()) for report in reports.values()),
        )

    def run_given(
        self,
        contacts: Mapping[str, Contacts],
        *,
        seed: int,
        absence: float = 0.0,
        late_start_seconds: float = 0.0,
    ) -> SimulationReport:
        """Play contacts that are known one by one (``contacts.given``), per queue, as a single path.

        Only who is absent or late is drawn.  Raises SimulationError where a queue has none.
        """
        _refuse_late(late_start_seconds)
        if not 0.0 <= absence < 1.0:
            raise SimulationError(f"absence must lie in [0, 1), got {absence}")
        missing = [queue.name for queue in self.queues if queue.name not in contacts]
        if missing:
            raise SimulationError(f"there are no contacts for queue {missing[0]!r}")
        tallies = self._play_contacts(
            [contacts[queue.name] for queue in self.queues], (seed, 0), absence, late_start_seconds
        )
        reports = {
            queue.name: _stack(queue.name, self.grid, [tally])
            for queue, tally in zip(self.queues, tallies, strict=True)
        }
        return SimulationReport(
            queues=reports,
            seed=seed,
            paths=1,
            contacts=sum(int(report.offered.sum()) for report in reports.values()),
        )

    def _volumes(self, paths: Mapping[str, NDArray[np.generic]]) -> list[NDArray[np.generic]]:
        volumes = []
        for queue in self.queues:
            if queue.name not in paths:
                raise SimulationError(f"there are no volumes for queue {queue.name!r}")
            volumes.append(np.atleast_2d(paths[queue.name]))
        for queue, volume in zip(self.queues, volumes, strict=True):
            if volume.shape != (volumes[0].shape[0], self.grid.count) or volume.shape[0] == 0:
                raise SimulationError(
                    f"volumes of queue {queue.name!r} must have shape (paths, {self.grid.count}), the same "
                    f"for every queue, with 1 path or more; got {volume.shape}"
                )
        return volumes

    def _play(
        self,
        volumes: Sequence[NDArray[np.generic]],
        holds: PathsHold,
        seed: tuple[int, int],
        absence: float | Mapping[date, float],
        late_start_seconds: float,
    ) -> list[_Tally]:
        drawn = [
            draw(queue, counts_of(volume, holds, rng), closes, rng)
            for queue, volume, closes, rng in zip(
                self.queues,
                volumes,
                self._closes,
                # A stream per queue: changing one queue leaves the contacts of the others as they were.
                (np.random.default_rng([*seed, q]) for q in range(len(self.queues))),
                strict=True,
            )
        ]
        return self._play_contacts(drawn, seed, absence, late_start_seconds)

    def _play_contacts(
        self,
        drawn: Sequence[Contacts],
        seed: tuple[int, int],
        absence: float | Mapping[date, float],
        late_start_seconds: float,
    ) -> list[_Tally]:
        # numba takes a second to load, and the dataclasses of this module are wanted without it.
        from scheduler.simulation import kernel

        first = np.concatenate(([0], np.cumsum([contacts.arrival.size for contacts in drawn]))).astype(
            np.int64
        )
        arrival, service, deadline = (
            _together([getattr(contacts, name) for contacts in drawn])
            for name in ("arrival", "service", "deadline")
        )
        interval = _together([contacts.interval for contacts in drawn])
        rows = self._rows
        if any(absence.values()) if isinstance(absence, Mapping) else absence > 0.0:
            # The stream after those of the queues.
            rows = rows.without_absent(absence, np.random.default_rng([*seed, len(self.queues)]))
        if late_start_seconds > 0.0:
            rows = rows.with_late_starts(
                late_start_seconds, np.random.default_rng([*seed, len(self.queues) + 1])
            )
        places = np.array([queue.workload.concurrency for queue in self.queues], dtype=np.int64)
        started = np.full(arrival.size, np.nan)
        served_by = np.full(arrival.size, -1, dtype=np.int64)
        active_from = np.full(rows.start.size, np.inf)
        if self._skilled:
            from scheduler.simulation import skilled_kernel

            skilled_kernel.play_skilled(
                first,
                arrival,
                service,
                deadline,
                rows.start,
                rows.end,
                rows.agent,
                rows.queue,
                rows.end_order,
                rows.serves,
                np.array([queue.priority for queue in self.queues], dtype=np.int64),
                rows.agents,
                started,
                served_by,
                active_from,
            )
        else:
            self._play_apart(first, arrival, service, deadline, rows, started, served_by, active_from)
        tallies = []
        length = self.grid.interval_seconds
        for q, queue in enumerate(self.queues):
            tally = _Tally.empty(self.grid.count, drawn[q].turned_away)
            before, counted = self._counted[q]
            overrun = np.zeros(self.grid.count)
            kernel.count_contacts(
                first[q],
                first[q + 1],
                interval,
                arrival,
                service,
                deadline,
                started,
                served_by,
                rows.end,
                length,
                queue.target.within_seconds,
                queue.workload.kind is WorkKind.DEFERRABLE,
                before,
                counted,
                tally.offered,
                tally.answered,
                tally.in_time,
                tally.abandoned,
                tally.undecided,
                tally.wait_seconds,
                tally.busy_seconds,
                overrun,
            )
            kernel.staffed_seconds(
                rows.end, rows.queue, active_from, q, length, float(places[q]), tally.staffed_seconds
            )
            # Whoever finishes a contact after his time is still there for it.
            tally.staffed_seconds[:] += overrun
            tallies.append(tally)
        return tallies

    def _play_apart(
        self,
        first: Ints,
        arrival: Floats,
        service: Floats,
        deadline: Floats,
        rows: Rows,
        started: Floats,
        served_by: Ints,
        active_from: Floats,
    ) -> None:
        """Every agent on one queue: fill the last three arrays."""
        from scheduler.simulation import kernel

        places = np.array([queue.workload.concurrency for queue in self.queues], dtype=np.int64)
        held = np.bincount(rows.queue, minlength=places.size) * places
        ring_first = np.concatenate(([0], np.cumsum(held))).astype(np.int64)
        at_once = rows.agents * int(places.max()) + 1
        kernel.play(
            first,
            arrival,
            service,
            deadline,
            rows.start,
            rows.end,
            rows.agent,
            rows.queue,
            rows.end_order,
            places,
            ring_first,
            started,
            served_by,
            active_from,
            np.empty(places.size, dtype=np.int64),
            np.empty(places.size, dtype=np.int64),
            np.empty(ring_first[-1], dtype=np.int64),
            np.zeros(places.size, dtype=np.int64),
            np.zeros(places.size, dtype=np.int64),
            np.zeros(rows.agents, dtype=np.int64),
            np.full(rows.agents, -1, dtype=np.int64),
            np.zeros(rows.start.size, dtype=np.bool_),
            np.empty(at_once),
            np.empty(at_once, dtype=np.int64),
        )


def _refuse_late(seconds: float) -> None:
    if not (np.isfinite(seconds) and seconds >= 0.0):
        raise SimulationError(f"late_start_seconds must be finite and not negative, got {seconds}")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Tally:
    """The counts of one queue and path, shape (count,) each."""

    offered: Ints
    answered: Ints
    in_time: Ints
    abandoned: Ints
    undecided: Ints
    turned_away: Ints
    wait_seconds: Floats
    busy_seconds: Floats
    staffed_seconds: Floats

    @classmethod
    def empty(cls, count: int, turned_away: Ints) -> _Tally:
        return cls(
            offered=np.zeros(count, dtype=np.int64),
            answered=np.zeros(count, dtype=np.int64),
            in_time=np.zeros(count, dtype=np.int64),
            abandoned=np.zeros(count, dtype=np.int64),
            undecided=np.zeros(count, dtype=np.int64),
            turned_away=turned_away,
            wait_seconds=np.zeros(count),
            busy_seconds=np.zeros(count),
            staffed_seconds=np.zeros(count),
        )


def _stack(queue: str, grid: IntervalGrid, tallies: Sequence[_Tally]) -> QueueReport:
    return QueueReport(
        queue=queue,
        grid=grid,
        offered=np.stack([t.offered for t in tallies]),
        answered=np.stack([t.answered for t in tallies]),
        in_time=np.stack([t.in_time for t in tallies]),
        abandoned=np.stack([t.abandoned for t in tallies]),
        undecided=np.stack([t.undecided for t in tallies]),
        turned_away=np.stack([t.turned_away for t in tallies]),
        wait_seconds=np.stack([t.wait_seconds for t in tallies]),
        busy_seconds=np.stack([t.busy_seconds for t in tallies]),
        staffed_seconds=np.stack([t.staffed_seconds for t in tallies]),
    )


Scalar = TypeVar("Scalar", bound=np.generic)


def _together(parts: Sequence[NDArray[Scalar]]) -> NDArray[Scalar]:
    return parts[0] if len(parts) == 1 else np.concatenate(parts)
