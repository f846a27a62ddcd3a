"""`availability`: weekly hours and single dates on which an agent can work."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time

from bot.core.availability import AvailabilityEntry
from bot.core.ids import AgentId
from bot.core.import_report import ImportReport, Numbered, RefusedRow
from bot.imports.columns import AVAILABILITY
from bot.imports.fields import CellError, parse_date, parse_time, parse_weekdays, shown
from bot.imports.reader import Row, read_table
from bot.imports.repeated import repeated_rows

__all__ = ["read_availability"]


def read_availability(
    data: bytes, *, source: str, mapping: Mapping[str, str] | None = None
) -> tuple[list[Numbered[AvailabilityEntry]], ImportReport]:
    """Check an availability file; times are local to the agent.  Raises RefusedError for the whole file."""
    table = read_table(data, AVAILABILITY, source=source, mapping=mapping)
    found: dict[AvailabilityEntry, Numbered[AvailabilityEntry]] = {}
    refused: list[RefusedRow] = []
    repeated: list[int] = []
    read = 0
    for row in table.rows():
        read += 1
        if isinstance(row, RefusedRow):
            refused.append(row)
            continue
        try:
            entries = _entries(row.value)
        except CellError as error:
            refused.append(RefusedRow(line=row.line, reason=error.reason, data=error.data))
            continue
        if all(e in found for e in entries):
            repeated.append(row.line)
        for entry in entries:
            found.setdefault(entry, Numbered(line=row.line, value=entry))
    findings = list(table.findings)
    findings += repeated_rows(repeated)
    report = ImportReport(
        kind="availability", source=source, read=read, refused=tuple(refused), findings=tuple(findings)
    )
    return list(found.values()), report


def _entries(row: Row) -> list[AvailabilityEntry]:
    agent = AgentId(row["agent"])
    if not agent:
        raise CellError("empty", column="agent")
    start, end = parse_time("start", row["start"]), parse_time("end", row["end"], end=True)
    if end <= start and end != time(0):
        raise CellError("ends_before_start", start=shown(row["start"]), end=shown(row["end"]))
    text = row["weekday_or_date"]
    weekdays = parse_weekdays(text)
    if weekdays is not None:
        return [AvailabilityEntry(agent=agent, weekday=w, start=start, end=end) for w in weekdays]
    try:
        day = parse_date("weekday_or_date", text)
    except CellError:
        raise CellError("not_a_weekday_or_date", value=shown(text)) from None
    return [AvailabilityEntry(agent=agent, day=day, start=start, end=end)]
