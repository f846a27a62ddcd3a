"""A PostgreSQL database for one test session."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable

import psycopg
from psycopg import sql

SERVER = os.environ.get("MUSTER_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432")


class PostgresServer:
    """Creates one database with a name of its own, and an empty schema in it for every test."""

    def __init__(self) -> None:
        self._name = f"muster_test_{secrets.token_hex(6)}"
        self._schemas = 0
        self._kept: str | None = None

    def unavailable(self) -> str | None:
        """Why the server cannot be used; None where it can."""
        try:
            psycopg.connect(f"{SERVER}/postgres", connect_timeout=2).close()
        except psycopg.OperationalError:
            return "no PostgreSQL server at 127.0.0.1:5432 (set MUSTER_TEST_POSTGRES to use another)"
        return None

    def create(self) -> None:
        with psycopg.connect(f"{SERVER}/postgres", autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(self._name)))

    def drop(self) -> None:
        with psycopg.connect(f"{SERVER}/postgres", autocommit=True) as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(self._name))
            )

    def fresh_schema(self) -> str:
        """The URL of an empty schema."""
        self._schemas += 1
        schema = f"test_{self._schemas}"
        with psycopg.connect(f"{SERVER}/{self._name}", autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
        # Nobody pulls the plug in a test: commits need not wait for the disk.
        options = f"-csearch_path%3D{schema}%20-csynchronous_commit%3Doff"
        return f"{SERVER}/{self._name}?options={options}"

    def emptied_schema(self, with_tables: Callable[[str], None]) -> str:
        """The URL of one schema kept for the session: tables made once, rows deleted at every call."""
        if self._kept is None:
            self._kept = self.fresh_schema()
            with_tables(self._kept)
            return self._kept
        with psycopg.connect(self._kept, autocommit=True) as connection:
            named = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
            tables = [sql.Identifier(name) for (name,) in connection.execute(named)]
            connection.execute(
                sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(sql.SQL(", ").join(tables))
            )
        return self._kept
