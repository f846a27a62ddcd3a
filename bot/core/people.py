"""Agents, teams and roles."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from enum import Enum

from bot.core.errors import RefusedError
from bot.core.ideas import ANSWER_WITHIN
from bot.core.ids import AgentId, TeamId
from bot.core.kpis.goals import Goal
from bot.core.kpis.settings import PackTimes
from bot.core.on_shift_places import OnShiftGroup
from bot.core.weekly_reviews import ReviewTimes


class Role(Enum):
    """PS10; each role may do what the ones before it may."""

    AGENT = "agent"
    LEAD = "lead"
    PLANNER = "planner"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        """0 for an agent, growing."""
        return tuple(Role).index(self)


def highest(*roles: Role) -> Role:
    """The role among these that may do most.

    >>> highest(Role.LEAD, Role.AGENT)
    <Role.LEAD: 'lead'>
    """
    return max(roles, key=lambda role: role.rank)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """A person on the roster.  ``slack_user`` is None until linked by e-mail; ``locale`` None until known."""

    agent: AgentId
    name: str
    email: str
    team: TeamId
    skills: Mapping[str, float]
    contract: str
    zone: str
    role: Role = Role.AGENT
    slack_user: str | None = None
    locale: str | None = None
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class StandUp:
    """SR1: a digest ``digest_before`` the meeting at local time ``at`` on ``weekdays`` (Monday 0).

    ``remote_at``: when those who cannot be there are asked, in their own zone; None: they are not.
    """

    at: time
    digest_before: timedelta
    length: timedelta
    weekdays: frozenset[int]
    remote_at: time | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """Zone and locale are those of its channels; ``channels`` by purpose: 'alerts', 'standup', and where
    the team has them 'board', 'weekly_pack', 'monthly_pack'.

    ``board_every``: how often the post in the channel 'board' is looked at; None where the team has none.
    ``on_shift_groups`` and the topic of the channel ``on_shift_topic`` follow who is on shift.  ``review``:
    when its agents get their weekly self-review; None where they get none.
    ``weekly_pack`` and ``monthly_pack``: when they are posted; None where they are not.
    ``counselling``: where somebody is there to talk (TI5), in the words of app.yaml.
    """

    team: TeamId
    zone: str
    locale: str
    calendar: str
    escalation: str
    channels: Mapping[str, str]
    stand_up: StandUp | None = None
    board_every: timedelta | None = None
    on_shift_groups: tuple[OnShiftGroup, ...] = ()
    on_shift_topic: str | None = None
    review: ReviewTimes | None = None
    answer_ideas_within: timedelta = ANSWER_WITHIN
    goals: tuple[Goal, ...] = ()
    weekly_pack: PackTimes | None = None
    monthly_pack: PackTimes | None = None
    counselling: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleList:
    """Roles by e-mail (lower case) and, where Slack's plan has them, by user group id.

    ``by_group_member``: what the groups mean for each member, by e-mail.  Only the running service knows the
    members; it hands over a view that follows Slack.
    """

    by_email: Mapping[str, Role] = field(default_factory=dict)
    by_user_group: Mapping[str, Role] = field(default_factory=dict)
    by_group_member: Mapping[str, Role] = field(default_factory=dict)

    def role_of(self, email: str, recorded: Role = Role.AGENT) -> Role:
        """The role of a person: the highest of app.yaml, agents.csv (``recorded``) and the user groups."""
        address = email.lower()
        named = self.by_email.get(address, Role.AGENT)
        return highest(named, recorded, self.by_group_member.get(address, Role.AGENT))


def which_team(teams: Collection[TeamId], name: str | None) -> TeamId:
    """The team named, or the only one there is.  Raises RefusedError.

    >>> which_team([TeamId("harbour")], None)
    'harbour'
    """
    if name is not None and name in teams:
        return TeamId(name)
    if name is None and len(teams) == 1:
        return next(iter(teams))
    known = ", ".join(sorted(teams))
    raise RefusedError("which_team", f"Name one of the teams: {known}; nothing was done.", known=known)
