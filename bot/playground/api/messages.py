"""Marks on messages: reactions and pins."""

from __future__ import annotations

from bot.playground.api.access import visible
from bot.playground.api.arguments import Arguments
from bot.playground.api.shapes import message_json
from bot.playground.errors import JSON, SlackError
from bot.playground.model import Message
from bot.playground.workspace import Workspace


def add_reaction(ws: Workspace, args: Arguments) -> JSON:
    message = _message(ws, args)
    name = args.text("name", error="invalid_name").strip(":")
    users = message.reactions.setdefault(name, [])
    if ws.bot.id in users:
        raise SlackError("already_reacted")
    users.append(ws.bot.id)
    return {}


def add_pin(ws: Workspace, args: Arguments) -> JSON:
    message = _message(ws, args)
    if message.pinned:
        raise SlackError("already_pinned")
    message.pinned = True
    return {}


def list_pins(ws: Workspace, args: Arguments) -> JSON:
    channel = visible(ws, args.text("channel", error="channel_not_found"))
    pinned = [m for m in channel.messages if m.pinned]
    return {
        "items": [
            {"type": "message", "channel": channel.id, "message": message_json(ws, m)}
            for m in reversed(pinned)
        ]
    }


def _message(ws: Workspace, args: Arguments) -> Message:
    channel = visible(ws, args.text("channel", error="channel_not_found"))
    if channel.archived:
        raise SlackError("is_archived")
    if ws.bot.id not in channel.members:
        raise SlackError("not_in_channel")
    message = ws.find_message(channel.id, args.text("timestamp", error="message_not_found"))
    if message is None:
        raise SlackError("message_not_found")
    return message


METHODS = {"reactions.add": add_reaction, "pins.add": add_pin, "pins.list": list_pins}
