"""`contacts`: a history of cases, one row each.  Only the documented columns are read, and none holds
a customer's name, number or text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar
from zoneinfo import ZoneInfo

from bot.core.contacts import Contact, ContactStatus, ContactType, Priority
from bot.core.ids import AgentId, ContactRef, QueueId
from bot.core.import_report import Finding, ImportReport, Numbered, RefusedRow
from bot.core.queues import Channel
from bot.core.settings import Settings
from bot.imports.columns import CONTACTS
from bot.imports.fields import CellError, Instant, parse_instant, parse_number, shown
from bot.imports.reader import Row, read_table
from bot.imports.volumes import known_queue, named_zone, the_queue

__all__ = ["read_contacts"]

E = TypeVar("E", bound=Enum)

CHANNELS = {"电话": Channel.PHONE, "call": Channel.PHONE, "voice": Channel.PHONE, "在线": Channel.CHAT,
            "聊天": Channel.CHAT, "im": Channel.CHAT, "邮件": Channel.EMAIL, "mail": Channel.EMAIL,
            "e-mail": Channel.EMAIL}  # fmt: skip
TYPES = {"咨询": ContactType.CONSULT, "inquiry": ContactType.CONSULT, "question": ContactType.CONSULT,
         "订单": ContactType.ORDER, "售后": ContactType.AFTER_SALES, "after-sales": ContactType.AFTER_SALES,
         "投诉": ContactType.COMPLAINT, "紧急": ContactType.URGENT, "建议": ContactType.SUGGESTION,
         "其他": ContactType.OTHER, "其它": ContactType.OTHER}  # fmt: skip
PRIORITIES = {"紧急": Priority.URGENT, "critical": Priority.URGENT, "p1": Priority.URGENT,
              "高": Priority.HIGH, "p2": Priority.HIGH, "中": Priority.MEDIUM, "normal": Priority.MEDIUM,
              "p3": Priority.MEDIUM, "普通": Priority.MEDIUM,
              "低": Priority.LOW, "p4": Priority.LOW}  # fmt: skip

_REF = re.compile(r"[\w.:#/\-]{1,64}")
_CODE = re.compile(r"[^\W\d_][\w \-]{0,39}")
_LONG_NUMBER = re.compile(r"\d{7,}")


@dataclass(slots=True)
class _Seen:
    assumed: int = 0
    ambiguous: int = 0
    repeated: int = 0


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
    found: dict[ContactRef, Numbered[Contact]] = {}
    refused: list[RefusedRow] = []
    seen = _Seen()
    read = 0
    for row in table.rows():
        read += 1
        if isinstance(row, RefusedRow):
            refused.append(row)
            continue
        try:
            contact = _contact(row.value, settings, default, tz, seen)
            before = found.get(contact.ref)
            if before is not None and before.value != contact:
                raise CellError("contradicts_line", line=before.line, value=contact.ref)
        except CellError as error:
            refused.append(RefusedRow(line=row.line, reason=error.reason, data=error.data))
            continue
        if before is None:
            found[contact.ref] = Numbered(line=row.line, value=contact)
        else:
            seen.repeated += 1
    findings = list(table.findings)
    if seen.assumed:
        findings.append(Finding(code="zone_assumed", data={"zone": str(tz), "rows": seen.assumed}))
    if seen.ambiguous:
        findings.append(Finding(code="hour_twice", data={"zone": str(tz), "rows": seen.ambiguous}))
    if seen.repeated:
        findings.append(Finding(code="rows_repeated", data={"rows": seen.repeated, "lines": "-"}))
    report = ImportReport(
        kind="contacts", source=source, read=read, refused=tuple(refused), findings=tuple(findings)
    )
    return list(found.values()), report


def _contact(row: Row, settings: Settings, default: QueueId | None, tz: ZoneInfo, seen: _Seen) -> Contact:
    ref = row["contact"]
    if not ref:
        raise CellError("empty", column="contact")
    if not _REF.fullmatch(ref):
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
            raise CellError("before_arrival", column=column, value=shown(row[column]))
    if answered is not None and resolved is not None and resolved.at < answered.at:
        raise CellError("resolved_before_answered", value=shown(row["resolved"]))
    outcome = _code(row, "outcome") or None
    handle = row.get("handle_seconds", "")
    seconds = parse_number("handle_seconds", handle) if handle else None
    # Counted last: only a row that is taken counts.
    seen.assumed += arrived.assumed
    seen.ambiguous += arrived.ambiguous
    return Contact(
        ref=ContactRef(ref),
        queue=queue.queue,
        channel=_member(row, "channel", Channel, CHANNELS) or queue.channel,
        type=_member(row, "type", ContactType, TYPES) or ContactType.OTHER,
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
    text = row.get(column, "").strip().lower()
    if not text:
        return None
    if text in aliases:
        return aliases[text]
    for member in kind:
        if member.value == text.replace(" ", "_").replace("-", "_"):
            return member
    raise CellError(
        "unknown_value", column=column, value=shown(text), allowed=", ".join(str(m.value) for m in kind)
    )


def _code(row: Row, column: str) -> str:
    """A short code; free text could be about a person and is not stored."""
    text = row.get(column, "")
    if text and (not _CODE.fullmatch(text) or _LONG_NUMBER.search(text)):
        raise CellError("free_text", column=column)
    return text
