"""The schema's version: created when empty, migrated on request, refused when it is not ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import DBAPIError

from bot.core.errors import ConfigurationError, UnavailableError
from bot.store.engine import make_engine
from bot.store.failures import as_muster_error
from bot.store.migrations import HEAD, REVISIONS

if TYPE_CHECKING:
    from alembic.config import Config

__all__ = ["HEAD", "Schema", "check_current", "current_revision", "downgrade", "make_revision", "upgrade"]

_VERSION_TABLE: Final = "alembic_version"
_FOLDER: Final = Path(__file__).parent / "migrations"
_CREATION_LOCK: Final = 7305803
"""PostgreSQL advisory lock: two processes that start on one empty database must not both create it."""


def current_revision(engine: Engine) -> str | None:
    """The revision the database is at; None for a database without any table.

    Raises ConfigurationError where it holds tables that are not Muster's, UnavailableError where it does
    not answer.
    """
    with _connected(engine) as connection:
        return _revision(connection)


def check_current(engine: Engine) -> None:
    """Make sure this version of Muster can work with the database.

    An empty database is given its tables.  Raises ConfigurationError, with nothing touched, where
    migrations are missing, where a newer version wrote it, or where the tables are not Muster's;
    UnavailableError where it does not answer.
    """
    with _connected(engine) as connection:
        revision = _revision(connection)
        if revision == HEAD:
            return
        if revision is not None:
            _refuse_newer(revision)
            raise ConfigurationError(
                "database_older",
                f"the database is at revision {revision}, this version of Muster needs {HEAD}; "
                "nothing was changed. Make a backup, then run: muster db upgrade",
                found=revision,
                needed=HEAD,
            )
        _upgrade(connection)


def upgrade(engine: Engine) -> tuple[str | None, str]:
    """Bring the database to this version's revision, in one transaction; returns (before, after).

    Raises like `check_current`, except that an older database is what it is for.
    """
    with _connected(engine) as connection:
        before = _revision(connection)
        if before is not None:
            _refuse_newer(before)
        if before != HEAD:
            _upgrade(connection)
        return before, HEAD


def downgrade(engine: Engine, revision: str) -> None:
    """Take migrations back, down to ``revision`` ('base': no tables at all).

    The data of dropped columns and tables is lost.
    """
    from alembic import command

    with _connected(engine) as connection:
        command.downgrade(_config(connection), revision)


def make_revision(engine: Engine, revision: str, message: str) -> Path:
    """Write the migration that leads from the database to `bot.store.tables` (for developers)."""
    from alembic import command
    from alembic.script import Script

    with _connected(engine) as connection:
        script = command.revision(_config(connection), message, autogenerate=True, rev_id=revision)
    if not isinstance(script, Script):
        raise TypeError(f"expected one revision, got {script!r}")
    return Path(script.path)


def _revision(connection: Connection) -> str | None:
    tables = inspect(connection).get_table_names()
    if _VERSION_TABLE in tables:
        row = connection.execute(text("SELECT version_num FROM alembic_version")).first()
        if row is not None:
            return str(row[0])
        tables.remove(_VERSION_TABLE)
    if tables:
        raise ConfigurationError(
            "database_foreign",
            f"the database holds {len(tables)} tables that Muster did not make ({sorted(tables)[0]}, ...); "
            "nothing was changed. Point MUSTER_DATABASE_URL to a database of its own.",
            count=len(tables),
            example=sorted(tables)[0],
        )
    return None


def _refuse_newer(revision: str) -> None:
    if revision not in REVISIONS:
        raise ConfigurationError(
            "database_newer",
            f"the database is at revision {revision}, which this version of Muster does not know "
            f"(it knows up to {HEAD}); nothing was changed. Start the newer version, or restore a backup.",
            found=revision,
            known=HEAD,
        )


def _upgrade(connection: Connection) -> None:
    from alembic import command

    command.upgrade(_config(connection), "head")


def _config(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    # Interpolation: a path may hold a percent sign.
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s")
    config.attributes["connection"] = connection
    return config


@contextmanager
def _connected(engine: Engine) -> Iterator[Connection]:
    """One transaction for looking and acting, so that nobody changes the schema in between."""
    try:
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_CREATION_LOCK})"))
            yield connection
    except DBAPIError as error:
        known = as_muster_error(error)
        if known is None:
            known = UnavailableError(
                "database_unusable",
                f"the database cannot be used: {type(error.orig).__name__}; nothing was changed.",
            )
        raise known from error


class Schema:
    """The schema of the database at one URL; nothing is opened before something is asked.

    Raises ConfigurationError for a URL that names no supported database.
    """

    def __init__(self, url: str) -> None:
        self._engine = make_engine(url)

    @property
    def kind(self) -> str:
        """'sqlite' or 'postgresql'."""
        return self._engine.dialect.name

    def exists(self) -> bool:
        """False for a SQLite file that is not there: looking at it would make it."""
        file = self._engine.url.database
        return self.kind != "sqlite" or not file or file == ":memory:" or Path(file).exists()

    def revision(self) -> str | None:
        """As `current_revision`."""
        return current_revision(self._engine)

    def upgrade(self) -> tuple[str | None, str]:
        """As `upgrade`."""
        return upgrade(self._engine)

    def journal_mode(self) -> str | None:
        """SQLite's journal mode in use ('wal' is wanted; network drives refuse it); None elsewhere."""
        if self.kind != "sqlite":
            return None
        with _connected(self._engine) as connection:
            return str(connection.execute(text("PRAGMA journal_mode")).scalar())

    def close(self) -> None:
        self._engine.dispose()
