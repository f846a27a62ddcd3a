"""Who may decide about the shifts of a team, when its own leads cannot: the last resort, planners, admins."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from bot.core.ids import TeamId
from bot.core.on_duty import reachable
from bot.core.people import Agent, Role, RoleList
from bot.core.permissions import Action, Actor, permits

__all__ = ["everybody_who_may", "in_place_of_leads"]


def in_place_of_leads(
    roles: RoleList, agents: Iterable[Agent], team: TeamId, *, last_resort: str, but: Collection[str]
) -> tuple[str, ...]:
    """Addresses of those who decide where no lead of the team can: the last resort where its role allows it,
    else leads of no team and planners, else admins.  Nobody of ``but``, nor whom no message reaches.
    """
    known = {a.email.lower(): a for a in agents}
    found = {
        address: role
        for address, role in everybody_who_may(roles, known.values(), team).items()
        if address not in but and (address not in known or reachable(known[address]))
    }
    if last_resort.lower() in found:
        return (last_resort.lower(),)
    return tuple(sorted(a for a, r in found.items() if r is not Role.ADMIN)) or tuple(sorted(found))


def everybody_who_may(roles: RoleList, agents: Iterable[Agent], team: TeamId) -> dict[str, Role]:
    """Address and role of everybody known who may decide about the shifts of a team."""
    known = {a.email.lower(): a for a in agents if a.active}
    found = {}
    for address in {*known, *roles.by_email, *roles.by_group_member}:
        agent = known.get(address)
        if agent is None:
            who = Actor(role=roles.role_of(address))
        else:
            role = roles.role_of(address, agent.role)
            who = Actor(role=role, agent=agent.agent, team=agent.team)
        if permits(Action.SHIFTS_MEND, who, team=team):
            found[address] = who.role
    return found
