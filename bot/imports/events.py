"""`events`: what is known about single days of queues."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.core.allowed_text import code_problem
from bot.core.import_report import Finding, ImportReport, Numbered
from bot.core.privacy import findings
from bot.core.queue_events import NAME_LENGTH, NATURES, QueueEvent, read_lift, read_nature, same_event
from bot.core.settings import Settings
from bot.imports.columns import EVENTS
from bot.imports.distinct import distinct_rows
from bot.imports.fields import CellError, parse_date, parse_number, shown
from bot.imports.reader import Row, read_table
from bot.imports.volumes import known_queue
from forecasting.events import MAX_LEAD_TAIL_DAYS, OPEN_END, DatedEvent, EventNature

__all__ = ["read_events"]


def read_events(
    data: bytes,
    *,
    source: str,
    settings: Settings,
    by: str,
    now: datetime,
    mapping: Mapping[str, str] | None = None,
) -> tuple[list[Numbered[QueueEvent]], ImportReport]:
    """Check a list of dated events; both days are inclusive, an empty end is the start.

    A deflection without an end stays.  An empty queue is every queue.  Raises RefusedError for the
    whole file.
    """
    table = read_table(data, EVENTS, source=source, mapping=mapping)
    guessed: dict[str, EventNature] = {}

    def entry(row: Row) -> QueueEvent:
        queue = known_queue(row["queue"], settings.queues) if row.get("queue") else None
        return QueueEvent(queue=queue, event=_event(row), added_by=by, added_at=now)

    def admit(row: Numbered[Row], held: QueueEvent) -> None:
        if not row.value.get("nature"):
            guessed[held.event.kind] = held.event.nature

    rows = distinct_rows(
        table,
        entry,
        key=lambda held: held.key,
        named=lambda held: held.event.kind,
        same=same_event,
        admit=admit,
    )
    natures = (
        Finding(code="nature_of_kind", data={"kind": kind, "nature": nature.value})
        for kind, nature in sorted(guessed.items())
    )
    return rows.values, rows.report("events", source, (*table.findings, *rows.repeated, *natures))


def _event(row: Row) -> DatedEvent:
    kind = row["kind"]
    if not kind:
        raise CellError("empty", column="kind")
    if code_problem(kind) is not None:
        raise CellError("free_text", column="kind")
    nature = read_nature(row.get("nature", ""), kind)
    if nature is None:
        raise CellError("unknown_nature", value=shown(row["nature"]), natures=", ".join(NATURES))
    first = parse_date("start", row["start"])
    without_end = OPEN_END if nature is EventNature.DEFLECTION else first
    last = parse_date("end", row["end"]) if row.get("end") else without_end
    if last < first:
        raise CellError("ends_before_start", start=first.isoformat(), end=last.isoformat())
    lift = read_lift(row["lift"]) if row.get("lift") else None
    if row.get("lift") and lift is None:
        raise CellError("bad_lift", value=shown(row["lift"]))
    size = parse_number("size", row["size"]) if row.get("size") else 1.0
    if size <= 0:
        raise CellError("bad_size", value=shown(row["size"]))
    return DatedEvent(
        kind=kind,
        first_day=first,
        last_day=last,
        name=_name(row.get("name", "")),
        size=size,
        nature=nature,
        lift=lift,
        lead_days=_ramp("lead_days", row),
        tail_days=_ramp("tail_days", row),
    )


def _name(text: str) -> str:
    """Words of the staff; what looks like the data of a person is refused and not repeated."""
    if findings(text):
        raise CellError("personal_name", column="name")
    return text[:NAME_LENGTH]


def _ramp(column: str, row: Row) -> int:
    text = row.get(column, "")
    days = parse_number(column, text) if text else 0.0
    if days != int(days) or days > MAX_LEAD_TAIL_DAYS:
        raise CellError("bad_ramp", column=column, value=shown(text), most=MAX_LEAD_TAIL_DAYS)
    return int(days)
