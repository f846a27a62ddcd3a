"""On SQLite the writers of one process queue for their turn, and reading waits for none of them."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from bot.core.errors import UnavailableError
from bot.store.engine import make_engine
from bot.store.failures import as_muster_error
from bot.store.tables import Base
from bot.store.unit_of_work import Store

NOW = datetime(2026, 11, 24, 1, tzinfo=UTC)


def store_at(path: Path, *, patience: timedelta = timedelta(seconds=5)) -> Store:
    store = Store(make_engine(f"sqlite:///{path}", busy_timeout=patience))
    Base.metadata.create_all(store.engine)
    return store


def test_who_waits_does_not_ask_the_file_until_the_turn_is_free(tmp_path: Path) -> None:
    """SQLite knows no order among those that ask: one of many could ask in vain until its time was out."""
    store = store_at(tmp_path / "muster.db")
    said: list[str] = []

    @event.listens_for(store.engine, "before_cursor_execute")
    def note(_connection, _cursor, statement, *_rest) -> None:
        if statement.startswith("BEGIN"):
            said.append(f"{threading.current_thread().name} {statement}")

    event.listen(store.engine, "commit", lambda _c: said.append(f"{threading.current_thread().name} COMMIT"))
    began, over = threading.Event(), threading.Event()

    def first() -> None:
        with store.unit() as uow:
            uow.job_slots.take("a", "1", NOW)
            began.set()
            assert over.wait(4)
            uow.commit()

    def second() -> None:
        with store.unit() as uow:
            uow.job_slots.take("a", "2", NOW)
            uow.commit()

    threads = [threading.Thread(target=first, name="first"), threading.Thread(target=second, name="second")]
    threads[0].start()
    assert began.wait(4)
    threads[1].start()
    threads[1].join(0.3)
    with store.read() as look:
        assert not look.job_slots.taken("a", "1")
    over.set()
    for thread in threads:
        thread.join(5)
    writers = [line for line in said if "DEFERRED" not in line]
    assert writers == ["first BEGIN IMMEDIATE", "first COMMIT", "second BEGIN IMMEDIATE", "second COMMIT"]
    with store.read() as look:
        assert look.job_slots.taken("a", "1")
        assert look.job_slots.taken("a", "2")


@pytest.mark.parametrize("how", ["rolled back", "failed", "lost"])
def test_a_turn_ends_however_its_unit_ends(tmp_path: Path, how: str) -> None:
    store = store_at(tmp_path / "muster.db", patience=timedelta(seconds=0.2))
    for n in range(3):
        try:
            with store.unit() as uow:
                assert uow.job_slots.take("a", f"{n}", NOW)
                if how == "failed":
                    raise ZeroDivisionError
                if how == "lost":
                    uow.job_slots._session.connection().invalidate()
        except ZeroDivisionError:
            assert how == "failed"
    with store.unit() as uow:
        assert uow.job_slots.take("a", "0", NOW)
        uow.commit()


def test_where_another_process_writes_the_wait_ends_and_says_so(tmp_path: Path) -> None:
    ours = store_at(tmp_path / "muster.db", patience=timedelta(seconds=0.1))
    theirs = store_at(tmp_path / "muster.db")
    with theirs.unit() as uow:
        uow.job_slots.take("a", "1", NOW)
        with pytest.raises(Exception, match="locked") as refused, ours.unit() as other:
            other.job_slots.take("a", "2", NOW)
        assert isinstance(as_muster_error(refused.value), UnavailableError)
        uow.commit()
    with ours.unit() as other:
        assert other.job_slots.take("a", "2", NOW)
        other.commit()
