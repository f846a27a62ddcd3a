"""Which conversations the bot sees, and with which scope."""

from __future__ import annotations

from bot.playground.errors import SlackError
from bot.playground.model import Channel, User
from bot.playground.scopes import need
from bot.playground.workspace import Workspace


def kind_of(channel: Channel) -> str:
    """The prefix of this conversation's scopes."""
    if channel.im_user is not None:
        return "im"
    return "groups" if channel.private else "channels"


def visible(ws: Workspace, key: str, what: str | None = None) -> Channel:
    """The conversation, if the bot may know of it; `what` is the scope's second half ("read", "history")."""
    channel = ws.channels.get(key)
    if channel is None or (channel.private and ws.bot.id not in channel.members):
        raise SlackError("channel_not_found")
    if what is not None:
        need(ws.app.scopes, f"{kind_of(channel)}:{what}")
    return channel


def writable(ws: Workspace, key: str) -> Channel:
    """Where a post addressed to `key` (channel id or name, or a user's id) would go, if it may go there."""
    if key in ws.users:
        return _writable_dm(ws, ws.users[key])
    try:
        channel = visible(ws, ws.channel(key).id)
    except KeyError:
        raise SlackError("channel_not_found") from None
    if channel.im_user is not None:
        return _writable_dm(ws, ws.users[channel.im_user])
    if channel.archived:
        raise SlackError("is_archived")
    if ws.bot.id not in channel.members and "chat:write.public" not in ws.app.scopes:
        raise SlackError("not_in_channel")
    return channel


def _writable_dm(ws: Workspace, user: User) -> Channel:
    if user.deleted or user.bot:
        raise SlackError("channel_not_found")
    if not ws.app.messages_tab:
        raise SlackError("messages_tab_disabled")
    return ws.dm(user.id)
