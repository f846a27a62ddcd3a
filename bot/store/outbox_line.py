"""The head of every recipient's line.  The cost follows the recipients that wait, not their messages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, literal, literal_column, or_, select, union_all
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql import func

from bot.core.delivery import PATIENCE, Candidate, Gate
from bot.core.ids import MessageId
from bot.core.messages import DeliveryState, Recipient, RecipientKind
from bot.store.bulk import batches
from bot.store.engine import UtcDateTime
from bot.store.tables import OutboxRow

__all__ = ["heads"]

WAITING, SENDING = DeliveryState.WAITING.value, DeliveryState.SENDING.value
BATCH = 500
# As literals: a partial index is only used where the statement itself says its condition.
_LIVE: Any = [literal_column(f"'{WAITING}'"), literal_column(f"'{SENDING}'")]


def heads(session: Session, now: datetime) -> list[Candidate]:
    """The first message in line of every recipient that has one.

    Each line is entered at its head by ``ix_outbox_line``, whose order is the order of delivery.
    """
    ids = list(session.scalars(_HEADS, {"now": now}))
    return [
        Candidate(
            id=MessageId(row.id),
            recipient=Recipient(kind=RecipientKind(row.recipient_kind), name=row.recipient),
            gate=Gate.POST if row.edits is None else Gate.EDIT,
            urgency=row.urgency,
            created_at=row.created_at,
            due_at=row.not_before if row.state == WAITING else (row.lease_until or row.not_before),
        )
        for part in batches(ids, BATCH)
        for row in session.execute(_ROWS, {"ids": part})
    ]


def _lines() -> Any:
    """Every recipient with something unsent, one after the other: the least name above the one before."""
    kinds = union_all(*(select(literal(kind.value).label("kind")) for kind in RecipientKind)).subquery()
    one: Any = aliased(OutboxRow)
    lines = select(
        kinds.c.kind,
        select(func.min(one.recipient))
        .where(one.state.in_(_LIVE), one.recipient_kind == kinds.c.kind)
        .correlate(kinds)
        .scalar_subquery()
        .label("name"),
    ).cte("lines", recursive=True)
    other: Any = aliased(OutboxRow)
    return lines.union_all(
        select(
            lines.c.kind,
            select(func.min(other.recipient))
            .where(
                other.state.in_(_LIVE),
                other.recipient_kind == lines.c.kind,
                other.recipient > lines.c.name,
            )
            .correlate(lines)
            .scalar_subquery(),
        ).where(lines.c.name.is_not(None))
    )


def _in_line(row: Any) -> ColumnElement[bool]:
    """Due, or begun: what waits to be tried again keeps its place, until its attempts are spent."""
    now = bindparam("now", type_=UtcDateTime())
    return or_(
        and_(row.state == WAITING, row.not_before <= now),
        and_(row.state == WAITING, row.attempts.between(1, PATIENCE - 1)),
        and_(
            row.state == SENDING,
            or_(row.claimed_by.is_not(None), row.lease_until <= now, row.attempts < PATIENCE),
        ),
    )


def _heads() -> Select[Any]:
    lines = _lines()
    waits: Any = aliased(OutboxRow)
    first = (
        select(waits.id)
        .where(
            waits.state.in_(_LIVE),
            waits.recipient_kind == lines.c.kind,
            waits.recipient == lines.c.name,
            _in_line(waits),
        )
        .order_by(waits.urgency, waits.created_at, waits.id)
        .limit(1)
        .correlate(lines)
        .scalar_subquery()
        .label("id")
    )
    found = select(first).where(lines.c.name.is_not(None)).subquery()
    return select(found.c.id).where(found.c.id.is_not(None))


# Built once: making the statement takes longer than asking it.
_HEADS = _heads()
_ROWS = select(
    OutboxRow.id,
    OutboxRow.recipient_kind,
    OutboxRow.recipient,
    OutboxRow.edits,
    OutboxRow.urgency,
    OutboxRow.created_at,
    OutboxRow.state,
    OutboxRow.not_before,
    OutboxRow.lease_until,
).where(
    # Another worker may have finished one between the two statements: it stands in no line any more.
    OutboxRow.id.in_(bindparam("ids", expanding=True)),
    OutboxRow.state.in_(_LIVE),
)
