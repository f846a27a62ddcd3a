"""What an incident says: one card that is edited, news in its thread, and messages to those concerned.

Everything is put into the outbox inside the unit that changes the incident.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from bot.core.errors import NotFoundError
from bot.core.escalation import last_resort
from bot.core.ids import AgentId, IncidentId, QueueId
from bot.core.incident_messages import (
    BacklogLine,
    ContactLine,
    IncidentBacklog,
    IncidentCard,
    IncidentNews,
    IncidentTold,
    StepLine,
)
from bot.core.incidents import Incident
from bot.core.messages import Message, Outgoing, Recipient, RecipientKind, Urgency
from bot.core.on_duty import reachable
from bot.core.settings import Settings
from bot.store.unit_of_work import ReadUnit, UnitOfWork
from bot.usecases.on_the_floor import Present

__all__ = [
    "backlog_of",
    "card_key",
    "known",
    "leads",
    "news_of",
    "post_backlog",
    "queues_of",
    "reread",
    "tell",
    "tell_agents",
    "tell_person",
    "write_card",
]

SHOWN: Final = 15
"""Cases of a backlog that one message names."""


def card_key(incident: IncidentId) -> str:
    return f"incident-{incident}"


def _channel(settings: Settings, incident: Incident) -> Recipient:
    name = settings.teams[incident.team].channels["alerts"]
    return Recipient(kind=RecipientKind.CHANNEL, name=name, team=incident.team)


def write_card(uow: UnitOfWork, settings: Settings, incident: Incident, *, now: datetime) -> None:
    """Post the card, or let it say how things stand now."""
    key = card_key(incident.incident)
    first = uow.outbox.by_key(key) is None
    if not first:
        uow.outbox.supersede_edits([key])
    window = None if incident.window is None else uow.exception_windows.get(incident.window)
    card = IncidentCard(
        incident=incident.incident,
        titles=incident.titles,
        what=incident.what,
        drill=incident.drill,
        state=incident.state.value,
        started_at=incident.started_at,
        by=incident.started_by,
        steps=tuple(StepLine.of(step) for step in incident.steps),
        contacts=tuple(ContactLine(name=name, reach=reach) for name, reach in incident.contacts),
        cause=incident.cause,
        recover_by=incident.recover_by,
        compensation=incident.compensation,
        window_until=None if window is None else window.ends_at,
        over_at=incident.over_at,
        backlog_left=incident.backlog_left,
        cases=len(incident.cases),
    )
    uow.outbox.put(
        Outgoing(
            recipient=_channel(settings, incident),
            message=card,
            dedupe_key=key if first else f"{key}-r{incident.revision}-{now.timestamp():.3f}",
            urgency=Urgency.ALERT,
            not_before=now,
            edits=None if first else key,
        ),
        now,
    )


def tell(
    uow: UnitOfWork,
    settings: Settings,
    incident: Incident,
    news: IncidentNews,
    *,
    now: datetime,
    loud: bool = False,
) -> None:
    """In the card's thread; ``loud``: shown in the channel as well."""
    card = card_key(incident.incident)
    number = "" if news.step is None else f"-{news.step.number}"
    uow.outbox.put(
        Outgoing(
            recipient=_channel(settings, incident),
            message=news,
            dedupe_key=f"{card}-{news.news}{number}-{now.isoformat()}",
            urgency=Urgency.ALERT if loud else Urgency.NOTICE,
            not_before=now,
            thread_of=card,
            loud=loud and not incident.drill,
        ),
        now,
    )


def leads(uow: ReadUnit, settings: Settings, incident: Incident, *, now: datetime) -> tuple[Recipient, ...]:
    """The leads on duty; the chain's last resort where there are none."""
    team = settings.teams[incident.team]
    found = Present(uow, settings, now).leads(incident.team)
    if found:
        return tuple(Recipient(kind=RecipientKind.AGENT, name=a, team=incident.team) for a in found)
    return (last_resort(settings.chains[team.escalation], team.team),)


def tell_person(
    uow: UnitOfWork, recipient: Recipient, message: Message, key: str, *, now: datetime, urgent: bool = False
) -> None:
    uow.outbox.put(
        Outgoing(
            recipient=recipient,
            message=message,
            dedupe_key=key,
            urgency=Urgency.ALERT if urgent else Urgency.NOTICE,
            not_before=now,
        ),
        now,
    )


def tell_agents(uow: UnitOfWork, settings: Settings, incident: Incident, stage: str, *, now: datetime) -> int:
    """Everybody of the team on shift learns cause and repair time (CA9); returns how many.  Not in drills."""
    if incident.drill:
        return 0
    present = Present(uow, settings, now)
    told = 0
    for agent in sorted(present.on_shift):
        person = present.agents.get(agent)
        if person is None or person.team != incident.team or not reachable(person):
            continue
        message = IncidentTold(
            incident=incident.incident,
            titles=incident.titles,
            stage=stage,
            what=incident.what,
            cause=incident.cause,
            recover_by=incident.recover_by,
            compensation=incident.compensation,
        )
        recipient = Recipient(kind=RecipientKind.AGENT, name=AgentId(agent), team=incident.team)
        key = f"{card_key(incident.incident)}-told-{stage}-{agent}-{now.isoformat()}"
        tell_person(uow, recipient, message, key, now=now)
        told += 1
    return told


def queues_of(settings: Settings, incident: Incident) -> list[QueueId]:
    return [q.queue for q in settings.queues.values() if q.team == incident.team]


def backlog_of(
    uow: ReadUnit, settings: Settings, incident: Incident, *, now: datetime
) -> tuple[tuple[BacklogLine, ...], int]:
    """What came or waited meanwhile and is still open, by promise, and how many (CP9).

    A drill's are its simulated cases, and nothing else.
    """
    until = incident.over_at or now
    if incident.drill:
        waiting = [c for c in incident.cases if c.handled_at is None]
        return tuple(
            BacklogLine(ref=f"TEST-{incident.incident}-{c.number}", due_at=c.due_at, case=c.number)
            for c in waiting
        ), len(waiting)
    found, total = uow.incidents.backlog(queues_of(settings, incident), until, SHOWN)
    return tuple(BacklogLine(ref=c.ref, queue=c.queue, due_at=c.due_at, owner=c.owner) for c in found), total


def post_backlog(
    uow: UnitOfWork,
    settings: Settings,
    incident: Incident,
    lines: tuple[BacklogLine, ...],
    left: int,
    *,
    now: datetime,
) -> None:
    """In the thread; edited as cases are done."""
    card = card_key(incident.incident)
    key = f"{card}-backlog"
    first = uow.outbox.by_key(key) is None
    if not first:
        uow.outbox.supersede_edits([key])
    message = IncidentBacklog(
        incident=incident.incident,
        titles=incident.titles,
        drill=incident.drill,
        lines=lines,
        left=left,
        total=max(left, incident.backlog_total or 0),
    )
    uow.outbox.put(
        Outgoing(
            recipient=_channel(settings, incident),
            message=message,
            dedupe_key=key if first else f"{key}-r{incident.revision}-{now.timestamp():.3f}",
            urgency=Urgency.NOTICE,
            not_before=now,
            edits=None if first else key,
            thread_of=card if first else None,
        ),
        now,
    )


def news_of(incident: Incident, news: str, by: str, *, words: str = "", count: int = 0) -> IncidentNews:
    return IncidentNews(
        incident=incident.incident,
        titles=incident.titles,
        drill=incident.drill,
        news=news,
        by=by,
        words=words,
        count=count,
    )


def known(incident: Incident | None, number: IncidentId) -> Incident:
    """Raises NotFoundError for None."""
    if incident is None:
        raise NotFoundError(
            "no_incident",
            f"There is no incident {number}; nothing was changed. See: /muster incident",
            incident=number,
        )
    return incident


def reread(uow: UnitOfWork, incident: IncidentId) -> Incident:
    found = uow.incidents.get(incident)
    assert found is not None
    return found
