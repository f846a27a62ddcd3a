"""`leave`: whole days on which an agent is away."""

from __future__ import annotations

from collections.abc import Mapping

from bot.core.allowed_text import code_problem
from bot.core.availability import LeaveEntry
from bot.core.ids import AgentId
from bot.core.import_report import ImportReport, Numbered
from bot.imports.columns import LEAVE
from bot.imports.distinct import distinct_rows
from bot.imports.fields import CellError, parse_date, shown
from bot.imports.reader import Row, read_table

__all__ = ["read_leave"]


def read_leave(
    data: bytes, *, source: str, mapping: Mapping[str, str] | None = None
) -> tuple[list[Numbered[LeaveEntry]], ImportReport]:
    """Check a leave file; both days are inclusive.  Raises RefusedError for the whole file."""
    table = read_table(data, LEAVE, source=source, mapping=mapping)
    rows = distinct_rows(
        table, _entry, key=lambda entry: (entry.agent, entry.first), named=lambda entry: shown(entry.agent)
    )
    return rows.values, rows.report("leave", source, (*table.findings, *rows.repeated))


def _entry(row: Row) -> LeaveEntry:
    agent = AgentId(row["agent"])
    if not agent:
        raise CellError("empty", column="agent")
    first = parse_date("start", row["start"])
    last = parse_date("end", row["end"]) if row.get("end") else first
    if last < first:
        raise CellError("ends_before_start", start=first.isoformat(), end=last.isoformat())
    kind = row.get("kind", "") or "leave"
    # A reason for leave can be private: a short word is enough.
    if code_problem(kind) is not None:
        raise CellError("free_text", column="kind")
    return LeaveEntry(agent=agent, first=first, last=last, kind=kind)
