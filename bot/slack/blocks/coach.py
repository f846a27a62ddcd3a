"""Times for a talk, and one that is booked (TI7)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from slack_sdk.models.blocks import Block

from bot.slack.blocks.kit import actions, button, code, context, section
from bot.slack.blocks.requests import TALK_OFF
from bot.slack.blocks.voice import Voice
from bot.usecases.coach import Slot, Talk

__all__ = ["BOOK", "OFFER", "booked", "offered", "talk_line"]

OFFER: Final = "coach.offer"
"""Value: the agent a lead may book a talk with."""
BOOK: Final = ("coach.book.1", "coach.book.2", "coach.book.3")
"""Values: agent, lead, start and end, with bars between."""


def offered(slots: Sequence[Slot], minutes: int, voice: Voice) -> list[Block]:
    """The times, the best first, each with its press."""
    t = voice.t
    found: list[Block] = [section(t.text("coach.title", minutes=minutes))]
    for action, slot in zip(BOOK, slots, strict=False):
        talk = slot.talk
        value = f"{talk.agent}|{talk.coach}|{int(talk.start.timestamp())}|{int(talk.end.timestamp())}"
        rows = [talk_line(talk, voice)]
        if slot.spare is not None:
            rows.append(t.plural("coach.spare", slot.spare) if slot.spare > 0 else t.text("coach.enough"))
        press = button(t.text("coach.button.book"), action=action, value=value)
        found.append(section("\n".join(rows), button=press))
    return [*found, context(t.text("coach.how"), t.text("message.zone", zone=voice.f.zone_label(voice.now)))]


def booked(talk: Talk, number: int, voice: Voice) -> list[Block]:
    t = voice.t
    return [
        section(t.text("coach.booked", talk=talk_line(talk, voice))),
        actions(f"coach-{number}", button(t.text("coach.button.cancel"), action=TALK_OFF, value=str(number))),
        context(t.text("coach.told", command=code(f"/muster coach cancel {number}"))),
    ]


def talk_line(talk: Talk, voice: Voice) -> str:
    return voice.t.text(
        "coach.talk",
        day=voice.f.day(voice.f.local_day(talk.start)),
        period=voice.f.period(talk.start, talk.end),
        agent=voice.person(talk.agent),
        lead=voice.person(talk.coach),
    )
