"""/muster off: a day off, granted by rules or answered with what could be had (SCENARIOS A9)."""

from __future__ import annotations

from bot.core.permissions import Action
from bot.slack.blocks import verdicts
from bot.slack.blocks.kit import Content, message
from bot.slack.commands.command import Asked, Subcommand
from bot.slack.commands.swap import own, own_day
from bot.usecases import ask_leave

__all__ = ["OFF"]


def off(asked: Asked) -> Content:
    """Could the person be off that day?  Nothing is changed until a button is pressed."""
    agent = own(asked)
    day = own_day(asked, agent, asked.argument)
    looked = ask_leave.look(asked.desk.store, asked.desk.settings, agent, day, now=asked.now)
    return message(verdicts.leave(looked, asked.voice))


OFF = Subcommand(
    name="off",
    answer=off,
    aliases=("leave", "请假", "休假", "請假"),
    usage="DAY",
    group="shifts",
    action=Action.OWN_SHIFTS,
)
