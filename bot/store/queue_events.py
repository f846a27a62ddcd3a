"""Dated events of queues."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.core.changes import Change
from bot.core.ids import EventId, QueueId
from bot.core.queue_events import QueueEvent, same_event
from bot.store.tables import QueueEventRow
from forecasting.events import DatedEvent, EventNature, Lift


class QueueEvents:
    def __init__(self, session: Session) -> None:
        self._session = session

    def all(self) -> list[QueueEvent]:
        """Every event, in order of time."""
        order = (QueueEventRow.first_day, QueueEventRow.last_day, QueueEventRow.kind, QueueEventRow.id)
        return [_event(row) for row in self._session.scalars(select(QueueEventRow).order_by(*order))]

    def get(self, number: EventId) -> QueueEvent | None:
        row = self._session.get(QueueEventRow, number)
        return None if row is None else _event(row)

    def save(self, events: Sequence[QueueEvent]) -> list[tuple[EventId, Change]]:
        """Write events in their order; one with the key of a stored one replaces it and keeps its number."""
        held = {_event(row).key: row for row in self._session.scalars(select(QueueEventRow))}
        saved: list[tuple[EventId, Change]] = []
        for event in events:
            row = held.get(event.key)
            if row is None:
                row = held[event.key] = QueueEventRow(**_columns(event))
                self._session.add(row)
                self._session.flush()
                change = Change.NEW
            elif same_event(before := _event(row), event) and before.event.name == event.event.name:
                change = Change.UNCHANGED
            else:
                for name, value in _columns(event).items():
                    setattr(row, name, value)
                change = Change.CHANGED
            saved.append((EventId(row.id), change))
        self._session.flush()
        return saved

    def remove(self, number: EventId) -> QueueEvent | None:
        """Take an event away and return it; None where there is none."""
        row = self._session.get(QueueEventRow, number)
        if row is None:
            return None
        removed = _event(row)
        self._session.delete(row)
        self._session.flush()
        return removed


def _columns(held: QueueEvent) -> dict[str, object]:
    event, lift = held.event, held.event.lift
    return {
        "queue": held.queue or "",
        "kind": event.kind,
        "first_day": event.first_day,
        "last_day": event.last_day,
        "name": event.name,
        "nature": event.nature.value,
        "size": event.size,
        "lift_low": None if lift is None else lift.low,
        "lift_mid": None if lift is None else lift.mid,
        "lift_high": None if lift is None else lift.high,
        "lead_days": event.lead_days,
        "tail_days": event.tail_days,
        "added_by": held.added_by,
        "added_at": held.added_at,
    }


def _event(row: QueueEventRow) -> QueueEvent:
    lift = None
    if row.lift_low is not None and row.lift_mid is not None and row.lift_high is not None:
        lift = Lift(low=row.lift_low, mid=row.lift_mid, high=row.lift_high)
    return QueueEvent(
        number=EventId(row.id),
        queue=QueueId(row.queue) if row.queue else None,
        event=DatedEvent(
            kind=row.kind,
            first_day=row.first_day,
            last_day=row.last_day,
            name=row.name,
            nature=EventNature(row.nature),
            size=row.size,
            lift=lift,
            lead_days=row.lead_days,
            tail_days=row.tail_days,
        ),
        added_by=row.added_by,
        added_at=row.added_at,
    )
