"""What the app's acknowledgement does: a whisper after a command, the next step of a modal."""

from __future__ import annotations

from bot.playground.api.arguments import Arguments
from bot.playground.api.content import read_content
from bot.playground.api.views import add_view, check_response_view, replace_view
from bot.playground.errors import JSON, SlackError
from bot.playground.model import Channel, Message, User, View
from bot.playground.workspace import Workspace


def after_command(ws: Workspace, user: User, channel: Channel, body: JSON) -> None:
    """An acknowledgement with text or blocks is shown, to the person alone unless `in_channel`."""
    if not body.get("text") and not body.get("blocks"):
        return
    text, blocks = read_content(ws, "ack", Arguments(body))
    public = body.get("response_type") == "in_channel"
    ws.post(
        Message(
            ts=ws.new_ts(),
            channel=channel.id,
            user=ws.bot.id,
            text=text,
            blocks=blocks,
            ephemeral_to=None if public else user.id,
        )
    )


def after_submission(ws: Workspace, view: View, body: JSON) -> None:
    """Errors at the fields, another view instead or on top, or the modal closes."""
    action = body.get("response_action")
    view.errors = {}
    if action == "errors":
        errors = body.get("errors")
        inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
        if not isinstance(errors, dict) or not errors or set(errors) - inputs:
            raise SlackError("invalid_arguments", messages=["[ERROR] errors must name input blocks"])
        view.errors = {str(key): str(value) for key, value in errors.items()}
    elif action == "update":
        replace_view(ws, view, check_response_view(body.get("view")))
    elif action == "push":
        add_view(ws, check_response_view(body.get("view")), view.user, below=view)
    elif action == "clear":
        close_all(ws, view)
    elif action is None:
        view.open = False
    else:
        raise SlackError("invalid_arguments", messages=[f"[ERROR] unknown response_action: {action}"])
    ws.touched()


def close_all(ws: Workspace, view: View) -> None:
    """Close the whole stack this view belongs to."""
    for other in ws.views.values():
        if other.root == view.root:
            other.open = False
