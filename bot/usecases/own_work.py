"""What one person has in hand: open cases and promises, the pressing ones first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.contacts import Contact
from bot.core.ids import AgentId, ContactRef
from bot.core.promises import Promise
from bot.core.settings import Settings
from bot.core.sla import ClockState
from bot.store.unit_of_work import ReadUnit

__all__ = ["OwnWork", "own_work"]

_LOOK_BACK = timedelta(days=365)
_MOST = 200
_RUNS = (ClockState.RUNNING, ClockState.BREACHED)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnWork:
    """``cases``: the next due first, by ``due`` (absent where no clock runs); ``promises`` likewise."""

    cases: tuple[Contact, ...]
    due: Mapping[ContactRef, datetime]
    promises: tuple[Promise, ...]


def own_work(uow: ReadUnit, settings: Settings, agent: AgentId, *, now: datetime) -> OwnWork:
    """Open cases of the agent and what the agent owes; never a complaint about the agent (ES7)."""
    cases = uow.contacts.open_of(agent, settings.queues, now - _LOOK_BACK, _MOST)
    due: dict[ContactRef, datetime] = {}
    for ref, clocks in uow.clocks.of([c.ref for c in cases]).items():
        running = [c.due_at for c in clocks.values() if c.stopped_at is None and c.state in _RUNS]
        if running:
            due[ref] = min(running)
    return OwnWork(
        cases=tuple(sorted(cases, key=lambda c: (c.ref not in due, due.get(c.ref, c.opened_at), c.ref))),
        due=due,
        promises=tuple(uow.promises.owed_by(agent)),
    )
