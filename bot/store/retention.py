"""Sweeps: what retention and erasure take from the tables, counted first, then in batches."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    String,
    Table,
    and_,
    cast,
    delete,
    exists,
    func,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.orm import Session

from bot.core.contacts import ContactStatus, ContactType
from bot.core.ids import ContactRef
from bot.core.messages import DeliveryState
from bot.core.retention import Area, Seen, TableDue
from bot.store.bulk import batches
from bot.store.tables import (
    ActionItemRow,
    AnnouncementRow,
    AuditRow,
    Base,
    CampaignRow,
    ContactEventRow,
    ContactRecordRow,
    ContactRow,
    FoldRow,
    ForecastIntervalRow,
    ForecastRow,
    IdeaRow,
    IncidentRow,
    KnowledgeProposalRow,
    KudosRow,
    OutboxRow,
    PresenceRow,
    RemoteAnswerRow,
    RequestRow,
    ShiftChangeRow,
    TrainingRow,
    WeeklyReviewRow,
    WishRow,
)

__all__ = ["CUSTOMER_COLUMNS", "Sweeps"]

CUSTOMER_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "contact_records": (
        "customer_no",
        "customer_label",
        "contact_digits",
        "order_no",
        "description",
        "solution",
        "result",
        "compensation",
        "satisfaction_reason",
        "follow_up_text",
        "remarks",
    ),
    "hand_overs": ("summary",),
    "approvals": ("solution",),
    "promises": ("note",),
    "miss_causes": ("note",),
}
"""Columns about the customer, or with an agent's words on a case.  They are emptied before the case goes; the
key by which a customer's cases are matched stays, because it says nothing of who it is."""

_CLOSED = (ContactStatus.SOLVED.value, ContactStatus.ARCHIVED.value)
_ENDED = tuple(s.value for s in (DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.DROPPED))
_IN_ONE_STATEMENT = 500


class Sweeps:
    """Nothing here decides what may go: an area and an instant do (`bot.core.retention`)."""

    def __init__(self, session: Session) -> None:
        self._session = session

    # -- counting -------------------------------------------------------------------------------------------

    def due(self, area: Area, before: datetime) -> tuple[TableDue, ...]:
        """Tables with rows that would go, and when the oldest of them ended."""
        return tuple(found for found in self._due(area, before) if found.rows)

    def _due(self, area: Area, before: datetime) -> Iterator[TableDue]:
        if area is Area.CONTACTS:
            yield from self._contacts_due(ContactRow.status.in_(_CLOSED), _ended_at() < before)
            yield self._counted(
                ContactEventRow, ContactEventRow.received_at, self._stray(before), "stray_events"
            )
        elif area is Area.CUSTOMER_DATA:
            for table, filled in self._filled_tables():
                column = _link(table)
                query = (
                    select(func.count(), func.min(_ended_at()))
                    .select_from(table.join(ContactRow.__table__, column == _target(column)))
                    .where(ContactRow.status.in_(_CLOSED), _ended_at() < before, filled)
                )
                rows, oldest = self._session.execute(query).one()
                yield TableDue(table=table.name, rows=rows, oldest=oldest)
        elif area is Area.MESSAGES:
            yield self._counted(OutboxRow, OutboxRow.created_at, self._ended_messages(before))
        elif area is Area.PRESENCE:
            yield self._counted(PresenceRow, PresenceRow.since, PresenceRow.since < before)
            yield self._counted(ShiftChangeRow, ShiftChangeRow.at, ShiftChangeRow.at < before)
            yield self._counted(RequestRow, RequestRow.made_at, RequestRow.made_at < before)
            yield self._counted(WishRow, WishRow.made_at, _wishes_over(before))
            yield self._counted(ActionItemRow, ActionItemRow.ended_at, ActionItemRow.ended_at < before)
            yield self._counted(CampaignRow, CampaignRow.ended_at, CampaignRow.ended_at < before)
            yield self._counted(AnnouncementRow, AnnouncementRow.made_at, AnnouncementRow.made_at < before)
            yield self._counted(
                KnowledgeProposalRow, KnowledgeProposalRow.decided_at, _proposals_over(before)
            )
            yield self._counted(RemoteAnswerRow, RemoteAnswerRow.made_at, RemoteAnswerRow.made_at < before)
            yield self._counted(IdeaRow, IdeaRow.answered_at, IdeaRow.answered_at < before)
            yield self._counted(KudosRow, KudosRow.made_at, KudosRow.made_at < before)
            yield self._counted(WeeklyReviewRow, WeeklyReviewRow.sent_at, WeeklyReviewRow.sent_at < before)
            yield self._counted(TrainingRow, TrainingRow.end, TrainingRow.end < before)
        elif area is Area.FORECASTS:
            yield self._counted(ForecastRow, ForecastRow.made_at, _over(before))
        else:
            yield self._counted(AuditRow, AuditRow.at, AuditRow.at < before)
            yield self._counted(IncidentRow, IncidentRow.over_at, IncidentRow.over_at < before)

    def due_of(self, refs: Collection[ContactRef]) -> tuple[TableDue, ...]:
        """What erasing these cases would take."""
        counts: Counter[str] = Counter()
        oldest: dict[str, datetime | None] = {}
        for part in batches(sorted(refs), _IN_ONE_STATEMENT):
            for found in self._contacts_due(ContactRow.ref.in_(part)):
                counts[found.table] += found.rows
                oldest.setdefault(found.table, found.oldest)
            counts["outbox"] += len(list(self._naming(part)))
        return tuple(
            TableDue(table=table, rows=rows, oldest=oldest.get(table))
            for table, rows in counts.items()
            if rows
        )

    def _contacts_due(self, *conditions: ColumnElement[bool]) -> Iterator[TableDue]:
        rows, oldest = self._session.execute(
            select(func.count(), func.min(_ended_at())).where(*conditions)
        ).one()
        yield TableDue(table="contacts", rows=rows, oldest=oldest)
        refs = select(ContactRow.ref).where(*conditions)
        yield self._counted(ContactEventRow, ContactEventRow.at, ContactEventRow.ref.in_(refs))
        for table in _dependents():
            column = _link(table)
            doomed = select(_target(column)).select_from(ContactRow.__table__).where(*conditions)
            count = self._session.scalar(select(func.count()).select_from(table).where(column.in_(doomed)))
            yield TableDue(table=table.name, rows=count or 0)

    def _counted(
        self, row: type[Base], at: Any, condition: ColumnElement[bool], name: str | None = None
    ) -> TableDue:
        rows, oldest = self._session.execute(select(func.count(), func.min(at)).where(condition)).one()
        return TableDue(table=name or row.__tablename__, rows=rows, oldest=oldest)

    # -- deleting -------------------------------------------------------------------------------------------

    def sweep(self, area: Area, before: datetime, limit: int) -> int:
        """Clear at most ``limit`` rows of an area and what hangs on them; returns how many, 0 at the end."""
        if area is Area.CONTACTS:
            query = (
                select(ContactRow.ref)
                .where(ContactRow.status.in_(_CLOSED), _ended_at() < before)
                .order_by(ContactRow.id)
                .limit(limit)
            )
            refs = [ContactRef(ref) for ref in self._session.scalars(query)]
            self._delete(refs)
            return len(refs) or self._delete_some([ContactEventRow.id], self._stray(before), limit)
        if area is Area.CUSTOMER_DATA:
            return sum(self._empty(table, filled, before, limit) for table, filled in self._filled_tables())
        if area is Area.MESSAGES:
            return self._delete_some([OutboxRow.id], self._ended_messages(before), limit)
        if area is Area.PRESENCE:
            key = [PresenceRow.agent, PresenceRow.since, PresenceRow.source]
            return (
                self._delete_some(key, PresenceRow.since < before, limit)
                + self._delete_some([ShiftChangeRow.id], ShiftChangeRow.at < before, limit)
                + self._delete_some([RequestRow.id], RequestRow.made_at < before, limit)
                + self._delete_some([WishRow.id], _wishes_over(before), limit)
                + self._delete_some([ActionItemRow.id], ActionItemRow.ended_at < before, limit)
                + self._delete_some([CampaignRow.id], CampaignRow.ended_at < before, limit)
                + self._delete_some([AnnouncementRow.id], AnnouncementRow.made_at < before, limit)
                + self._delete_some([KnowledgeProposalRow.id], _proposals_over(before), limit)
                + self._delete_some([RemoteAnswerRow.id], RemoteAnswerRow.made_at < before, limit)
                + self._delete_some([IdeaRow.id], IdeaRow.answered_at < before, limit)
                + self._delete_some([KudosRow.id], KudosRow.made_at < before, limit)
                + self._delete_some([WeeklyReviewRow.id], WeeklyReviewRow.sent_at < before, limit)
                + self._delete_some([TrainingRow.id], TrainingRow.end < before, limit)
            )
        if area is Area.FORECASTS:
            # Each takes its thousands of intervals along.
            return self._delete_some([ForecastRow.id], _over(before), max(1, limit // 100))
        return self._delete_some([AuditRow.id], AuditRow.at < before, limit) + self._delete_some(
            [IncidentRow.id], IncidentRow.over_at < before, limit
        )

    def erase(self, refs: Collection[ContactRef]) -> dict[str, int]:
        """Delete cases, whatever their state, and everything that hangs on them or names them; rows by table.

        A message that names other cases too stays, without the erased ones.
        """
        gone: Counter[str] = Counter()
        for found in self.due_of(refs):
            gone[found.table] = found.rows
        for part in batches(sorted(refs), _IN_ONE_STATEMENT):
            for message in list(self._naming(part)):
                kept = _without(message.payload, set(part))
                if kept is None:
                    self._session.delete(message)
                else:
                    message.payload = kept
            self._session.flush()
            self._forget_folds(part)
            self._forget_merges(part)
            self._delete(part)
        return dict(gone)

    def merged_with(self, ref: ContactRef) -> set[ContactRef]:
        """The case and every case that was merged into it."""
        found, edge = {ref}, {ref}
        while edge:
            query = select(ContactRow.ref).where(ContactRow.merged_into.in_(sorted(edge)))
            edge = {ContactRef(r) for r in self._session.scalars(query)} - found
            found |= edge
        return found

    def of_customer(self, key: str) -> set[ContactRef]:
        """Cases whose record has this customer key or customer number."""
        query = select(ContactRecordRow.ref).where(
            or_(ContactRecordRow.customer_key == key, ContactRecordRow.customer_no == key)
        )
        return {ContactRef(ref) for ref in self._session.scalars(query)}

    def seen(self, since: datetime) -> list[Seen]:
        """Cases opened since an instant whose customer is known by key, but for those merged into another."""
        query = (
            select(ContactRow.ref, ContactRow.type, ContactRow.opened_at, ContactRecordRow.customer_key)
            .join(ContactRecordRow, ContactRecordRow.ref == ContactRow.ref)
            .where(
                ContactRecordRow.customer_key.is_not(None),
                ContactRow.merged_into.is_(None),
                ContactRow.opened_at >= since,
            )
        )
        return [
            Seen(ref=ContactRef(ref), customer=key or "", type=ContactType(type_), opened_at=opened_at)
            for ref, type_, opened_at, key in self._session.execute(query)
        ]

    def known(self, ref: ContactRef) -> bool:
        """Whether anything is kept of a case."""
        event = select(ContactEventRow.id).where(ContactEventRow.ref == ref).limit(1)
        contact = select(ContactRow.id).where(ContactRow.ref == ref)
        return self._session.scalar(contact) is not None or self._session.scalar(event) is not None

    def _forget_folds(self, refs: Collection[ContactRef]) -> None:
        """Summaries of alerts that name one of these cases: the reader's next one begins anew."""
        for ref in refs:
            named = cast(FoldRow.alerts, String).contains(json.dumps(ref), autoescape=True)
            self._session.execute(delete(FoldRow).where(named))

    def _forget_merges(self, refs: Collection[ContactRef]) -> None:
        """Other cases' events about these: they say nothing any more."""
        self._session.execute(delete(ContactEventRow).where(ContactEventRow.merged_into.in_(refs)))

    def _delete(self, refs: Collection[ContactRef]) -> None:
        for part in batches(sorted(refs), _IN_ONE_STATEMENT):
            self._session.execute(delete(ContactEventRow).where(ContactEventRow.ref.in_(part)))
            self._session.execute(delete(ContactRow).where(ContactRow.ref.in_(part)))

    def _delete_some(self, key: Sequence[Any], condition: ColumnElement[bool], limit: int) -> int:
        """Delete rows of the table that these columns identify."""
        doomed = select(*key).where(condition).limit(limit)
        whole = tuple_(*key) if len(key) > 1 else key[0]
        gone = self._session.execute(
            delete(key[0].class_).where(whole.in_(doomed)).returning(*key),
            execution_options={"synchronize_session": False},
        )
        return len(gone.all())

    def _empty(self, table: Table, filled: ColumnElement[bool], before: datetime, limit: int) -> int:
        column = _link(table)
        key = next(iter(table.primary_key.columns))
        query = (
            select(key)
            .select_from(table.join(ContactRow.__table__, column == _target(column)))
            .where(ContactRow.status.in_(_CLOSED), _ended_at() < before, filled)
            .order_by(key)
            .limit(limit)
        )
        keys = list(self._session.scalars(query))
        empty = {name: None if table.c[name].nullable else "" for name in CUSTOMER_COLUMNS[table.name]}
        for part in batches(keys, _IN_ONE_STATEMENT):
            self._session.execute(update(table).where(key.in_(part)).values(**empty))
        return len(keys)

    def _filled_tables(self) -> Iterator[tuple[Table, ColumnElement[bool]]]:
        for name, columns in CUSTOMER_COLUMNS.items():
            table = Base.metadata.tables[name]
            filled = [and_(table.c[c].is_not(None), table.c[c] != "") for c in columns]
            yield table, or_(*filled)

    def _naming(self, refs: Collection[ContactRef]) -> Iterator[OutboxRow]:
        """Messages whose payload has one of these cases."""
        wanted = set(refs)
        for ref in sorted(wanted):
            query = select(OutboxRow).where(
                cast(OutboxRow.payload, String).contains(json.dumps(ref), autoescape=True)
            )
            for row in self._session.scalars(query):
                # Found by the text of the JSON; counted once where it names several.
                if min(_strings(row.payload) & wanted, default=None) == ref:
                    yield row

    @staticmethod
    def _ended_messages(before: datetime) -> ColumnElement[bool]:
        # The post of a board is edited for as long as it stands; it names no case and nobody.
        over = and_(OutboxRow.state.in_(_ENDED), OutboxRow.created_at < before)
        return and_(over, OutboxRow.kind != "board_post")

    @staticmethod
    def _stray(before: datetime) -> ColumnElement[bool]:
        """Events of cases that were never opened, or are gone."""
        return and_(
            ContactEventRow.received_at < before,
            ~exists(select(ContactRow.id).where(ContactRow.ref == ContactEventRow.ref)),
        )


def _over(before: datetime) -> ColumnElement[bool]:
    """Forecasts with no interval that begins at ``before`` or later."""
    later = select(ForecastIntervalRow.start).where(
        ForecastIntervalRow.forecast_id == ForecastRow.id, ForecastIntervalRow.start >= before
    )
    return and_(ForecastRow.start < before, ~exists(later))


def _wishes_over(before: datetime) -> ColumnElement[bool]:
    """Wishes withdrawn, or for a single day that is past, since then."""
    return or_(WishRow.withdrawn_at < before, WishRow.day < before.date())


def _proposals_over(before: datetime) -> ColumnElement[bool]:
    """Words that were not taken; those that were stand until a file or better ones replace them."""
    return and_(KnowledgeProposalRow.state == "rejected", KnowledgeProposalRow.decided_at < before)


def _ended_at() -> ColumnElement[datetime]:
    # A case that was archived without a solution ended when it was opened, as far as anybody knows.
    return func.coalesce(ContactRow.resolved_at, ContactRow.opened_at)


def _dependents() -> list[Table]:
    """Every table whose rows go with their contact."""
    contacts = Base.metadata.tables["contacts"]
    return [
        table
        for table in Base.metadata.sorted_tables
        if any(key.column.table is contacts for key in table.foreign_keys)
    ]


def _link(table: Table) -> Column[Any]:
    contacts = Base.metadata.tables["contacts"]
    return next(key.parent for key in table.foreign_keys if key.column.table is contacts)


def _target(column: Column[Any]) -> Column[Any]:
    contacts = Base.metadata.tables["contacts"]
    return next(key.column for key in column.foreign_keys if key.column.table is contacts)


def _strings(value: Any) -> set[str]:
    if isinstance(value, str):
        return {value}
    if isinstance(value, Mapping):
        return set().union(*map(_strings, value.values())) if value else set()
    if isinstance(value, list):
        return set().union(*map(_strings, value)) if value else set()
    return set()


def _without(payload: Any, refs: Collection[str]) -> dict[str, Any] | None:
    """A message's payload without the items of its lists that name a case; None where it is about one."""
    if not isinstance(payload, Mapping):
        return None
    kept: dict[str, Any] = {}
    for name, value in payload.items():
        if isinstance(value, list):
            kept[name] = [item for item in value if not _strings(item) & set(refs)]
        elif _strings(value) & set(refs):
            return None
        else:
            kept[name] = value
    return kept
