"""Home: the view of the App Home tab, inside Slack's limits."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from slack_sdk.models.blocks import Block

from bot.slack.blocks.kit import context

__all__ = ["Home", "Part"]

HOME_BLOCKS: Final = 100
HOME_BYTES: Final = 240_000
"""Slack takes 250,000; the rest is for what wraps the blocks."""

Part = Sequence[Block | Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """``blocks`` from the top, the first a section that reads alone; ``footer`` is never left out.

    ``shortened`` says that something had to be left out.
    """

    blocks: Part
    footer: Part = ()
    shortened: str = "…"

    def view(self) -> dict[str, Any]:
        """As Slack takes it; blocks that do not fit are left out from the end."""
        body = [_plain(block) for block in self.blocks]
        footer = [_plain(block) for block in self.footer]
        note = _plain(context(self.shortened))
        kept = len(body)
        while kept > 1 and not _fits(_put(body, kept, note, footer)):
            kept -= 1
        return {"type": "home", "callback_id": "home", "blocks": _put(body, kept, note, footer)}


def _put(
    body: Sequence[dict[str, Any]], kept: int, note: dict[str, Any], footer: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    return [*body[:kept], *([note] if kept < len(body) else []), *footer]


def _fits(blocks: Sequence[dict[str, Any]]) -> bool:
    return len(blocks) <= HOME_BLOCKS and len(json.dumps(blocks)) <= HOME_BYTES


def _plain(block: Block | Mapping[str, Any]) -> dict[str, Any]:
    return block.to_dict() if isinstance(block, Block) else dict(block)
