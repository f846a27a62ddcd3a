"""Stand-ups of those who cannot be there: the question, and the answer under the digest."""

from __future__ import annotations

from typing import Final

from slack_sdk.models.blocks import Block

from bot.core.remote_messages import RemoteAnswered, RemoteAsked, RemoteMessage
from bot.core.remote_stand_up import LONGEST
from bot.slack.blocks.kit import actions, button, escape, lines, section
from bot.slack.blocks.voice import Voice

__all__ = ["ANSWER", "ITEM", "OFF", "blocks"]

ANSWER: Final = "remote.answer"
"""Opens the form; the value is the team's day."""
OFF: Final = "remote.off"
ITEM: Final = "remote.item"
"""Notes an action for what is in the way; the value is the answer's number."""


def blocks(kind: RemoteMessage, voice: Voice) -> list[Block]:
    t = voice.t
    match kind:
        case RemoteAsked():
            press = actions(
                "remote",
                button(
                    t.text("remote.button.answer"), action=ANSWER, value=kind.day.isoformat(), style="primary"
                ),
                button(t.text("remote.button.off"), action=OFF, value="off"),
            )
            return [section(t.text("remote.asked", day=voice.f.day(kind.day))), press]
        case RemoteAnswered():
            rows = [t.text("remote.said", person=voice.person(kind.by))]
            for name in ("done", "next", "blocked"):
                words = getattr(kind, name)
                if words:
                    rows.append(t.text(f"remote.{name}", words=escape(words, LONGEST)))
            found: list[Block] = [section(lines(rows))]
            if kind.blocked:
                note = button(t.text("remote.button.item"), action=ITEM, value=str(kind.answer))
                found.append(actions("remote-blocked", note))
            return found
