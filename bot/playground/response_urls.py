"""The addresses at which an app answers an interaction: five times within thirty minutes."""

from __future__ import annotations

from bot.playground import limits
from bot.playground.api.arguments import Arguments
from bot.playground.api.content import read_content, read_metadata
from bot.playground.errors import JSON, SlackError
from bot.playground.model import Message
from bot.playground.workspace import Workspace


def respond(ws: Workspace, token: str, body: JSON) -> None:
    """Post, replace or delete as the body says; refused when the address is unknown, expired or used up."""
    with ws.lock:
        try:
            _respond(ws, token, body)
        except SlackError as refusal:
            ws.refuse("response_url", refusal.error, messages=refusal.messages, status=refusal.status)
            raise
        finally:
            ws.touched()


def _respond(ws: Workspace, token: str, body: JSON) -> None:
    grant = ws.response_urls.get(token)
    if grant is None:
        raise SlackError("expired_url", status=404)
    if ws.now() - grant.at > limits.RESPONSE_URL_SECONDS:
        raise SlackError("expired_url", status=404)
    if grant.uses >= limits.RESPONSE_URL_USES:
        raise SlackError("used_url", status=404)
    grant.uses += 1
    original = grant.message if grant.message is not None and not grant.message.deleted else None
    args = Arguments(body)
    if args.flag("delete_original"):
        if original is not None:
            original.deleted = True
        return
    text, blocks = read_content(ws, "response_url", args)
    if args.flag("replace_original") and original is not None:
        ws.edit(original, text, blocks)
        return
    public = body.get("response_type") == "in_channel"
    ws.post(
        Message(
            ts=ws.new_ts(),
            channel=grant.channel,
            user=ws.bot.id,
            text=text,
            blocks=blocks,
            thread_ts=args.maybe("thread_ts"),
            metadata=read_metadata(args),
            ephemeral_to=None if public else grant.user,
        )
    )
