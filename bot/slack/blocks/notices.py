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
    lost = f"notice.lost.{message.detail}"
    if message.detail and voice.t.has(lost):
        blocks.append(section(f"{voice.t.text(lost)} {_instead(message, voice)}"))
    elif message.detail:
        blocks.append(section(voice.t.text("notice.detail", detail=code(message.detail, DETAIL_CHARACTERS))))
    return blocks


def _instead(message: OperatorNotice, voice: Voice) -> str:
    if not message.instead:
        return voice.t.text("notice.nobody_instead")
    people = voice.f.join([voice.person(who) for who in message.instead])
    return voice.t.text("notice.instead", people=people)
