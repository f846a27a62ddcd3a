"""Many rows at once, with the same effect on SQLite and PostgreSQL.

SQLite takes rows one by one at no cost.  On PostgreSQL each would be a round trip, and rows written out as
VALUES a text to parse anew for each number of them; so columns travel as arrays, in one statement that
stays the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import JSON, Dialect, Table, TextClause, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session

BATCH = 5_000
_POSTGRES = postgresql.dialect()  # type: ignore[no-untyped-call]

T = TypeVar("T")


def upsert(
    session: Session,
    row_type: type[DeclarativeBase],
    rows: Iterable[Mapping[str, Any]],
    *,
    keys: Sequence[str],
) -> int:
    """Insert rows; where ``keys`` exist already, overwrite the other columns.  Returns their number.

    Of rows with the same keys the last one stands.  Rows must name the same columns.
    """
    table = _table(row_type)
    dialect = session.get_bind().dialect
    done = 0
    for batch in batches(rows, BATCH):
        names = tuple(batch[0])
        if dialect.name == "postgresql":
            # One statement may meet a row only once.
            unique = {tuple(row[key] for key in keys): row for row in batch}
            statement = _from_arrays(table, names, tuple(keys), overwrite=True, returning=())
            session.execute(statement, _arrays(table, dialect, list(unique.values())))
        else:
            insert: Any = sqlite.insert(table)
            others = {name: insert.excluded[name] for name in names if name not in keys}
            session.execute(insert.on_conflict_do_update(index_elements=list(keys), set_=others), batch)
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
    return [row[0] for row in insert_new_rows(session, row_type, rows, keys=keys, returning=(returning,))]


def insert_new_rows(
    session: Session,
    row_type: type[DeclarativeBase],
    rows: Sequence[Mapping[str, Any]],
    *,
    keys: Sequence[str],
    returning: Sequence[str],
) -> list[tuple[Any, ...]]:
    """As `insert_new`, with several columns, of plain texts or numbers.  Rows must name the same columns."""
    table = _table(row_type)
    dialect = session.get_bind().dialect
    found: list[tuple[Any, ...]] = []
    for batch in batches(rows, BATCH):
        if dialect.name == "postgresql":
            statement: Any = _from_arrays(
                table, tuple(batch[0]), tuple(keys), overwrite=False, returning=tuple(returning)
            )
            given: Any = _arrays(table, dialect, batch)
        else:
            insert: Any = sqlite.insert(table).on_conflict_do_nothing(index_elements=list(keys))
            # As parameters, not as values(): those would be compiled anew for each number of rows.
            statement, given = insert.returning(*(table.c[name] for name in returning)), batch
        found += [tuple(row) for row in session.execute(statement, given)]
    return found


def _table(row_type: type[DeclarativeBase]) -> Table:
    table = row_type.__table__
    assert isinstance(table, Table)
    return table


@cache
def _from_arrays(
    table: Table,
    names: tuple[str, ...],
    keys: tuple[str, ...],
    *,
    overwrite: bool,
    returning: tuple[str, ...],
) -> TextClause:
    """INSERT of one array per column, named as the columns."""
    quote = _POSTGRES.identifier_preparer.quote
    columns = ", ".join(quote(name) for name in names)
    arrays = []
    values = []
    for name in names:
        kind = table.c[name].type
        is_json = isinstance(kind, JSON)
        arrays.append(f"CAST(:{name} AS {'TEXT' if is_json else kind.compile(_POSTGRES)}[])")
        values.append(f"CAST(given.{quote(name)} AS JSON)" if is_json else f"given.{quote(name)}")
    action = "NOTHING"
    if overwrite:
        others = (quote(name) for name in names if name not in keys)
        action = "UPDATE SET " + ", ".join(f"{name} = excluded.{name}" for name in others)
    told = f" RETURNING {', '.join(map(quote, returning))}" if returning else ""
    return text(
        f"INSERT INTO {quote(table.name)} ({columns}) SELECT {', '.join(values)} "  # noqa: S608 - names of ours
        f"FROM unnest({', '.join(arrays)}) AS given({columns}) "
        f"ON CONFLICT ({', '.join(map(quote, keys))}) DO {action}{told}"
    )


def _arrays(table: Table, dialect: Dialect, rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for name in rows[0]:
        kind = table.c[name].type
        values: list[Any] = [row[name] for row in rows]
        process = None if isinstance(kind, JSON) else kind.dialect_impl(dialect).bind_processor(dialect)
        if isinstance(kind, JSON):
            values = [None if v is None else json.dumps(v) for v in values]
        elif process is not None:
            values = [process(v) for v in values]
        found[name] = values
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


def insert_open(
    session: Session, row_type: type[DeclarativeBase], row: Mapping[str, Any], *, returning: str
) -> Any:
    """Insert one row; column ``returning`` of it, or None where any unique index refuses it.

    Unlike `insert_new` this also knows indexes over a part of the table.
    """
    dialect = session.get_bind().dialect.name
    insert: Any = (postgresql if dialect == "postgresql" else sqlite).insert(_table(row_type))
    statement = insert.values(**row).on_conflict_do_nothing().returning(_table(row_type).c[returning])
    return session.scalar(statement)
