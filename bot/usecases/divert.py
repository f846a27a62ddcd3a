"""Divert a queue's contacts to self-service and back, by telling the system that leads them (CA13)."""

from __future__ import annotations

from datetime import datetime

from bot.core.diversions import TRIES, Diversion
from bot.core.errors import MusterError, RefusedError
from bot.core.ids import QueueId
from bot.core.messages import OperatorNotice
from bot.core.ports import Clock, DiversionSwitch
from bot.core.queues import check_queue
from bot.core.settings import Settings
from bot.store.unit_of_work import Store
from bot.usecases.operator_notices import tell_operators

__all__ = ["switch", "tick"]


def switch(
    store: Store, settings: Settings, queue: QueueId, *, on: bool, by: str, now: datetime
) -> Diversion:
    """Ask for it; the system outside is told at once, and again until it answers.

    Raises RefusedError for an unknown queue, and where it stands so already.
    """
    check_queue(queue, settings.queues)
    with store.unit() as uow:
        held = uow.diversions.get(queue)
        stands = held is not None and held.on
        gave_up = held is not None and held.told_at is None and held.tries >= TRIES
        if stands is on and not gave_up:
            raise RefusedError(
                "diversion_stands",
                f"{queue} is {'diverted' if on else 'not diverted'} already; nothing was changed.",
                variant="on" if on else "off",
                queue=queue,
            )
        uow.diversions.switch(queue, on, by=by, now=now)
        action = "diversion_on" if on else "diversion_off"
        uow.audit.add(by, action, f"queue:{queue}", {}, now)
        uow.commit()
    return Diversion(queue=queue, on=on, changed_at=now, changed_by=by)


def tick(store: Store, settings: Settings, outside: DiversionSwitch, *, now: Clock) -> int:
    """Tell what was not told yet; returns how many messages were written to operators."""
    written = 0
    while True:
        with store.read() as look:
            if not look.diversions.untold(now()):
                return written
        with store.unit() as uow:
            held = uow.diversions.claim(now())
            uow.commit()
        if held is None:
            return written
        try:
            outside(held)
        except MusterError as error:
            with store.unit() as uow:
                if held.tries >= TRIES:
                    notice = OperatorNotice(code="diversion_failed", subject=held.queue, detail=error.kind)
                    tell_operators(uow, settings, notice, now())
                    written += 1
                uow.audit.add(
                    "muster", "diversion_not_told", f"queue:{held.queue}", {"tries": held.tries}, now()
                )
                uow.commit()
            continue
        with store.unit() as uow:
            if uow.diversions.told(held, now()):
                uow.audit.add("muster", "diversion_told", f"queue:{held.queue}", {"on": held.on}, now())
            uow.commit()
