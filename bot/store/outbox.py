"""The outbox: messages that are to leave, and what became of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Table,
    and_,
    bindparam,
    delete,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from bot.core.delivery import Candidate, Gate
from bot.core.ids import AlertId, MessageId
from bot.core.message_codec import alert_of, decode, encode, kind_of
from bot.core.messages import (
    DeliveryState,
    Message,
    OutboxMessage,
    Outgoing,
    Post,
    Recipient,
    RecipientKind,
    Urgency,
)
from bot.core.ports import Sent
from bot.store import outbox_line
from bot.store.bulk import add_new, batches, insert_new
from bot.store.tables import DeliveryGateRow, OutboxRow

WAITING, SENDING = DeliveryState.WAITING.value, DeliveryState.SENDING.value
SUPERSEDED = "superseded"
REPEAT = ":repeat"
"""Ending of the dedupe keys of what is said again and again."""
BATCH = 500
ENDED = tuple(s.value for s in (DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.DROPPED))


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """``oldest_due_at``: since when the longest waiting message should have left; None with nothing due.

    ``held_back_by``: why the one tried last among those that wait was not taken; None where none was tried.
    ``failed_lately``: those of ``failed`` that were written in the 24 hours before.
    """

    waiting: int
    failed: int
    oldest_due_at: datetime | None
    held_back_by: str | None = None
    failed_lately: int = 0


class Outbox:
    def __init__(self, session: Session) -> None:
        self._session = session

    def put(self, outgoing: Outgoing, now: datetime) -> bool:
        """Add a message; False, and nothing changed, where its dedupe key exists already."""
        row = _values(outgoing, now)
        return bool(insert_new(self._session, OutboxRow, [row], keys=("dedupe_key",), returning="id"))

    def post(
        self,
        recipient: Recipient,
        message: Message,
        key: str,
        now: datetime,
        *,
        urgency: Urgency = Urgency.DIGEST,
        thread_of: str | None = None,
        edits: str | None = None,
    ) -> bool:
        """Add a message that may leave at once; as `put`."""
        outgoing = Outgoing(
            recipient=recipient,
            message=message,
            dedupe_key=key,
            urgency=urgency,
            not_before=now,
            thread_of=thread_of,
            edits=edits,
        )
        return self.put(outgoing, now)

    def put_all(self, messages: Iterable[Outgoing], now: datetime) -> None:
        """Add many messages in one call; those whose dedupe key exists already change nothing."""
        add_new(self._session, OutboxRow, [_values(m, now) for m in messages], keys=("dedupe_key",))

    def get(self, message: MessageId) -> OutboxMessage | None:
        return self._one(OutboxRow.id == message)

    def by_key(self, dedupe_key: str) -> OutboxMessage | None:
        return self._one(OutboxRow.dedupe_key == dedupe_key)

    def posts_of(self, alerts: Collection[AlertId]) -> dict[AlertId, list[Post]]:
        """Posts of alerts, oldest first, those that failed included; locked until the end of the unit.

        Neither edits nor answers in threads are posts.
        """
        found: dict[AlertId, list[Post]] = {}
        for part in batches(sorted(set(alerts)), BATCH):
            posts = (OutboxRow.alert.in_(part), OutboxRow.edits.is_(None), OutboxRow.thread_of.is_(None))
            for row in self._session.execute(_POSTS.where(*posts)):
                found.setdefault(AlertId(row.alert), []).append(_post(row))
        return found

    def posts_named(self, keys: Collection[str]) -> list[Post]:
        """Posts by their dedupe keys; locked until the end of the unit."""
        return [_post(row) for row in self._session.execute(_POSTS.where(OutboxRow.dedupe_key.in_(keys)))]

    def post_of(self, key: str) -> Post | None:
        """As ``posts_named`` for one."""
        return next(iter(self.posts_named([key])), None)

    def outcomes(self, keys: Collection[str]) -> dict[str, tuple[DeliveryState, str | None]]:
        """How messages stand, by their dedupe keys, with the last error of each."""
        found: dict[str, tuple[DeliveryState, str | None]] = {}
        for part in batches(sorted(keys), BATCH):
            query = select(OutboxRow.dedupe_key, OutboxRow.state, OutboxRow.last_error)
            for key, state, error in self._session.execute(query.where(OutboxRow.dedupe_key.in_(part))):
                found[key] = DeliveryState(state), error
        return found

    def rewrite(self, messages: Mapping[MessageId, Message]) -> None:
        """Change what untouched messages will say; their rows must be locked by this unit."""
        rows = [{"key": key, "said": encode(m)} for key, m in messages.items()]
        if rows:
            table = OutboxRow.__table__
            assert isinstance(table, Table)
            statement = update(table).where(table.c.id == bindparam("key")).values(payload=bindparam("said"))
            self._session.connection().execute(statement, rows)

    def supersede_edits(self, posts: Collection[str]) -> None:
        """Drop edits of these posts (by key) that nobody has begun to send: a newer one tells it all."""
        for part in batches(sorted(posts), BATCH):
            self._session.execute(
                update(OutboxRow)
                .where(OutboxRow.edits.in_(part), OutboxRow.state == WAITING, OutboxRow.attempts == 0)
                .values(state=DeliveryState.DROPPED.value, last_error=SUPERSEDED),
                execution_options={"synchronize_session": False},
            )

    def supersede_repeats(self, alerts: Collection[AlertId]) -> None:
        """Drop repeats of these alerts that nobody has begun to send: the newer one says the same."""
        for part in batches(sorted(alerts), BATCH):
            self._session.execute(
                update(OutboxRow)
                .where(
                    OutboxRow.alert.in_(part),
                    OutboxRow.dedupe_key.endswith(REPEAT),
                    OutboxRow.state == WAITING,
                    OutboxRow.attempts == 0,
                )
                .values(state=DeliveryState.DROPPED.value, last_error=SUPERSEDED),
                execution_options={"synchronize_session": False},
            )

    def last_edit(self, post: str) -> OutboxMessage | None:
        """The newest edit of a post that was not superseded, whatever became of it."""
        query = (
            select(OutboxRow)
            .where(OutboxRow.edits == post, OutboxRow.state != DeliveryState.DROPPED.value)
            .order_by(OutboxRow.id.desc())
            .limit(1)
        )
        row = self._session.scalar(_fresh(query))
        return None if row is None else _message(row)

    def forget_edits(self, post: str, before: MessageId) -> None:
        """Delete edits of a post that have ended and were written before another: nobody asks for them."""
        self._session.execute(
            delete(OutboxRow).where(
                OutboxRow.edits == post, OutboxRow.id < before, OutboxRow.state.in_(ENDED)
            ),
            execution_options={"synchronize_session": False},
        )

    def newer_edit(self, message: OutboxMessage) -> bool:
        """Whether the post this message edits has a newer edit, sent or still to be sent."""
        query = select(OutboxRow.id).where(
            OutboxRow.edits == message.outgoing.edits,
            OutboxRow.id > message.id,
            OutboxRow.state.not_in((DeliveryState.FAILED.value, DeliveryState.DROPPED.value)),
        )
        return self._session.scalar(query.limit(1)) is not None

    def loud_since(self, recipients: Collection[Recipient], since: datetime) -> dict[Recipient, int]:
        """How many messages claimed each reader's attention after an instant."""
        found: dict[Recipient, int] = {}
        for part in batches(sorted({r.name for r in recipients}), BATCH):
            query = (
                select(OutboxRow.recipient_kind, OutboxRow.recipient, func.count())
                .where(
                    literal_column("outbox.loud"),  # as the partial index says it
                    OutboxRow.recipient_kind.in_([k.value for k in RecipientKind]),
                    OutboxRow.recipient.in_(part),
                    OutboxRow.created_at > since,
                )
                .group_by(OutboxRow.recipient_kind, OutboxRow.recipient)
            )
            for kind, name, count in self._session.execute(query):
                found[Recipient(kind=RecipientKind(kind), name=name)] = count
        return found

    def drop_all(self, messages: Collection[MessageId]) -> None:
        """Give up messages that nobody has begun to send; one that somebody has is left to them."""
        for part in batches(sorted(messages), BATCH):
            self._session.execute(
                update(OutboxRow)
                .where(OutboxRow.id.in_(part), OutboxRow.state == WAITING, OutboxRow.attempts == 0)
                .values(state=DeliveryState.DROPPED.value),
                execution_options={"synchronize_session": False},
            )

    def lock_line(self) -> dict[Gate, datetime]:
        """Wait for one's turn to choose a message, until the end of the unit; returns the closed gates."""
        rows: list[dict[str, Any]] = [{"gate": g.value, "closed_until": None} for g in Gate]
        insert_new(self._session, DeliveryGateRow, rows, keys=("gate",), returning="gate")
        locked = self._session.execute(
            update(DeliveryGateRow)
            .where(DeliveryGateRow.gate.in_([g.value for g in Gate]))
            .values(gate=DeliveryGateRow.gate)
            .returning(DeliveryGateRow.gate, DeliveryGateRow.closed_until),
            execution_options={"synchronize_session": False},
        )
        return {Gate(gate): until for gate, until in locked if until is not None}

    def close_gate(self, gate: Gate, until: datetime) -> None:
        """Let nothing through a gate before ``until``; an earlier, longer closing stands."""
        self._session.execute(
            update(DeliveryGateRow)
            .where(
                DeliveryGateRow.gate == gate.value,
                or_(DeliveryGateRow.closed_until.is_(None), DeliveryGateRow.closed_until < until),
            )
            .values(closed_until=until),
            execution_options={"synchronize_session": False},
        )

    def heads(self, now: datetime) -> list[Candidate]:
        """The first message in line of every recipient that has one."""
        return outbox_line.heads(self._session, now)

    def busy_until(self, now: datetime) -> dict[Recipient, datetime]:
        """Recipients some worker is sending to, with the end of its lease."""
        return self._latest(
            OutboxRow.lease_until,
            OutboxRow.state == SENDING,
            OutboxRow.claimed_by.is_not(None),
            OutboxRow.lease_until > now,
        )

    def last_sent(self, since: datetime) -> dict[Recipient, datetime]:
        """When a message last reached each recipient, after ``since``."""
        return self._latest(OutboxRow.sent_at, OutboxRow.sent_at > since)

    def anything_in_line(self) -> bool:
        """Whether any message waits or is being sent."""
        query = select(OutboxRow.id).where(OutboxRow.state.in_((WAITING, SENDING))).limit(1)
        return self._session.scalar(query) is not None

    def next_scheduled(self, now: datetime) -> datetime | None:
        """When the next message that is not yet in line joins it."""
        return self._session.scalar(
            select(func.min(OutboxRow.not_before)).where(
                OutboxRow.state == WAITING, OutboxRow.not_before > now
            )
        )

    def claim(
        self, message: MessageId, *, worker: str, now: datetime, lease: timedelta
    ) -> tuple[OutboxMessage, bool] | None:
        """Take a message for sending: the row, and whether an earlier attempt may have been accepted.

        None where another worker holds it or it is done.  Commit before the call.
        """
        query = select(OutboxRow).where(
            OutboxRow.id == message,
            or_(
                OutboxRow.state == WAITING,
                and_(OutboxRow.state == SENDING, OutboxRow.lease_until <= now),
            ),
        )
        row = self._session.scalar(_fresh(query.with_for_update()))
        if row is None:
            return None
        uncertain = row.state == SENDING
        row.state = SENDING
        row.attempts += 1
        row.claimed_by = worker
        row.lease_until = now + lease
        self._session.flush()
        return _message(row), uncertain

    def mark_sent(self, message: OutboxMessage, *, worker: str, sent: Sent, now: datetime) -> bool:
        """Record Slack's answer; False where the lease ended and another worker took over."""
        return self._finish(
            message, worker, state=DeliveryState.SENT.value, channel=sent.channel, ts=sent.ts, sent_at=now
        )

    def wait_again(self, message: OutboxMessage, *, worker: str, until: datetime, error: str) -> bool:
        return self._finish(message, worker, state=WAITING, not_before=until, last_error=error)

    def look_up_later(self, message: OutboxMessage, *, worker: str, until: datetime, error: str) -> bool:
        """It may have been accepted: leave it in SENDING, to be looked up at ``until``."""
        return self._finish(message, worker, lease_until=until, last_error=error)

    def mark_failed(self, message: OutboxMessage, *, worker: str, error: str) -> bool:
        return self._finish(message, worker, state=DeliveryState.FAILED.value, last_error=error)

    def mark_dropped(self, message: OutboxMessage, *, worker: str, reason: str) -> bool:
        return self._finish(message, worker, state=DeliveryState.DROPPED.value, last_error=reason)

    def put_back(self, message: OutboxMessage, *, worker: str, until: datetime) -> bool:
        """Undo a claim before anything was called."""
        return self._finish(message, worker, state=WAITING, not_before=until, attempts=message.attempts - 1)

    def backlog(self, now: datetime) -> Backlog:
        """How much waits and since when: what an operator asks first."""
        waiting, oldest = self._session.execute(
            select(func.count(), func.min(OutboxRow.created_at)).where(
                OutboxRow.state.in_((WAITING, SENDING)),
                or_(OutboxRow.not_before <= now, OutboxRow.attempts > 0),
            )
        ).one()
        gave_up = select(func.count()).where(OutboxRow.state == DeliveryState.FAILED.value)
        lately = gave_up.where(OutboxRow.created_at > now - timedelta(days=1))
        error = (
            select(OutboxRow.last_error)
            .where(OutboxRow.state.in_((WAITING, SENDING)), OutboxRow.last_error.is_not(None))
            .order_by(func.coalesce(OutboxRow.lease_until, OutboxRow.not_before).desc())
            .limit(1)
        )
        return Backlog(
            waiting=waiting,
            failed=self._session.scalar(gave_up) or 0,
            failed_lately=self._session.scalar(lately) or 0,
            oldest_due_at=oldest,
            held_back_by=self._session.scalar(error),
        )

    def _one(self, condition: ColumnElement[bool]) -> OutboxMessage | None:
        row = self._session.scalar(_fresh(select(OutboxRow).where(condition)))
        return None if row is None else _message(row)

    def _latest(self, column: Any, *conditions: ColumnElement[bool]) -> dict[Recipient, datetime]:
        query = (
            select(OutboxRow.recipient_kind, OutboxRow.recipient, func.max(column))
            .where(*conditions)
            .group_by(OutboxRow.recipient_kind, OutboxRow.recipient)
        )
        return {
            Recipient(kind=RecipientKind(kind), name=name): at
            for kind, name, at in self._session.execute(query)
        }

    def _finish(self, message: OutboxMessage, worker: str, **values: Any) -> bool:
        return self._move(
            message.id,
            OutboxRow.state == SENDING,
            OutboxRow.claimed_by == worker,
            OutboxRow.attempts == message.attempts,
            **{"claimed_by": None, "lease_until": None, **values},
        )

    def _move(self, message: MessageId, *conditions: ColumnElement[bool], **values: Any) -> bool:
        moved = self._session.scalars(
            update(OutboxRow)
            .where(OutboxRow.id == message, *conditions)
            .values(**values)
            .returning(OutboxRow.id),
            execution_options={"synchronize_session": False},
        )
        return moved.one_or_none() is not None


_POSTS = (
    select(
        OutboxRow.alert,
        OutboxRow.id,
        OutboxRow.dedupe_key,
        OutboxRow.recipient_kind,
        OutboxRow.recipient,
        OutboxRow.team,
        OutboxRow.state,
        OutboxRow.attempts,
        OutboxRow.not_before,
        OutboxRow.kind,
    )
    .order_by(OutboxRow.id)
    .with_for_update()
)


def _post(row: Any) -> Post:
    return Post(
        id=MessageId(row.id),
        key=row.dedupe_key,
        recipient=Recipient(kind=RecipientKind(row.recipient_kind), name=row.recipient, team=row.team),
        state=DeliveryState(row.state),
        untouched=row.state == WAITING and row.attempts == 0,
        not_before=row.not_before,
        kind=row.kind,
    )


def _values(outgoing: Outgoing, now: datetime) -> dict[str, Any]:
    return {
        "kind": kind_of(outgoing.message),
        "recipient_kind": outgoing.recipient.kind.value,
        "recipient": outgoing.recipient.name,
        "team": outgoing.recipient.team,
        "payload": encode(outgoing.message),
        "dedupe_key": outgoing.dedupe_key,
        "alert": alert_of(outgoing.message),
        "urgency": outgoing.urgency.value,
        "not_before": outgoing.not_before,
        "edits": outgoing.edits,
        "thread_of": outgoing.thread_of,
        "loud": outgoing.loud,
        "state": WAITING,
        "attempts": 0,
        "created_at": now,
    }


def _fresh(query: Any) -> Any:
    return query.execution_options(populate_existing=True)


def _message(row: OutboxRow) -> OutboxMessage:
    payload: Mapping[str, Any] = row.payload
    return OutboxMessage(
        id=MessageId(row.id),
        outgoing=Outgoing(
            recipient=Recipient(kind=RecipientKind(row.recipient_kind), name=row.recipient, team=row.team),
            message=decode(row.kind, payload),
            dedupe_key=row.dedupe_key,
            urgency=Urgency(row.urgency),
            not_before=row.not_before,
            edits=row.edits,
            thread_of=row.thread_of,
            loud=row.loud,
        ),
        state=DeliveryState(row.state),
        attempts=row.attempts,
        created_at=row.created_at,
        channel=row.channel,
        ts=row.ts,
        last_error=row.last_error,
    )
