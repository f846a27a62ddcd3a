"""The app manifest for api.slack.com: our commands and the least scopes, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from bot.i18n.catalog import Translator
from bot.slack.commands.table import COMMANDS

__all__ = ["SCOPES", "manifest", "scopes"]

SCOPES: Mapping[str, str] = MappingProxyType(
    {
        "channels:history": "manifest.scope.channels_history",
        "channels:read": "manifest.scope.channels_read",
        "chat:write": "manifest.scope.chat_write",
        "commands": "manifest.scope.commands",
        "groups:history": "manifest.scope.groups_history",
        "groups:read": "manifest.scope.groups_read",
        "im:history": "manifest.scope.im_history",
        "im:write": "manifest.scope.im_write",
        "users:read": "manifest.scope.users_read",
        "users:read.email": "manifest.scope.users_read_email",
    }
)
"""Each bot scope and the catalogue entry that says what it is for."""

_USER_GROUPS: Mapping[str, str] = MappingProxyType({"usergroups:read": "manifest.scope.usergroups_read"})


def scopes(*, user_groups: bool) -> Mapping[str, str]:
    """`SCOPES`, with the one that roles by user group need where app.yaml names groups."""
    return {**SCOPES, **_USER_GROUPS} if user_groups else SCOPES


def manifest(t: Translator, *, public_url: str | None = None, user_groups: bool = False) -> dict[str, Any]:
    """The manifest; Socket Mode unless ``public_url`` (https://host) is given for HTTP mode."""
    events = None if public_url is None else public_url.rstrip("/") + "/slack/events"
    commands = []
    for command in COMMANDS:
        entry: dict[str, Any] = {
            "command": command.name,
            "description": t.text(f"manifest.command.{command.name.removeprefix('/')}"),
            "usage_hint": " | ".join(sub.name for sub in command.subcommands),
            "should_escape": True,
        }
        if events is not None:
            entry["url"] = events
        commands.append(entry)
    interactivity: dict[str, Any] = {"is_enabled": True}
    if events is not None:
        interactivity["request_url"] = events
    return {
        "display_information": {
            "name": "Muster",
            "description": t.text("manifest.description"),
            "background_color": "#1d3d5c",
        },
        "features": {
            "bot_user": {"display_name": "muster", "always_online": True},
            "app_home": {
                "home_tab_enabled": False,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": True,
            },
            "slash_commands": commands,
        },
        "oauth_config": {"scopes": {"bot": sorted(scopes(user_groups=user_groups))}},
        "settings": {
            "interactivity": interactivity,
            "org_deploy_enabled": False,
            "socket_mode_enabled": public_url is None,
            "token_rotation_enabled": False,
        },
    }
