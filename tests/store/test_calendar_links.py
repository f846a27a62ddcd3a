"""One link per agent; the one before opens nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import time
from threading import Barrier, Thread
from typing import Any

import pytest

from bot.core.ids import AgentId
from bot.store.unit_of_work import Store, UnitOfWork
from tests.support.builders import agent, at

BO, CHEN = AgentId("bo"), AgentId("chen")


def test_a_link_is_replaced_and_ended(store: Store) -> None:
    with store.unit() as uow:
        assert uow.calendar_links.made_at(BO) is None
        uow.calendar_links.replace(BO, "a" * 64, now=at(9))
        uow.calendar_links.replace(CHEN, "b" * 64, now=at(9))
        uow.calendar_links.replace(BO, "c" * 64, now=at(10))
        uow.commit()
    with store.unit() as uow:
        assert uow.calendar_links.owner("a" * 64) is None
        assert uow.calendar_links.owner("b" * 64) == CHEN
        assert uow.calendar_links.owner("c" * 64) == BO
        assert uow.calendar_links.made_at(BO) == at(10)
        assert uow.calendar_links.end(BO)
        assert not uow.calendar_links.end(BO)
        assert uow.calendar_links.owner("c" * 64) is None
        uow.commit()


@pytest.mark.parametrize("change", [{"active": False}, {"email": "somebody-else@harbour.example"}])
def test_a_link_ends_with_the_person_it_was_made_by(store: Store, change: dict[str, Any]) -> None:
    """An id that is given again must not open its shifts to whoever had it before."""
    with store.unit() as uow:
        uow.people.upsert(agent("bo"))
        uow.people.upsert(agent("chen"))
        for who, digest in ((BO, "a" * 64), (CHEN, "b" * 64)):
            uow.calendar_links.replace(who, digest, now=at(9))
        uow.shift_reminders.keep(BO, time(19), now=at(9))
        uow.languages.keep("bo", "zh-Hant", now=at(9))
        uow.commit()
    with store.unit() as uow:
        uow.people.upsert(replace(agent("bo"), name="Bo Li", email="BO@harbour.example"))
        assert uow.calendar_links.owner("a" * 64) == BO
        assert uow.languages.of("bo") == "zh-Hant"
        uow.people.upsert(agent("bo", **change))
        uow.people.upsert(agent("bo"))
        uow.commit()
    with store.read() as uow:
        assert uow.calendar_links.owner("a" * 64) is None
        assert uow.calendar_links.made_at(BO) is None
        assert uow.shift_reminders.of(BO) is None
        assert uow.languages.of("bo") is None
        assert uow.calendar_links.owner("b" * 64) == CHEN


def _link(uow: UnitOfWork, number: int) -> None:
    uow.calendar_links.replace(BO, str(number) * 64, now=at(9))


def _reminder(uow: UnitOfWork, number: int) -> None:
    uow.shift_reminders.keep(BO, time(18 + number), now=at(9))


@pytest.mark.parametrize("write", [_link, _reminder])
def test_of_two_presses_at_once_one_stands(store: Store, write: Callable[[UnitOfWork, int], None]) -> None:
    """Through two replicas: neither may fail because the other was a moment earlier."""
    done: list[int] = []

    def press(start: Barrier, number: int) -> None:
        start.wait()
        with store.unit() as uow:
            write(uow, number)
            uow.commit()
        done.append(number)

    for _ in range(10):
        start = Barrier(2)
        threads = [Thread(target=press, args=(start, number)) for number in (0, 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with store.unit() as uow:
            assert uow.calendar_links.end(BO) != uow.shift_reminders.end(BO)
            uow.commit()
    assert len(done) == 20
