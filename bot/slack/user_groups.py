"""Who is in the user groups that app.yaml gives roles to: read from Slack, kept in memory."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping

import structlog

from bot.core.people import Role, highest
from bot.core.ports import DeliveryError
from bot.slack.web_api import WebApi

__all__ = ["GroupRoles"]

_log = structlog.get_logger("bot.slack")


class GroupRoles(Mapping[str, Role]):
    """Roles by e-mail address (lower case) of the groups' members, as `bot.core.people.RoleList` reads them.

    Empty until `read`; each reading replaces the one before in one step.  Thread-safe.
    """

    def __init__(self, groups: Mapping[str, Role]) -> None:
        self._groups = groups
        self._by_user: Mapping[str, Role] = {}
        self._by_email: Mapping[str, Role] = {}
        self._members: dict[str, frozenset[str]] = {}
        self._said: set[tuple[str, str]] = set()
        self._lock = threading.Lock()

    def __getitem__(self, email: str) -> Role:
        return self._by_email[email]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_email)

    def __len__(self) -> int:
        return len(self._by_email)

    def of_user(self, user: str) -> Role:
        """The role the groups give a Slack user; agent where they give none."""
        return self._by_user.get(user, Role.AGENT)

    def read(self, api: WebApi, emails: Mapping[str, str]) -> None:
        """Ask Slack who is in each group; ``emails``: addresses by Slack user id, where they are known.

        Never raises: a group that cannot be read keeps the members it had, and the reason is logged once.
        """
        if not self._groups:
            return
        found: dict[str, frozenset[str]] = {}
        for group in self._groups:
            try:
                answer = api.call("usergroups.users.list", usergroup=group)
            except DeliveryError as error:
                self._say(group, error.code)
            else:
                found[group] = frozenset(str(user) for user in answer.get("users") or ())
        with self._lock:
            self._members |= found
            by_user: dict[str, Role] = {}
            for group, users in self._members.items():
                for user in users:
                    by_user[user] = highest(by_user.get(user, Role.AGENT), self._groups[group])
            self._by_user = by_user
            self._by_email = {
                email.lower(): by_user[user] for user, email in emails.items() if user in by_user
            }

    def _say(self, group: str, code: str) -> None:
        with self._lock:
            known = (group, code) in self._said
            self._said.add((group, code))
        if not known:
            _log.warning("user_group_not_read", group=group, code=code)
