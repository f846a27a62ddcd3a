"""Audience: whether a channel or a person may read about cases, asked of Slack and kept for a while (PS3).

Where Slack does not say, nothing is posted: the message waits, or goes to somebody who may read it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.core.messages import Message, OperatorNotice, RosterAnnounced, RosterPublished, ShiftReminder
from bot.core.planner_messages import CertificateCard, PublicationCard, SolveCard
from bot.core.ports import Clock, DeliveryError
from bot.core.privacy.audience import AudienceProblem, AudienceRules, ChannelFacts, audience_problem
from bot.core.reason_messages import ReasonsAgainst, ReasonsUnknown, ShiftReasons
from bot.core.settings import Settings
from bot.slack.web_api import NOT_GRANTED, WebApi

__all__ = ["GUEST", "Audience", "speaks_of_cases"]

GUEST = "guest"
"""Error code of a direct message to a guest or to somebody of another workspace."""

CHANNELS_KNOWN_FOR = timedelta(minutes=2)
"""A channel that is opened to outsiders gets nothing more after so long."""
PEOPLE_KNOWN_FOR = timedelta(minutes=10)
MEMBERS_KNOWN_FOR = timedelta(hours=12)
"""For the members of a channel: asking for each of them again and again would cost more than it finds."""
_ONE_BY_ONE = 20

# Everything else names cases; a kind that is added is guarded until somebody decides otherwise.
_HARMLESS = (
    CertificateCard,
    OperatorNotice,
    PublicationCard,
    ReasonsAgainst,
    ReasonsUnknown,
    RosterAnnounced,
    RosterPublished,
    ShiftReasons,
    ShiftReminder,
    SolveCard,
)


def speaks_of_cases(message: Message) -> bool:
    """Whether a message may only be read by the team."""
    return not isinstance(message, _HARMLESS)


@dataclass(frozen=True, slots=True)
class _Known:
    outsider: bool
    at: datetime


class Audience:
    """Thread-safe; every failure to ask is a DeliveryError, and certain: nothing was posted."""

    def __init__(self, api: WebApi, settings: Settings, clock: Clock) -> None:
        self._api = api
        self._rules: AudienceRules = settings.privacy
        named = [name for team in settings.teams.values() for name in team.channels.values()]
        named += [department.channel for department in settings.departments.values()]
        self._named = frozenset(name.removeprefix("#") for name in named)
        self._clock = clock
        self._people: dict[str, _Known] = {}
        self._channels: dict[str, tuple[AudienceProblem | None, datetime]] = {}
        self._home: tuple[str | None, str | None] | None = None
        self._lock = threading.Lock()

    def problem(self, channel: str) -> AudienceProblem | None:
        """Why cases may not be posted to the channel with this id; None if they may.

        Raises DeliveryError; ``channel_unchecked``, not temporary, where Muster may not ask.
        """
        now = self._clock()
        with self._lock:
            known = self._channels.get(channel)
        if known is not None and now - known[1] < CHANNELS_KNOWN_FOR:
            return known[0]
        try:
            facts = self.facts(channel)
        except DeliveryError as error:
            if error.code in NOT_GRANTED:
                raise DeliveryError("channel_unchecked", temporary=False) from error
            raise
        found = self.judge(facts)
        with self._lock:
            self._channels[channel] = (found, now)
        return found

    def judge(self, facts: ChannelFacts) -> AudienceProblem | None:
        """What the rules of app.yaml say of a channel."""
        return audience_problem(facts, self._rules, self._named)

    def facts(self, channel: str) -> ChannelFacts:
        """The channel as Slack shows it now.  Raises DeliveryError."""
        shown = self._ask("conversations.info", channel=channel)["channel"]
        shared = any(
            shown.get(flag)
            for flag in ("is_ext_shared", "is_org_shared", "is_shared", "is_pending_ext_shared")
        )
        # In a shared channel the members are another organisation's business.
        guests = 0 if shared else self._guests_in(channel)
        return ChannelFacts(
            name=str(shown.get("name") or ""),
            private=bool(shown.get("is_private")),
            shared=shared,
            guests=guests,
        )

    def is_outsider(self, user: str, *, known_for: timedelta = PEOPLE_KNOWN_FOR) -> bool:
        """Whether a person is a guest or of another workspace.  Raises DeliveryError."""
        now = self._clock()
        with self._lock:
            known = self._people.get(user)
        if known is not None and now - known.at < known_for:
            return known.outsider
        return self.learn(self._ask("users.info", user=user)["user"])

    def learn(self, user: Mapping[str, Any]) -> bool:
        """Keep what a user object says, whoever asked for it; returns whether it is an outsider."""
        outsider = self._outside(user)
        with self._lock:
            self._people[str(user["id"])] = _Known(outsider, self._clock())
        return outsider

    def _guests_in(self, channel: str) -> int:
        members = [str(user) for user in self._pages("conversations.members", "members", channel=channel)]
        now = self._clock()
        with self._lock:
            known = {user for user, fact in self._people.items() if now - fact.at < MEMBERS_KNOWN_FOR}
        if sum(user not in known for user in members) > _ONE_BY_ONE:
            for user in self._pages("users.list", "members"):
                self.learn(user)
        return sum(self.is_outsider(user, known_for=MEMBERS_KNOWN_FOR) for user in members)

    def _outside(self, user: Mapping[str, Any]) -> bool:
        if user.get("is_bot") or user.get("id") == "USLACKBOT":
            return False
        if user.get("is_restricted") or user.get("is_ultra_restricted") or user.get("is_stranger"):
            return True
        team, enterprise = self._whose()
        of_ours = enterprise is not None and (user.get("enterprise_user") or {}).get("enterprise_id")
        return bool(team and user.get("team_id") and user["team_id"] != team and of_ours != enterprise)

    def _whose(self) -> tuple[str | None, str | None]:
        """Our own workspace and organisation."""
        if self._home is None:
            answer = self._ask("auth.test")
            self._home = (answer.get("team_id"), answer.get("enterprise_id"))
        return self._home

    def _ask(self, method: str, **arguments: Any) -> Mapping[str, Any]:
        try:
            return self._api.call(method, **arguments)
        except DeliveryError as error:
            raise _certain(error) from error

    def _pages(self, method: str, item: str, **arguments: Any) -> Iterable[Any]:
        try:
            yield from self._api.pages(method, item, **arguments)
        except DeliveryError as error:
            raise _certain(error) from error


def _certain(error: DeliveryError) -> DeliveryError:
    return DeliveryError(error.code, temporary=error.temporary, retry_after=error.retry_after)
