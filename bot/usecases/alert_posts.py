"""What an alert says to people: its posts, their edits, and who gets them.  Called inside a unit."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.core import alerts as words
from bot.core.alerts import Alert, Staffing
from bot.core.cause import StaffingCause
from bot.core.contacts import Contact
from bot.core.courses import Measure
from bot.core.escalation import StepDecision
from bot.core.ids import AgentId, QueueId, TeamId
from bot.core.message_codec import kind_of
from bot.core.messages import (
    AlertOver,
    AlertTaken,
    DeliveryState,
    Escalated,
    Outgoing,
    Recipient,
    RecipientKind,
    SlaBreach,
    SlaWarning,
    Urgency,
)
from bot.core.on_duty import leads_on_duty, reachable, working_on
from bot.core.settings import Settings
from bot.store.unit_of_work import UnitOfWork
from bot.usecases.find_cause import Causes

LATE_SECONDS = 60.0
"""A breach noticed less than this after it happened is not called late."""


@dataclass(slots=True)
class Present:
    """What the roster and the requirement say, asked once per unit and instant."""

    uow: UnitOfWork
    settings: Settings
    _leads: dict[tuple[TeamId, datetime], tuple[AgentId, ...]] = field(default_factory=dict)
    _staffing: dict[tuple[QueueId, datetime], Staffing] = field(default_factory=dict)
    _causes: Causes | None = None

    def cause(self, alert: Alert, now: datetime) -> StaffingCause | None:
        """Why the queue was short when an answer became due; a resolution has longer causes than that."""
        if alert.measure is not Measure.FIRST_RESPONSE or alert.queue not in self.settings.queues:
            return None
        if self._causes is None:
            self._causes = Causes(self.uow, self.settings)
        return self._causes.at(alert.queue, alert.due_at, now)

    def leads(self, team: TeamId, now: datetime) -> tuple[AgentId, ...]:
        """Reachable leads of a team on duty at ``now`` by the published roster."""
        key = (team, now)
        if key not in self._leads:
            agents = {a.agent: a for a in self.uow.people.all()}
            on_shift = self.uow.rosters.on_shift(now)
            self._leads[key] = leads_on_duty(on_shift, agents, team=team, roles=self.settings.roles)
        return self._leads[key]

    def warned(self, alert: Alert, contact: Contact, now: datetime) -> tuple[Recipient, ...]:
        """Who is told that a promise runs out: its owner where on shift, else the leads on duty.

        Nobody of them there: the team's alert channel, which otherwise only hears of what is broken.
        """
        if contact.agent is not None:
            owner = self.uow.people.get(contact.agent)
            on_shift = {entry.agent for entry in self.uow.rosters.on_shift(now)}
            if owner is not None and reachable(owner) and owner.agent in on_shift:
                return (Recipient(kind=RecipientKind.AGENT, name=owner.agent),)
        leads = self.leads(alert.team, now)
        if leads:
            return tuple(Recipient(kind=RecipientKind.AGENT, name=lead) for lead in leads)
        channel = self.settings.teams[alert.team].channels["alerts"]
        return (Recipient(kind=RecipientKind.CHANNEL, name=channel, team=alert.team),)

    def staffing(self, queue: QueueId, at: datetime) -> Staffing:
        """Required and rostered people of a queue in the minute of ``at``."""
        minute = at.replace(second=0, microsecond=0)
        key = (queue, minute)
        if key not in self._staffing:
            requirement = self.uow.requirements.at(queue, minute)
            on_shift = self.uow.rosters.on_shift(minute)
            known = bool(on_shift) or self.uow.rosters.published(minute) is not None
            self._staffing[key] = Staffing(
                required=None if requirement is None else requirement.scheduled_agents,
                rostered=working_on(on_shift, queue) if known else None,
            )
        return self._staffing[key]


def tell_warning(
    uow: UnitOfWork, present: Present, alert: Alert, contact: Contact, fraction: float, now: datetime
) -> None:
    """A warning, to those who can still keep the promise."""
    for recipient in present.warned(alert, contact, now):
        key = words.post_key(alert, f"warning:{fraction:g}:{recipient.kind.value}:{recipient.name}")
        _put(uow, recipient, words.warning(alert, contact, fraction), key, now)


def tell_step(
    uow: UnitOfWork, present: Present, alert: Alert, contact: Contact, decision: StepDecision, now: datetime
) -> None:
    """An escalation step: the breach itself where nobody was told before, otherwise that nobody took it."""
    first = alert.step < 0
    late = (now - alert.due_at).total_seconds()
    for recipient in decision.recipients:
        key = words.post_key(alert, f"step:{decision.step}:{recipient.kind.value}:{recipient.name}")
        if first:
            said = words.breach(
                alert,
                contact,
                present.staffing(alert.queue, alert.due_at),
                late if late >= LATE_SECONDS else 0.0,
            )
            message: SlaBreach | Escalated = replace(said, cause=present.cause(alert, now))
        else:
            message = words.escalated(alert, contact, decision.step, nobody_on_duty=decision.nobody_on_duty)
        _put(uow, recipient, message, key, now)


def edit_posts(uow: UnitOfWork, alert: Alert, message: AlertTaken | AlertOver, now: datetime) -> None:
    """Edit every post of an alert; warnings that nobody has begun to send are dropped when it is over."""
    for post in uow.outbox.posts_of(alert.alert):
        outgoing = post.outgoing
        if isinstance(message, AlertOver) and isinstance(outgoing.message, SlaWarning):
            waiting = post.state is DeliveryState.WAITING
            if waiting and uow.outbox.drop_waiting(post.id):
                continue
        uow.outbox.put(
            Outgoing(
                recipient=outgoing.recipient,
                message=message,
                dedupe_key=f"{outgoing.dedupe_key}:{kind_of(message)}",
                urgency=outgoing.urgency,
                not_before=now,
                edits=outgoing.dedupe_key,
            ),
            now,
        )


def resolve(uow: UnitOfWork, alert: Alert, contact: Contact, now: datetime) -> None:
    """The promise was kept at last, late or not: the alert is over and its posts say so."""
    if uow.alerts.resolve(alert.alert):
        edit_posts(uow, alert, words.over(alert, contact, now), now)


def _put(
    uow: UnitOfWork,
    recipient: Recipient,
    message: SlaWarning | SlaBreach | Escalated,
    key: str,
    now: datetime,
) -> None:
    uow.outbox.put(
        Outgoing(recipient=recipient, message=message, dedupe_key=key, urgency=Urgency.ALERT, not_before=now),
        now,
    )
