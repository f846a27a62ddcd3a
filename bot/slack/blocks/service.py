"""A service level below its target, as a lead reads it."""

from __future__ import annotations

from slack_sdk.models.blocks import Block

from bot.core.service_messages import ServiceBelow
from bot.slack.blocks.cause import age_line, cause_lines
from bot.slack.blocks.kit import context, section
from bot.slack.blocks.voice import Voice

__all__ = ["below"]


def below(message: ServiceBelow, voice: Voice) -> list[Block]:
    """How many were answered in time, what was promised, and why; over once it is kept again."""
    data = {
        "queue": voice.queue(message.queue),
        "period": voice.f.period(message.start, message.end),
        "share": voice.f.percent(message.within / message.judged),
        "within": voice.f.number(message.within),
        "judged": voice.f.number(message.judged),
        "target": voice.f.percent(message.share),
        "seconds": voice.f.duration(message.within_seconds),
    }
    if message.ended_at is not None:
        title = voice.t.text("service.over", ended=voice.moment(message.ended_at), **data)
        return [section(title)]
    blocks: list[Block] = [section(voice.t.text("service.below", **data))]
    if message.cause is not None:
        blocks.append(section("\n".join(cause_lines(message.cause, voice))))
    zone = voice.zone_note([message.queue])
    return [*blocks, context(age_line(message.age, voice), *([zone] if zone else []))]
