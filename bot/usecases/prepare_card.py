"""The prepare card: just before their shift, who asked for reminders gets what awaits them (SCENARIOS A3)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.core.ids import AgentId
from bot.core.messages import OpenCase, Outgoing, PrepareCard, Recipient, RecipientKind, ShiftLine, Urgency
from bot.core.on_duty import reachable
from bot.core.outlook_messages import OpenPromise
from bot.core.people import Agent
from bot.core.settings import Settings
from bot.store.unit_of_work import ReadUnit, Store, UnitOfWork
from bot.usecases.own_work import own_work
from forecasting.grid import local_midnight
from scheduler.roster.shifts import PREPARE, Shift

__all__ = ["BEFORE", "tick"]

BEFORE = timedelta(minutes=5)
"""How long before a shift the card comes, where the shift has no paid minutes to prepare in."""
LATE = timedelta(minutes=10)
"""A card that could not be written for so long after its time is left out."""
SHOWN = 5


def tick(store: Store, settings: Settings, *, now: datetime) -> int:
    """Write the cards that are due; returns how many.

    Where the shift begins with paid minutes to prepare, the card comes with them.  The slot is the agent and
    the shift's start, so replicas, restarts and clock changes make no second one.
    """
    with store.read() as look:
        wanted = look.shift_reminders.all()
        due = [
            (agent, shift)
            for agent, shift in _starting(look, wanted, now)
            if not look.job_slots.taken(_job(agent), shift.start.isoformat())
        ]
    written = 0
    for agent, shift in due:
        with store.unit() as uow:
            if uow.job_slots.take(_job(agent), shift.start.isoformat(), now):
                written += _write(uow, settings, agent, shift, now)
                uow.commit()
    return written


def _job(agent: Agent) -> str:
    return f"prepare:{agent.agent}"


def _starting(uow: ReadUnit, wanted: Collection[AgentId], now: datetime) -> list[tuple[Agent, Shift]]:
    found = []
    for assignment in uow.rosters.shifts_beginning(now - LATE, now + BEFORE):
        name, shift = AgentId(assignment.agent), assignment.shift
        if name not in wanted or not _card_at(shift) <= now < _card_at(shift) + LATE:
            continue
        agent = uow.people.get(name)
        if agent is not None and reachable(agent):
            found.append((agent, shift))
    return found


def _card_at(shift: Shift) -> datetime:
    first = shift.segments[0] if shift.segments else None
    paid = first is not None and first.activity == PREPARE
    return shift.start if paid else shift.start - BEFORE


def _write(uow: UnitOfWork, settings: Settings, agent: Agent, shift: Shift, now: datetime) -> int:
    work = own_work(uow, settings, agent.agent, now=now)
    today = shift.start.astimezone(ZoneInfo(agent.zone)).date()
    midnight = local_midnight(today + timedelta(days=1), agent.zone)
    owed = [p for p in work.promises if p.due_at < max(midnight, shift.end)]
    begins = next((s.start for s in shift.segments if s.activity != PREPARE), shift.start)
    return int(
        uow.outbox.put(
            Outgoing(
                recipient=Recipient(kind=RecipientKind.AGENT, name=agent.agent, team=agent.team),
                message=PrepareCard(
                    shift=ShiftLine.of(shift),
                    begins=begins,
                    checklist=settings.roster.checklist,
                    cases=tuple(OpenCase(ref=c.ref, due_at=work.due.get(c.ref)) for c in work.cases[:SHOWN]),
                    cases_total=len(work.cases),
                    promises=tuple(
                        OpenPromise(owner=p.owner, ref=p.ref, due_at=p.due_at) for p in owed[:SHOWN]
                    ),
                    promises_total=len(owed),
                ),
                dedupe_key=f"prepare-{agent.agent}-{shift.start.isoformat()}",
                urgency=Urgency.NOTICE,
                not_before=now,
            ),
            now,
        )
    )
