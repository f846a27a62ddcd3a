"""Link agents with Slack's people by e-mail address; nobody is linked by guess."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.errors import NotFoundError
from bot.core.people import Agent
from bot.store.unit_of_work import Store, UnitOfWork

__all__ = ["LinkResult", "Member", "all_members", "one_member"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A person of the workspace.  ``locale`` is one of ours, None where unknown."""

    user: str
    email: str | None
    locale: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkResult:
    """What matching found.  Both sides' leftovers are named, so that a person can settle them."""

    linked: tuple[Agent, ...]
    already: int
    agents_without_member: tuple[Agent, ...]
    members_without_agent: tuple[Member, ...]


def all_members(store: Store, members: Sequence[Member], *, by: str, now: datetime) -> LinkResult:
    """Link every active agent whose address one of ``members`` has, and take over their language."""
    linked: list[Agent] = []
    already = 0
    without: list[Agent] = []
    by_email = {m.email.strip().lower(): m for m in members if m.email}
    with store.unit() as uow:
        agents = uow.people.all()
        for agent in agents:
            member = by_email.get(agent.email)
            if member is None:
                without.append(agent)
            elif agent.slack_user == member.user:
                already += 1
                if member.locale is not None and member.locale != agent.locale:
                    uow.people.link(agent.agent, member.user, member.locale)
            else:
                linked.append(_link(uow, agent, member, by=by, now=now))
        uow.commit()
    known = {agent.email for agent in agents}
    unknown = tuple(m for m in members if not m.email or m.email.strip().lower() not in known)
    return LinkResult(
        linked=tuple(linked),
        already=already,
        agents_without_member=tuple(without),
        members_without_agent=unknown,
    )


def one_member(store: Store, member: Member, *, by: str, now: datetime) -> Agent:
    """Link one person.  Raises NotFoundError where no active agent has the address."""
    with store.unit() as uow:
        agent = None if member.email is None else uow.people.by_email(member.email)
        if agent is None or not agent.active:
            raise NotFoundError(
                "no_agent_with_email",
                "no active agent has this person's e-mail address; nobody was linked. "
                "Correct the address in agents.csv and import it again: muster import agents FILE",
                email=member.email or "?",
            )
        if agent.slack_user != member.user or agent.locale != member.locale:
            agent = _link(uow, agent, member, by=by, now=now)
        uow.commit()
    return agent


def _link(uow: UnitOfWork, agent: Agent, member: Member, *, by: str, now: datetime) -> Agent:
    uow.people.link(agent.agent, member.user, member.locale or agent.locale)
    uow.audit.add(by, "people.link", agent.agent, {"slack_user": member.user}, now)
    return uow.people.get(agent.agent) or agent
