"""Promises: made once, ended once, and found when they are due."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, bindparam, func, select, update
from sqlalchemy.orm import Session

from bot.core.ids import AgentId, ContactRef, PromiseId, QueueId
from bot.core.promises import Promise, PromiseKind, PromiseState
from bot.store.bulk import batches, insert_new
from bot.store.tables import ContactRow, PromiseRow

BATCH = 500


class Promises:
    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, promise: PromiseId) -> Promise | None:
        found = self._session.execute(_query().where(PromiseRow.id == promise)).one_or_none()
        return None if found is None else _promise(*found)

    def by_origin(self, origin: str) -> Promise | None:
        """The promise that came of something that happens once (`add`)."""
        found = self._session.execute(_query().where(PromiseRow.origin == origin)).one_or_none()
        return None if found is None else _promise(*found)

    def add(
        self,
        *,
        ref: ContactRef,
        kind: PromiseKind,
        owner: AgentId,
        due_at: datetime,
        made_at: datetime,
        made_by: str,
        remind_at: datetime | None,
        next_check_at: datetime | None,
        note: str | None = None,
        state: PromiseState = PromiseState.OPEN,
        origin: str | None = None,
    ) -> Promise | None:
        """Keep a promise on a contact that is there.

        ``origin`` names what it came of: None, and nothing kept, where that has made one before.
        """
        contact = self._session.scalar(select(ContactRow.id).where(ContactRow.ref == ref))
        row: dict[str, Any] = {
            "contact_id": contact,
            "kind": kind.value,
            "owner": owner,
            "due_at": due_at,
            "made_at": made_at,
            "made_by": made_by,
            "state": state.value,
            "remind_at": remind_at,
            "next_check_at": next_check_at,
            "note": note,
            "posts": [],
            "origin": origin,
        }
        made = insert_new(self._session, PromiseRow, [row], keys=("origin",), returning="id")
        return self.get(PromiseId(made[0])) if made else None

    def of_contacts(self, refs: Collection[ContactRef], *, locked: bool = False) -> list[Promise]:
        """What is owed on these contacts, by due time; ``locked`` until the end of the unit."""
        found: list[Promise] = []
        for part in batches(sorted(refs), BATCH):
            query = _query().where(ContactRow.ref.in_(part), PromiseRow.ended_at.is_(None))
            # In one order whoever locks.
            query = query.order_by(ContactRow.ref, PromiseRow.id)
            if locked:
                query = query.with_for_update(of=PromiseRow)
            found += [_promise(*row) for row in self._session.execute(query)]
        return sorted(found, key=lambda p: (p.due_at, p.promise))

    def owed_from(self, ref: ContactRef, origin: str) -> list[Promise]:
        """What is owed on a contact and came of something whose name begins like this, by due time."""
        return self._owed(ContactRow.ref == ref, PromiseRow.origin.startswith(origin, autoescape=True))

    def owed_by(self, owner: AgentId) -> list[Promise]:
        """What a person owes, by due time."""
        return self._owed(PromiseRow.owner == owner)

    def owed(self, limit: int) -> list[Promise]:
        """What anybody owes, by due time."""
        return self._owed(limit=limit)

    def owed_counts(self, owners: Collection[AgentId]) -> dict[AgentId, int]:
        """How many promises each of these people owes; those who owe none are absent."""
        query = (
            select(PromiseRow.owner, func.count())
            .where(PromiseRow.owner.in_(sorted(owners)), PromiseRow.ended_at.is_(None))
            .group_by(PromiseRow.owner)
        )
        return {AgentId(owner): count for owner, count in self._session.execute(query)}

    def due(self, now: datetime, limit: int) -> list[Promise]:
        """Promises with something to say, the earliest first."""
        query = (
            _query()
            .where(PromiseRow.next_check_at <= now)
            .order_by(PromiseRow.next_check_at, PromiseRow.id)
            .limit(limit)
            .with_for_update(of=PromiseRow, skip_locked=True)
        )
        return [_promise(*row) for row in self._session.execute(query)]

    def next_due(self) -> datetime | None:
        """When the next promise has something to say."""
        return self._session.scalar(
            select(func.min(PromiseRow.next_check_at)).where(PromiseRow.next_check_at.is_not(None))
        )

    def to_come(self, after: tuple[datetime, PromiseId], until: datetime, limit: int) -> list[Promise]:
        """Open promises due up to ``until``, by due time, unless a lead was told that the owner is off then.

        ``after``: due time and id of the last one seen.
        """
        due_at, promise = after
        later = (PromiseRow.due_at > due_at) | ((PromiseRow.due_at == due_at) & (PromiseRow.id > promise))
        return self._owed(
            PromiseRow.state == PromiseState.OPEN.value,
            PromiseRow.owner_off_told_at.is_(None),
            PromiseRow.due_at <= until,
            later,
            limit=limit,
        )

    def due_between(
        self, queue: QueueId, start: datetime, end: datetime, kinds: Collection[PromiseKind]
    ) -> list[Promise]:
        """Open promises of these kinds on contacts of a queue, due in (start, end], by due time."""
        return self._owed(
            ContactRow.queue == queue,
            PromiseRow.state == PromiseState.OPEN.value,
            PromiseRow.kind.in_(sorted(kind.value for kind in kinds)),
            PromiseRow.due_at > start,
            PromiseRow.due_at <= end,
        )

    def claim(self, promise: Promise, judged: Promise) -> bool:
        """Put ``judged`` in the place of ``promise``; False where somebody else was faster."""
        return self._change(
            promise.promise,
            PromiseRow.state == promise.state.value,
            PromiseRow.ended_at.is_(None),
            PromiseRow.next_check_at.is_not_distinct_from(promise.next_check_at),
            state=judged.state.value,
            remind_at=judged.remind_at,
            next_check_at=judged.next_check_at,
            ended_at=judged.ended_at,
            ended_by=judged.ended_by,
        )

    def judged(self, promises: Sequence[Promise]) -> None:
        """Put each in the place of the one with its number; ``due`` of this unit must have found them."""
        rows = [
            {
                "of_promise": promise.promise,
                "to_state": promise.state.value,
                "to_remind": promise.remind_at,
                "to_check": promise.next_check_at,
                "to_posts": list(promise.posts),
            }
            for promise in promises
        ]
        if not rows:
            return
        table = PromiseRow.__table__
        assert isinstance(table, Table)
        self._session.connection().execute(
            update(table)
            .where(table.c.id == bindparam("of_promise"))
            .values(
                state=bindparam("to_state"),
                remind_at=bindparam("to_remind"),
                next_check_at=bindparam("to_check"),
                posts=bindparam("to_posts"),
            ),
            rows,
        )

    def told(self, promise: PromiseId, posts: Sequence[str]) -> None:
        """Remember the messages that asked somebody to act."""
        row = self._session.get_one(PromiseRow, promise, populate_existing=True)
        row.posts = sorted({*row.posts, *posts})
        self._session.flush()

    def claim_owner_off(self, promise: PromiseId, now: datetime) -> bool:
        """True for one caller, once: a lead is told that the owner will not be there."""
        return self._change(
            promise,
            PromiseRow.owner_off_told_at.is_(None),
            PromiseRow.ended_at.is_(None),
            owner_off_told_at=now,
        )

    def postpone(self, promise: PromiseId, until: datetime) -> None:
        """Look at a promise again later."""
        self._change(promise, next_check_at=until)

    def _owed(self, *conditions: ColumnElement[bool], limit: int | None = None) -> list[Promise]:
        query = _query().where(PromiseRow.ended_at.is_(None), *conditions)
        query = query.order_by(PromiseRow.due_at, PromiseRow.id).limit(limit)
        return [_promise(*row) for row in self._session.execute(query)]

    def _change(self, promise: PromiseId, *conditions: ColumnElement[bool], **values: Any) -> bool:
        changed = self._session.scalars(
            update(PromiseRow)
            .where(PromiseRow.id == promise, *conditions)
            .values(**values)
            .returning(PromiseRow.id),
            execution_options={"synchronize_session": False},
        )
        return changed.one_or_none() is not None


def _query() -> Select[PromiseRow, str]:
    query = select(PromiseRow, ContactRow.ref).join(ContactRow, ContactRow.id == PromiseRow.contact_id)
    return query.execution_options(populate_existing=True)


def _promise(row: PromiseRow, ref: str) -> Promise:
    return Promise(
        promise=PromiseId(row.id),
        ref=ContactRef(ref),
        kind=PromiseKind(row.kind),
        owner=AgentId(row.owner),
        due_at=row.due_at,
        made_at=row.made_at,
        made_by=row.made_by,
        state=PromiseState(row.state),
        remind_at=row.remind_at,
        next_check_at=row.next_check_at,
        note=row.note,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
        posts=tuple(str(key) for key in row.posts),
    )
