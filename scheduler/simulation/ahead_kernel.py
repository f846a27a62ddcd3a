"""The event loop of `ahead`, compiled.  All times in seconds after now."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from scheduler.queueing.compiled import compiled

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@compiled
def play_once(
    start: Floats,
    end: Floats,
    there: Flags,
    busy: Floats,
    in_hand: int,
    backlog: Floats,
    arrival: Floats,
    due: Floats,
    service: Floats,
    leaves: Floats,
    answered_at_end: bool,
    first: float,
    last: float,
) -> int:
    """Promises due in [first, last) that are broken in one future.

    ``backlog``: due times of those who wait at 0, in order; ``arrival`` with ``due``: those who come, in
    order of arrival.  ``service`` and ``leaves``: of the backlog, then of those who come.  ``start`` and
    ``end``: places; the first ``in_hand`` that are there at 0 are busy for ``busy``.  ``answered_at_end``:
    the answer is given when the work is done, not when it begins.
    """
    waiting = backlog.size
    coming = arrival.size
    free = np.empty(start.size)
    left = in_hand
    for r in range(start.size):
        free[r] = start[r] if there[r] else math.inf
        if there[r] and start[r] <= 0.0 and left > 0:
            free[r] = busy[r]
            left -= 1
    begun = np.full(waiting + coming, math.inf)
    pool = np.empty(coming, dtype=np.int64)  # who has come and not been taken, in no order
    held = 0
    arrived = 0
    head = 0
    while True:
        row = -1
        now = math.inf
        for r in range(start.size):
            if free[r] < end[r] and free[r] < now:
                now = free[r]
                row = r
        if row < 0 or now >= last:
            break
        while arrived < coming and arrival[arrived] <= now:
            pool[held] = arrived
            held += 1
            arrived += 1
        while head < waiting and leaves[head] <= now:
            head += 1
        best = -1
        k = 0
        while k < held:
            i = pool[k]
            if leaves[waiting + i] <= now:
                held -= 1
                pool[k] = pool[held]
                continue
            if best < 0 or due[i] < due[pool[best]]:
                best = k
            k += 1
        if head < waiting and (best < 0 or backlog[head] <= due[pool[best]]):
            begun[head] = now
            free[row] = now + service[head]
            head += 1
        elif best >= 0:
            i = pool[best]
            begun[waiting + i] = now
            free[row] = now + service[waiting + i]
            held -= 1
            pool[best] = pool[held]
        elif arrived < coming:
            free[row] = arrival[arrived]
        else:
            break
    broken = 0
    for i in range(waiting + coming):
        until = backlog[i] if i < waiting else due[i - waiting]
        answered = begun[i] + service[i] if answered_at_end else begun[i]
        if first <= until < last and answered > until and leaves[i] > until:
            broken += 1
    return broken
