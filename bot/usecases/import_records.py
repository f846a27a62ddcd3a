"""Bring records in that were written elsewhere, or by hand while the system was down (CR17)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Protocol

from bot.core.case_history import events_of
from bot.core.changes import ChangeCounts
from bot.core.contacts import CLOSED, Contact, ContactEvent
from bot.core.ids import AgentId, ContactRef
from bot.core.import_report import Finding, ImportReport, Numbered, RefusedRow
from bot.core.record_tables import RecordTable, cells
from bot.core.records import ContactRecord
from bot.core.settings import Settings
from bot.store.unit_of_work import Store
from bot.usecases import intake
from bot.usecases.import_data import import_contacts
from bot.usecases.promise import follow_up

__all__ = ["OFFLINE", "RecordLine", "import_records"]

OFFLINE = "offline"
"""The source of events that a file of records tells with ``live``."""
BATCH = 200

_RECORD_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "customer": ("customer_label",),
    "digits": ("contact_digits",),
    "who": ("order_no", "contact_digits"),
    "customer_no": ("customer_no",),
    "order_no": ("order_no",),
    "type": ("type",),
    "description": ("description",),
    "solution": ("solution",),
    "result": ("result",),
    "satisfaction": ("satisfaction", "satisfaction_reason"),
    "follow_up": ("follow_up",),
    "follow_up_owner": ("follow_up",),
    "follow_up_at": ("follow_up",),
    "remarks": ("remarks",),
}
_CONTACT_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "date": ("opened_at",),
    "time": ("opened_at",),
    "arrived": ("opened_at",),
    "answered": ("responded_at",),
    "resolved": ("resolved_at", "status"),
    "type": ("type",),
    "tier": ("tier",),
    "channel": ("channel",),
    "agent": ("agent",),
}
"""What a column of a table says of a record and of a case."""


class RecordLine(Protocol):
    """A row that was read: its cells, and what they make."""

    @property
    def cells(self) -> Mapping[str, str]: ...
    @property
    def contact(self) -> Contact: ...
    @property
    def record(self) -> ContactRecord: ...


def import_records(
    store: Store,
    settings: Settings,
    table: RecordTable,
    rows: Sequence[Numbered[RecordLine]],
    report: ImportReport,
    *,
    live: bool,
    by: str,
    now: datetime,
) -> ImportReport:
    """Keep records with their cases.

    A case that is known changes only where its row says something else than the table would say of it now,
    so an exported table comes in without a change.  Cases that live events speak of keep their times.  With
    ``live`` open cases that are new start their clocks from the times of the file (CR17); without it, and
    for what is solved, the file is history.
    """
    refs = [row.value.contact.ref for row in rows]
    with store.read() as uow:
        known = frozenset(a.agent for a in uow.people.all(active=False))
        held, records = uow.contacts.many(refs), uow.records.many(refs)
        told = uow.contacts.event_counts(refs)
    contacts: list[Numbered[Contact]] = []
    kept: list[ContactRecord] = []
    events: list[ContactEvent] = []
    counts = ChangeCounts()
    for row in rows:
        contact, record = row.value.contact, _own(row.value.record, known)
        ref = contact.ref
        before, filled = held.get(ref), records.get(ref)
        if before is not None and filled is not None:
            changed = _changed(table, row.value.cells, before, filled, settings.zone)
            said = _names(changed, _CONTACT_FIELDS)
            contact = replace(before, **{name: getattr(contact, name) for name in said})
            said = _names(changed, _RECORD_FIELDS)
            record = replace(filled, **{name: getattr(record, name) for name in said})
        elif before is not None:
            contact = before
        if filled is None:
            counts += ChangeCounts(new=1)
        else:
            counts += ChangeCounts(changed=record != filled, unchanged=record == filled)
        if record != filled:
            kept.append(record)
        if live and before is None and contact.status not in CLOSED:
            events += _events(contact, known)
        elif ref not in told:
            contacts.append(Numbered(line=row.line, value=contact))
    refused = _open(store, settings, events, rows, now)
    lost = {r.ref for r in refused}
    done = import_contacts(store, settings, contacts, report)
    fresh = frozenset(e.ref for e in events) - lost
    _keep(store, settings, [r for r in kept if r.ref not in lost], fresh, table, counts, by, now)
    finding = Finding(
        code="records_kept",
        data={"new": counts.new, "changed": counts.changed, "unchanged": counts.unchanged},
    )
    opened = len(fresh)
    findings = (finding, Finding(code="records_opened", data={"cases": opened})) if opened else (finding,)
    return done.with_outcome(done.counts + ChangeCounts(new=opened), tuple(r.row for r in refused), findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lost:
    """A case whose events were refused, and the row it came from."""

    ref: ContactRef
    row: RefusedRow


def _changed(
    table: RecordTable,
    row: Mapping[str, str],
    contact: Contact,
    record: ContactRecord,
    zone: str,
) -> frozenset[str]:
    """The columns in which a row says something else than the table would."""
    shown = dict(zip((f for f, _ in table.columns), cells(table, contact, record, zone), strict=True))
    return frozenset(f for f, text in shown.items() if f in row and row[f] != text.removeprefix("'"))


def _names(changed: frozenset[str], fields: Mapping[str, tuple[str, ...]]) -> set[str]:
    return {name for column in changed for name in fields.get(column, ())}


def _own(record: ContactRecord, known: frozenset[AgentId]) -> ContactRecord:
    """Without agents nobody knows: such a cell might hold anything, a customer's name too."""
    if AgentId(record.recorded_by) not in known:
        record = replace(record, recorded_by="import")
    if record.follow_up is not None and record.follow_up.owner not in known:
        record = replace(record, follow_up=None)
    return record


def _events(contact: Contact, known: frozenset[AgentId]) -> list[ContactEvent]:
    own = contact if contact.agent in known else replace(contact, agent=None)
    return [replace(event, source=OFFLINE) for event in events_of(own)]


def _open(
    store: Store,
    settings: Settings,
    events: Sequence[ContactEvent],
    rows: Sequence[Numbered[RecordLine]],
    now: datetime,
) -> list[_Lost]:
    """Tell the events of open cases; what is refused (a time in the future) is named by its line."""
    lines = {row.value.contact.ref: row.line for row in rows}
    lost: dict[ContactRef, _Lost] = {}
    for start in range(0, len(events), BATCH):
        part = events[start : start + BATCH]
        result = intake.record(store, settings, part, now=now)
        for index, kind, _ in result.refused:
            ref = part[index].ref
            lost.setdefault(ref, _Lost(ref=ref, row=RefusedRow(line=lines[ref], reason=f"record_{kind}")))
    return list(lost.values())


def _keep(
    store: Store,
    settings: Settings,
    records: Sequence[ContactRecord],
    fresh: frozenset[ContactRef],
    table: RecordTable,
    counts: ChangeCounts,
    by: str,
    now: datetime,
) -> None:
    with store.unit() as uow:
        present = uow.contacts.many([r.ref for r in records])
        for start in range(0, len(records), BATCH):
            uow.records.save(*(r for r in records[start : start + BATCH] if r.ref in present))
        for record in records:
            if record.ref in fresh and record.ref in present:
                # Opened just now: what is to follow is owed, and told if its time has passed already.
                follow_up(uow, settings, present[record.ref], record.follow_up, by=by, now=now)
        detail = {
            "form": table.name,
            "new": counts.new,
            "changed": counts.changed,
            "unchanged": counts.unchanged,
        }
        uow.audit.add(by, "records_imported", f"import:{table.name}", detail, now)
        uow.commit()
