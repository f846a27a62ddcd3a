"""Who a level of the ladder is (ES4): leads on duty, supervisors, a department, managers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from bot.core.case_work import Level
from bot.core.contacts import Contact
from bot.core.errors import RefusedError
from bot.core.messages import Recipient, RecipientKind
from bot.core.on_duty import leads_on_duty
from bot.core.people import Role
from bot.core.record_settings import Department
from bot.core.settings import Settings
from bot.store.unit_of_work import ReadUnit
from bot.usecases.departments import channel_of

__all__ = ["Reached", "deciders", "people_of_level", "possible_supervisors"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """``nobody_on_duty``: the level was to be somebody on duty, nobody is, the last resort is told.

    ``only_asker``: whoever asks is all of the level, so ``recipients`` is who decides instead.
    """

    recipients: tuple[Recipient, ...]
    nobody_on_duty: bool = False
    only_asker: bool = False


def people_of_level(
    uow: ReadUnit,
    settings: Settings,
    contact: Contact,
    level: Level,
    *,
    department: Department | None = None,
    now: datetime,
) -> Reached:
    """Whom a level reaches now; never the agent a complaint is about."""
    if level is Level.DEPARTMENT:
        if department is None:
            raise RefusedError("department_needed", "say which department; nothing was escalated.")
        return Reached(recipients=(channel_of(settings, department, contact),))
    team = settings.teams[settings.queues[contact.queue].team]
    resort = Recipient(
        kind=RecipientKind.EMAIL, name=settings.chains[team.escalation].last_resort, team=team.team
    )
    about = None if contact.complained_about is None else uow.people.get(contact.complained_about)
    named = {
        Level.LEAD: (),
        Level.SUPERVISOR: settings.records.supervisors,
        Level.MANAGER: settings.records.managers,
    }[level]
    found = tuple(
        Recipient(kind=RecipientKind.EMAIL, name=email, team=team.team)
        for email in named
        if about is None or about.email != email
    )
    if found:
        return Reached(recipients=found)
    if level is Level.MANAGER:
        return Reached(recipients=(resort,))
    agents = {a.agent: a for a in uow.people.all()}
    leads = leads_on_duty(uow.rosters.on_shift(now), agents, team=team.team, roles=settings.roles)
    told = tuple(
        Recipient(kind=RecipientKind.AGENT, name=lead, team=team.team)
        for lead in leads
        if lead != contact.complained_about
    )
    return Reached(recipients=told) if told else Reached(recipients=(resort,), nobody_on_duty=True)


def deciders(
    uow: ReadUnit, settings: Settings, contact: Contact, *, actor: str, email: str | None, now: datetime
) -> Reached:
    """Who may agree to what ``actor`` asks for: the supervisors, and never whoever asks.

    Where nobody else is left: the last resort, or an admin.  Raises RefusedError where there is no such
    person either.
    """
    reached = people_of_level(uow, settings, contact, Level.SUPERVISOR, now=now)
    address = "" if email is None else email.lower()
    others = tuple(r for r in reached.recipients if r.name != actor and r.name.lower() != address)
    if others:
        return replace(reached, recipients=others)
    team = settings.teams[settings.queues[contact.queue].team]
    recorded = {a.email.lower(): a.role for a in uow.people.all()}
    for instead in (settings.chains[team.escalation].last_resort, *_admins(settings)):
        role = settings.roles.role_of(instead, recorded.get(instead.lower(), Role.AGENT))
        if instead.lower() != address and role is not Role.AGENT:
            card = Recipient(kind=RecipientKind.EMAIL, name=instead, team=team.team)
            return Reached(recipients=(card,), only_asker=True)
    raise RefusedError(
        "approval_nobody",
        "nobody but you could decide this; nothing was asked. Add somebody under records.supervisors.",
    )


def _admins(settings: Settings) -> list[str]:
    return sorted(email for email, role in settings.roles.by_email.items() if role is Role.ADMIN)


def possible_supervisors(uow: ReadUnit, settings: Settings, contact: Contact) -> tuple[Recipient, ...]:
    """Everybody a card for the supervisor may have reached, whoever was on duty then."""
    team = settings.teams[settings.queues[contact.queue].team]
    every = (*settings.records.supervisors, settings.chains[team.escalation].last_resort, *_admins(settings))
    leads = (
        a.agent
        for a in uow.people.all(active=False)
        if a.team == team.team and settings.roles.role_of(a.email, a.role) is not Role.AGENT
    )
    return (
        *(Recipient(kind=RecipientKind.EMAIL, name=email, team=team.team) for email in dict.fromkeys(every)),
        *(Recipient(kind=RecipientKind.AGENT, name=lead, team=team.team) for lead in leads),
    )
