"""The event loop for agents who serve several queues, compiled.  Plain arrays; all times in seconds.

Beside ``kernel.play`` because that one is a pooled queue's, with rings instead of searches, and several times
faster; its heap stands here again, because compiled functions that call one another live in one file.
Contacts lie queue by queue as there; a *row* is a stretch of time of one agent, with a queue of his own and
others he helps out in.  Every contact takes a whole agent.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from scheduler.queueing.compiled import compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

_IDLE, _BUSY, _AWAY = 1, 2, 0


@compiled
def _sift_up(times: Floats, rows: Ints, size: int, time: float, row: int) -> None:
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
def _sift_down(times: Floats, rows: Ints, size: int, time: float, row: int) -> None:
    """Put an entry in the place of the earliest in a heap of ``size``."""
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
def _choose(
    row: int,
    own: int,
    serves: Flags,
    priority: Ints,
    head: Ints,
    arrived: Ints,
    arrival: Floats,
    deadline: Floats,
    now: float,
) -> int:
    """The contact a free agent takes next, or -1: lowest priority number, his own queue, longest waiting.

    ``head`` moves past those who hung up, and past the one who is taken.
    """
    best = -1
    best_queue = -1
    for q in range(priority.size):
        if not serves[row, q]:
            continue
        i = head[q]
        while i < arrived[q] and deadline[i] <= now:
            i += 1
        head[q] = i
        if i >= arrived[q]:
            continue
        if best >= 0:
            if priority[q] > priority[best_queue]:
                continue
            if priority[q] == priority[best_queue]:
                if best_queue == own:
                    continue
                if q != own and arrival[i] >= arrival[best]:
                    continue
        best = i
        best_queue = q
    if best >= 0:
        head[best_queue] = best + 1
    return best


@compiled
def _free(queue: int, row_queue: Ints, serves: Flags, state: Ints, since: Floats, rows: int) -> int:
    """The idle row that takes an arriving contact: of its own queue first, then longest idle; or -1."""
    best = -1
    best_own = False
    for r in range(rows):
        if state[r] != _IDLE or not serves[r, queue]:
            continue
        own = row_queue[r] == queue
        if best < 0 or (own and not best_own) or (own == best_own and since[r] < since[best]):
            best = r
            best_own = own
    return best


@compiled
def play_skilled(
    first: Ints,
    arrival: Floats,
    service: Floats,
    deadline: Floats,
    row_start: Floats,
    row_end: Floats,
    row_agent: Ints,
    row_queue: Ints,
    end_order: Ints,
    serves: Flags,
    priority: Ints,
    agents: int,
    started: Floats,
    served_by: Ints,
    active_from: Floats,
) -> None:
    """Fill ``started`` (nan: never answered), ``served_by`` (row, -1: none) and ``active_from`` (inf: never).

    At one instant rows end before others start, then contacts are finished, then others arrive.  An agent
    takes nothing after the end of a row, but finishes what he has; until then his next row does not begin.
    """
    queues = first.size - 1
    rows = row_start.size
    head = first[:queues].copy()
    arrived = first[:queues].copy()
    state = np.zeros(rows, dtype=np.int64)
    since = np.zeros(rows)
    ended = np.zeros(rows, dtype=np.bool_)
    in_progress = np.zeros(agents, dtype=np.bool_)
    delayed = np.full(agents, -1, dtype=np.int64)
    heap_time = np.empty(agents + 1)
    heap_row = np.empty(agents + 1, dtype=np.int64)
    size = 0
    next_start = 0
    next_end = 0
    while True:
        t_arrival = math.inf
        arriving = -1
        for q in range(queues):
            if arrived[q] < first[q + 1] and arrival[arrived[q]] < t_arrival:
                t_arrival = arrival[arrived[q]]
                arriving = q
        t_done = heap_time[0] if size > 0 else math.inf
        t_start = row_start[next_start] if next_start < rows else math.inf
        t_end = row_end[end_order[next_end]] if next_end < rows else math.inf
        now = min(t_arrival, t_done, t_start, t_end)
        if now == math.inf:
            return
        activate = -1
        if t_end == now:
            row = end_order[next_end]
            next_end += 1
            ended[row] = True
            if state[row] == _IDLE:
                state[row] = _AWAY
            if delayed[row_agent[row]] == row:
                delayed[row_agent[row]] = -1
        elif t_start == now:
            row = next_start
            next_start += 1
            if in_progress[row_agent[row]]:
                delayed[row_agent[row]] = row
            else:
                activate = row
        elif t_done == now:
            row = heap_row[0]
            contact = -1
            if not ended[row]:
                contact = _choose(
                    row, row_queue[row], serves, priority, head, arrived, arrival, deadline, now
                )
            if contact >= 0:
                started[contact] = now
                served_by[contact] = row
                _sift_down(heap_time, heap_row, size, now + service[contact], row)
            else:
                size -= 1
                _sift_down(heap_time, heap_row, size, heap_time[size], heap_row[size])
                agent = row_agent[row]
                in_progress[agent] = False
                if not ended[row]:
                    state[row] = _IDLE
                    since[row] = now
                else:
                    state[row] = _AWAY
                    if delayed[agent] >= 0:
                        activate = delayed[agent]
                        delayed[agent] = -1
        else:
            contact = arrived[arriving]
            arrived[arriving] += 1
            row = _free(arriving, row_queue, serves, state, since, next_start)
            if row >= 0:
                # Nobody waits where somebody who serves the queue is free.
                head[arriving] = contact + 1
                started[contact] = now
                served_by[contact] = row
                state[row] = _BUSY
                in_progress[row_agent[row]] = True
                _sift_up(heap_time, heap_row, size, now + service[contact], row)
                size += 1
        if activate >= 0:
            row = activate
            active_from[row] = now
            contact = _choose(row, row_queue[row], serves, priority, head, arrived, arrival, deadline, now)
            if contact >= 0:
                started[contact] = now
                served_by[contact] = row
                state[row] = _BUSY
                in_progress[row_agent[row]] = True
                _sift_up(heap_time, heap_row, size, now + service[contact], row)
                size += 1
            else:
                state[row] = _IDLE
                since[row] = now
