"""A TEST card, and what came of it."""

from __future__ import annotations

from typing import Final

from slack_sdk.models.blocks import Block

from bot.core.trial_messages import TrialAlert
from bot.slack.blocks.kit import actions, button, context, section
from bot.slack.blocks.voice import Voice

__all__ = ["PRESS", "trial"]

PRESS: Final = "trial.acknowledge"
"""The button's action id; its value is the card's key."""


def trial(message: TrialAlert, voice: Voice) -> list[Block]:
    """Nothing is wrong, and the press says how long the way takes."""
    t = voice.t
    if message.pressed_by is not None and message.seconds is not None:
        seconds = voice.f.number(message.seconds, decimals=1)
        return [
            section(t.text("trial.done", person=voice.person(message.pressed_by), seconds=seconds)),
            context(t.text("trial.what")),
        ]
    press = button(t.text("alert.acknowledge"), action=PRESS, value=message.key, style="primary")
    return [
        section(t.text("trial.title", person=voice.person(message.by))),
        actions("trial", press),
        context(t.text("trial.press")),
    ]
