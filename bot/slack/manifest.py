"""The app manifest for api.slack.com: our commands and the least scopes, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from bot.i18n.catalog import Translator
from bot.slack.commands.table import COMMANDS

__all__ = ["EVENTS", "PURPOSES", "SCOPES", "manifest", "scopes"]

SCOPES: Mapping[str, str] = MappingProxyType(
    {
        "channels:history": "manifest.scope.channels_history",
        "channels:read": "manifest.scope.channels_read",
        "chat:write": "manifest.scope.chat_write",
        "commands": "manifest.scope.commands",
        "files:read": "manifest.scope.files_read",
        "files:write": "manifest.scope.files_write",
        "groups:history": "manifest.scope.groups_history",
        "groups:read": "manifest.scope.groups_read",
        "im:history": "manifest.scope.im_history",
        "im:write": "manifest.scope.im_write",
        "users:read": "manifest.scope.users_read",
        "users:read.email": "manifest.scope.users_read_email",
    }
)
"""Each bot scope and the catalogue entry that says what it is for."""

EVENTS: tuple[str, ...] = ("app_home_opened", "file_shared", "message.im")
"""What Slack tells of without being asked: whose home is opened, what files are given to Muster, and what
people write to it, so that "sick" is heard (`commands.said`)."""

_USER_GROUPS: Mapping[str, str] = MappingProxyType({"usergroups:read": "manifest.scope.usergroups_read"})
_ON_SHIFT_GROUPS: Mapping[str, str] = MappingProxyType(
    {
        "usergroups:read": "manifest.scope.usergroups_find",
        "usergroups:write": "manifest.scope.usergroups_write",
    }
)
_ON_SHIFT_TOPICS: Mapping[str, str] = MappingProxyType(
    {
        # Whether a channel is private only Slack knows; channels:manage and groups:write would allow more.
        "channels:write.topic": "manifest.scope.channels_write_topic",
        "groups:write.topic": "manifest.scope.groups_write_topic",
    }
)
_BOARDS: Mapping[str, str] = MappingProxyType({"pins:write": "manifest.scope.pins_write"})
PURPOSES: Mapping[str, str] = MappingProxyType(
    {**SCOPES, **_ON_SHIFT_GROUPS, **_ON_SHIFT_TOPICS, **_USER_GROUPS, **_BOARDS}
)
"""Every scope that some app.yaml needs, and the catalogue entry that says what it is for."""


def scopes(
    *, user_groups: bool, boards: bool = False, on_shift_groups: bool = False, on_shift_topics: bool = False
) -> Mapping[str, str]:
    """`SCOPES`, with those app.yaml needs besides: for roles by user group, for pinning a team's board, for
    groups and for topics that follow who is on shift."""
    asked = dict(SCOPES)
    for wanted, more in (
        (on_shift_groups, _ON_SHIFT_GROUPS),
        (user_groups, _USER_GROUPS),
        (on_shift_topics, _ON_SHIFT_TOPICS),
        (boards, _BOARDS),
    ):
        asked |= more if wanted else {}
    if user_groups and on_shift_groups:
        asked["usergroups:read"] = "manifest.scope.usergroups_read_and_find"
    return asked


def manifest(t: Translator, *, public_url: str | None = None, **asked: bool) -> dict[str, Any]:
    """The manifest; Socket Mode unless ``public_url`` (https://host) is given for HTTP mode.

    ``asked``: as `scopes` takes it.
    """
    asked = {"user_groups": False} | asked
    events = None if public_url is None else public_url.rstrip("/") + "/slack/events"
    commands = []
    for command in COMMANDS:
        entry: dict[str, Any] = {
            "command": command.name,
            "description": t.text(f"manifest.command.{command.name.removeprefix('/')}"),
            "usage_hint": " | ".join(sub.name for sub in command.every),
            "should_escape": True,
        }
        if events is not None:
            entry["url"] = events
        commands.append(entry)
    interactivity: dict[str, Any] = {"is_enabled": True}
    if events is not None:
        interactivity["request_url"] = events
    subscriptions: dict[str, Any] = {"bot_events": list(EVENTS)}
    if events is not None:
        subscriptions["request_url"] = events
    return {
        "display_information": {
            "name": "Muster",
            "description": t.text("manifest.description"),
            "background_color": "#1d3d5c",
        },
        "features": {
            "bot_user": {"display_name": "muster", "always_online": True},
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                # People give files there.
                "messages_tab_read_only_enabled": False,
            },
            "slash_commands": commands,
        },
        "oauth_config": {"scopes": {"bot": sorted(scopes(**asked))}},
        "settings": {
            "event_subscriptions": subscriptions,
            "interactivity": interactivity,
            "org_deploy_enabled": False,
            "socket_mode_enabled": public_url is None,
            "token_rotation_enabled": False,
        },
    }
