"""Requests that arrive while one batch is written share the next; each gets its own result."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.http.gathering import Gathering

Work = Callable[[Sequence[int]], list[str]]


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as made:
        yield made


def gathering(
    work: Work, pool: ThreadPoolExecutor, *, limit: int = 100, shared: type[Exception] = OSError
) -> Gathering[int, str]:
    return Gathering(
        work, pool, size=lambda item: 1, limit=limit, shared=lambda error: isinstance(error, shared)
    )


async def all_at_once(line: Gathering[int, str], count: int) -> list[str | BaseException]:
    return await asyncio.gather(*(line.done(n) for n in range(count)), return_exceptions=True)


def test_what_gathers_is_done_together_in_order_and_never_two_batches_at_once(
    pool: ThreadPoolExecutor,
) -> None:
    batches: list[list[int]] = []
    begun, gate = threading.Event(), threading.Event()
    inside = 0

    def work(items: Sequence[int]) -> list[str]:
        nonlocal inside
        inside += 1
        assert inside == 1
        batches.append(list(items))
        begun.set()
        assert gate.wait(5)
        inside -= 1
        return [f"did {item}" for item in items]

    async def story() -> list[str]:
        line = gathering(work, pool, limit=3)
        first = asyncio.create_task(line.done(0))
        await asyncio.to_thread(begun.wait, 5)
        rest = [asyncio.create_task(line.done(n)) for n in range(1, 6)]
        await asyncio.sleep(0.05)
        gate.set()
        return await asyncio.gather(first, *rest)

    assert asyncio.run(story()) == [f"did {n}" for n in range(6)]
    assert batches == [[0], [1, 2, 3], [4, 5]]


def test_one_that_fails_fails_alone(pool: ThreadPoolExecutor) -> None:
    def work(items: Sequence[int]) -> list[str]:
        if 2 in items:
            raise ValueError("two")
        return [str(item) for item in items]

    async def story() -> tuple[list[str | BaseException], str]:
        line = gathering(work, pool)
        return await all_at_once(line, 4), await line.done(7)

    found, after = asyncio.run(story())
    assert [found[n] for n in (0, 1, 3)] == ["0", "1", "3"]
    assert isinstance(found[2], ValueError)
    assert after == "7"


def test_what_concerns_all_is_not_tried_for_each(pool: ThreadPoolExecutor) -> None:
    calls = 0

    def work(items: Sequence[int]) -> list[str]:
        nonlocal calls
        calls += 1
        raise OSError("no database")

    found = asyncio.run(all_at_once(gathering(work, pool), 20))
    assert all(isinstance(each, OSError) for each in found)
    assert calls <= 2


def test_a_caller_who_goes_away_does_not_stop_the_others(pool: ThreadPoolExecutor) -> None:
    gate = threading.Event()

    def work(items: Sequence[int]) -> list[str]:
        assert gate.wait(5)
        return [str(item) for item in items]

    async def story() -> str:
        line = gathering(work, pool)
        gone = asyncio.create_task(line.done(1))
        stays = asyncio.create_task(line.done(2))
        await asyncio.sleep(0.05)
        gone.cancel()
        gate.set()
        return await stays

    assert asyncio.run(story()) == "2"


def test_once_the_pool_is_closed_the_caller_is_told() -> None:
    async def story() -> None:
        closed = ThreadPoolExecutor(1)
        closed.shutdown()
        with pytest.raises(RuntimeError):
            await gathering(lambda items: [str(i) for i in items], closed).done(1)

    asyncio.run(story())
