"""chat.*: post, edit, delete, whisper, link."""

from __future__ import annotations

from bot.playground.api.access import visible, writable
from bot.playground.api.arguments import Arguments
from bot.playground.api.content import read_content, read_metadata
from bot.playground.api.shapes import message_json
from bot.playground.errors import JSON, SlackError
from bot.playground.model import Message
from bot.playground.workspace import Workspace


def post_message(ws: Workspace, args: Arguments) -> JSON:
    channel = writable(ws, args.text("channel", error="channel_not_found"))
    text, blocks = read_content(ws, "chat.postMessage", args)
    metadata = read_metadata(args)
    thread_ts = args.maybe("thread_ts")
    if thread_ts is not None and ws.find_message(channel.id, thread_ts) is None:
        raise SlackError("thread_not_found")
    message = ws.post(
        Message(
            ts=ws.new_ts(),
            channel=channel.id,
            user=ws.bot.id,
            text=text,
            blocks=blocks,
            thread_ts=thread_ts,
            metadata=metadata or None,
            broadcast_reply=args.flag("reply_broadcast"),
        )
    )
    return {
        "channel": channel.id,
        "ts": message.ts,
        "message": message_json(ws, message, with_metadata=True),
    }


def update(ws: Workspace, args: Arguments) -> JSON:
    message = _own(ws, args, "cant_update_message")
    kept = dict(args.values)
    if "text" not in args and "blocks" not in args:
        raise SlackError("no_text")
    if "blocks" not in args:
        kept["blocks"] = message.blocks
    if "text" not in args:
        kept["text"] = message.text
    text, blocks = read_content(ws, "chat.update", Arguments(kept))
    metadata = read_metadata(args)
    ws.edit(message, text, blocks)
    if metadata is not None:
        message.metadata = metadata or None
    return {
        "channel": message.channel,
        "ts": message.ts,
        "text": message.text,
        "message": message_json(ws, message, with_metadata=True),
    }


def delete(ws: Workspace, args: Arguments) -> JSON:
    message = _own(ws, args, "cant_delete_message")
    message.deleted = True
    return {"channel": message.channel, "ts": message.ts}


def post_ephemeral(ws: Workspace, args: Arguments) -> JSON:
    channel = writable(ws, args.text("channel", error="channel_not_found"))
    if ws.bot.id not in channel.members:
        raise SlackError("not_in_channel")
    user = ws.users.get(args.text("user"))
    if user is None or user.id not in channel.members or user.deleted:
        raise SlackError("user_not_in_channel")
    text, blocks = read_content(ws, "chat.postEphemeral", args)
    message = ws.post(
        Message(
            ts=ws.new_ts(),
            channel=channel.id,
            user=ws.bot.id,
            text=text,
            blocks=blocks,
            thread_ts=args.maybe("thread_ts"),
            ephemeral_to=user.id,
        )
    )
    return {"message_ts": message.ts}


def permalink(ws: Workspace, args: Arguments) -> JSON:
    channel = visible(ws, args.text("channel", error="channel_not_found"))
    ts = args.text("message_ts", error="message_not_found")
    if ws.find_message(channel.id, ts) is None:
        raise SlackError("message_not_found")
    address = f"https://{ws.domain}.slack.com/archives/{channel.id}/p{ts.replace('.', '')}"
    return {"channel": channel.id, "permalink": address}


def _own(ws: Workspace, args: Arguments, error: str) -> Message:
    """The bot's own message named by `channel` (an id) and `ts`."""
    channel = visible(ws, args.text("channel", error="channel_not_found"))
    message = ws.find_message(channel.id, args.text("ts", error="message_not_found"))
    if message is None:
        raise SlackError("message_not_found")
    if channel.archived:
        raise SlackError("is_archived")
    if message.user != ws.bot.id:
        raise SlackError(error)
    return message


METHODS = {
    "chat.postMessage": post_message,
    "chat.update": update,
    "chat.delete": delete,
    "chat.postEphemeral": post_ephemeral,
    "chat.getPermalink": permalink,
}
