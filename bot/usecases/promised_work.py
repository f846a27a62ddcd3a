"""What people promised customers for the days that are staffed, as work for the queue it belongs to (CP8)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

import numpy as np

from bot.core.promises import PromiseKind
from bot.store.unit_of_work import ReadUnit
from bot.usecases.workloads import QueueLoad
from scheduler.staffing.promised import PromisedWork

__all__ = ["WORK", "with_promises"]

WORK: Final = (PromiseKind.CALL_BACK, PromiseKind.FOLLOW_UP, PromiseKind.HANDLER, PromiseKind.UPDATE)
"""Kinds that are work of their own.  What a delay notice promises is the answer to a contact, whose handling
the forecast of its queue counted when it came."""


def with_promises(uow: ReadUnit, loads: Iterable[QueueLoad]) -> list[QueueLoad]:
    """The loads with what is promised and open for their days, each promise taking the queue's handling time
    of the interval it is due in (that of app.yaml where the forecast has none)."""
    found = []
    for load in loads:
        workload, grid = load.workload, load.workload.grid
        usual = load.queue.aht_seconds
        aht = np.where(workload.aht_seconds > 0, workload.aht_seconds, usual)
        promises = uow.promises.due_between(load.queue.queue, grid.start, grid.end, WORK)
        promised = tuple(
            PromisedWork(
                kind=promise.kind.value,
                made_at=promise.made_at,
                due_at=promise.due_at,
                # One due at an interval's start is done in those before it.
                handling_seconds=float(aht[max(-((grid.start - promise.due_at) // grid.interval) - 1, 0)]),
            )
            for promise in promises
        )
        if promised:
            load = replace(load, workload=replace(workload, aht_seconds=aht, promised=promised))
        found.append(load)
    return found
