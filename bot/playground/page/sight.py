"""The workspace as one person sees it, as JSON: nothing that this person could not read in Slack."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from bot.playground.errors import JSON
from bot.playground.model import Channel, Message, User, View
from bot.playground.outcome import top_modal
from bot.playground.page.drawing import drawn
from bot.playground.page.mrkdwn import EMOJI, spans
from bot.playground.values import NotPossible
from bot.playground.workspace import Workspace

MOST_MESSAGES = 200
_PICTURES = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif"}


def seen(ws: Workspace, person: str, place: str | None, thread: str | None) -> JSON:
    """Everything on this person's screen. NotPossible where the place is not theirs to see."""
    with ws.lock:
        user = reader(ws, person)
        here = None if place is None else _open(ws, user, place)
        modal = top_modal(ws, user.id)
        home = ws.homes.get(user.id)
        shown: JSON = {
            "me": {
                "id": user.id,
                "handle": user.name,
                "name": user.real_name,
                "locale": user.locale,
                "zone": user.tz,
            },
            "places": [_place(ws, user, channel) for channel in _places(ws, user)],
            "home": None if home is None else _view(ws, user, home),
            "modal": None if modal is None else _view(ws, user, modal),
            "here": None,
            "thread": None,
        }
        if here is not None:
            said = _said(ws, user, here)
            roots = [m for m in said if not m.is_reply or m.broadcast_reply]
            shown["here"] = {
                "id": here.id,
                "messages": [_message(ws, user, m) for m in roots[-MOST_MESSAGES:]],
            }
            if thread is not None:
                inside = [m for m in said if thread in (m.ts, m.thread_ts)]
                shown["thread"] = {"ts": thread, "messages": [_message(ws, user, m) for m in inside]}
        return shown


def mark(shown: JSON) -> str:
    """Changes whenever something on the screen does."""
    return hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()[:24]


def reader(ws: Workspace, person: str) -> User:
    """Somebody who can be played. NotPossible for the bot and for who is gone."""
    user = ws.users.get(person)
    if user is None or user.deleted or user.bot:
        raise NotPossible("there is no such person to be", "nobody")
    return user


def visible(user: User, channel: Channel) -> bool:
    """Whether somebody may look into a channel or a conversation with the bot."""
    if channel.im_user is not None:
        return channel.im_user == user.id
    if user.id in channel.members:
        return True
    return not (channel.private or user.guest or user.single_channel or user.stranger)


def message_of(ws: Workspace, user: User, place: str, ts: str) -> Message:
    """A message this person sees. NotPossible where there is none, whoever else may see one."""
    channel = _open(ws, user, place)
    for message in _said(ws, user, channel):
        if message.ts == ts:
            return message
    raise NotPossible("this message is gone", "gone")


def view_of(ws: Workspace, user: User, view: str) -> View:
    """The modal in front of this person or their home tab, by its id."""
    home = ws.homes.get(user.id)
    modal = top_modal(ws, user.id)
    for mine in (modal, home):
        if mine is not None and mine.id == view:
            return mine
    raise NotPossible("this view is not in front of this person", "gone")


def file_of(ws: Workspace, user: User, key: str) -> tuple[str, str | None, bytes]:
    """(name, media type of a picture, content) of a file shared where this person can look.

    NotPossible for every other file.
    """
    file = ws.files.get(key)
    if (
        file is None
        or file.content is None
        or not any(visible(user, ws.channels[place]) for place in file.channels)
    ):
        raise NotPossible("there is no such file", "gone")
    return file.name, _PICTURES.get(_ending(file.name)), file.content


def _open(ws: Workspace, user: User, place: str) -> Channel:
    channel = ws.channels.get(place)
    if channel is None or not visible(user, channel):
        raise NotPossible(f"{user.name} does not see this conversation", "gone")
    return channel


def _places(ws: Workspace, user: User) -> list[Channel]:
    mine = ws.dm(user.id)
    found = [c for c in ws.channels.values() if c.im_user is None and visible(user, c) and not c.archived]
    return [*sorted(found, key=lambda channel: channel.name), mine]


def _said(ws: Workspace, user: User, channel: Channel) -> list[Message]:
    whispers = [
        m for m in ws.ephemerals if m.ephemeral_to == user.id and m.channel == channel.id and not m.deleted
    ]
    return sorted(channel.messages + whispers, key=lambda message: float(message.ts))


def _place(ws: Workspace, user: User, channel: Channel) -> JSON:
    last = max((float(m.ts) for m in _said(ws, user, channel) if not m.is_reply), default=0.0)
    return {
        "id": channel.id,
        "name": channel.name,
        "topic": channel.topic,
        "private": channel.private,
        "member": user.id in channel.members,
        "app": channel.im_user is not None,
        "last": last,
    }


def _message(ws: Workspace, user: User, message: Message) -> JSON:
    author = ws.users[message.user]
    replies = [] if message.ephemeral_to else ws.channels[message.channel].replies.get(message.ts, [])
    replies = [reply for reply in replies if not reply.deleted]
    shown: JSON = {
        "ts": message.ts,
        "author": author.real_name,
        "bot": message.bot,
        "edited": message.edited_ts is not None,
        "whisper": message.ephemeral_to is not None,
        "pinned": message.pinned,
        "replies": len(replies),
        "reactions": [
            {"shown": EMOJI.get(name, f":{name}:"), "count": len(by)}
            for name, by in message.reactions.items()
            if by
        ],
        "files": [_file(ws, key) for key in message.files],
        "blocks": drawn(ws, user, message.blocks),
    }
    if not message.blocks:
        shown["text"] = spans(ws, user, message.text)
    return shown


def _file(ws: Workspace, key: str) -> dict[str, Any]:
    file = ws.files[key]
    return {
        "id": file.id,
        "name": file.title or file.name,
        "alt": file.alt_text or "",
        "picture": _ending(file.name) in _PICTURES,
    }


def _view(ws: Workspace, user: User, view: View) -> JSON:
    shown: JSON = {
        "id": view.id,
        "hash": view.hash,
        "title": view.title,
        "blocks": drawn(ws, user, view.blocks),
        "errors": dict(view.errors),
        "below": view.previous is not None,
    }
    for key in ("submit", "close"):
        button = view.body.get(key)
        shown[key] = None if not button else str(button["text"])
    return shown


def _ending(name: str) -> str:
    return name.rsplit(".", 1)[-1].lower() if "." in name else ""
