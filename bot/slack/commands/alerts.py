"""`/muster take`, `snooze`, `undo` and `pass`: what the buttons of an alert do, by its number."""

from __future__ import annotations

from bot.core.errors import RefusedError
from bot.core.permissions import Action
from bot.core.privacy import mask_text
from bot.slack.actions.alerts import (
    alert_number,
    give,
    snooze,
    take,
    take_back,
    who_was_meant,
)
from bot.slack.blocks.kit import Content, message, section
from bot.slack.commands.command import Asked, Subcommand

__all__ = ["ALERT_COMMANDS"]


def _take(asked: Asked) -> Content:
    answer = take(asked, asked.argument)
    return answer or message([section(asked.t.text("alert.you_have_it"))])


def _snooze(asked: Asked) -> Content:
    answer = snooze(asked, alert_number(asked.argument, "/muster snooze 17"))
    until = asked.voice.moment(asked.now + asked.desk.settings.alerts.snooze)
    return answer or message([section(asked.t.text("alert.snoozed_until", at=until))])


def _undo(asked: Asked) -> Content:
    take_back(asked, alert_number(asked.argument, "/muster undo 17"))
    return message([section(asked.t.text("alert.undone"))])


def _give(asked: Asked) -> Content:
    number, _, name = asked.argument.strip().partition(" ")
    alert = alert_number(number, "/muster pass 17 @name")
    if not name.strip():
        raise RefusedError(
            "give_usage",
            "that names no alert and colleague; nothing was changed. Write /muster pass 17 @name",
            given=mask_text(asked.argument) or "?",
        )
    to = who_was_meant(asked, name.strip())
    answer = give(asked, alert, to)
    return answer or message([section(asked.t.text("alert.given", person=asked.desk.names(to)))])


ALERT_COMMANDS = (
    Subcommand(
        name="take",
        answer=_take,
        aliases=("ack", "acknowledge", "接手"),
        usage="NUMBER",
        action=Action.ALERT_TAKE,
    ),
    Subcommand(
        name="snooze", answer=_snooze, aliases=("later", "暂缓"), usage="NUMBER", action=Action.ALERT_TAKE
    ),
    Subcommand(name="undo", answer=_undo, aliases=("撤销",), usage="NUMBER", action=Action.ALERT_TAKE),
    Subcommand(name="pass", answer=_give, aliases=("转给",), usage="NUMBER @name", action=Action.ALERT_GIVE),
)
