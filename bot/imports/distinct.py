"""Rows that each say one thing of their own: repeated ones are counted, contradicting ones refused."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from operator import eq
from typing import Generic, TypeVar

from bot.core.import_report import Finding, ImportReport, Numbered, RefusedRow
from bot.imports.fields import CellError
from bot.imports.reader import Row, Table
from bot.imports.repeated import repeated_rows

__all__ = ["DistinctRows", "distinct_rows"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class DistinctRows(Generic[T]):
    """What a file's rows say, each once, in order; ``repeated``: the finding about rows that say it again."""

    values: list[Numbered[T]]
    read: int
    refused: tuple[RefusedRow, ...]
    repeated: tuple[Finding, ...]

    def report(self, kind: str, source: str, findings: Iterable[Finding]) -> ImportReport:
        """The report of these rows with everything noticed, ``repeated`` among it where it belongs."""
        return ImportReport(
            kind=kind, source=source, read=self.read, refused=self.refused, findings=tuple(findings)
        )


def distinct_rows(
    table: Table,
    entry: Callable[[Row], T],
    *,
    key: Callable[[T], Hashable],
    named: Callable[[T], str] | None,
    same: Callable[[T, T], bool] = eq,
    admit: Callable[[Numbered[Row], T], None] = lambda _row, _value: None,
    unsaid: bool = False,
) -> DistinctRows[T]:
    """The rows of a table as ``entry`` reads them, which raises CellError for a row that cannot be used.

    A row whose ``key`` an earlier one had is repeated where both are the ``same``, else refused, with what
    ``named`` calls it.  ``admit`` sees every row before it is kept and may refuse it, too.  ``unsaid``: what
    stands in a refused cell is not repeated.
    """
    found: dict[Hashable, Numbered[T]] = {}
    refused: list[RefusedRow] = []
    repeated: list[int] = []
    read = 0
    for row in table.rows():
        read += 1
        if isinstance(row, RefusedRow):
            refused.append(row)
            continue
        try:
            value = entry(row.value)
            before = found.get(key(value))
            if before is None:
                admit(row, value)
                found[key(value)] = Numbered(line=row.line, value=value)
            elif same(before.value, value):
                repeated.append(row.line)
            else:
                name = {} if named is None else {"value": named(value)}
                raise CellError("contradicts_line", line=before.line, **name)
        except CellError as error:
            said = error.without_value() if unsaid else error
            refused.append(RefusedRow(line=row.line, reason=said.reason, data=said.data))
    return DistinctRows(
        values=list(found.values()),
        read=read,
        refused=tuple(refused),
        repeated=tuple(repeated_rows(repeated)),
    )
