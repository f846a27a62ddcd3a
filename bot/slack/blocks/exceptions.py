"""Exception windows: what the channel is told."""

from __future__ import annotations

from slack_sdk.models.blocks import Block

from bot.core.exception_messages import ExceptionDeclared
from bot.slack.blocks.kit import context, escape, section
from bot.slack.blocks.voice import Voice

__all__ = ["declared"]


def declared(message: ExceptionDeclared, voice: Voice) -> list[Block]:
    """From when to when, why, who; and that the clocks run on."""
    what = voice.t.text("exception.all_queues") if message.queue is None else voice.queue(message.queue)
    key = "exception.declared" if message.ended_by is None else "exception.ended"
    title = voice.t.text(
        key,
        queue=what,
        reason=escape(message.reason),
        start=voice.moment(message.starts_at),
        end=voice.moment(message.ends_at),
        person=voice.person(message.ended_by or message.by),
        number=message.window,
    )
    notes = [voice.t.text("exception.meaning")]
    zone = voice.zone_note([] if message.queue is None else [message.queue])
    return [section(title), context(*notes, *([zone] if zone else []))]
