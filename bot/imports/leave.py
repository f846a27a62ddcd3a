"""`leave`: whole days on which an agent is away."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from bot.core.allowed_text import code_problem
from bot.core.availability import LeaveEntry
from bot.core.ids import AgentId
from bot.core.import_report import ImportReport, Numbered, RefusedRow
from bot.imports.columns import LEAVE
from bot.imports.fields import CellError, parse_date, shown
from bot.imports.reader import Row, read_table
from bot.imports.repeated import repeated_rows

__all__ = ["read_leave"]


def read_leave(
    data: bytes, *, source: str, mapping: Mapping[str, str] | None = None
) -> tuple[list[Numbered[LeaveEntry]], ImportReport]:
    """Check a leave file; both days are inclusive.  Raises RefusedError for the whole file."""
    table = read_table(data, LEAVE, source=source, mapping=mapping)
    found: dict[tuple[AgentId, date], Numbered[LeaveEntry]] = {}
    refused: list[RefusedRow] = []
    repeated: list[int] = []
    read = 0
    for row in table.rows():
        read += 1
        if isinstance(row, RefusedRow):
            refused.append(row)
            continue
        try:
            entry = _entry(row.value)
            before = found.get((entry.agent, entry.first))
            if before is not None and before.value != entry:
                raise CellError("contradicts_line", line=before.line, value=shown(entry.agent))
        except CellError as error:
            refused.append(RefusedRow(line=row.line, reason=error.reason, data=error.data))
            continue
        if before is not None:
            repeated.append(row.line)
        found.setdefault((entry.agent, entry.first), Numbered(line=row.line, value=entry))
    findings = list(table.findings)
    findings += repeated_rows(repeated)
    report = ImportReport(
        kind="leave", source=source, read=read, refused=tuple(refused), findings=tuple(findings)
    )
    return list(found.values()), report


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
