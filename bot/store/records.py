"""Contact records, numbers and external ids."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.core import privacy
from bot.core.contacts import Contact, ContactType
from bot.core.ids import AgentId, ContactRef
from bot.core.records import ContactRecord, FollowUp, RecordKind, customer_key
from bot.core.satisfaction import Satisfaction, Scale
from bot.store.bulk import batches, insert_new, upsert
from bot.store.contacts import contact_of
from bot.store.keys import Keys
from bot.store.tables import ContactRecordRow, ContactRow, ExternalIdRow, NumberCounterRow

BATCH = 500


class Records:
    def __init__(self, session: Session, keys: Keys) -> None:
        self._session = session
        self._keys = keys

    def get(self, ref: ContactRef) -> ContactRecord | None:
        row = self._session.get(ContactRecordRow, ref, populate_existing=True)
        return None if row is None else _record(row)

    def many(self, refs: Collection[ContactRef]) -> dict[ContactRef, ContactRecord]:
        """The records that exist."""
        found: dict[ContactRef, ContactRecord] = {}
        for part in batches(sorted(refs), BATCH):
            query = select(ContactRecordRow).where(ContactRecordRow.ref.in_(part))
            found |= {ContactRef(row.ref): _record(row) for row in self._session.scalars(query)}
        return found

    def save(self, *records: ContactRecord) -> None:
        """Write records of contacts that exist; the record of a case is replaced."""
        secret = self._keys.customers_or_new()
        upsert(self._session, ContactRecordRow, [_values(r, secret) for r in records], keys=("ref",))

    def of_customer(self, key: str, *, but: ContactRef, limit: int) -> list[ContactRef]:
        """Other cases of the same customer, newest first; ``key``: see `bot.core.records.customer_key`."""
        secret = self._keys.customers()
        if secret is None:
            return []
        kept = privacy.customer_key(key, secret)
        query = (
            select(ContactRecordRow.ref)
            .join(ContactRow, ContactRow.ref == ContactRecordRow.ref)
            .where(ContactRecordRow.customer_key == kept, ContactRecordRow.ref != but)
            .order_by(ContactRow.opened_at.desc())
            .limit(limit)
        )
        return [ContactRef(ref) for ref in self._session.scalars(query)]

    def finished(self, start: datetime | None, end: datetime | None) -> list[tuple[Contact, ContactRecord]]:
        """Finished records with their contacts, of cases opened in [start, end), oldest first."""
        query = (
            select(ContactRow, ContactRecordRow)
            .join(ContactRecordRow, ContactRecordRow.ref == ContactRow.ref)
            .where(ContactRecordRow.complete.is_(True))
            .order_by(ContactRow.opened_at, ContactRow.ref)
        )
        if start is not None:
            query = query.where(ContactRow.opened_at >= start)
        if end is not None:
            query = query.where(ContactRow.opened_at < end)
        return [(contact_of(c), _record(r)) for c, r in self._session.execute(query)]

    def next_number(self, name: str, scope: str) -> int:
        """The next count of a scope; no two callers, on any replica, get the same one."""
        table = NumberCounterRow.__table__
        assert isinstance(table, Table)
        dialect = self._session.get_bind().dialect.name
        insert: Any = (postgresql if dialect == "postgresql" else sqlite).insert(table)
        statement = (
            insert.values(name=name, scope=scope, last=1)
            .on_conflict_do_update(index_elements=["name", "scope"], set_={"last": table.c.last + 1})
            .returning(table.c.last)
        )
        return int(self._session.execute(statement).scalar_one())

    def link(self, source: str, external_id: str, ref: ContactRef, *, by: str, now: datetime) -> ContactRef:
        """Give a case another system's name for it; returns the case that has the name, ours or another."""
        row = {
            "source": source,
            "external_id": external_id,
            "ref": ref,
            "linked_by": by,
            "linked_at": now,
        }
        insert_new(self._session, ExternalIdRow, [row], keys=("source", "external_id"), returning="ref")
        held = self._session.get(ExternalIdRow, (source, external_id), populate_existing=True)
        return ref if held is None else ContactRef(held.ref)

    def move_links(self, of: ContactRef, to: ContactRef) -> None:
        """Every name of one case becomes a name of another."""
        for row in self._session.scalars(select(ExternalIdRow).where(ExternalIdRow.ref == of)):
            row.ref = to
        self._session.flush()

    def links_of(self, ref: ContactRef) -> list[tuple[str, str]]:
        """(source, external id) of a case."""
        query = select(ExternalIdRow.source, ExternalIdRow.external_id).where(ExternalIdRow.ref == ref)
        return sorted((source, external) for source, external in self._session.execute(query))

    def resolve(self, refs: Collection[ContactRef]) -> dict[ContactRef, ContactRef]:
        """The case behind each name that was linked to one; names nobody linked are absent."""
        found: dict[ContactRef, ContactRef] = {}
        by_source: dict[str, dict[str, ContactRef]] = {}
        for ref in refs:
            source, external = split_name(ref)
            by_source.setdefault(source, {})[external] = ref
        for source, names in sorted(by_source.items()):
            for part in batches(sorted(names), BATCH):
                query = select(ExternalIdRow.external_id, ExternalIdRow.ref).where(
                    ExternalIdRow.source == source, ExternalIdRow.external_id.in_(part)
                )
                for external, own in self._session.execute(query):
                    if names[external] != own:
                        found[names[external]] = ContactRef(own)
        return found


def split_name(ref: str) -> tuple[str, str]:
    """(source, external id) of a case as a connector writes it.

    >>> split_name("zendesk:1001"), split_name("GD20261124001")
    (('zendesk', '1001'), ('', 'GD20261124001'))
    """
    source, colon, external = ref.partition(":")
    return (source, external) if colon else ("", ref)


def _record(row: ContactRecordRow) -> ContactRecord:
    satisfaction = None
    if row.satisfaction_scale is not None and row.satisfaction_value is not None:
        satisfaction = Satisfaction(scale=Scale(row.satisfaction_scale), value=row.satisfaction_value)
    follow_up = None
    if row.follow_up_owner is not None and row.follow_up_at is not None:
        follow_up = FollowUp(
            owner=AgentId(row.follow_up_owner), due_at=row.follow_up_at, text=row.follow_up_text
        )
    return ContactRecord(
        ref=ContactRef(row.ref),
        recorded_by=row.recorded_by,
        recorded_at=row.recorded_at,
        complete=row.complete,
        type=ContactType(row.type),
        kind=RecordKind(row.kind),
        customer_no=row.customer_no,
        customer_label=row.customer_label,
        contact_digits=row.contact_digits,
        order_no=row.order_no,
        description=row.description,
        solution=row.solution,
        result=row.result,
        outcome=row.outcome,
        compensation=row.compensation,
        satisfaction=satisfaction,
        satisfaction_reason=row.satisfaction_reason,
        follow_up=follow_up,
        remarks=row.remarks,
        cross_department=row.cross_department,
        confirmed=row.confirmed,
        verified=row.verified,
    )


def _values(record: ContactRecord, secret: bytes) -> dict[str, Any]:
    key = customer_key(record)
    satisfaction, follow_up = record.satisfaction, record.follow_up
    return {
        "ref": record.ref,
        "recorded_by": record.recorded_by,
        "recorded_at": record.recorded_at,
        "complete": record.complete,
        "type": record.type.value,
        "kind": record.kind.value,
        "customer_key": None if key is None else privacy.customer_key(key, secret),
        "customer_no": record.customer_no,
        "customer_label": record.customer_label,
        "contact_digits": record.contact_digits,
        "order_no": record.order_no,
        "description": record.description,
        "solution": record.solution,
        "result": record.result,
        "outcome": record.outcome,
        "compensation": record.compensation,
        "satisfaction_scale": None if satisfaction is None else satisfaction.scale.value,
        "satisfaction_value": None if satisfaction is None else satisfaction.value,
        "satisfaction_reason": record.satisfaction_reason,
        "follow_up_owner": None if follow_up is None else follow_up.owner,
        "follow_up_at": None if follow_up is None else follow_up.due_at,
        "follow_up_text": "" if follow_up is None else follow_up.text,
        "remarks": record.remarks,
        "cross_department": record.cross_department,
        "confirmed": record.confirmed,
        "verified": record.verified,
    }
