"""A complaint goes to the supervisor at once, and never to the agent it is about (ES1, ES7, L9)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from bot.core.case_work import Level, Proposal, propose_owner
from bot.core.contacts import CLOSED, Contact, ContactType
from bot.core.ids import AgentId
from bot.core.messages import Outgoing, Recipient, Urgency
from bot.core.on_duty import leads_on_duty, reachable
from bot.core.people import Agent, Role, Team
from bot.core.records_messages import ComplaintRaised
from bot.core.settings import Settings
from bot.store.unit_of_work import UnitOfWork
from bot.usecases.levels import people_of_level

__all__ = ["card_key", "propose", "raise_complaints"]

LOOK_AHEAD = timedelta(days=3)
"""How far the roster is looked through for the next person with the skill."""
SHOWN_FOR = timedelta(days=1)
"""A complaint opened longer ago than this is of the past, told by a late source: nobody is alarmed."""


def raise_complaints(uow: UnitOfWork, settings: Settings, contacts: Iterable[Contact], now: datetime) -> int:
    """Tell the supervisors of every open complaint among these that they have not been told of."""
    raised = 0
    for contact in contacts:
        if contact.type is not ContactType.COMPLAINT or contact.status in CLOSED:
            continue
        if contact.opened_at < now - SHOWN_FOR or contact.queue not in settings.queues:
            continue
        raised += _raise(uow, settings, contact, now)
    return raised


def _raise(uow: UnitOfWork, settings: Settings, contact: Contact, now: datetime) -> bool:
    proposal = propose(uow, settings, contact, now)
    message = ComplaintRaised(
        ref=contact.ref,
        queue=contact.queue,
        priority=contact.priority.value,
        opened_at=contact.opened_at,
        owner=contact.agent,
        complained_about=contact.complained_about,
        proposed=proposal.agent,
        skilled=proposal.skilled,
        nobody_until=proposal.nobody_until,
    )
    # Given to the very agent it is about, by another system: that is told as well, once.
    wrong = ":wrong_owner" if contact.agent == contact.complained_about is not None else ""
    told = False
    for recipient in _supervisors(uow, settings, contact, now):
        told |= uow.outbox.put(
            Outgoing(
                recipient=recipient,
                message=message,
                dedupe_key=card_key(contact, recipient) + wrong,
                urgency=Urgency.ALERT,
                not_before=now,
            ),
            now,
        )
    return told


def propose(uow: UnitOfWork, settings: Settings, contact: Contact, now: datetime) -> Proposal:
    """Who may handle a complaint: skilled and on shift, else a lead; never the agent it is about."""
    team = _team(settings, contact)
    agents = [a for a in uow.people.all() if a.team == team.team and reachable(a)]
    skill = settings.records.complaint_skill
    fit = {a.agent for a in agents if a.skills.get(skill, 0.0) > 0 and a.agent != contact.complained_about}
    on_shift = frozenset(entry.agent for entry in uow.rosters.on_shift(now))
    next_at = None
    if not fit & on_shift:
        starts = [
            a.shift.start
            for a in uow.rosters.shifts_between(now, now + LOOK_AHEAD)
            if a.agent in fit and a.shift.start > now
        ]
        next_at = min(starts, default=None)
    return propose_owner(
        agents,
        skill=skill,
        complained_about=contact.complained_about,
        on_shift=on_shift,
        leads=_leads(uow, settings, team, agents, now),
        next_skilled_at=next_at,
    )


def _leads(
    uow: UnitOfWork, settings: Settings, team: Team, agents: Sequence[Agent], now: datetime
) -> tuple[AgentId, ...]:
    """Leads on duty, then those whose shift begins next, then the others."""
    people = {a.agent: a for a in agents}
    duty = leads_on_duty(uow.rosters.on_shift(now), people, team=team.team, roles=settings.roles)
    leads = {a.agent for a in agents if settings.roles.role_of(a.email, a.role) is not Role.AGENT}
    shifts = sorted(
        (a.shift.start, a.agent)
        for a in uow.rosters.shifts_between(now, now + LOOK_AHEAD)
        if a.agent in leads and a.shift.start > now
    )
    return tuple(dict.fromkeys([*duty, *(AgentId(a) for _, a in shifts), *sorted(leads)]))


def _supervisors(
    uow: UnitOfWork, settings: Settings, contact: Contact, now: datetime
) -> tuple[Recipient, ...]:
    return people_of_level(uow, settings, contact, Level.SUPERVISOR, now=now).recipients


def _team(settings: Settings, contact: Contact) -> Team:
    return settings.teams[settings.queues[contact.queue].team]


def card_key(contact: Contact, recipient: Recipient) -> str:
    """The outbox key of a card about a complaint."""
    return f"complaint:{contact.ref}:{recipient.kind.value}:{recipient.name}"
