"""Block Kit as the page gets it: every text in it as nodes, everything else as the app sent it."""

from __future__ import annotations

from typing import Any

from bot.playground.errors import JSON
from bot.playground.model import User
from bot.playground.page.mrkdwn import plain, spans
from bot.playground.workspace import Workspace

_TEXTS = {"mrkdwn", "plain_text"}


def drawn(ws: Workspace, reader: User, blocks: list[JSON]) -> list[JSON]:
    """A copy of the blocks in which each text object is `{"nodes": [...], "plain": bool}`."""
    return [_walk(ws, reader, block) for block in blocks]


def _walk(ws: Workspace, reader: User, value: Any) -> Any:
    if isinstance(value, list):
        return [_walk(ws, reader, item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("type") in _TEXTS and isinstance(value.get("text"), str):
        if value["type"] == "plain_text":
            return {"nodes": plain(value["text"]), "plain": True}
        return {"nodes": spans(ws, reader, value["text"]), "plain": False}
    if value.get("type") == "markdown":
        return {"type": "section", "text": {"nodes": plain(str(value["text"])), "plain": True}}
    return {key: _walk(ws, reader, item) for key, item in value.items()}
