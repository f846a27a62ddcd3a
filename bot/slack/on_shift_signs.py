"""User groups and topics that show who is on shift, over Slack's Web API: the OnShiftSigns port."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from html import unescape
from typing import Any, Final

import structlog

from bot.core.on_shift_places import GROUP_GIVES_ROLES, TOPIC_FULL, TopicLine, is_group_id
from bot.core.ports import Clock, DeliveryError
from bot.i18n.catalog import Translator
from bot.i18n.formats import Formats
from bot.slack.channels import Channels
from bot.slack.web_api import WebApi

__all__ = ["TOPIC_CHARACTERS", "SlackOnShiftSigns", "find_group", "line_text", "with_line"]

_log = structlog.get_logger("bot.slack")

TOPIC_CHARACTERS: Final = 250
_MARK: Final = "▸ "
_BETWEEN: Final = " | "
_OURS: Final = re.compile(r"(?:^|\s*\|\s*)▸ [^▸]*$")
_LINK: Final = re.compile(r"<(https?://[^|>]+)(?:\|[^>]*)?>")
_NOT_ADMITTED: Final = frozenset(
    {
        "failed_for_some_users",
        "invalid_user",
        "invalid_users",
        "single_channel_guests_cannot_be_added",
        "user_is_restricted",
    }
)
"""Slack refuses the whole list for one guest, bot or person who left."""
_NOT_ADMITTED_FOR: Final = timedelta(hours=1)


class SlackOnShiftSigns:
    """Does one thing at a time and never retries; raises DeliveryError.

    A group that gives roles (``forbidden``: their ids) is never touched: DeliveryError
    `GROUP_GIVES_ROLES`.  ``no_such_subteam``: there is none with that handle or id.
    """

    def __init__(self, api: WebApi, clock: Clock, forbidden: Iterable[str] = ()) -> None:
        self._api = api
        self._clock = clock
        self._forbidden = frozenset(forbidden)
        self._not_admitted: dict[str, datetime] = {}

    def set_group(self, group: str, users: Sequence[str]) -> Sequence[str]:
        """As the port says.  A group without members cannot be: Slack wants it switched off instead."""
        found = find_group(self._api, group)
        if found["id"] in self._forbidden:
            raise DeliveryError(GROUP_GIVES_ROLES, temporary=False)
        known = self._known_outsiders()
        admitted = [user for user in users if user not in known]
        stands = not found.get("date_delete")
        revived = bool(admitted) and not stands
        if revived:
            self._api.call("usergroups.enable", usergroup=found["id"])
        try:
            admitted = self._update(found["id"], admitted)
        except DeliveryError:
            if revived:
                self._off_again(found["id"])
            raise
        if not admitted and (stands or revived):
            self._api.call("usergroups.disable", usergroup=found["id"])
        return [user for user in users if user not in admitted]

    def _update(self, group: str, users: Sequence[str]) -> list[str]:
        """The members Slack took; none where it would admit nobody."""
        if not users:
            return []
        try:
            self._api.call("usergroups.users.update", usergroup=group, users=",".join(users))
        except DeliveryError as error:
            if error.code not in _NOT_ADMITTED:
                raise
            fit = [user for user in users if self._may_join(user)]
            if len(fit) == len(users):
                raise
            _log.warning("not_admitted_to_user_group", group=group, people=len(users) - len(fit))
            if fit:
                self._api.call("usergroups.users.update", usergroup=group, users=",".join(fit))
            return fit
        return list(users)

    def _off_again(self, group: str) -> None:
        # Nobody may be called by the members of the night before.
        try:
            self._api.call("usergroups.disable", usergroup=group)
        except DeliveryError as error:
            _log.warning("user_group_left_on", group=group, code=error.code)

    def _may_join(self, user: str) -> bool:
        try:
            shown = self._api.call("users.info", user=user)["user"]
        except DeliveryError as error:
            if error.temporary or error.code not in {"user_not_found", "user_not_visible"}:
                raise
            shown = {"deleted": True}
        outside = ("deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger")
        if any(shown.get(flag) for flag in outside):
            self._not_admitted[user] = self._clock()
            return False
        return True

    def _known_outsiders(self) -> frozenset[str]:
        now = self._clock()
        self._not_admitted = {u: at for u, at in self._not_admitted.items() if now - at < _NOT_ADMITTED_FOR}
        return frozenset(self._not_admitted)

    def set_topic(self, channel: str, line: TopicLine) -> None:
        """As the port says; nothing is set where the topic says so already."""
        place = Channels(self._api).find(channel)
        shown = self._api.call("conversations.info", channel=place)["channel"]
        # Links come back in angle brackets, which Slack would take for text.
        before = _LINK.sub(r"\1", unescape(str((shown.get("topic") or {}).get("value") or "")))
        after = with_line(before, line)
        if after is None:
            raise DeliveryError(TOPIC_FULL, temporary=False)
        if after != before:
            self._api.call("conversations.setTopic", channel=place, topic=after)


def find_group(api: WebApi, group: str) -> Mapping[str, Any]:
    """Slack's entry of a user group, by handle or id, also of one that is switched off.

    Raises DeliveryError: ``no_such_subteam`` where there is none.
    """
    key = "id" if is_group_id(group) else "handle"
    for found in api.call("usergroups.list", include_disabled=True).get("usergroups") or ():
        if found.get(key) == group:
            return dict(found)
    raise DeliveryError("no_such_subteam", temporary=False)


def line_text(line: TopicLine, *, names: bool = True) -> str:
    """One line of plain text, in the channel's language and zone: Slack formats nothing in a topic."""
    t = Translator(line.locale)
    f = Formats(t.locale, line.zone)
    if not line.on_shift:
        if line.next_at is None:
            return t.text("on_shift.topic.nobody")
        return t.text("on_shift.topic.nobody_until", at=f.moment(line.next_at))
    if line.leads and names:
        return t.plural("on_shift.topic.led", line.on_shift, leads=f.join(line.leads))
    return t.plural("on_shift.topic.people", line.on_shift)


def with_line(topic: str, line: TopicLine) -> str | None:
    """The topic with our line in the place of the one before, or behind what people wrote.

    Shortened, it names nobody; None where even that has no room, for people's words are kept whole.

    >>> from bot.core.on_shift_places import TopicLine
    >>> line = TopicLine(on_shift=3, leads=(), next_at=None, locale="en", zone="UTC")
    >>> with_line("Deploys: see wiki | ▸ On shift: 12", line)
    'Deploys: see wiki | ▸ On shift: 3'
    """
    theirs = _OURS.sub("", topic).rstrip()
    for names in (True, False):
        ours = _MARK + line_text(line, names=names)
        whole = f"{theirs}{_BETWEEN}{ours}" if theirs else ours
        if len(whole.encode("utf-16-le")) // 2 <= TOPIC_CHARACTERS:
            return whole
    return None
