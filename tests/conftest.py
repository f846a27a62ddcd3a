"""Fixtures for every room: databases of both kinds.  In CI no test may be skipped."""

from __future__ import annotations

import gc
import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.store.engine import make_engine
from bot.store.tables import Base
from bot.store.unit_of_work import Store
from tests.support.databases import PostgresServer

_TESTS_A_FREEZE = 20
_begun = itertools.count(1)


def pytest_collection_finish() -> None:
    _freeze()


def pytest_runtest_setup() -> None:
    if next(_begun) % _TESTS_A_FREEZE == 0:
        _freeze()


def _freeze() -> None:
    """Take what is alive out of the garbage collector's sight.

    A run holds millions of objects that no service has: tests, what libraries remember of thousands of
    databases and applications.  Looking at all of them stops every thread, the service of a story too, for
    up to four seconds, and Slack waits for three.
    """
    gc.collect()
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """With MUSTER_NO_SKIP=1 a skipped test is a failure of the run: CI provides whatever is missing."""
    terminal = session.config.pluginmanager.get_plugin("terminalreporter")
    if terminal is None or os.environ.get("MUSTER_NO_SKIP") != "1":
        return
    skipped = terminal.stats.get("skipped", [])
    if skipped and session.exitstatus == pytest.ExitCode.OK:
        terminal.write_line(f"MUSTER_NO_SKIP is set and {len(skipped)} tests were skipped: failed", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The real data beside the project; tests that need it are marked ``real_data``."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("real data is not here: expected ../shared/data beside the project")
    return folder


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A database of this session on the local server; skips where there is none."""
    server = PostgresServer()
    reason = server.unavailable()
    if reason is not None:
        pytest.skip(reason)
    server.create()
    try:
        yield server
    finally:
        server.drop()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database: a SQLite file, and a PostgreSQL schema of its own."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'muster.db'}"
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return server.fresh_schema()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with every table and no rows, of both kinds."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'muster.db'}"
        _with_tables(url)
        return url
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return server.emptied_schema(_with_tables)


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """A store with every table, on both databases."""
    opened = Store(make_engine(store_url))
    try:
        yield opened
    finally:
        opened.close()


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[Store]:
    """A store in a SQLite file, for tests that need only one database."""
    url = f"sqlite:///{tmp_path / 'muster.db'}"
    _with_tables(url)
    opened = Store(make_engine(url))
    try:
        yield opened
    finally:
        opened.close()


def _with_tables(url: str) -> None:
    engine = make_engine(url)
    Base.metadata.create_all(engine)
    engine.dispose()
