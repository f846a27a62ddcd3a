"""Records out as one of the sources' own tables (CR18), noted in the audit trail."""

from __future__ import annotations

from datetime import datetime

from bot.core.record_tables import RecordTable, cells
from bot.core.settings import Settings
from bot.store.unit_of_work import Store

__all__ = ["export_records"]


def export_records(
    store: Store,
    settings: Settings,
    table: RecordTable,
    *,
    start: datetime | None,
    end: datetime | None,
    by: str,
    now: datetime,
) -> list[tuple[str, ...]]:
    """The rows of every finished record of a case opened in [start, end), oldest first."""
    with store.unit() as uow:
        found = uow.records.finished(start, end)
        rows = [cells(table, contact, record, settings.zone) for contact, record in found]
        detail = {
            "form": table.name,
            "rows": len(rows),
            "from": None if start is None else start.isoformat(),
            "to": None if end is None else end.isoformat(),
        }
        uow.audit.add(by, "records_exported", f"export:{table.name}", detail, now)
        uow.commit()
    return rows
