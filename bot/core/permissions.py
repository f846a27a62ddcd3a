"""Who may do what (PS10): one table, read by commands, buttons and the command line.

Guests and people of other workspaces are refused before any of it is asked (`bot.slack.people`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final

from bot.core.errors import NotAllowedError
from bot.core.ids import AgentId, TeamId
from bot.core.people import Agent, Role

__all__ = ["RULES", "Action", "Actor", "Rule", "Scope", "demand", "is_unknown", "least", "permits"]


class Action(Enum):
    """What people do; the values stand in the audit trail."""

    OWN_SHIFTS = "own_shifts.see"
    LINK_SELF = "link.self"
    LINK_OTHERS = "link.others"
    CASE_SEE = "case.see"
    CASE_WORK = "case.work"
    ALERT_TAKE = "alert.take"
    ALERT_GIVE = "alert.give"
    APPROVE = "case.approve"
    EXCEPTION_DECLARE = "exception.declare"
    TEAM_FIGURES = "figures.team"
    PERSONAL_FIGURES = "figures.person"
    TEAM_LOAD = "load.team"
    PACK_POST = "pack.post"
    SHIFTS_MEND = "shifts.mend"
    REVIEWS_COUNT = "reviews.count"
    IDEA_ANSWER = "idea.answer"
    TRAINING_KEEP = "training.keep"
    ITEM_KEEP = "item.keep"
    ITEM_GIVE = "item.give"
    CAUSE_OWN = "cause.own"
    CAUSE_NAME = "cause.name"
    MEASURE_KEEP = "measure.keep"
    CAMPAIGN_SEE = "campaign.see"
    CAMPAIGN_RUN = "campaign.run"
    INCIDENT_WORK = "incident.work"
    INCIDENT_RUN = "incident.run"
    ROSTER_PLAN = "roster.plan"
    EXPORT = "export"
    AUDIT_READ = "audit.read"
    PURGE = "purge"


class Scope(Enum):
    """Whose matter an action may concern."""

    ANY = "any"
    OWN_TEAM = "own_team"
    SELF_OR_LEAD = "self_or_lead"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """The least role, and whose matter it may be."""

    least: Role
    scope: Scope = Scope.ANY


RULES: Final[Mapping[Action, Rule]] = MappingProxyType(
    {
        Action.OWN_SHIFTS: Rule(least=Role.AGENT),
        Action.LINK_SELF: Rule(least=Role.AGENT),
        Action.LINK_OTHERS: Rule(least=Role.LEAD),
        Action.CASE_SEE: Rule(least=Role.AGENT, scope=Scope.OWN_TEAM),
        Action.CASE_WORK: Rule(least=Role.AGENT, scope=Scope.OWN_TEAM),
        Action.ALERT_TAKE: Rule(least=Role.AGENT, scope=Scope.OWN_TEAM),
        Action.ALERT_GIVE: Rule(least=Role.LEAD, scope=Scope.OWN_TEAM),
        Action.APPROVE: Rule(least=Role.LEAD, scope=Scope.OWN_TEAM),
        Action.EXCEPTION_DECLARE: Rule(least=Role.LEAD, scope=Scope.OWN_TEAM),
        Action.TEAM_FIGURES: Rule(least=Role.AGENT, scope=Scope.OWN_TEAM),
        Action.PERSONAL_FIGURES: Rule(least=Role.AGENT, scope=Scope.SELF_OR_LEAD),
        Action.TEAM_LOAD: Rule(least=Role.LEAD, scope=Scope.OWN_TEAM),
        Action.PACK_POST: Rule(least=Role.LEAD, scope=Scope.OWN_TEAM),
        Action.SHIFTS_MEND: Rule(least=Role.LEAD, scope=Scope.OWN_TEAM),
        Action.REVIEWS_COUNT: Rule(least=Role.LEAD, scope=Scope.OWN_TEAM),
        Action.IDEA_ANSWER: Rule(least=Role.LEAD, scope=Scope.OWN_TEAM),
        Action.TRAINING_KEEP: Rule(least=Role.LEAD, scope=Scope.OWN_TEAM),
        Action.ITEM_KEEP: Rule(least=Role.AGENT, scope=Scope.OWN_TEAM),
        Action.ITEM_GIVE: Rule(least=Role.LEAD, scope=Scope.OWN_TEAM),
        Action.CAUSE_OWN: Rule(least=Role.AGENT, scope=Scope.OWN_TEAM),
        Action.CAUSE_NAME: Rule(least=Role.LEAD, scope=Scope.OWN_TEAM),
        Action.MEASURE_KEEP: Rule(least=Role.LEAD, scope=Scope.OWN_TEAM),
        Action.CAMPAIGN_SEE: Rule(least=Role.AGENT, scope=Scope.OWN_TEAM),
        Action.CAMPAIGN_RUN: Rule(least=Role.LEAD, scope=Scope.OWN_TEAM),
        Action.INCIDENT_WORK: Rule(least=Role.AGENT, scope=Scope.OWN_TEAM),
        Action.INCIDENT_RUN: Rule(least=Role.LEAD, scope=Scope.OWN_TEAM),
        Action.ROSTER_PLAN: Rule(least=Role.PLANNER),
        Action.EXPORT: Rule(least=Role.PLANNER),
        Action.AUDIT_READ: Rule(least=Role.ADMIN),
        Action.PURGE: Rule(least=Role.ADMIN),
    }
)
"""The table; `bot/docs/privacy.md` shows it to people (a test keeps them the same)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who asks.  ``agent`` and ``team`` are None for somebody who is not on the roster."""

    role: Role
    agent: AgentId | None = None
    team: TeamId | None = None


def is_unknown(who: Actor) -> bool:
    """Somebody of the workspace whom no file names: neither on the roster nor given a role."""
    return who.agent is None and who.team is None and who.role is Role.AGENT


def least(action: Action) -> Role:
    """The role an action needs at least."""
    return RULES[action].least


def permits(action: Action, who: Actor, *, team: TeamId | None = None, person: Agent | None = None) -> bool:
    """Whether somebody may do something that concerns ``team``, or (figures) ``person``.

    A team's cases are its members'; planners and admins look after every team, and so does a lead whom only
    app.yaml names.  Figures of one person are that person's and their lead's, whatever role others have
    (PS11).

    >>> bo = Actor(role=Role.AGENT, agent=AgentId("bo"), team=TeamId("harbour"))
    >>> [permits(Action.CASE_SEE, bo, team=TeamId(name)) for name in ("harbour", "quay")]
    [True, False]
    """
    rule = RULES[action]
    if who.role.rank < rule.least.rank:
        return False
    if rule.scope is Scope.ANY:
        return True
    if rule.scope is Scope.SELF_OR_LEAD:
        if person is None:
            return False
        leads = who.role is not Role.AGENT and who.team == person.team
        return who.agent == person.agent or leads
    if who.role.rank >= Role.PLANNER.rank:
        return True
    if who.team is None:
        # Somebody of the workspace who is in no team has no cases of their own.
        return who.role is not Role.AGENT
    return team is None or who.team == team


def demand(action: Action, who: Actor, *, team: TeamId | None = None, person: Agent | None = None) -> None:
    """Raise NotAllowedError where `permits` says no: ``role_too_low``, ``not_linked`` or ``not_yours``."""
    if permits(action, who, team=team, person=person):
        return
    needed = least(action)
    if who.role.rank < needed.rank:
        raise NotAllowedError(
            "role_too_low",
            f"this needs the role {needed.value}; nothing was shown and nothing was changed. "
            "An admin gives roles in app.yaml.",
            variant=needed.value,
            action=action.value,
        )
    if is_unknown(who):
        raise NotAllowedError(
            "not_linked",
            "nobody on the roster is linked to you; nothing was shown and nothing was changed. "
            "Type /muster link me, or ask a lead.",
            action=action.value,
        )
    raise NotAllowedError(
        "not_yours",
        "this belongs to another team or person; nothing was shown and nothing was changed. "
        "Ask a lead of that team.",
        action=action.value,
    )
