"""Workspace objects as the Web API and the payloads show them."""

from __future__ import annotations

from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from bot.playground.errors import JSON
from bot.playground.model import Channel, File, Message, User, View
from bot.playground.workspace import Workspace

OTHER_TEAM = "T0000009"
"""The workspace strangers belong to."""


def user_json(ws: Workspace, user: User, *, with_locale: bool = False) -> JSON:
    local = datetime.fromtimestamp(ws.now(), ZoneInfo(user.tz))
    offset = local.utcoffset()
    team = OTHER_TEAM if user.stranger else ws.team_id
    profile: JSON = {"real_name": user.real_name, "display_name": user.name, "team": team}
    if user.email and not user.stranger and "users:read.email" in ws.app.scopes:
        profile["email"] = user.email
    shown: JSON = {
        "id": user.id,
        "team_id": team,
        "name": user.name,
        "real_name": user.real_name,
        "deleted": user.deleted,
        "tz": user.tz,
        "tz_label": local.tzname(),
        "tz_offset": int(offset.total_seconds()) if offset else 0,
        "profile": profile,
        "is_admin": False,
        "is_owner": False,
        "is_restricted": user.guest or user.single_channel,
        "is_ultra_restricted": user.single_channel,
        "is_bot": user.bot,
        "is_app_user": False,
        "updated": int(ws.now()),
    }
    if user.stranger:
        shown["is_stranger"] = True
    if with_locale:
        shown["locale"] = user.locale
    return shown


def channel_json(ws: Workspace, channel: Channel) -> JSON:
    shown: JSON = {
        "id": channel.id,
        "created": channel.created,
        "is_im": channel.im_user is not None,
        "is_mpim": False,
        "is_channel": channel.im_user is None and not channel.private,
        "is_group": channel.im_user is None and channel.private,
        "is_private": channel.private,
        "is_archived": channel.archived,
        "is_org_shared": channel.org_shared,
        "context_team_id": ws.team_id,
    }
    if channel.im_user is not None:
        return shown | {"user": channel.im_user, "is_open": True}
    return shown | {
        "name": channel.name,
        "name_normalized": channel.name,
        "is_shared": channel.ext_shared or channel.org_shared,
        "is_ext_shared": channel.ext_shared,
        "is_pending_ext_shared": channel.pending_ext_shared,
        "is_member": ws.bot.id in channel.members,
        "num_members": len(channel.members),
        "topic": {"value": escape(channel.topic, quote=False), "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
    }


def message_json(ws: Workspace, message: Message, *, with_metadata: bool = False) -> JSON:
    shown: JSON = {
        "type": "message",
        "user": message.user,
        "ts": message.ts,
        "text": message.text,
        "team": ws.team_id,
    }
    if message.bot:
        shown |= {"bot_id": ws.bot_id, "app_id": ws.app.id}
    if message.blocks:
        shown["blocks"] = message.blocks
    if message.thread_ts is not None:
        shown["thread_ts"] = message.thread_ts
    if message.edited_ts is not None:
        shown["edited"] = {"user": message.user, "ts": message.edited_ts}
    if message.files:
        shown["files"] = [file_json(ws, ws.files[key]) for key in message.files]
    if message.reactions:
        shown["reactions"] = [
            {"name": name, "users": users, "count": len(users)} for name, users in message.reactions.items()
        ]
    if with_metadata and message.metadata is not None:
        shown["metadata"] = message.metadata
    if not message.is_reply and message.ephemeral_to is None:
        replies = [m for m in ws.channels[message.channel].thread(message.ts) if m.ts != message.ts]
        if replies:
            shown |= {
                "thread_ts": message.ts,
                "reply_count": len(replies),
                "latest_reply": replies[-1].ts,
                "reply_users": sorted({reply.user for reply in replies}),
            }
    return shown


def file_json(ws: Workspace, file: File) -> JSON:
    kind = file.name.rsplit(".", 1)[-1].lower() if "." in file.name else "text"
    shown: JSON = {
        "id": file.id,
        "created": file.created,
        "name": file.name,
        "title": file.title or file.name,
        "filetype": kind,
        "mimetype": {"png": "image/png", "csv": "text/csv"}.get(kind, "application/octet-stream"),
        "user": file.user,
        "size": file.length,
        "channels": file.channels,
        "url_private": f"{ws.base_url}/files-pri/{ws.team_id}-{file.id}/{file.name}",
        "url_private_download": f"{ws.base_url}/files-pri/{ws.team_id}-{file.id}/download/{file.name}",
    }
    if file.alt_text is not None:
        shown["alt_txt"] = file.alt_text
    return shown


def view_json(ws: Workspace, view: View, *, values: JSON | None = None) -> JSON:
    shown: JSON = {
        "id": view.id,
        "team_id": ws.team_id,
        "app_id": ws.app.id,
        "app_installed_team_id": ws.team_id,
        "bot_id": ws.bot_id,
        "hash": view.hash,
        "root_view_id": view.root,
        "previous_view_id": view.previous,
        "state": {"values": values or {}},
        "private_metadata": "",
        "callback_id": "",
        "external_id": "",
        "title": None,
        "submit": None,
        "close": None,
        "clear_on_close": False,
        "notify_on_close": False,
    }
    return shown | view.body
