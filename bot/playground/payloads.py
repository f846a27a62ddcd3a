"""What Slack sends to an app: commands, interactions and events, shaped like the real ones."""

from __future__ import annotations

import secrets
from typing import Any

from bot.playground.api.shapes import message_json, view_json
from bot.playground.errors import JSON
from bot.playground.model import Channel, Message, ResponseUrl, User, View
from bot.playground.workspace import Workspace


def response_url(ws: Workspace, user: User, channel: Channel, message: Message | None = None) -> str:
    """A fresh address at which the app may answer five times within thirty minutes."""
    token = secrets.token_hex(16)
    ws.response_urls[token] = ResponseUrl(user=user.id, channel=channel.id, at=ws.now(), message=message)
    return f"{ws.base_url}/response/{token}"


def slash_command(ws: Workspace, user: User, channel: Channel, command: str, text: str) -> JSON:
    return {
        "token": "verification-is-by-signature",
        "team_id": ws.team_id,
        "team_domain": ws.domain,
        "channel_id": channel.id,
        "channel_name": "directmessage" if channel.im_user else channel.name,
        "user_id": user.id,
        "user_name": user.name,
        "command": command,
        "text": text,
        "api_app_id": ws.app.id,
        "is_enterprise_install": "false",
        "response_url": response_url(ws, user, channel),
        "trigger_id": ws.new_trigger(user.id),
    }


def message_action(ws: Workspace, user: User, message: Message, action: JSON, state: JSON) -> JSON:
    """A press on an element of a message. Of an ephemeral one Slack sends no `message`, only where it was."""
    channel = ws.channels[message.channel]
    payload = _interaction(ws, user, "block_actions") | {
        "container": {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": channel.id,
            "is_ephemeral": message.ephemeral_to is not None,
        },
        "trigger_id": ws.new_trigger(user.id),
        "channel": {"id": channel.id, "name": "directmessage" if channel.im_user else channel.name},
        "state": {"values": state},
        "response_url": response_url(ws, user, channel, message),
        "actions": [action | {"action_ts": ws.new_ts()}],
    }
    if message.ephemeral_to is None:
        payload["message"] = message_json(ws, message, with_metadata=True)
    return payload


def view_action(ws: Workspace, user: User, view: View, action: JSON, state: JSON) -> JSON:
    """A press on an element of a modal or of the home tab."""
    return _interaction(ws, user, "block_actions") | {
        "container": {"type": "view", "view_id": view.id},
        "trigger_id": ws.new_trigger(user.id, view.id),
        "view": view_json(ws, view, values=state),
        "actions": [action | {"action_ts": ws.new_ts()}],
    }


def view_submission(ws: Workspace, user: User, view: View, state: JSON) -> JSON:
    return _interaction(ws, user, "view_submission") | {
        "trigger_id": ws.new_trigger(user.id, view.id),
        "view": view_json(ws, view, values=state),
        "response_urls": [],
    }


def view_closed(ws: Workspace, user: User, view: View, *, cleared: bool) -> JSON:
    shown = {"view": view_json(ws, view), "is_cleared": cleared}
    return _interaction(ws, user, "view_closed") | shown


def suggestion(
    ws: Workspace, user: User, place: Message | View, block_id: str, element: JSON, typed: str
) -> JSON:
    """Asks the app for the options of an external select while the person types."""
    asked = {"action_id": element["action_id"], "block_id": block_id, "value": typed}
    payload = _interaction(ws, user, "block_suggestion") | asked
    if isinstance(place, View):
        return payload | {"container": {"type": "view", "view_id": place.id}, "view": view_json(ws, place)}
    return payload | {"channel": {"id": place.channel}, "message": message_json(ws, place)}


def event(ws: Workspace, fields: JSON) -> JSON:
    """An Events API callback round `fields`, which name at least the `type`."""
    authorization = {
        "enterprise_id": None,
        "team_id": ws.team_id,
        "user_id": ws.bot.id,
        "is_bot": True,
        "is_enterprise_install": False,
    }
    return {
        "token": "verification-is-by-signature",
        "team_id": ws.team_id,
        "api_app_id": ws.app.id,
        "event": {"event_ts": ws.new_ts()} | fields,
        "type": "event_callback",
        "event_id": ws.new_id("Ev"),
        "event_time": int(ws.now()),
        "authorizations": [authorization],
        "is_ext_shared_channel": False,
    }


def _interaction(ws: Workspace, user: User, kind: str) -> dict[str, Any]:
    return {
        "type": kind,
        "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": ws.team_id},
        "api_app_id": ws.app.id,
        "token": "verification-is-by-signature",
        "team": {"id": ws.team_id, "domain": ws.domain},
        "enterprise": None,
        "is_enterprise_install": False,
    }
