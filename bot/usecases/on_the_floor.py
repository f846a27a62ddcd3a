"""Who is there: what roster and requirement say, asked once per unit.  Called inside a unit."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from bot.core.alert_messages import Away, Colleague
from bot.core.alert_settings import quiet_until
from bot.core.alerts import Concern
from bot.core.cause import StaffingCause
from bot.core.contacts import Contact, Priority
from bot.core.courses import Measure
from bot.core.escalation import WARNED, EscalationStep, Notify, Reach
from bot.core.ids import AgentId, QueueId, TeamId
from bot.core.messages import Recipient, RecipientKind
from bot.core.on_duty import OnShift, leads_on_duty, reachable, skilled_on_duty
from bot.core.people import Agent
from bot.core.settings import Settings
from bot.store.unit_of_work import ReadUnit
from bot.usecases.find_cause import Causes
from scheduler.roster.shifts import RESERVED_ACTIVITIES, SESSION_KINDS

__all__ = ["Present", "complained_about"]

_COLLEAGUES = 2


@dataclass(slots=True)
class Present:
    """The people of one unit at ``now``.  Every table is read once, whatever the number of alerts."""

    uow: ReadUnit
    settings: Settings
    now: datetime
    _agents: Mapping[AgentId, Agent] | None = None
    _on_shift: Mapping[AgentId, OnShift] | None = None
    _heard_at: tuple[datetime | None] | None = None
    _leads: dict[TeamId, tuple[AgentId, ...]] = field(default_factory=dict)
    _causes: Causes | None = None

    @property
    def agents(self) -> Mapping[AgentId, Agent]:
        if self._agents is None:
            self._agents = {a.agent: a for a in self.uow.people.all()}
        return self._agents

    @property
    def on_shift(self) -> Mapping[AgentId, OnShift]:
        if self._on_shift is None:
            self._on_shift = {entry.agent: entry for entry in self.uow.rosters.on_shift(self.now)}
        return self._on_shift

    @property
    def heard_at(self) -> datetime | None:
        """When the last contact event came in."""
        if self._heard_at is None:
            self._heard_at = (self.uow.contacts.heard_at(),)
        return self._heard_at[0]

    def leads(self, team: TeamId, without: str | None = None) -> tuple[AgentId, ...]:
        """Reachable leads of a team on duty by the published roster, but not the one complained about."""
        if team not in self._leads:
            self._leads[team] = leads_on_duty(
                self.on_shift.values(), self.agents, team=team, roles=self.settings.roles
            )
        return tuple(lead for lead in self._leads[team] if lead != without)

    def reach(self, team: TeamId, contact: Contact | None) -> Reach:
        """Whom a step of the escalation reaches for this case; None for many cases at once."""
        return partial(self._reached, team, contact)

    def _reached(self, team: TeamId, contact: Contact | None, step: EscalationStep) -> tuple[Recipient, ...]:
        never = None if contact is None else complained_about(contact)
        urgent = contact is None or contact.priority is Priority.URGENT
        if step.notify is Notify.CHANNEL:
            return (self.channel(team),)
        if step.notify is Notify.DEPARTMENT:
            name = step.channel or (None if contact is None else self._department(contact))
            return (Recipient(kind=RecipientKind.CHANNEL, name=name, team=team),) if name else ()
        if step.notify is Notify.OWNER:
            owner = None if contact is None else contact.agent
            there = owner is not None and owner != never and self.away(owner) is None
            return _people(team, [owner] if there else [])
        if step.notify is Notify.LEAD_ON_DUTY:
            return _people(team, self.leads(team, never))
        if step.notify is Notify.SUPERVISOR:
            skilled = skilled_on_duty(self.on_shift.values(), self.agents, skill=step.skill)
            found = _people(team, [a for a in skilled if a != never])
            return found or self._named(team, step.emails, never, urgent=urgent)
        return self._named(team, () if step.email is None else (step.email,), never, urgent=urgent)

    def quiet_until(self, recipient: Recipient) -> datetime | None:
        """The end of the quiet hours somebody is in who is not on shift; None where they may be told now."""
        quiet = self.settings.alerts.quiet_hours
        if quiet is None or recipient.kind is RecipientKind.CHANNEL:
            return None
        by_name = recipient.kind is RecipientKind.AGENT
        person = next(
            (a for a in self.agents.values() if recipient.name == (a.agent if by_name else a.email)), None
        )
        if person is not None and person.agent in self.on_shift:
            return None
        return quiet_until(quiet, self.settings.zone if person is None else person.zone, self.now)

    def _department(self, contact: Contact) -> str | None:
        """The channel of the department the case waits for."""
        known = self.settings.departments.get(contact.blocked_by or contact.department or "")
        return None if known is None else known.channel

    def _named(
        self, team: TeamId, emails: Collection[str], never: str | None, *, urgent: bool
    ) -> tuple[Recipient, ...]:
        agents = {a.email: a.agent for a in self.agents.values()}
        found = (
            Recipient(kind=RecipientKind.EMAIL, name=email, team=team)
            for email in emails
            if never is None or agents.get(email) != never
        )
        # Who sleeps is not there, unless it is urgent: the next level is.
        return tuple(r for r in found if urgent or self.quiet_until(r) is None)

    def channel(self, team: TeamId) -> Recipient:
        name = self.settings.teams[team].channels["alerts"]
        return Recipient(kind=RecipientKind.CHANNEL, name=name, team=team)

    def warned(self, team: TeamId, contact: Contact) -> tuple[str, tuple[Recipient, ...], tuple[str, ...]]:
        """Who is told that a promise runs out: level, recipients, levels that had nobody.

        The owner where at work, else the leads on duty, else the team's alert channel.
        """
        reach = self.reach(team, contact)
        passed: list[str] = []
        for level in (Notify.OWNER, Notify.LEAD_ON_DUTY):
            found = reach(EscalationStep(after=timedelta(0), notify=level))
            if found:
                return WARNED if level is Notify.OWNER else level.value, found, tuple(passed)
            if level is not Notify.OWNER or contact.agent is not None:
                passed.append(level.value)
        return Notify.CHANNEL.value, (self.channel(team),), tuple(passed)

    def away(self, agent: AgentId) -> Away | None:
        """Why somebody cannot act now; None for who is at work and can be reached."""
        entry, person = self.on_shift.get(agent), self.agents.get(agent)
        if entry is None:
            return Away(why="off_shift")
        if person is None or not reachable(person):
            return Away(why="unlinked")
        if entry.activity in RESERVED_ACTIVITIES:
            why = "session" if entry.activity in SESSION_KINDS else "break"
            return Away(why=why, until=entry.until)
        return None

    def colleagues(self, contact: Contact) -> tuple[Colleague, ...]:
        """Up to two people at the queue now whom the case could be given to, those who stay longest first."""
        there = [
            entry
            for entry in self.on_shift.values()
            if entry.activity == contact.queue
            and entry.agent not in (contact.agent, complained_about(contact))
        ]
        there.sort(key=lambda entry: (-entry.shift_end.timestamp(), entry.agent))
        known = [self.agents[e.agent] for e in there if e.agent in self.agents]
        return tuple(Colleague(agent=a.agent, name=a.name) for a in known[:_COLLEAGUES])

    def cause(self, queue: QueueId, concern: Concern) -> StaffingCause | None:
        """Why the queue was short when an answer became due; a resolution has longer causes than that."""
        if concern.measure is not Measure.FIRST_RESPONSE or queue not in self.settings.queues:
            return None
        if self._causes is None:
            self._causes = Causes(self.uow, self.settings)
        return self._causes.at(queue, concern.due_at or concern.since, self.now)


def complained_about(contact: Contact) -> str | None:
    """The agent a complaint names, who is never told of it (ES7)."""
    return contact.complained_about


def _people(team: TeamId, agents: Collection[AgentId | None]) -> tuple[Recipient, ...]:
    return tuple(
        Recipient(kind=RecipientKind.AGENT, name=agent, team=team) for agent in agents if agent is not None
    )
