"""Events that people make by working on a case here: told inside a unit, all of them or none."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

from bot.core.contacts import ContactEvent, EventKind
from bot.core.errors import RefusedError
from bot.core.ids import ContactRef
from bot.core.settings import Settings
from bot.store.unit_of_work import UnitOfWork
from bot.usecases import intake

__all__ = ["SOURCE", "case_event", "tell"]

SOURCE = "muster"


def case_event(ref: ContactRef, kind: EventKind, at: datetime, **fields: Any) -> ContactEvent:
    """An event of our own; each one is new."""
    return ContactEvent(
        ref=ref, kind=kind, at=at, source=SOURCE, source_event_id=f"{kind.value}:{uuid4().hex}", **fields
    )


def tell(uow: UnitOfWork, settings: Settings, *events: ContactEvent, now: datetime) -> None:
    """Record events in this unit.

    Somebody waits for the answer, so what does not fit the case as it stands is refused instead of being
    kept for later: raises RefusedError with the reason, and the unit must not be committed.
    """
    if not events:
        return
    recorded = intake.record_in(uow, settings, events, now=now)
    for _, kind, text in recorded.result.refused:
        raise RefusedError(kind, text)
    for reason in recorded.unfit:
        raise reason
