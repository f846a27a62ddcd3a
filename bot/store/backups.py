"""Backups of a SQLite database: written whole or not at all, and tested by being restored (P14).

PostgreSQL has tools of its own for that, which keep more than a copy.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import quote

from sqlalchemy import make_url

from bot.core.errors import MusterError, NotFoundError, RefusedError, UnavailableError
from bot.store.engine import make_engine
from bot.store.schema import HEAD, current_revision, upgrade

__all__ = ["Tested", "back_up", "check", "database_file", "last_good", "restore"]

PREFIX: Final = "muster-"
_COUNTED: Final = ("agents", "contacts", "rosters", "audit")
PAGES: Final = 4096
"""Copied at a time, so that the running service writes in between."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """A backup that was restored into a database of its own: ``rows`` of the tables people ask for.

    ``revision``: of the schema it was written with; ``size`` [bytes].
    """

    file: Path
    revision: str
    rows: dict[str, int]
    size: int


def database_file(url: str) -> Path:
    """The file of the database.  Raises RefusedError where it is none."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        raise RefusedError(
            "backup_not_sqlite",
            "Only a SQLite database is backed up here; nothing was written. For PostgreSQL: pg_dump "
            "--format=custom, and pg_restore into an empty database to test it.",
        )
    return Path(parsed.database)


def back_up(database: Path, folder: Path, *, now: datetime, keep: int) -> Tested:
    """Copy the database while it is in use, test the copy, and keep the newest ``keep`` of them.

    The copy gets its name once it is whole and tested; where that fails, a full disk included, the last good
    one stays.  Raises NotFoundError without a database, UnavailableError where it could not be written.
    """
    if not database.exists():
        raise NotFoundError(
            "backup_nothing", f"There is no database at {database}; nothing was written.", file=str(database)
        )
    file = folder / f"{PREFIX}{now:%Y%m%d-%H%M%S}.db"
    part = file.with_suffix(".part")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _copy(database, part)
        with closing(sqlite3.connect(part)) as connection:
            # One file that any folder can be read from, without a journal beside it.
            connection.execute("PRAGMA journal_mode = DELETE")
        tested = check(part)
        part.replace(file)
        _sync(folder)
    except (sqlite3.Error, OSError, MusterError) as error:
        part.unlink(missing_ok=True)
        last = last_good(folder)
        raise UnavailableError(
            "backup_failed" if last is not None else "backup_failed_first",
            f"The backup could not be written ({error}); the last good one is {last}.",
            folder=str(folder),
            last="" if last is None else last.name,
            reason=str(error),
        ) from error
    for old in _backups(folder)[keep:]:
        old.unlink(missing_ok=True)
    return Tested(file=file, revision=tested.revision, rows=tested.rows, size=tested.size)


def last_good(folder: Path) -> Path | None:
    """The newest backup of a folder; None where it has none."""
    return next(iter(_backups(folder)), None)


def check(file: Path) -> Tested:
    """Restore a backup into a database of its own, bring that to this version, and count what is in it.

    The backup itself is only read.  Raises NotFoundError, RefusedError for a file that is damaged or no
    database, ConfigurationError for one that a newer version wrote.
    """
    if not file.exists():
        raise NotFoundError("backup_missing", f"There is no file {file}; nothing was tested.", file=str(file))
    with tempfile.TemporaryDirectory(prefix="muster-restore-") as folder:
        tried = Path(folder) / "tried.db"
        try:
            _copy(file, tried)
            with closing(sqlite3.connect(tried)) as connection:
                (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        except sqlite3.DatabaseError as error:
            raise _damaged(file, str(error)) from error
        if verdict != "ok":
            raise _damaged(file, str(verdict))
        engine = make_engine(f"sqlite:///{tried.as_posix()}")
        try:
            revision = current_revision(engine)
            if revision is None:
                raise _damaged(file, "empty")
            upgrade(engine)
        finally:
            engine.dispose()
        with closing(sqlite3.connect(tried)) as connection:
            rows = {t: connection.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in _COUNTED}  # noqa: S608
    return Tested(file=file, revision=revision, rows=rows, size=file.stat().st_size)


def restore(file: Path, database: Path, *, now: datetime) -> tuple[Tested, Path | None]:
    """Put a tested backup in the place of what the database holds, and bring it to this version.

    What it held is kept beside the backup first, under the name that is returned (None: there was nothing).
    """
    tested = check(file)
    kept = None
    if database.exists():
        kept = file.parent / f"before-restore-{now:%Y%m%d-%H%M%S}.db"
        _put_aside(database, kept)
    _copy(file, database)
    if tested.revision != HEAD:
        engine = make_engine(f"sqlite:///{database.as_posix()}")
        try:
            upgrade(engine)
        finally:
            engine.dispose()
    return tested, kept


def _put_aside(database: Path, kept: Path) -> None:
    """Keep what a database holds; one that cannot be read any more is moved away as it is."""
    try:
        _copy(database, kept)
    except sqlite3.DatabaseError:
        database.replace(kept)
        for journal in ("-wal", "-shm"):
            beside = Path(f"{database}{journal}")
            if beside.exists():
                beside.replace(f"{kept}{journal}")


def _copy(source: Path, target: Path) -> None:
    """Through SQLite itself: a copy of the file alone would miss what only its journal holds."""
    if not target.exists():
        # Everything the team knows is in it: nobody else's to read.
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o600))
    with _reading(source) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new, pages=PAGES)
        new.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@contextmanager
def _reading(file: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"file:{quote(str(file.resolve()))}?mode=ro", uri=True)) as connection:
        yield connection


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _backups(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"{PREFIX}*.db"), reverse=True)


def _damaged(file: Path, why: str) -> RefusedError:
    return RefusedError(
        "backup_damaged",
        f"{file} is damaged or no database of Muster's ({why}); it cannot be restored. Take an older one.",
        file=str(file),
    )
