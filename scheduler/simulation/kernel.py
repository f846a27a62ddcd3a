"""The event loop and the counting, compiled.  Plain arrays; all times in seconds after the grid's start.

Contacts lie queue by queue, in order of arrival: those of queue q are ``first[q]`` to ``first[q + 1]``.
A *row* is a stretch of time in which an agent works on one queue; rows are in order of their start.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from scheduler.queueing.compiled import compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@compiled
def _push(times: Floats, rows: Ints, size: int, time: float, row: int) -> None:
    """Add to the heap of completions, earliest on top; ``size`` is that before."""
    at = size
    while at > 0:
        above = (at - 1) >> 1
        if times[above] <= time:
            break
        times[at] = times[above]
        rows[at] = rows[above]
        at = above
    times[at] = time
    rows[at] = row


@compiled
def _replace_top(times: Floats, rows: Ints, size: int, time: float, row: int) -> None:
    """Take the earliest completion out of a heap of ``size`` and put another in."""
    at = 0
    while True:
        below = 2 * at + 1
        if below >= size:
            break
        if below + 1 < size and times[below + 1] < times[below]:
            below += 1
        if times[below] >= time:
            break
        times[at] = times[below]
        rows[at] = rows[below]
        at = below
    times[at] = time
    rows[at] = row


@compiled
def _next_waiting(head: Ints, arrived: Ints, deadline: Floats, queue: int, now: float) -> int:
    """The contact that has waited longest and has not hung up, or -1; ``head`` moves past it."""
    i = int(head[queue])
    while i < arrived[queue]:
        if deadline[i] > now:
            head[queue] = i + 1
            return i
        i += 1
    head[queue] = i
    return -1


@compiled
def play(
    first: Ints,
    arrival: Floats,
    service: Floats,
    deadline: Floats,
    row_start: Floats,
    row_end: Floats,
    row_agent: Ints,
    row_queue: Ints,
    end_order: Ints,
    places: Ints,
    ring_first: Ints,
    started: Floats,
    served_by: Ints,
    active_from: Floats,
    head: Ints,
    arrived: Ints,
    ring: Ints,
    ring_out: Ints,
    ring_held: Ints,
    in_progress: Ints,
    delayed: Ints,
    ended: Flags,
    heap_time: Floats,
    heap_row: Ints,
) -> None:
    """Fill ``started`` (nan: never answered), ``served_by`` (row, -1: none) and ``active_from`` (inf: never).

    At one instant rows end before others start, then contacts are finished, then others arrive.  The free
    places of queue q, longest idle first, are a ring in ``ring[ring_first[q]:ring_first[q + 1]]``; an entry
    whose row has ended is skipped when it comes up.  ``started`` and the arrays
    after it come from the caller, because allocating here would double the time to compile.
    """
    queues = first.size - 1
    rows = row_start.size
    for q in range(queues):
        head[q] = first[q]
        arrived[q] = first[q]
    size = 0
    next_start = 0
    next_end = 0
    arriving = -1
    t_arrival = -math.inf
    while True:
        if t_arrival == -math.inf:
            t_arrival = math.inf
            arriving = -1
            for q in range(queues):
                if arrived[q] < first[q + 1] and arrival[arrived[q]] < t_arrival:
                    t_arrival = arrival[arrived[q]]
                    arriving = q
        t_done = heap_time[0] if size > 0 else math.inf
        t_start = row_start[next_start] if next_start < rows else math.inf
        t_end = row_end[end_order[next_end]] if next_end < rows else math.inf
        activate = -1
        now = min(t_arrival, t_done, t_start, t_end)
        if now == math.inf:
            return
        if t_end == now:
            row = end_order[next_end]
            next_end += 1
            ended[row] = True
            if delayed[row_agent[row]] == row:
                delayed[row_agent[row]] = -1
        elif t_start == now:
            row = next_start
            next_start += 1
            if in_progress[row_agent[row]] > 0:
                delayed[row_agent[row]] = row
            else:
                activate = row
        elif t_done == now:
            row = heap_row[0]
            queue = row_queue[row]
            contact = -1
            if not ended[row]:
                contact = _next_waiting(head, arrived, deadline, queue, now)
            if contact >= 0:
                started[contact] = now
                served_by[contact] = row
                _replace_top(heap_time, heap_row, size, now + service[contact], row)
            else:
                size -= 1
                _replace_top(heap_time, heap_row, size, heap_time[size], heap_row[size])
                agent = row_agent[row]
                in_progress[agent] -= 1
                if not ended[row]:
                    capacity = ring_first[queue + 1] - ring_first[queue]
                    ring[ring_first[queue] + (ring_out[queue] + ring_held[queue]) % capacity] = row
                    ring_held[queue] += 1
                elif in_progress[agent] == 0 and delayed[agent] >= 0:
                    activate = delayed[agent]
                    delayed[agent] = -1
        else:
            contact = arrived[arriving]
            arrived[arriving] += 1
            t_arrival = -math.inf
            base = ring_first[arriving]
            capacity = ring_first[arriving + 1] - base
            row = -1
            while ring_held[arriving] > 0:
                row = ring[base + ring_out[arriving]]
                ring_out[arriving] = (ring_out[arriving] + 1) % capacity
                ring_held[arriving] -= 1
                if not ended[row]:
                    break
                row = -1
            if row >= 0:
                # Nobody waits where somebody is free, so the one who came is the one to serve.
                head[arriving] = contact + 1
                started[contact] = now
                served_by[contact] = row
                _push(heap_time, heap_row, size, now + service[contact], row)
                size += 1
                in_progress[row_agent[row]] += 1
        if activate >= 0:
            row = activate
            queue = row_queue[row]
            active_from[row] = now
            for _ in range(places[queue]):
                contact = _next_waiting(head, arrived, deadline, queue, now)
                if contact >= 0:
                    started[contact] = now
                    served_by[contact] = row
                    _push(heap_time, heap_row, size, now + service[contact], row)
                    size += 1
                    in_progress[row_agent[row]] += 1
                else:
                    capacity = ring_first[queue + 1] - ring_first[queue]
                    ring[ring_first[queue] + (ring_out[queue] + ring_held[queue]) % capacity] = row
                    ring_held[queue] += 1


@compiled
def _add_span(out: Floats, start: float, end: float, length: float, weight: float) -> None:
    """Add the seconds of [start, end) to the intervals they lie in; what is outside is left out."""
    start = max(start, 0.0)
    end = min(end, out.size * length)
    if end <= start:
        return
    k = int(start / length)
    while start < end and k < out.size:
        edge = min(end, (k + 1) * length)
        out[k] += weight * (edge - start)
        start = edge
        k += 1


@compiled
def _clock(open_before: Floats, open_: Flags, length: float, t: float) -> float:
    """Counted seconds until ``t``; beyond the grid every second counts."""
    count = open_.size
    if t >= count * length:
        return float(open_before[count]) + (t - count * length)
    k = int(t / length)
    counted = float(open_before[k])
    if open_[k]:
        counted += t - k * length
    return counted


@compiled
def count_contacts(
    first: int,
    last: int,
    interval: Ints,
    arrival: Floats,
    service: Floats,
    deadline: Floats,
    started: Floats,
    served_by: Ints,
    row_end: Floats,
    length: float,
    within: float,
    judged_at_end: bool,
    open_before: Floats,
    counted_open: Flags,
    offered: Ints,
    answered: Ints,
    in_time: Ints,
    abandoned: Ints,
    undecided: Ints,
    waited: Floats,
    busy: Floats,
    overrun: Floats,
) -> None:
    """Count the contacts ``first`` to ``last`` of one queue by the interval of their arrival.

    ``judged_at_end``: in time means *finished* within, on the clock of counted seconds (deferrable work).
    """
    horizon = offered.size * length
    for i in range(first, last):
        k = interval[i]
        offered[k] += 1
        start = started[i]
        if not math.isnan(start):
            answered[k] += 1
            waited[k] += start - arrival[i]
            end = start + service[i]
            if judged_at_end:
                used = _clock(open_before, counted_open, length, end) - _clock(
                    open_before, counted_open, length, arrival[i]
                )
            else:
                used = start - arrival[i]
            if used <= within:
                in_time[k] += 1
            _add_span(busy, start, end, length, 1.0)
            leaves = row_end[served_by[i]]
            if end > leaves:
                _add_span(overrun, max(start, leaves), end, length, 1.0)
        elif deadline[i] <= horizon:
            abandoned[k] += 1
        else:
            if judged_at_end:
                used = _clock(open_before, counted_open, length, horizon) - _clock(
                    open_before, counted_open, length, arrival[i]
                )
            else:
                used = horizon - arrival[i]
            if used <= within:
                undecided[k] += 1


@compiled
def staffed_seconds(
    row_end: Floats,
    row_queue: Ints,
    active_from: Floats,
    queue: int,
    length: float,
    weight: float,
    out: Floats,
) -> None:
    """Place-seconds the rows of ``queue`` were there for, late starts taken off."""
    for r in range(row_end.size):
        if row_queue[r] == queue and active_from[r] < row_end[r]:
            _add_span(out, active_from[r], row_end[r], length, weight)
