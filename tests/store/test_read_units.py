"""A read unit never waits for a writer, sees one state throughout, and cannot keep anything."""

from __future__ import annotations

import threading
import time

import pytest
from sqlalchemy.exc import DBAPIError

from bot.store.engine import make_engine
from bot.store.unit_of_work import Store
from tests.support.builders import agent, at


def test_it_answers_while_somebody_writes(store: Store) -> None:
    with store.unit() as uow:
        uow.people.upsert(agent("bo"))
        uow.commit()
    with store.unit() as writer:
        writer.people.upsert(agent("chen"))
        began = time.monotonic()
        with store.read() as view:
            assert [a.agent for a in view.people.all()] == ["bo"]
        assert time.monotonic() - began < 1
        writer.commit()
    with store.read() as view:
        assert [a.agent for a in view.people.all()] == ["bo", "chen"]


def test_a_writer_does_not_wait_for_it_and_it_sees_one_state(store: Store) -> None:
    with store.unit() as uow:
        uow.people.upsert(agent("bo"))
        uow.commit()
    with store.read() as view:
        assert len(view.people.all()) == 1
        with store.unit() as writer:
            writer.people.upsert(agent("chen"))
            writer.commit()
        assert len(view.people.all()) == 1
    with store.read() as view:
        assert len(view.people.all()) == 2


def test_writing_in_it_is_refused_and_the_connection_is_as_before(store: Store) -> None:
    def writes() -> None:
        with store.read() as view:
            view.job_slots.take("digest", "2026-11-24", at(9))

    for _ in range(3):
        with pytest.raises(DBAPIError):
            writes()
    # Units that take the same connection from the pool write as ever.
    with store.unit() as uow:
        assert uow.job_slots.take("digest", "2026-11-24", at(9))
        uow.commit()
    with store.read() as view:
        assert not hasattr(view, "commit")


def test_inside_a_rehearsal_it_sees_what_was_rehearsed(store: Store) -> None:
    with store.rehearsal() as stage:
        with stage.unit() as uow:
            uow.people.upsert(agent("bo"))
            uow.commit()
        with stage.read() as view:
            assert [a.agent for a in view.people.all()] == ["bo"]
    with store.read() as view:
        assert view.people.all() == []


def test_many_readers_beside_a_writer_that_holds_its_transaction(store_url: str) -> None:
    """More readers than connections kept, all done before the writer lets go."""
    opened = Store(make_engine(store_url))
    counts: list[int] = []

    def look() -> None:
        with opened.read() as view:
            counts.append(len(view.people.all()))

    try:
        with opened.unit() as writer:
            writer.people.upsert(agent("bo"))
            readers = [threading.Thread(target=look) for _ in range(12)]
            for reader in readers:
                reader.start()
            for reader in readers:
                reader.join(timeout=4)
            assert counts == [0] * 12
            writer.commit()
    finally:
        opened.close()
