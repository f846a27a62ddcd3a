"""conversations.*: open, look up, list, read, join, set the topic."""

from __future__ import annotations

from bot.playground import limits
from bot.playground.api.access import kind_of, visible
from bot.playground.api.arguments import Arguments
from bot.playground.api.shapes import channel_json, message_json
from bot.playground.errors import JSON, SlackError
from bot.playground.model import Channel, Message
from bot.playground.scopes import need
from bot.playground.workspace import Workspace

_PUBLIC_TOPIC = ("channels:manage", "channels:write.topic")
_PRIVATE_TOPIC = ("groups:write", "groups:write.topic")
_TYPES = {"public_channel": "channels", "private_channel": "groups", "im": "im", "mpim": "mpim"}


def open_(ws: Workspace, args: Arguments) -> JSON:
    need(ws.app.scopes, "im:write")
    if "channel" in args:
        channel = visible(ws, args.text("channel"))
    else:
        ids = args.text("users", error="users_list_not_supplied").split(",")
        if len(ids) > 1:
            need(ws.app.scopes, "mpim:write")
            raise SlackError("not_enough_users")
        user = ws.users.get(ids[0])
        if user is None:
            raise SlackError("user_not_found")
        if user.deleted:
            raise SlackError("user_disabled")
        if user.bot:
            raise SlackError("cannot_dm_bot")
        channel = ws.dm(user.id)
    shown = channel_json(ws, channel) if args.flag("return_im") else {"id": channel.id}
    return {"channel": shown, "no_op": False, "already_open": False}


def info(ws: Workspace, args: Arguments) -> JSON:
    channel = visible(ws, args.text("channel", error="channel_not_found"), "read")
    return {"channel": channel_json(ws, channel)}


def list_(ws: Workspace, args: Arguments) -> JSON:
    page, metadata = args.page([c for c in _of_types(ws, args) if ws.bot.id in c.members or not c.private])
    return {"channels": [channel_json(ws, channel) for channel in page], "response_metadata": metadata}


def of_user(ws: Workspace, args: Arguments) -> JSON:
    user = args.maybe("user") or ws.bot.id
    if user not in ws.users:
        raise SlackError("user_not_found")
    seen = [c for c in _of_types(ws, args) if ws.bot.id in c.members or not c.private]
    page, metadata = args.page([channel for channel in seen if user in channel.members])
    return {"channels": [channel_json(ws, channel) for channel in page], "response_metadata": metadata}


def members(ws: Workspace, args: Arguments) -> JSON:
    channel = visible(ws, args.text("channel", error="channel_not_found"), "read")
    page, metadata = args.page(channel.members)
    return {"members": page, "response_metadata": metadata}


def history(ws: Workspace, args: Arguments) -> JSON:
    """Newest first, without replies unless these were broadcast; metadata only when asked for."""
    channel = _readable(ws, args)
    found = [m for m in channel.messages if not m.is_reply or m.broadcast_reply]
    return _messages(ws, args, list(reversed(_between(found, args))))


def replies(ws: Workspace, args: Arguments) -> JSON:
    """The thread, oldest first, beginning with the message it hangs on."""
    channel = _readable(ws, args)
    thread = channel.thread(args.text("ts", error="thread_not_found"))
    if not thread:
        raise SlackError("thread_not_found")
    return _messages(ws, args, thread[:1] + _between(thread[1:], args))


def join(ws: Workspace, args: Arguments) -> JSON:
    channel = visible(ws, args.text("channel", error="channel_not_found"))
    if channel.archived:
        raise SlackError("is_archived")
    if kind_of(channel) != "channels":
        raise SlackError("method_not_supported_for_channel_type")
    if ws.bot.id not in channel.members:
        channel.members.append(ws.bot.id)
    return {"channel": channel_json(ws, channel)}


def set_topic(ws: Workspace, args: Arguments) -> JSON:
    channel = visible(ws, args.text("channel", error="channel_not_found"))
    if channel.im_user is not None:
        raise SlackError("method_not_supported_for_channel_type")
    need(ws.app.scopes, *(_PRIVATE_TOPIC if channel.private else _PUBLIC_TOPIC))
    if channel.archived:
        raise SlackError("is_archived")
    if ws.bot.id not in channel.members:
        raise SlackError("not_in_channel")
    topic = str(args.values.get("topic") or "")
    if len(topic) > limits.CHANNEL_TOPIC:
        raise SlackError("too_long")
    channel.topic = topic
    channel.topics.append(topic)
    return {"channel": channel_json(ws, channel)}


def _readable(ws: Workspace, args: Arguments) -> Channel:
    channel = visible(ws, args.text("channel", error="channel_not_found"), "history")
    if ws.bot.id not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def _of_types(ws: Workspace, args: Arguments) -> list[Channel]:
    wanted = (args.maybe("types") or "public_channel").split(",")
    kinds = set()
    for name in wanted:
        if name.strip() not in _TYPES:
            raise SlackError("invalid_types")
        kinds.add(_TYPES[name.strip()])
        need(ws.app.scopes, f"{_TYPES[name.strip()]}:read")
    hidden = args.flag("exclude_archived")
    found = [c for c in ws.channels.values() if kind_of(c) in kinds and not (hidden and c.archived)]
    return sorted(found, key=lambda channel: channel.id)


def _between(found: list[Message], args: Arguments) -> list[Message]:
    oldest, latest = float(args.maybe("oldest") or 0), float(args.maybe("latest") or "inf")
    if args.flag("inclusive"):
        return [m for m in found if oldest <= float(m.ts) <= latest]
    return [m for m in found if oldest < float(m.ts) < latest]


def _messages(ws: Workspace, args: Arguments, found: list[Message]) -> JSON:
    page, metadata = args.page(found)
    with_metadata = args.flag("include_all_metadata")
    return {
        "messages": [message_json(ws, message, with_metadata=with_metadata) for message in page],
        "has_more": bool(metadata["next_cursor"]),
        "response_metadata": metadata,
    }


METHODS = {
    "conversations.open": open_,
    "conversations.info": info,
    "conversations.list": list_,
    "conversations.members": members,
    "conversations.history": history,
    "conversations.replies": replies,
    "conversations.join": join,
    "conversations.setTopic": set_topic,
    "users.conversations": of_user,
}
