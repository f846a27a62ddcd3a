"""Who is reachable now: what the published roster says about an instant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.core.ids import AgentId, QueueId, TeamId
from bot.core.people import Agent, Role, RoleList
from scheduler.roster.shifts import RESERVED_ACTIVITIES


@dataclass(frozen=True, slots=True, kw_only=True)
class OnShift:
    """An agent on shift at an instant: what they do, until when, and when the shift ends."""

    agent: AgentId
    activity: str
    until: datetime
    shift_end: datetime


def reachable(agent: Agent) -> bool:
    """Whether a message can reach this person: still with the team and linked to a Slack user."""
    return agent.active and agent.slack_user is not None


def leads_on_duty(
    on_shift: Iterable[OnShift], agents: Mapping[AgentId, Agent], *, team: TeamId, roles: RoleList
) -> tuple[AgentId, ...]:
    """Reachable leads of a team who are on shift: those at work, else those on a break."""
    working: list[AgentId] = []
    pausing: list[AgentId] = []
    for entry in on_shift:
        agent = agents.get(entry.agent)
        if agent is None or agent.team != team or not reachable(agent):
            continue
        if roles.role_of(agent.email, agent.role) is Role.AGENT:
            continue
        (pausing if entry.activity in RESERVED_ACTIVITIES else working).append(entry.agent)
    return tuple(sorted(working or pausing))


def skilled_on_duty(
    on_shift: Iterable[OnShift], agents: Mapping[AgentId, Agent], *, skill: str
) -> tuple[AgentId, ...]:
    """Reachable people with a skill who are on shift, of any team: those at work, else those on a break."""
    found = [e for e in on_shift if (a := agents.get(e.agent)) and reachable(a) and skill in a.skills]
    working = [e.agent for e in found if e.activity not in RESERVED_ACTIVITIES]
    return tuple(sorted(working or [e.agent for e in found]))


def working_on(on_shift: Iterable[OnShift], queue: QueueId) -> int:
    """How many people the roster has at a queue."""
    return sum(1 for entry in on_shift if entry.activity == queue)
