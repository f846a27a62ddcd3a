"""What a message may contain, wherever it comes from: a method, a response_url or an acknowledgement."""

from __future__ import annotations

import json
import re
from typing import Any

from bot.playground import limits
from bot.playground.api.arguments import Arguments
from bot.playground.checks import Surface, characters, check_blocks
from bot.playground.errors import JSON, SlackError
from bot.playground.records import ComplaintKind
from bot.playground.workspace import Workspace

_BROADCAST = re.compile(r"<!(channel|here|everyone)(\|[^>]*)?>")


def read_content(ws: Workspace, method: str, args: Arguments) -> tuple[str, list[JSON]]:
    """Text and blocks of a message: refused where Slack refuses, noted where our own rules say no."""
    text = str(args.values.get("text") or "")
    blocks = args.json("blocks", error="invalid_blocks_format") or []
    if not text and not blocks and not args.json("attachments"):
        raise SlackError("no_text")
    if len(text) > limits.MESSAGE_TEXT:
        raise SlackError("msg_too_long")
    problems = check_blocks(blocks, Surface.MESSAGE)
    if problems:
        raise SlackError("invalid_blocks", messages=problems)
    if characters(blocks) > limits.MESSAGE_BLOCKS_CHARACTERS:
        raise SlackError("msg_blocks_too_long")
    if blocks and not text.strip():
        ws.complain(ComplaintKind.MISSING_FALLBACK, method, f"{len(blocks)} blocks without text")
    if len(text) > limits.MESSAGE_TEXT_RECOMMENDED:
        ws.complain(ComplaintKind.TEXT_OVER_RECOMMENDED, method, f"{len(text)} characters of text")
    found = _BROADCAST.search(text) or _BROADCAST.search(json.dumps(blocks))
    if found:
        ws.complain(ComplaintKind.BROADCAST, method, found.group(0))
    return text, blocks


def read_metadata(args: Arguments) -> JSON | None:
    """Message metadata: an event type and a payload, at most 16 kB."""
    metadata: Any = args.json("metadata", error="invalid_metadata_format")
    if metadata is None:
        return None
    if not isinstance(metadata, dict) or (metadata and not isinstance(metadata.get("event_type"), str)):
        raise SlackError("invalid_metadata_format")
    if metadata and not isinstance(metadata.get("event_payload"), dict):
        raise SlackError("invalid_metadata_format")
    if len(json.dumps(metadata).encode()) > limits.METADATA_BYTES:
        raise SlackError("metadata_too_large")
    return metadata
