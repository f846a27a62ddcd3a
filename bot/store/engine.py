"""Engines: SQLite by default, PostgreSQL by URL, with the same transactional promises on both."""

from __future__ import annotations

import sqlite3
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, DateTime, Dialect, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

from bot.core.errors import ConfigurationError

_READ_ONLY = "muster_read_only"
_TURN = "muster_turn"


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in and out; naive values are refused, whatever the database could store."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None or value.utcoffset() is None:
            raise ValueError(f"naive datetime refused: {value!r}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the parent names it
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def make_engine(url: str, *, busy_timeout: timedelta = timedelta(seconds=5)) -> Engine:
    """An engine for ``sqlite:///path``, ``sqlite://`` (memory, one thread) or ``postgresql://...``.

    SQLite: WAL, foreign keys on, and every transaction begins IMMEDIATE (unless it is of ``reading``),
    because a read that turns into a write fails at once in spite of the busy timeout.  Writers of one
    engine queue for their turn before they ask the database, which knows no order among those that wait:
    with many of them one could wait until the timeout while others wrote again and again.  Errors never show
    the values of a statement: they may be a customer's.  Raises
    ConfigurationError for a URL that names no database we support; does not connect.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ConfigurationError(
            "database_url",
            "MUSTER_DATABASE_URL is not a database URL; nothing was opened. "
            "Use sqlite:///muster.db or postgresql://user:password@host/name.",
        ) from None
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        engine = create_engine(
            parsed, hide_parameters=True, connect_args={"timeout": busy_timeout.total_seconds()}
        )
        event.listen(engine, "connect", _prepare_sqlite(busy_timeout))
        turn = _Turn(busy_timeout)
        event.listen(engine, "begin", turn.begin)
        event.listen(engine.pool, "checkin", turn.end)
        return engine
    if backend == "postgresql":
        try:
            return create_engine(
                parsed, hide_parameters=True, pool_pre_ping=True, pool_size=10, max_overflow=20
            )
        except NoSuchModuleError:
            pass
    raise ConfigurationError(
        "database_url",
        f"no support for database {backend!r}; nothing was opened. Use sqlite:///... or postgresql://...",
    )


def reading(engine: Engine) -> Engine:
    """The same engine and connections, for transactions that see one state and may not write.

    They neither wait for writers nor make them wait.
    """
    if engine.dialect.name == "postgresql":
        return engine.execution_options(postgresql_readonly=True, isolation_level="REPEATABLE READ")
    return engine.execution_options(**{_READ_ONLY: True})


def _prepare_sqlite(busy_timeout: timedelta) -> Any:
    milliseconds = int(busy_timeout.total_seconds() * 1000)

    def on_connect(connection: DBAPIConnection, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {milliseconds}")
        _use_wal(cursor, patience=busy_timeout)
        cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    return on_connect


def _use_wal(cursor: DBAPICursor, *, patience: timedelta) -> None:
    """Switch the file to WAL unless it is; the switch itself ignores the busy timeout, so it is repeated."""
    deadline = time.monotonic() + patience.total_seconds()
    while True:
        try:
            cursor.execute("PRAGMA journal_mode")
            if (cursor.fetchone() or ("",))[0] in ("wal", "memory"):
                return
            cursor.execute("PRAGMA journal_mode = WAL")
            cursor.fetchone()
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


class _Turn:
    """Whose turn it is to write to a SQLite file, among the threads of one engine.

    A turn lasts from BEGIN until the connection goes back to its pool, which a session does when its
    transaction ends, however it ends.  Other processes compete for the file's own lock, as ever.
    """

    def __init__(self, patience: timedelta) -> None:
        self._patience = patience.total_seconds()
        self._writing = threading.Lock()

    def begin(self, connection: Connection) -> None:
        read_only = bool(connection.get_execution_options().get(_READ_ONLY))
        if not read_only and not connection.info.get(_TURN):
            # Whoever waits in vain asks the file all the same: it says what the matter is.
            connection.info[_TURN] = self._writing.acquire(timeout=self._patience)
        # Set each time: the connection may come from either kind of transaction.
        connection.exec_driver_sql(f"PRAGMA query_only = {'ON' if read_only else 'OFF'}")
        connection.exec_driver_sql("BEGIN DEFERRED" if read_only else "BEGIN IMMEDIATE")

    def end(self, _connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
        if record.info.pop(_TURN, False):
            self._writing.release()
