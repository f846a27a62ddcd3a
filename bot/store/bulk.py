"""Many rows at once, with the same statement on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session

BATCH = 5_000

T = TypeVar("T")


def upsert(
    session: Session,
    row_type: type[DeclarativeBase],
    rows: Iterable[Mapping[str, Any]],
    *,
    keys: Sequence[str],
) -> int:
    """Insert rows; where ``keys`` exist already, overwrite the other columns.  Returns their number."""
    table = row_type.__table__
    assert isinstance(table, Table)
    dialect = session.get_bind().dialect.name
    done = 0
    for batch in batches(rows, BATCH):
        names = [name for name in batch[0] if name not in keys]
        insert: Any = (postgresql if dialect == "postgresql" else sqlite).insert(table)
        statement = insert.on_conflict_do_update(
            index_elements=list(keys), set_={name: insert.excluded[name] for name in names}
        )
        session.execute(statement, batch)
        done += len(batch)
    return done


def batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of at most ``size`` items, in order."""
    source = iter(items)
    while part := list(islice(source, size)):
        yield part


def insert_new(
    session: Session,
    row_type: type[DeclarativeBase],
    rows: Sequence[Mapping[str, Any]],
    *,
    keys: Sequence[str],
    returning: str,
) -> list[Any]:
    """Insert the rows whose ``keys`` are not there yet; returns column ``returning`` of the new ones."""
    table = row_type.__table__
    assert isinstance(table, Table)
    dialect = session.get_bind().dialect.name
    found: list[Any] = []
    for batch in batches(rows, 500):
        insert: Any = (postgresql if dialect == "postgresql" else sqlite).insert(table)
        # One row as one: SQLAlchemy compiles a list of rows anew each time.
        values = batch[0] if len(batch) == 1 else batch
        statement = insert.values(values).on_conflict_do_nothing(index_elements=list(keys))
        found += session.scalars(statement.returning(table.c[returning])).all()
    return found


def insert_fresh(
    session: Session,
    row_type: type[DeclarativeBase],
    rows: Sequence[Mapping[str, Any]],
    *,
    keys: Sequence[str],
    returning: Sequence[str],
) -> list[tuple[Any, ...]]:
    """As ``insert_new`` for thousands of rows alike: compiled once; columns ``returning`` of the new ones."""
    if not rows:
        return []
    table = row_type.__table__
    assert isinstance(table, Table)
    dialect = session.get_bind().dialect.name
    insert: Any = (postgresql if dialect == "postgresql" else sqlite).insert(table)
    statement = insert.on_conflict_do_nothing(index_elements=list(keys))
    found = session.connection().execute(statement.returning(*(table.c[name] for name in returning)), rows)
    return [tuple(row) for row in found]


def add_new(
    session: Session,
    row_type: type[DeclarativeBase],
    rows: Sequence[Mapping[str, Any]],
    *,
    keys: Sequence[str],
) -> None:
    """Insert the rows whose ``keys`` are not there yet, in one call, without an answer."""
    if not rows:
        return
    table = row_type.__table__
    assert isinstance(table, Table)
    dialect = session.get_bind().dialect.name
    insert: Any = (postgresql if dialect == "postgresql" else sqlite).insert(table)
    session.connection().execute(insert.on_conflict_do_nothing(index_elements=list(keys)), rows)
