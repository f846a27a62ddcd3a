"""Events of queues: added, imported, taken away; each change is in the audit trail (FP5, FP8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.core.allowed_text import code_problem
from bot.core.changes import Change, ChangeCounts
from bot.core.errors import NotFoundError, RefusedError
from bot.core.ids import EventId
from bot.core.import_report import ImportReport, Numbered
from bot.core.privacy import refuse_personal
from bot.core.queue_events import NAME_LENGTH, QueueEvent
from bot.core.queues import check_queue
from bot.core.settings import Settings
from bot.store.unit_of_work import Store, UnitOfWork

__all__ = ["add", "import_events", "remove"]


def add(store: Store, settings: Settings, event: QueueEvent) -> tuple[QueueEvent, Change]:
    """Keep an event; one of the same kind, days and queue is replaced.

    Raises RefusedError, with nothing kept, for an unknown queue, a kind that is no short code, and a name
    that is too long or holds personal data.
    """
    held = event.event
    if event.queue is not None:
        check_queue(event.queue, settings.queues)
    if code_problem(held.kind) is not None:
        raise RefusedError(
            "event_kind",
            "The kind of an event is one short word, such as bill_mailed: events of one kind teach each "
            "other. Nothing was added.",
        )
    if len(held.name) > NAME_LENGTH:
        raise RefusedError(
            "event_name",
            f"The name of an event has up to {NAME_LENGTH} characters. Nothing was added.",
            most=NAME_LENGTH,
        )
    refuse_personal(held.name)
    with store.unit() as uow:
        ((number, change),) = uow.queue_events.save([event])
        if change is not Change.UNCHANGED:
            _audit(uow, "event_added" if change is Change.NEW else "event_changed", number, event)
        uow.commit()
    return replace(event, number=number), change


def import_events(store: Store, rows: Sequence[Numbered[QueueEvent]], report: ImportReport) -> ImportReport:
    """Keep the events of a file in one transaction; those that are not in the file stay."""
    with store.unit() as uow:
        counts = ChangeCounts()
        for row, (number, change) in zip(
            rows, uow.queue_events.save([row.value for row in rows]), strict=True
        ):
            counts += ChangeCounts(**{change.value: 1})
            if change is not Change.UNCHANGED:
                _audit(uow, "event_added" if change is Change.NEW else "event_changed", number, row.value)
        uow.commit()
    return report.with_outcome(counts)


def remove(store: Store, number: EventId, *, by: str, now: datetime) -> QueueEvent:
    """Take an event away; forecasts already made keep what they knew.  Raises NotFoundError."""
    with store.unit() as uow:
        removed = uow.queue_events.remove(number)
        if removed is None:
            raise NotFoundError(
                "event_unknown",
                f"event {number} does not exist; nothing was removed. See: muster event list --all",
                number=number,
            )
        _audit(uow, "event_removed", number, replace(removed, added_by=by, added_at=now))
        uow.commit()
    return removed


def _audit(uow: UnitOfWork, action: str, number: EventId, event: QueueEvent) -> None:
    held = event.event
    detail = {
        "queue": event.queue,
        "kind": held.kind,
        "first_day": held.first_day.isoformat(),
        "last_day": held.last_day.isoformat(),
        "lift": None if held.lift is None else [held.lift.low, held.lift.mid, held.lift.high],
    }
    uow.audit.add(event.added_by, action, f"event:{number}", detail, event.added_at)
