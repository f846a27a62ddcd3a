"""A database of its own for every run: a copy of a SQLite file, or a schema of PostgreSQL."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from bot.store.engine import make_engine
from bot.store.tables import Base


class Databases:
    """Hands out databases with every table and no rows; thread-safe.  Use as a context manager."""

    def __init__(self, url: str, *, durable: bool = False) -> None:
        """``durable``: PostgreSQL's commits wait for the disk, as they do in earnest."""
        self._url = make_url(url)
        self._durable = durable
        self._numbers = itertools.count(1)
        self._folder = tempfile.TemporaryDirectory(prefix="muster-faults-")
        self._template = Path(self._folder.name) / "template.db"

    @property
    def two_processes(self) -> bool:
        """Whether two services may share one: a SQLite file is for one."""
        return self._url.get_backend_name() == "postgresql"

    def __enter__(self) -> Databases:
        if not self.two_processes:
            _with_tables(f"sqlite:///{self._template}")
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """The URL of a database that is gone after the block."""
        if self.two_processes:
            yield from self._schema()
        else:
            path = Path(self._folder.name) / f"run-{next(self._numbers)}.db"
            shutil.copy(self._template, path)
            yield f"sqlite:///{path}"
            for file in path.parent.glob(f"{path.name}*"):
                file.unlink()

    def _schema(self) -> Iterator[str]:
        name = f"faults_{os.getpid()}_{next(self._numbers)}"
        plain = self._url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(name)))
        # Processes are killed here, not machines: commits need not wait for the disk.
        options = f"-csearch_path={name}" + ("" if self._durable else " -csynchronous_commit=off")
        url = self._url.update_query_dict({"options": options}).render_as_string(hide_password=False)
        try:
            _with_tables(url)
            yield url
        finally:
            with psycopg.connect(plain, autocommit=True) as connection:
                connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(name)))


def _with_tables(url: str) -> None:
    engine = make_engine(url)
    Base.metadata.create_all(engine)
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA user_version")
    engine.dispose()
