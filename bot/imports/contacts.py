"""`contacts`: a history of cases, one row each.  Only the documented columns are read, and none holds
a customer's name, number or text."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar
from zoneinfo import ZoneInfo

from bot.core.allowed_text import TextProblem, code_problem, reference_problem
from bot.core.contacts import Contact, ContactStatus, ContactType, Priority
from bot.core.ids import AgentId, ContactRef, QueueId
from bot.core.import_report import ImportReport, Numbered
from bot.core.queues import Channel
from bot.core.settings import Settings
from bot.core.source_words import CHANNELS, CONTACT_TYPES, PRIORITIES, meant
from bot.imports.clock_changes import ClockNotes
from bot.imports.columns import CONTACTS
from bot.imports.distinct import distinct_rows
from bot.imports.fields import CellError, Instant, parse_instant, parse_number
from bot.imports.reader import Row, read_table
from bot.imports.volumes import known_queue, named_zone, the_queue

__all__ = ["read_contacts"]

E = TypeVar("E", bound=Enum)


def read_contacts(
    data: bytes,
    *,
    source: str,
    settings: Settings,
    queue: str | None = None,
    zone: str | None = None,
    mapping: Mapping[str, str] | None = None,
) -> tuple[list[Numbered[Contact]], ImportReport]:
    """Check a contacts file.  Raises RefusedError where the file as a whole cannot be used.

    A row without a queue takes ``queue`` or the only one; channel and type default to the queue's channel
    and `other`, priority to medium.
    """
    table = read_table(data, CONTACTS, source=source, mapping=mapping)
    default = the_queue(settings, queue, required="queue" not in table.columns)
    tz = named_zone(zone or settings.zone)
    clock_notes = ClockNotes(tz)
    rows = distinct_rows(
        table,
        lambda row: _contact(row, settings, default, tz, clock_notes),
        key=lambda contact: contact.ref,
        named=None,
        unsaid=True,
    )
    findings = (*table.findings, *clock_notes.findings(), *rows.repeated)
    return rows.values, rows.report("contacts", source, findings)


def _contact(
    row: Row, settings: Settings, default: QueueId | None, tz: ZoneInfo, clock_notes: ClockNotes
) -> Contact:
    ref = row["contact"]
    if not ref:
        raise CellError("empty", column="contact")
    problem = reference_problem(ref)
    if problem is TextProblem.PERSONAL_NUMBER:
        raise CellError("personal_number", column="contact")
    if problem is not None:
        raise CellError("not_a_reference", column="contact")
    name = row.get("queue", "")
    if not name and default is None:
        raise CellError("empty", column="queue")
    queue = settings.queues[known_queue(name, settings.queues) if name else (default or QueueId(""))]
    # Counted once per row, in whichever cell; the arrival decides the interval it is counted in.
    arrived = _instant(row, "arrived", tz)
    if arrived is None:
        raise CellError("empty", column="arrived")
    answered, resolved = _instant(row, "answered", tz), _instant(row, "resolved", tz)
    for column, later in (("answered", answered), ("resolved", resolved)):
        if later is not None and later.at < arrived.at:
            raise CellError("before_arrival", column=column)
    if answered is not None and resolved is not None and resolved.at < answered.at:
        raise CellError("resolved_before_answered")
    outcome = _code(row, "outcome") or None
    handle = row.get("handle_seconds", "")
    seconds = parse_number("handle_seconds", handle) if handle else None
    contact = Contact(
        ref=ContactRef(ref),
        queue=queue.queue,
        channel=_member(row, "channel", Channel, CHANNELS) or queue.channel,
        type=_member(row, "type", ContactType, CONTACT_TYPES) or ContactType.OTHER,
        priority=_member(row, "priority", Priority, PRIORITIES) or Priority.MEDIUM,
        tier=_code(row, "tier") or "standard",
        status=_status(answered, resolved, outcome),
        opened_at=arrived.at,
        responded_at=None if answered is None else answered.at,
        resolved_at=None if resolved is None else resolved.at,
        agent=AgentId(row["agent"]) if row.get("agent") else None,
        outcome=outcome,
        handle_seconds=seconds,
        source="file",
    )
    # Counted last: only a row that is taken counts.
    clock_notes.note(arrived)
    return contact


def _status(answered: Instant | None, resolved: Instant | None, outcome: str | None) -> ContactStatus:
    if resolved is not None:
        return ContactStatus.SOLVED
    if outcome is not None:
        return ContactStatus.ARCHIVED
    return ContactStatus.NEW if answered is None else ContactStatus.RESPONDED


def _instant(row: Row, column: str, tz: ZoneInfo) -> Instant | None:
    text = row.get(column, "")
    return parse_instant(column, text, tz) if text else None


def _member(row: Row, column: str, kind: type[E], aliases: Mapping[str, E]) -> E | None:
    text = row.get(column, "")
    if not text:
        return None
    member = meant(text, kind, aliases)
    if member is None:
        raise CellError("unknown_value", column=column, allowed=", ".join(str(m.value) for m in kind))
    return member


def _code(row: Row, column: str) -> str:
    """A short code; free text could be about a person and is not stored."""
    text = row.get(column, "")
    if text and code_problem(text) is not None:
        raise CellError("free_text", column=column)
    return text
