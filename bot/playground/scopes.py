"""Which scope each Web API method needs; docs.slack.dev, "Scopes" and the methods' own pages.

Where several are named, any one of them serves. Methods on conversations need one by kind of conversation and
ask for it themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Set

from bot.playground.errors import SlackError

METHOD_SCOPES: Mapping[str, tuple[str, ...]] = {
    "chat.postMessage": ("chat:write",),
    "chat.update": ("chat:write",),
    "chat.delete": ("chat:write",),
    "chat.postEphemeral": ("chat:write",),
    "files.getUploadURLExternal": ("files:write",),
    "files.completeUploadExternal": ("files:write",),
    "files.info": ("files:read",),
    "reactions.add": ("reactions:write",),
    "pins.add": ("pins:write",),
    "pins.list": ("pins:read",),
    "usergroups.list": ("usergroups:read",),
    "usergroups.enable": ("usergroups:write",),
    "usergroups.disable": ("usergroups:write",),
    "usergroups.users.list": ("usergroups:read",),
    "usergroups.users.update": ("usergroups:write",),
    "users.info": ("users:read",),
    "users.list": ("users:read",),
    "users.lookupByEmail": ("users:read.email",),
    "conversations.join": ("channels:join",),
}

ALL_SCOPES = frozenset(
    {scope for scopes in METHOD_SCOPES.values() for scope in scopes}
    | {"app_mentions:read", "chat:write.public", "commands"}
    | {f"{kind}:{what}" for kind in ("channels", "groups", "im") for what in ("read", "history")}
    | {"im:write", "channels:manage", "groups:write", "channels:write.topic", "groups:write.topic"}
)


def need(granted: Set[str], *scopes: str) -> None:
    """Refused with `missing_scope` unless one of `scopes` was granted; none needed when none is named."""
    if scopes and not granted & set(scopes):
        detail = {"needed": scopes[0], "provided": ",".join(sorted(granted))}
        raise SlackError("missing_scope", detail=detail)
