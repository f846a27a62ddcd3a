"""Who could keep a promise: the owner when it falls due, colleagues, and the leads who are told otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.core.contacts import Contact
from bot.core.escalation import last_resort
from bot.core.ids import AgentId, TeamId
from bot.core.messages import Recipient, RecipientKind
from bot.core.on_duty import leads_on_duty, reachable
from bot.core.people import Agent
from bot.core.promise_messages import Colleague
from bot.core.promise_owners import OwnerThen, StandIn, owner_then, stand_ins
from bot.core.settings import Settings
from bot.store.unit_of_work import ReadUnit

__all__ = ["Keepers"]

_DAY = timedelta(days=1)
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keepers:
    """Asks the published roster, leave and the agents; lives as long as its unit."""

    uow: ReadUnit
    settings: Settings

    def owner_then(self, agent: Agent, due_at: datetime) -> OwnerThen:
        """Whether this person is on shift when a promise falls due."""
        return owner_then(
            due_at,
            self.uow.rosters.shifts_of(agent.agent, due_at - _DAY, due_at + _MOMENT),
            absent=agent.agent in absent(self.uow, [agent], due_at),
            published=self.uow.rosters.published_at(due_at) is not None,
        )

    def colleagues(self, contact: Contact, owner: AgentId | None, due_at: datetime) -> tuple[StandIn, ...]:
        """Up to three others who are on shift then, can work the case and can be reached.

        Never the person complained about.
        """
        queue = self.settings.queues.get(contact.queue)
        if queue is None:
            return ()
        shifts = {
            AgentId(a.agent): a.shift
            for a in self.uow.rosters.shifts_between(due_at - _MOMENT, due_at)
            if a.shift.start < due_at <= a.shift.end
        }
        able = [
            agent
            for agent in self.uow.people.all()
            if agent.agent in shifts
            and agent.agent not in (owner, contact.complained_about)
            and agent.team == queue.team
            and agent.skills.get(queue.skill, 0.0) > 0
            and reachable(agent)
        ]
        away = absent(self.uow, able, due_at)
        present = [a for a in able if a.agent not in away]
        owed = self.uow.promises.owed_counts([a.agent for a in present])
        return stand_ins(
            (
                StandIn(
                    agent=agent.agent,
                    begins=(shift := shifts[agent.agent]).start,
                    ends=shift.end,
                    at_queue=any(
                        s.activity == contact.queue and s.start < due_at <= s.end for s in shift.segments
                    ),
                    owed=owed.get(agent.agent, 0),
                )
                for agent in present
            ),
            due_at,
        )

    def leads(self, team: TeamId, now: datetime) -> tuple[Recipient, ...]:
        """Reachable leads of a team on duty at ``now``."""
        agents = {a.agent: a for a in self.uow.people.all()}
        found = leads_on_duty(self.uow.rosters.on_shift(now), agents, team=team, roles=self.settings.roles)
        return tuple(Recipient(kind=RecipientKind.AGENT, name=lead, team=team) for lead in found)

    def can_act(self, owner: AgentId, now: datetime) -> bool:
        """Whether a message reaches this person at work; where no roster says, they are taken to be."""
        agent = self.uow.people.get(owner)
        if agent is None or not reachable(agent) or agent.agent in absent(self.uow, [agent], now):
            return False
        on_shift = {entry.agent for entry in self.uow.rosters.on_shift(now)}
        return owner in on_shift or self.uow.rosters.published_at(now) is None


def absent(uow: ReadUnit, agents: Sequence[Agent], at: datetime) -> set[AgentId]:
    """Who of them is on leave at an instant, by the day of their own zone."""
    days: dict[date, list[AgentId]] = {}
    for agent in agents:
        days.setdefault(at.astimezone(ZoneInfo(agent.zone)).date(), []).append(agent.agent)
    return {entry.agent for day, ids in days.items() for entry in uow.people.leave(ids, day, day)}


def last_resort_of(settings: Settings, team: TeamId) -> Recipient:
    """Who is told where no lead is on duty."""
    return last_resort(settings.chains[settings.teams[team].escalation], team)


def named(found: Sequence[StandIn]) -> tuple[Colleague, ...]:
    """As messages name them."""
    return tuple(Colleague(agent=one.agent, until=one.ends) for one in found)
