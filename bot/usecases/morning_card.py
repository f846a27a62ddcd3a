"""The morning card: before a lead's shift, what the next hours bring (SCENARIOS L1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.core.ids import AgentId, QueueId, TeamId
from bot.core.messages import Outgoing, Recipient, RecipientKind, Urgency
from bot.core.morning import Ahead, back_from_leave, cover_ahead
from bot.core.on_duty import reachable
from bot.core.outlook_messages import MorningCard, OpenPromise, PeakAhead
from bot.core.people import Agent, Role
from bot.core.promises import Promise, PromiseKind
from bot.core.settings import Settings
from bot.store.unit_of_work import ReadUnit, Store, UnitOfWork
from bot.usecases.stand_up import queues_open, without_forecast
from forecasting.grid import local_midnight
from scheduler.roster.shifts import Shift

__all__ = ["BEFORE", "tick"]

BEFORE = timedelta(minutes=15)
"""How long before a lead's shift the card comes."""
LATE = timedelta(minutes=10)
"""A card that could not be written for so long after the shift began is left out: the lead has seen it."""
COVER = timedelta(hours=4)
PROMISES = timedelta(hours=2)
"""How far the card looks, from the shift's start."""
BACK = timedelta(days=21)
"""How long after the end of a leave a first shift counts as the return from it."""
DAY = timedelta(days=1)
SHOWN = 8


def tick(store: Store, settings: Settings, *, now: datetime) -> int:
    """Write the cards that are due; returns how many.

    To whoever the published roster has, not to a fixed name.  The slot is the lead and the date of the shift,
    so replicas, restarts, clock changes and a shift that moves make no second one.
    """
    with store.read() as look:
        due = [
            (lead, shift)
            for lead, shift in _starting(look, settings, now)
            if not look.job_slots.taken(_job(lead), shift.date.isoformat())
        ]
    written = 0
    for lead, shift in due:
        with store.unit() as uow:
            if uow.job_slots.take(_job(lead), shift.date.isoformat(), now):
                _write(uow, settings, lead, shift, now)
                uow.commit()
                written += 1
    return written


def _job(lead: Agent) -> str:
    return f"morning:{lead.agent}"


def _starting(uow: ReadUnit, settings: Settings, now: datetime) -> list[tuple[Agent, Shift]]:
    """Leads whose shift begins within `BEFORE`, or has begun within `LATE`."""
    found = []
    for assignment in uow.rosters.shifts_beginning(now - LATE, now + BEFORE):
        agent = uow.people.get(AgentId(assignment.agent))
        if agent is None or not reachable(agent) or agent.team not in settings.teams:
            continue
        if settings.roles.role_of(agent.email, agent.role) is not Role.AGENT:
            found.append((agent, assignment.shift))
    return found


def _write(uow: UnitOfWork, settings: Settings, lead: Agent, shift: Shift, now: datetime) -> None:
    uow.outbox.put(
        Outgoing(
            recipient=Recipient(kind=RecipientKind.AGENT, name=lead.agent, team=lead.team),
            message=_card(uow, settings, lead.team, shift, now),
            dedupe_key=f"morning:{lead.team}:{shift.date.isoformat()}:{lead.agent}",
            urgency=Urgency.NOTICE,
            not_before=now,
        ),
        now,
    )


def _card(uow: ReadUnit, settings: Settings, team: TeamId, shift: Shift, now: datetime) -> MorningCard:
    zone = settings.teams[team].zone
    day = shift.start.astimezone(ZoneInfo(zone)).date()
    until = min(shift.start + COVER, shift.end)
    queues = [queue for queue in settings.queues.values() if queue.team == team]
    open_today = queues_open(settings, queues, day, now)
    dark = tuple(without_forecast(uow, settings, queues, day, now))
    ahead = {
        q.queue: _ahead(uow, settings, q.queue, shift.start, until) for q in queues if q.queue not in dark
    }
    gaps = sorted((g for a in ahead.values() if a for g in a.gaps), key=lambda g: (g.start, g.queue))
    peaks, certified_at, changed = _peaks(uow, [q.queue for q in queues], shift.start, day, zone)
    promises = _promises(uow, [q.queue for q in queues], now, shift.start + PROMISES)
    return MorningCard(
        team=team,
        day=day,
        start=shift.start,
        until=until,
        cover=tuple(a.cover for a in ahead.values() if a is not None and a.cover is not None),
        gaps=tuple(gaps[:SHOWN]),
        gaps_total=len(gaps),
        peaks=peaks,
        certified_at=certified_at,
        changed_since=changed,
        promises=len(promises),
        promises_until=shift.start + PROMISES,
        due=tuple(OpenPromise(owner=p.owner, ref=p.ref, due_at=p.due_at) for p in promises[:SHOWN]),
        back=_back(uow, team, day, zone),
        no_forecast=dark,
        all_dark=bool(dark) and set(open_today) <= set(dark),
        data_until=uow.contacts.data_until(),
        unstaffed=tuple(q for q, a in ahead.items() if a is None and q in open_today),
    )


def _ahead(
    uow: ReadUnit, settings: Settings, queue: QueueId, start: datetime, until: datetime
) -> Ahead | None:
    """Cover and gaps of a queue; None where nobody worked out what it needs."""
    requirement = uow.requirements.between(queue, start, until)
    if not requirement:
        return None
    version = uow.rosters.published(start)
    skill = settings.queues[queue].skill
    return cover_ahead(
        queue,
        requirement,
        uow.rosters.shifts_between(start, requirement[-1].end),
        able={a.agent for a in uow.people.all() if skill in a.skills},
        changes=() if version is None else uow.requests.changes_of(version.roster_id),
    )


def _peaks(
    uow: ReadUnit, queues: Sequence[QueueId], start: datetime, day: date, zone: str
) -> tuple[tuple[PeakAhead, ...], datetime | None, int]:
    """Today's certified peaks that are not over at ``start``, when that was, and what changed since."""
    version = uow.rosters.published(start)
    certificate = None if version is None else uow.rosters.certificate(version.roster_id)
    if version is None or certificate is None:
        return (), None, 0
    end = local_midnight(day + DAY, zone)
    found = []
    for judgement in certificate.report.get("judgements", []):
        begins, ends = (datetime.fromisoformat(judgement[edge]) for edge in ("start", "end"))
        if judgement["queue"] in queues and ends > start and begins < end:
            found.append(
                PeakAhead(
                    queue=judgement["queue"],
                    start=begins,
                    end=ends,
                    probability=float(judgement["probability"]),
                )
            )
    changed = sum(c.at > certificate.made_at for c in uow.requests.changes_of(version.roster_id))
    # The weakest are worth reading first, and are not the ones to be cut.
    found.sort(key=lambda p: (p.probability, p.start, p.queue))
    return tuple(found[:SHOWN]), certificate.made_at, changed


def _promises(uow: ReadUnit, queues: Sequence[QueueId], now: datetime, until: datetime) -> list[Promise]:
    found = [p for q in queues for p in uow.promises.due_between(q, now, until, tuple(PromiseKind))]
    return sorted(found, key=lambda p: (p.due_at, p.promise))


def _back(uow: ReadUnit, team: TeamId, day: date, zone: str) -> tuple[AgentId, ...]:
    mates = {a.agent for a in uow.people.all() if a.team == team}
    worked = [
        (AgentId(a.agent), a.shift.date)
        for a in uow.rosters.shifts_between(local_midnight(day - BACK, zone), local_midnight(day + DAY, zone))
        if a.agent in mates
    ]
    working = {agent for agent, on in worked if on == day}
    leave = [e for e in uow.people.leave(working, day - BACK, day) if e.last >= day - BACK]
    return back_from_leave(day, working, leave, worked)
