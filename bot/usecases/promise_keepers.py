"""Who could keep a promise: the owner when it falls due, colleagues, and the leads who are told otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
from scheduler.roster.shifts import Shift

__all__ = ["Keepers"]

_DAY = timedelta(days=1)
_MOMENT = timedelta(microseconds=1)


@dataclass(slots=True, kw_only=True)
class Keepers:
    """Asks the published roster, leave and the agents; lives as long as its unit.

    What was asked once is remembered, and ``look_ahead`` reads the shifts of many promises at once.
    """

    uow: ReadUnit
    settings: Settings
    _shifts: Mapping[AgentId, Sequence[Shift]] | None = None
    _agents: Mapping[AgentId, Agent] | None = None
    _published: dict[datetime, bool] = field(default_factory=dict)
    _away: dict[tuple[AgentId, date], bool] = field(default_factory=dict)

    def look_ahead(self, first: datetime, last: datetime) -> None:
        """Read everybody's shifts for promises due from ``first`` to ``last``; no others are asked then."""
        found: dict[AgentId, list[Shift]] = {}
        for assignment in self.uow.rosters.shifts_between(first - _DAY, last + _MOMENT):
            found.setdefault(AgentId(assignment.agent), []).append(assignment.shift)
        self._shifts = found

    def owner_then(self, agent: Agent, due_at: datetime) -> OwnerThen:
        """Whether this person is on shift when a promise falls due."""
        if self._shifts is None:
            shifts: Sequence[Shift] = self.uow.rosters.shifts_of(agent.agent, due_at - _DAY, due_at + _MOMENT)
        else:
            shifts = self._shifts.get(agent.agent, ())
        return owner_then(
            due_at,
            shifts,
            absent=self._is_away(agent, due_at),
            published=self._is_published(due_at),
        )

    def colleagues(self, contact: Contact, owner: AgentId | None, due_at: datetime) -> tuple[StandIn, ...]:
        """Up to three others who are on shift then, can work the case and can be reached.

        Never the person complained about.
        """
        queue = self.settings.queues.get(contact.queue)
        if queue is None:
            return ()
        shifts = self._on_shift(due_at)
        able = [
            agent
            for agent in self.agents.values()
            if agent.agent in shifts
            and agent.agent not in (owner, contact.complained_about)
            and agent.team == queue.team
            and agent.skills.get(queue.skill, 0.0) > 0
            and reachable(agent)
        ]
        present = [agent for agent in able if not self._is_away(agent, due_at)]
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

    @property
    def agents(self) -> Mapping[AgentId, Agent]:
        if self._agents is None:
            self._agents = {a.agent: a for a in self.uow.people.all()}
        return self._agents

    def leads(self, team: TeamId, now: datetime) -> tuple[Recipient, ...]:
        """Reachable leads of a team on duty at ``now``."""
        on_shift = self.uow.rosters.on_shift(now)
        found = leads_on_duty(on_shift, self.agents, team=team, roles=self.settings.roles)
        return tuple(Recipient(kind=RecipientKind.AGENT, name=lead, team=team) for lead in found)

    def can_act(self, owner: AgentId, now: datetime) -> bool:
        """Whether a message reaches this person at work; where no roster says, they are taken to be."""
        agent = self.agents.get(owner)
        if agent is None or not reachable(agent) or self._is_away(agent, now):
            return False
        on_shift = {entry.agent for entry in self.uow.rosters.on_shift(now)}
        return owner in on_shift or not self._is_published(now)

    def _on_shift(self, due_at: datetime) -> dict[AgentId, Shift]:
        if self._shifts is None:
            found = self.uow.rosters.shifts_between(due_at - _MOMENT, due_at)
            held = [(AgentId(a.agent), a.shift) for a in found]
        else:
            held = [(agent, shift) for agent, shifts in self._shifts.items() for shift in shifts]
        return {agent: shift for agent, shift in held if shift.start < due_at <= shift.end}

    def _is_published(self, at: datetime) -> bool:
        if at not in self._published:
            self._published[at] = self.uow.rosters.published_at(at) is not None
        return self._published[at]

    def _is_away(self, agent: Agent, at: datetime) -> bool:
        key = (agent.agent, at.astimezone(ZoneInfo(agent.zone)).date())
        if key not in self._away:
            self._away[key] = bool(absent(self.uow, [agent], at))
        return self._away[key]


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
