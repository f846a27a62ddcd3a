"""The evening before: who asked for it is told the next day's shift (SCENARIOS A1)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.core.ids import AgentId
from bot.core.messages import Outgoing, Recipient, RecipientKind, ShiftLine, ShiftReminder, Urgency
from bot.core.on_duty import reachable
from bot.core.people import Agent
from bot.store.unit_of_work import Store, UnitOfWork
from forecasting.grid import local_midnight

__all__ = ["USUAL", "keep", "stop", "tick"]

USUAL = time(19)
"""When somebody who names no time is reminded."""
GRACE = timedelta(hours=3)
"""A reminder that could not be written for so long is left out, and so it is from midnight on."""


def keep(store: Store, agent: AgentId, at: time, *, now: datetime) -> None:
    """Remind the agent at this time of their own zone, on the eve of each shift."""
    with store.unit() as uow:
        uow.shift_reminders.keep(agent, at, now=now)
        uow.commit()


def stop(store: Store, agent: AgentId) -> bool:
    """No more reminders; False where there were none."""
    with store.unit() as uow:
        ended = uow.shift_reminders.end(agent)
        uow.commit()
    return ended


def tick(store: Store, *, now: datetime) -> int:
    """Write the reminders that are due; returns how many.

    The slot is the agent and the local date, so replicas, restarts and clock changes make no second one.
    """
    with store.read() as look:
        due = [
            (agent, day)
            for name, at in look.shift_reminders.all().items()
            if (agent := look.people.get(name)) is not None
            and reachable(agent)
            and (day := _day_of(agent, at, now)) is not None
            and not look.job_slots.taken(_job(agent), day.isoformat())
        ]
    written = 0
    for agent, day in due:
        with store.unit() as uow:
            if uow.job_slots.take(_job(agent), day.isoformat(), now):
                written += _write(uow, agent, day, now)
                uow.commit()
    return written


def _day_of(agent: Agent, at: time, now: datetime) -> date | None:
    """The agent's local date if the time of its reminder has come and not long passed."""
    zone = ZoneInfo(agent.zone)
    local = now.astimezone(zone)
    due = datetime.combine(local.date(), at, tzinfo=zone).astimezone(UTC)
    return local.date() if due <= now < due + GRACE else None


def _job(agent: Agent) -> str:
    return f"shift_reminder:{agent.agent}"


def _write(uow: UnitOfWork, agent: Agent, day: date, now: datetime) -> int:
    start = local_midnight(day + timedelta(days=1), agent.zone)
    end = local_midnight(day + timedelta(days=2), agent.zone)
    shifts = [s for s in uow.rosters.shifts_of(agent.agent, start, end) if s.start >= start]
    if not shifts:
        return 0
    return int(
        uow.outbox.put(
            Outgoing(
                recipient=Recipient(kind=RecipientKind.AGENT, name=agent.agent, team=agent.team),
                message=ShiftReminder(shifts=tuple(ShiftLine.of(s) for s in shifts)),
                dedupe_key=f"shift-reminder-{agent.agent}-{day.isoformat()}",
                urgency=Urgency.DIGEST,
                not_before=now,
            ),
            now,
        )
    )
