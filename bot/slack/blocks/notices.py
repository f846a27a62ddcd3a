"""Notices to operators: something Muster could not deliver or do."""

from __future__ import annotations

from slack_sdk.models.blocks import Block

from bot.core.messages import OperatorNotice
from bot.slack.blocks.kit import code, section
from bot.slack.blocks.voice import Voice

__all__ = ["operator"]

DETAIL_CHARACTERS = 500


def operator(message: OperatorNotice, voice: Voice) -> list[Block]:
    """What happened and what to do; a code without an entry of its own is shown as it is."""
    key = f"notice.{message.code}"
    subject = voice.person(message.subject)
    if voice.t.has(key):
        title = voice.t.text(key, subject=subject)
    else:
        title = voice.t.text("notice.other", code=code(message.code), subject=subject)
    blocks: list[Block] = [section(title)]
    if message.detail:
        blocks.append(section(voice.t.text("notice.detail", detail=code(message.detail, DETAIL_CHARACTERS))))
    return blocks
