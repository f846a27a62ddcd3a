"""Group commit: what arrives while one batch is being written is written together with the next.

A commit costs far more than an event, and two writers make each other wait.  So one batch is under way at
a time, and as many requests share a commit as have gathered: alone, a request waits for nobody.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Generic, TypeVar

__all__ = ["Gathering"]

T = TypeVar("T")
R = TypeVar("R")


class Gathering(Generic[T, R]):
    """Hands ``work`` everything that has gathered, in the order it came, and each caller its own result.

    Used from one event loop; ``work`` runs in ``executor``, never twice at once, and returns one result or
    error per item.  ``size`` says how much an item weighs; a batch is closed once it weighs ``limit``.
    Where a batch fails, each item is tried alone, so that nobody fails for another's fault; not so where
    ``shared`` says that all would (the database does not answer).
    """

    def __init__(
        self,
        work: Callable[[Sequence[T]], Sequence[R]],
        executor: Executor,
        *,
        size: Callable[[T], int],
        limit: int,
        shared: Callable[[Exception], bool],
    ) -> None:
        self._work = work
        self._executor = executor
        self._size = size
        self._limit = limit
        self._shared = shared
        self._waiting: deque[tuple[T, asyncio.Future[R]]] = deque()
        self._writing: asyncio.Task[None] | None = None

    async def done(self, item: T) -> R:
        """The result of this item, once its batch is done.  Raises what ``work`` raised for it.

        A caller that goes away leaves its item in the batch.
        """
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._writing is None:
            self._writing = asyncio.create_task(self._until_empty())
        return await future

    async def _until_empty(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while batch := self._next():
                # One hop to the thread and one back for the whole batch: each costs as much as an event.
                items = [item for item, _ in batch]
                try:
                    outcomes = await loop.run_in_executor(self._executor, self._outcomes, items)
                except Exception as error:  # the executor takes nothing more
                    outcomes = [error] * len(batch)
                for (_, future), outcome in zip(batch, outcomes, strict=True):
                    if future.done():
                        continue  # its caller has gone away
                    if isinstance(outcome, Exception):
                        future.set_exception(outcome)
                    else:
                        future.set_result(outcome)
        finally:
            self._writing = None

    def _next(self) -> list[tuple[T, asyncio.Future[R]]]:
        batch: list[tuple[T, asyncio.Future[R]]] = []
        weight = 0
        while self._waiting and weight < self._limit:
            batch.append(self._waiting.popleft())
            weight += self._size(batch[-1][0])
        return batch

    def _outcomes(self, items: Sequence[T]) -> list[R | Exception]:
        try:
            return list(self._work(items))
        except Exception as error:
            if len(items) == 1 or self._shared(error):
                return [error] * len(items)
        return [outcome for item in items for outcome in self._outcomes([item])]
