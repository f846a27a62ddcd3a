"""Find a channel by its name among those the bot may know of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.core.ports import DeliveryError
from bot.slack.web_api import WebApi

__all__ = ["Channels"]

_CHANNEL_ID = re.compile(r"^[CGD][A-Z0-9]{7,}$")


class Channels:
    """Slack's channels as the bot sees them now.  Short-lived: what was listed is not listed again."""

    def __init__(self, api: WebApi) -> None:
        self._api = api
        self._lists: dict[str, list[Mapping[str, Any]]] = {}

    def find(self, name: str) -> str:
        """The id of the channel with this name (without ``#``) that the bot is a member of.

        Raises DeliveryError, not temporary: ``not_in_channel`` (a public one exists and nobody has invited
        the bot), ``is_archived``, ``channel_not_found``.
        """
        if _CHANNEL_ID.match(name):
            return name
        archived = False
        for channel in self._listed("users.conversations", "public_channel,private_channel"):
            if channel.get("name") == name:
                if not channel.get("is_archived"):
                    return str(channel["id"])
                archived = True
        for channel in self._listed("conversations.list", "public_channel"):
            if channel.get("name") == name:
                code = "is_archived" if channel.get("is_archived") else "not_in_channel"
                raise DeliveryError(code, temporary=False)
        raise DeliveryError("is_archived" if archived else "channel_not_found", temporary=False)

    def _listed(self, method: str, types: str) -> Iterator[Mapping[str, Any]]:
        if method in self._lists:
            yield from self._lists[method]
            return
        seen = []
        for channel in self._api.pages(method, "channels", types=types):
            seen.append(channel)
            yield channel
        self._lists[method] = seen
