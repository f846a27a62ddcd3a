"""The one message in which somebody follows a run: posted once, then edited in place.

It is written in the transaction that moves the run's row, so that it says what the row says whatever stops
the process in between.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.core.errors import MusterError
from bot.core.messages import Outgoing, Recipient, RecipientKind, Urgency
from bot.core.planner_messages import Detail, PlannerMessage
from bot.core.runs import Run
from bot.store.unit_of_work import UnitOfWork

__all__ = ["details", "parameters", "told", "write"]


def parameters(tell: Recipient | None, **more: Any) -> dict[str, Any]:
    """What the run's row keeps of the message, with ``more``; nothing where nobody is told."""
    if tell is None:
        return {}
    return {"tell": {"kind": tell.kind.value, "name": tell.name}, **more}


def told(run: Run) -> Recipient | None:
    """Who follows a run."""
    held = run.parameters.get("tell")
    if not isinstance(held, Mapping):
        return None
    return Recipient(kind=RecipientKind(held["kind"]), name=str(held["name"]))


def details(why: BaseException | None) -> tuple[Detail, ...]:
    """What an error's sentence names."""
    if not isinstance(why, MusterError):
        return ()
    return tuple(Detail(name=name, value=str(value)) for name, value in why.data.items())


def write(uow: UnitOfWork, run: Run, card: PlannerMessage, *, now: datetime) -> None:
    """Put the run's message, or its next state, into the outbox; nothing where nobody follows it."""
    recipient = told(run)
    if recipient is None:
        return
    key = f"run-{run.run}"
    first = uow.outbox.by_key(key) is None
    if not first:
        uow.outbox.supersede_edits([key])
    uow.outbox.put(
        Outgoing(
            recipient=recipient,
            message=card,
            # A time of its own for each: what an interrupted run said may be said again.
            dedupe_key=key if first else f"{key}-{run.state.value}-{now.timestamp():.3f}",
            urgency=Urgency.NOTICE,
            not_before=now,
            edits=None if first else key,
        ),
        now,
    )
