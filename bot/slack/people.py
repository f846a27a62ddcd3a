"""Slack's people: who asks, in which language, and how a person is named in a message."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.core.errors import NotAllowedError, NotFoundError, RefusedError
from bot.core.ids import AgentId
from bot.core.people import Agent, Role, highest
from bot.core.permissions import Actor
from bot.core.ports import Clock, DeliveryError
from bot.core.settings import Settings
from bot.i18n.catalog import map_locale
from bot.slack.audience import Audience
from bot.slack.blocks.kit import escape
from bot.slack.user_groups import GroupRoles
from bot.slack.web_api import WebApi
from bot.store.unit_of_work import Store
from bot.usecases.link_people import LinkResult, Member, all_members, one_member

__all__ = ["Names", "People", "Person"]

_USER_ID = re.compile(r"^[UW][A-Z0-9]{5,}$")
_KEPT_FOR = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who pressed or typed.  ``agent`` is None until linked; the role is known by e-mail all the same.

    ``chosen``: the language this person chose; None where Slack decides.
    """

    user: str
    agent: Agent | None
    role: Role
    locale: str
    zone: str
    email: str | None = None
    chosen: str | None = None

    @property
    def actor(self) -> str:
        """How this person stands in records: agent id, else Slack user id."""
        return self.user if self.agent is None else self.agent.agent

    @property
    def rights(self) -> Actor:
        """This person as the table of permissions sees them."""
        if self.agent is None:
            return Actor(role=self.role)
        return Actor(role=self.role, agent=self.agent.agent, team=self.agent.team)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Profile:
    email: str | None
    locale: str | None
    zone: str | None
    known_at: datetime


class Names:
    """Agent ids and Slack user ids as mrkdwn: a mention where linked, else the agent's name."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __call__(self, who: str) -> str:
        return self.all([who])[0]

    def all(self, whom: Sequence[str]) -> list[str]:
        """Each of them, in their order, from one look at the store."""
        with self._store.read() as uow:
            known = uow.people.named(whom)
        return [_name(who, known.get(AgentId(who))) for who in whom]


def _name(who: str, agent: Agent | None) -> str:
    if agent is not None:
        return f"<@{agent.slack_user}>" if agent.slack_user else escape(agent.name)
    return f"<@{who}>" if _USER_ID.match(who) else escape(who)


class People:
    """Looks people up in the store and in Slack; keeps profiles for ten minutes.

    ``groups`` is filled whenever people are linked; `bot.core.people.RoleList` reads the same one.
    """

    def __init__(
        self,
        *,
        store: Store,
        settings: Settings,
        api: WebApi,
        clock: Clock,
        groups: GroupRoles,
        audience: Audience,
    ) -> None:
        self._store = store
        self._settings = settings
        self._api = api
        self._clock = clock
        self._groups = groups
        self._audience = audience
        self._emails: dict[str, str] = {}
        self._profiles: dict[str, _Profile] = {}
        self._lock = threading.Lock()

    def identify(self, user: str) -> Person:
        """The person behind a Slack user id, linked on first sight where an agent has the e-mail address.

        Without an answer from Slack: what the store knows.  Raises NotAllowedError for guests and people of
        other workspaces (PS10): they see nothing and do nothing.
        """
        with self._store.read() as uow:
            agent = uow.people.by_slack_user(user)
            chosen = uow.languages.of(None if agent is None else agent.agent, user)
        profile = None
        if agent is None or agent.locale is None:
            try:
                profile = self._profile(user)
            except DeliveryError:
                profile = None
        self._refuse_outsider(user)
        if agent is None and profile is not None:
            agent = self._newcomer(user, profile)
        email = agent.email if agent is not None else (profile.email if profile else None)
        recorded = Role.AGENT if agent is None else agent.role
        at_slack = (agent.locale if agent is not None else None) or (profile.locale if profile else None)
        zone = agent.zone if agent is not None else (profile.zone if profile else None)
        by_email = self._settings.roles.role_of(email, recorded) if email else recorded
        return Person(
            user=user,
            agent=agent,
            role=highest(by_email, self._groups.of_user(user)),
            locale=chosen or map_locale(at_slack, self._settings.locale),
            zone=zone or self._settings.zone,
            email=email,
            chosen=chosen,
        )

    def actor(self, user: str) -> str:
        """How a Slack user stands in records, without asking Slack."""
        with self._store.read() as uow:
            agent = uow.people.by_slack_user(user)
        return user if agent is None else agent.agent

    def _refuse_outsider(self, user: str) -> None:
        try:
            outsider = self._audience.is_outsider(user)
        except DeliveryError:
            # Slack does not say; whoever it is was let in by it, and a stranger learns nothing of the store.
            return
        if outsider:
            raise NotAllowedError(
                "guest",
                "guests and people of other workspaces cannot use Muster; nothing was shown and nothing was "
                "changed. Ask an admin of this workspace to make you a member.",
            )

    def link_all(self, *, by: str) -> LinkResult:
        """Match everybody by e-mail, and read the user groups.

        Raises DeliveryError where Slack does not answer; user groups it does not give are no failure.
        """
        members = [
            _member(user)
            for user in self._api.pages("users.list", "members", include_locale=True)
            if not self._audience.learn(user)
            and not user.get("deleted")
            and not user.get("is_bot")
            and user.get("id") != "USLACKBOT"
        ]
        self._read_groups({m.user: m.email for m in members if m.email})
        return all_members(self._store, members, by=by, now=self._clock())

    def link_one(self, user: str, *, by: str) -> Agent:
        """Link one Slack user by e-mail.  Raises RefusedError for a guest, NotFoundError, DeliveryError."""
        answer = self._api.call("users.info", user=user, include_locale=True)
        if self._audience.learn(answer["user"]):
            raise RefusedError(
                "guest_not_linked",
                "that person is a guest or of another workspace; nobody was linked. "
                "Make them a member first.",
            )
        member = _member(answer["user"])
        self._read_groups({member.user: member.email} if member.email else {})
        return one_member(self._store, member, by=by, now=self._clock())

    def changed(self, user: str) -> None:
        """What Slack knows of somebody has changed: forget it, and take over the language of an agent.

        Raises DeliveryError where Slack does not answer; it is asked again when the person next writes.
        """
        with self._lock:
            self._profiles.pop(user, None)
        with self._store.read() as uow:
            agent = uow.people.by_slack_user(user)
        if agent is not None:
            self.link_one(user, by="muster")

    def _read_groups(self, emails: Mapping[str, str]) -> None:
        with self._lock:
            self._emails |= emails
            known = dict(self._emails)
        self._groups.read(self._api, known)

    def _newcomer(self, user: str, profile: _Profile) -> Agent | None:
        member = Member(user=user, email=profile.email, locale=profile.locale)
        try:
            return one_member(self._store, member, by="muster", now=self._clock())
        except NotFoundError:
            return None

    def _profile(self, user: str) -> _Profile:
        now = self._clock()
        with self._lock:
            known = self._profiles.get(user)
        if known is not None and now - known.known_at < _KEPT_FOR:
            return known
        found = self._api.call("users.info", user=user, include_locale=True)["user"]
        self._audience.learn(found)
        member = _member(found)
        profile = _Profile(email=member.email, locale=member.locale, zone=found.get("tz"), known_at=now)
        with self._lock:
            self._profiles[user] = profile
        return profile


def _member(user: Mapping[str, Any]) -> Member:
    email = (user.get("profile") or {}).get("email")
    locale = user.get("locale")
    return Member(
        user=str(user["id"]),
        email=str(email).strip().lower() if email else None,
        locale=map_locale(str(locale)) if locale else None,
    )
