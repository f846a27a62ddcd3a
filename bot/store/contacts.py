"""Contacts and the events that made them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    and_,
    case,
    delete,
    exists,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from bot.core.changes import ChangeCounts
from bot.core.contacts import (
    Contact,
    ContactEvent,
    ContactStatus,
    ContactType,
    EventKind,
    Priority,
    WaitingFor,
)
from bot.core.ids import AgentId, ContactRef, QueueId
from bot.core.promises import PromiseKind
from bot.core.queues import Channel
from bot.core.sla import ClockState
from bot.store.bulk import batches, insert_new_rows, upsert
from bot.store.tables import ContactEventRow, ContactRow, PromiseRow, SlaClockRow

BATCH = 500
# Columns, not mapped objects: they cost a third, and nothing here is changed through them.
_CONTACTS = select(ContactRow.__table__)
_EVENTS = select(ContactEventRow.__table__)
CLOSED = (ContactStatus.SOLVED.value, ContactStatus.ARCHIVED.value)


_OWNERLESS = literal_column(
    "contacts.agent IS NULL AND contacts.owner_asked_at IS NULL "
    "AND contacts.status NOT IN ('solved', 'archived')",
    Boolean,
)
"""As the partial index says it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OverdueContact:
    """An open contact with a promise already broken: ``due_at`` of the earliest one still running."""

    contact: Contact
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TouchedContact:
    """Where and when a contact was opened, and by whom we know of it."""

    queue: QueueId
    opened_at: datetime
    source: str


class Contacts:
    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, ref: ContactRef) -> Contact | None:
        row = self._session.scalar(select(ContactRow).where(ContactRow.ref == ref))
        return None if row is None else _contact(row)

    def many(self, refs: Collection[ContactRef]) -> dict[ContactRef, Contact]:
        """The contacts that exist."""
        found: dict[ContactRef, Contact] = {}
        for part in batches(sorted(refs), BATCH):
            for row in self._session.execute(_CONTACTS.where(ContactRow.ref.in_(part))):
                found[ContactRef(row.ref)] = _contact(row)
        return found

    def for_update(self, refs: Collection[ContactRef]) -> dict[ContactRef, Contact]:
        """The contacts that exist, locked until the end of the unit, in one order whoever asks.

        Rows that only refer to them (an alert being opened) may still be written by others.
        """
        found: dict[ContactRef, Contact] = {}
        for part in batches(sorted(refs), BATCH):
            query = _CONTACTS.where(ContactRow.ref.in_(part)).order_by(ContactRow.ref)
            for row in self._session.execute(query.with_for_update(key_share=True)):
                found[ContactRef(row.ref)] = _contact(row)
        return found

    def save(self, contacts: Iterable[Contact]) -> None:
        """Write contacts, new or known."""
        upsert(self._session, ContactRow, (_values(c) for c in contacts), keys=("ref",))

    def add_event(self, event: ContactEvent, now: datetime) -> bool:
        """Keep an event; False where this source has told it before."""
        return bool(self.add_events([event], now))

    def add_events(self, events: Sequence[ContactEvent], now: datetime) -> set[tuple[str, str]]:
        """Keep events; returns (source, source_event_id) of those not told before."""
        rows = [_event_values(e, now) for e in events]
        keys = ("source", "source_event_id")
        return {
            (source, event)
            for source, event in insert_new_rows(
                self._session, ContactEventRow, rows, keys=keys, returning=keys
            )
        }

    def forget_event(self, source: str, source_event_id: str) -> None:
        """Take back an event that was refused."""
        self._session.execute(
            delete(ContactEventRow).where(
                ContactEventRow.source == source, ContactEventRow.source_event_id == source_event_id
            )
        )

    def events(self, refs: Collection[ContactRef]) -> dict[ContactRef, list[ContactEvent]]:
        """Every event kept of these contacts, in order of arrival."""
        found: dict[ContactRef, list[ContactEvent]] = {}
        for part in batches(sorted(refs), BATCH):
            query = _EVENTS.where(ContactEventRow.ref.in_(part)).order_by(ContactEventRow.id)
            for row in self._session.execute(query):
                found.setdefault(ContactRef(row.ref), []).append(_event(row))
        return found

    def event_counts(self, refs: Collection[ContactRef]) -> dict[ContactRef, int]:
        found: dict[ContactRef, int] = {}
        for part in batches(sorted(refs), BATCH):
            query = (
                select(ContactEventRow.ref, func.count())
                .where(ContactEventRow.ref.in_(part))
                .group_by(ContactEventRow.ref)
            )
            found |= {ContactRef(ref): count for ref, count in self._session.execute(query)}
        return found

    def open_overdue(
        self, queues: Collection[QueueId], now: datetime, limit: int
    ) -> tuple[list[OverdueContact], int]:
        """Open contacts with a running promise already due, longest overdue first, and how many there are."""
        overdue = _overdue(queues, now)
        joined = select(ContactRow.id, func.min(SlaClockRow.due_at).label("due_at")).join(
            SlaClockRow, SlaClockRow.contact_id == ContactRow.id
        )
        part = joined.where(*overdue).group_by(ContactRow.id).subquery()
        total = self._session.scalar(select(func.count()).select_from(part)) or 0
        query = (
            select(ContactRow, part.c.due_at)
            .join(part, part.c.id == ContactRow.id)
            .order_by(part.c.due_at, ContactRow.ref)
            .limit(limit)
        )
        return [OverdueContact(contact=_contact(c), due_at=d) for c, d in self._session.execute(query)], total

    def open_of(
        self, agent: AgentId, queues: Collection[QueueId], since: datetime, limit: int
    ) -> list[Contact]:
        """Open contacts of an agent that came into these queues since an instant, the newest first.

        A complaint about the agent is none of theirs, whoever gave it to them (ES7).
        """
        query = (
            select(ContactRow)
            .where(
                ContactRow.queue.in_(sorted(queues)),
                ContactRow.opened_at >= since,
                ContactRow.agent == agent,
                ContactRow.complained_about.is_distinct_from(agent),
                ContactRow.status.not_in(CLOSED),
            )
            .order_by(ContactRow.opened_at.desc(), ContactRow.ref)
            .limit(limit)
        )
        return [_contact(row) for row in self._session.scalars(query)]

    def types_of(self, agent: AgentId, start: datetime, end: datetime) -> dict[str, int]:
        """Contacts an agent answered or solved in [start, end), by type.

        A complaint about the agent is none of theirs (ES7).
        """
        answered = and_(ContactRow.responded_at >= start, ContactRow.responded_at < end)
        solved = and_(ContactRow.resolved_at >= start, ContactRow.resolved_at < end)
        query = (
            select(ContactRow.type, func.count())
            .where(
                ContactRow.agent == agent,
                ContactRow.complained_about.is_distinct_from(agent),
                ContactRow.merged_into.is_(None),
                or_(answered, solved),
            )
            .group_by(ContactRow.type)
        )
        return {row[0]: row[1] for row in self._session.execute(query)}

    def complaints_solved(
        self, agents: Collection[AgentId], start: datetime, end: datetime
    ) -> list[tuple[AgentId, datetime]]:
        """Who solved which complaints in [start, end), and when; one about the agent is none of theirs."""
        found: list[tuple[AgentId, datetime]] = []
        for part in batches(sorted(agents), BATCH):
            query = select(ContactRow.agent, ContactRow.resolved_at).where(
                ContactRow.agent.in_(part),
                ContactRow.type == ContactType.COMPLAINT.value,
                ContactRow.resolved_at >= start,
                ContactRow.resolved_at < end,
                ContactRow.complained_about.is_distinct_from(ContactRow.agent),
                ContactRow.merged_into.is_(None),
            )
            found += [(AgentId(str(row[0])), row[1]) for row in self._session.execute(query) if row[1]]
        return found

    def unanswered_since(self, queue: QueueId, limit: int) -> list[datetime]:
        """Since when those wait who have no first answer yet, the longest first, up to ``limit`` of them."""
        query = (
            select(ContactRow.opened_at)
            .where(ContactRow.status == ContactStatus.NEW.value, ContactRow.queue == queue)
            .order_by(ContactRow.opened_at)
            .limit(limit)
        )
        return list(self._session.scalars(query))

    def unanswered_count(self, queue: QueueId, opened_from: datetime) -> int:
        """How many wait who came since ``opened_from`` and have no first answer yet."""
        query = select(func.count()).where(
            ContactRow.status == ContactStatus.NEW.value,
            ContactRow.queue == queue,
            ContactRow.opened_at >= opened_from,
            ContactRow.merged_into.is_(None),
        )
        return self._session.scalar(query) or 0

    def untold(self, type_: ContactType, before: datetime, limit: int) -> list[Contact]:
        """Open contacts of a type whose customers had no news since ``before`` and are owed none yet.

        The longest without news first.
        """
        told = func.coalesce(ContactRow.informed_at, ContactRow.opened_at)
        owed = exists().where(
            PromiseRow.contact_id == ContactRow.id,
            PromiseRow.kind == PromiseKind.UPDATE.value,
            PromiseRow.ended_at.is_(None),
        )
        query = (
            select(ContactRow)
            .where(
                ContactRow.status.not_in(CLOSED),
                ContactRow.type == type_.value,
                told <= before,
                ~owed,
            )
            .order_by(told, ContactRow.id)
            .limit(limit)
        )
        return [_contact(row) for row in self._session.scalars(query)]

    def overdue_types(self, queues: Collection[QueueId], now: datetime) -> dict[str, int]:
        """How many open contacts of each type have a running promise already due."""
        query = (
            select(ContactRow.type, func.count(ContactRow.id.distinct()))
            .join(SlaClockRow, SlaClockRow.contact_id == ContactRow.id)
            .where(*_overdue(queues, now))
            .group_by(ContactRow.type)
        )
        return {row[0]: row[1] for row in self._session.execute(query)}

    def opened_between(self, queues: Collection[QueueId], start: datetime, end: datetime) -> list[Contact]:
        """Contacts opened in [start, end), in order."""
        query = (
            select(ContactRow)
            .where(
                ContactRow.queue.in_(sorted(queues)),
                ContactRow.opened_at >= start,
                ContactRow.opened_at < end,
            )
            .order_by(ContactRow.opened_at, ContactRow.ref)
        )
        return [_contact(row) for row in self._session.scalars(query)]

    def count_opened(self, queue: QueueId, start: datetime, end: datetime) -> int:
        """How many contacts of a queue were opened in [start, end)."""
        query = select(func.count()).where(
            ContactRow.queue == queue, ContactRow.opened_at >= start, ContactRow.opened_at < end
        )
        return self._session.scalar(query) or 0

    def mix(self, queue: QueueId, start: datetime, end: datetime) -> list[tuple[str, str, int, int, float]]:
        """Contacts of a queue opened in [start, end) by type and channel.

        Each row: type, channel, how many, of how many the handling time is known, and these times' sum [s].
        """
        known = ContactRow.handle_seconds > 0
        query = (
            select(
                ContactRow.type,
                ContactRow.channel,
                func.count(),
                func.count(case((known, 1))),
                func.coalesce(func.sum(case((known, ContactRow.handle_seconds))), 0.0),
            )
            .where(ContactRow.queue == queue, ContactRow.opened_at >= start, ContactRow.opened_at < end)
            .group_by(ContactRow.type, ContactRow.channel)
            .order_by(ContactRow.type, ContactRow.channel)
        )
        return [(r[0], r[1], r[2], r[3], float(r[4])) for r in self._session.execute(query)]

    def handling_times(self, queue: QueueId, start: datetime, end: datetime) -> list[float]:
        """Known handling times [s] of contacts opened in [start, end)."""
        query = select(ContactRow.handle_seconds).where(
            ContactRow.queue == queue,
            ContactRow.opened_at >= start,
            ContactRow.opened_at < end,
            ContactRow.handle_seconds > 0,
        )
        return [seconds for seconds in self._session.scalars(query) if seconds is not None]

    def neglected(
        self, queues: Collection[QueueId], quiet_before: datetime, limit: int
    ) -> tuple[list[tuple[Contact, datetime]], int]:
        """Open contacts without anybody, or in which nothing happened since, the longest quiet first.

        With when anything last happened to each, and how many there are.
        """
        latest = (
            select(func.max(ContactEventRow.at))
            .where(ContactEventRow.ref == ContactRow.ref)
            .correlate(ContactRow)
            .scalar_subquery()
        )
        found = (
            select(ContactRow, latest.label("latest"))
            .where(
                ContactRow.queue.in_(sorted(queues)),
                ContactRow.status.not_in(CLOSED),
                # What only ever stood in a file is history, however open it was there.
                latest.is_not(None),
                or_(
                    and_(ContactRow.agent.is_(None), ContactRow.department.is_(None)),
                    latest < quiet_before,
                ),
            )
            .order_by(latest, ContactRow.ref)
        )
        total = self._session.scalar(select(func.count()).select_from(found.subquery())) or 0
        rows = self._session.execute(found.limit(limit))
        return [(_contact(row), at) for row, at in rows], total

    def touched_after(self, event: int, limit: int) -> tuple[int, list[TouchedContact]]:
        """The contacts that events after number ``event`` speak of.

        At most ``limit`` events are read; returns the number of the last of them as well (``event`` where
        there is none).
        """
        ids = (
            select(ContactEventRow.id, ContactEventRow.ref)
            .where(ContactEventRow.id > event)
            .order_by(ContactEventRow.id)
            .limit(limit)
        ).subquery()
        last = self._session.scalar(select(func.max(ids.c.id)))
        if last is None:
            return event, []
        columns = (ContactRow.queue, ContactRow.opened_at, ContactRow.source)
        query = select(*columns).where(ContactRow.ref.in_(select(ids.c.ref)))
        return last, [
            TouchedContact(queue=QueueId(q), opened_at=at, source=source)
            for q, at, source in self._session.execute(query.distinct())
        ]

    def data_until(self) -> datetime | None:
        """The latest time any event speaks of, or the latest opening of an imported contact."""
        # Events may come late: among those stored last, the one that speaks of the latest time.
        latest = select(ContactEventRow.at).order_by(ContactEventRow.id.desc()).limit(1_000).subquery()
        newest = self._session.scalar(select(func.max(latest.c.at)))
        stored = select(ContactRow.opened_at).order_by(ContactRow.id.desc()).limit(1_000).subquery()
        opened = self._session.scalar(select(func.max(stored.c.opened_at)))
        return max((t for t in (newest, opened) if t is not None), default=None)

    def any_ownerless(self, opened_before: datetime) -> bool:
        """Whether ``ownerless`` would look at any case."""
        query = select(ContactRow.id).where(_OWNERLESS, ContactRow.opened_at <= opened_before).limit(1)
        return self._session.scalar(query) is not None

    def ownerless(self, opened_before: datetime, limit: int, now: datetime) -> list[Contact]:
        """Open cases nobody owns, not found before; those with a promise.  They are not found again.

        Their rows are locked until the end of the unit; one somebody writes to is left to the next time.
        The cost follows what is found, not what is open.
        """
        found = (
            select(ContactRow.id)
            .where(_OWNERLESS, ContactRow.opened_at <= opened_before)
            .order_by(ContactRow.opened_at)
            .limit(limit)
            .with_for_update(key_share=True, skip_locked=True)
        )
        ids = list(self._session.scalars(found))
        if not ids:
            return []
        self._session.execute(
            update(ContactRow).where(ContactRow.id.in_(ids)).values(owner_asked_at=now),
            execution_options={"synchronize_session": False},
        )
        promised = select(SlaClockRow.id).where(SlaClockRow.contact_id == ContactRow.id).exists()
        query = select(ContactRow).where(ContactRow.id.in_(ids), promised).order_by(ContactRow.id)
        return [_contact(row) for row in self._session.scalars(query)]

    def heard_at(self) -> datetime | None:
        """When the last event came in, from whatever source."""
        query = select(ContactEventRow.received_at).order_by(ContactEventRow.id.desc()).limit(1)
        return self._session.scalar(query)

    def import_many(
        self, contacts: Sequence[Contact], due: Mapping[ContactRef, datetime | None] | None = None
    ) -> ChangeCounts:
        """Write contacts from a file.  Those that live events speak of are left as the events have them.

        ``due``: of their first responses.  What a row was promised stays while the row does.
        """
        promised = due or {}

        def write(some: Sequence[Contact]) -> None:
            rows = ({**_values(c), "response_due_at": promised.get(c.ref)} for c in some)
            upsert(self._session, ContactRow, rows, keys=("ref",))

        new = changed = unchanged = 0
        for part in batches({c.ref: c for c in contacts}.values(), BATCH):
            refs = [c.ref for c in part]
            rows = self._session.scalars(select(ContactRow).where(ContactRow.ref.in_(refs))).all()
            held = {ContactRef(row.ref): _contact(row) for row in rows}
            bare = {row.ref for row in rows if row.response_due_at is None}
            live = self.event_counts(refs)
            fresh = [c for c in part if c.ref not in held]
            known = [c for c in part if c.ref in held and c.ref not in live]
            differs = [c for c in known if held[c.ref] != c]
            write(fresh)
            write(differs)
            write([c for c in known if held[c.ref] == c and c.ref in bare and promised.get(c.ref)])
            new += len(fresh)
            changed += len(differs)
            unchanged += len(part) - len(fresh) - len(differs)
        return ChangeCounts(new=new, changed=changed, unchanged=unchanged)


def in_queues(queues: Collection[QueueId]) -> ColumnElement[bool]:
    """For queries about promises: not by the index of queues, which would read all a queue ever had."""
    return func.coalesce(ContactRow.queue, "").in_(sorted(queues))


def _overdue(queues: Collection[QueueId], now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        in_queues(queues),
        ContactRow.status.not_in(CLOSED),
        SlaClockRow.stopped_at.is_(None),
        SlaClockRow.state != ClockState.PAUSED.value,
        SlaClockRow.due_at < now,
    )


def contact_of(row: ContactRow) -> Contact:
    """A row as a contact, for the stores that join it."""
    return _contact(row)


def _contact(row: Any) -> Contact:
    return Contact(
        ref=ContactRef(row.ref),
        queue=QueueId(row.queue),
        channel=Channel(row.channel),
        type=ContactType(row.type),
        priority=Priority(row.priority),
        tier=row.tier,
        status=ContactStatus(row.status),
        opened_at=row.opened_at,
        responded_at=row.responded_at,
        resolved_at=row.resolved_at,
        agent=None if row.agent is None else AgentId(row.agent),
        outcome=row.outcome,
        handle_seconds=row.handle_seconds,
        source=row.source,
        tags=frozenset(row.tags),
        priority_manual=row.priority_manual,
        waiting_for=None if row.waiting_for is None else WaitingFor(row.waiting_for),
        department=row.department,
        blocked_by=row.blocked_by,
        chaser=None if row.chaser is None else AgentId(row.chaser),
        complained_about=None if row.complained_about is None else AgentId(row.complained_about),
        informed_at=row.informed_at,
        merged_into=None if row.merged_into is None else ContactRef(row.merged_into),
    )


def _values(contact: Contact) -> dict[str, Any]:
    return {
        "ref": contact.ref,
        "queue": contact.queue,
        "channel": contact.channel.value,
        "type": contact.type.value,
        "priority": contact.priority.value,
        "tier": contact.tier,
        "status": contact.status.value,
        "opened_at": contact.opened_at,
        "responded_at": contact.responded_at,
        "resolved_at": contact.resolved_at,
        "agent": contact.agent,
        "outcome": contact.outcome,
        "handle_seconds": contact.handle_seconds,
        "source": contact.source,
        "tags": sorted(contact.tags),
        "priority_manual": contact.priority_manual,
        "waiting_for": None if contact.waiting_for is None else contact.waiting_for.value,
        "department": contact.department,
        "blocked_by": contact.blocked_by,
        "chaser": contact.chaser,
        "complained_about": contact.complained_about,
        "informed_at": contact.informed_at,
        "merged_into": contact.merged_into,
    }


def _event(row: Any) -> ContactEvent:
    return ContactEvent(
        ref=ContactRef(row.ref),
        kind=EventKind(row.kind),
        at=row.at,
        source=row.source,
        source_event_id=row.source_event_id,
        queue=None if row.queue is None else QueueId(row.queue),
        type=None if row.type is None else ContactType(row.type),
        priority=None if row.priority is None else Priority(row.priority),
        tier=row.tier,
        agent=None if row.agent is None else AgentId(row.agent),
        outcome=row.outcome,
        handle_seconds=row.handle_seconds,
        channel=None if row.channel is None else Channel(row.channel),
        tags=None if row.tags is None else frozenset(row.tags),
        waiting_for=None if row.waiting_for is None else WaitingFor(row.waiting_for),
        department=row.department,
        complained_about=None if row.complained_about is None else AgentId(row.complained_about),
        into=None if row.merged_into is None else ContactRef(row.merged_into),
        opened_at=row.opened_at,
    )


def _event_values(event: ContactEvent, now: datetime) -> dict[str, Any]:
    return {
        "ref": event.ref,
        "kind": event.kind.value,
        "at": event.at,
        "source": event.source,
        "source_event_id": event.source_event_id,
        "queue": event.queue,
        "type": None if event.type is None else event.type.value,
        "priority": None if event.priority is None else event.priority.value,
        "tier": event.tier,
        "agent": event.agent,
        "outcome": event.outcome,
        "handle_seconds": event.handle_seconds,
        "channel": None if event.channel is None else event.channel.value,
        "tags": None if event.tags is None else sorted(event.tags),
        "waiting_for": None if event.waiting_for is None else event.waiting_for.value,
        "department": event.department,
        "complained_about": event.complained_about,
        "merged_into": event.into,
        "opened_at": event.opened_at,
        "received_at": now,
    }
