"""Dry run: what would be posted, and where, as text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bot.core.messages import OutboxMessage, RecipientKind
from bot.core.ports import Clock, Destination, Sent
from bot.slack.blocks.kit import Content
from bot.slack.render import Renderer

__all__ = ["DrySender", "Shown", "as_text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """``where``: ``#channel``, or the person; ``edits``: it would replace a post instead of adding one."""

    where: str
    text: str
    edits: bool


@dataclass(slots=True)
class DrySender:
    """The MessageSender port that keeps what it is handed instead of posting it."""

    renderer: Renderer
    clock: Clock
    shown: list[Shown] = field(default_factory=list)

    def send(self, message: OutboxMessage, destination: Destination) -> Sent:
        content = self.renderer.render(message, destination, self.clock())
        recipient = destination.recipient
        channel = recipient.kind is RecipientKind.CHANNEL
        where = f"#{recipient.name}" if channel else recipient.name
        self.shown.append(Shown(where=where, text=as_text(content), edits=destination.earlier is not None))
        return Sent(channel=recipient.name, ts=f"{len(self.shown)}.000000")

    def find(self, message: OutboxMessage, destination: Destination) -> Sent | None:  # noqa: ARG002 - the port
        """Nothing was ever posted."""
        return None


def as_text(content: Content) -> str:
    """Blocks as lines of text; buttons in brackets."""
    return "\n".join(line for block in content.blocks for line in _lines(block))


def _lines(block: dict[str, Any]) -> list[str]:
    if "text" in block:
        return str(block["text"]["text"]).split("\n")
    elements = block.get("elements") or []
    if block.get("type") == "actions":
        return [" ".join(f"[{element['text']['text']}]" for element in elements)]
    return [str(element["text"]) for element in elements if isinstance(element.get("text"), str)]
