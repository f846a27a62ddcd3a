"""/sla: the door for leads to what is promised: the board, why a case is due, how promises were kept."""

from __future__ import annotations

from dataclasses import replace

from bot.core.permissions import Action
from bot.slack.blocks.kit import Content
from bot.slack.commands.alerts import ALERT_COMMANDS
from bot.slack.commands.board import BOARD
from bot.slack.commands.cases import CASE_COMMANDS
from bot.slack.commands.command import Asked, Command, Subcommand
from bot.slack.commands.muster import grouped, help_
from bot.slack.commands.promise import PROMISES
from bot.slack.commands.sla import EXCEPTION, explain
from bot.slack.commands.sla_show import SHOW
from bot.slack.commands.who import WHO
from bot.slack.commands.why import WHY

__all__ = ["SLA"]


def _help(asked: Asked) -> Content:
    """Everything that answers here, whatever other command it belongs to."""
    return help_(asked, [replace(SLA, subcommands=SLA.every)], asked.argument.strip())


def _explain(asked: Asked) -> Content:
    return explain(asked, "/sla explain GD20261124001")


_EXPLAIN = Subcommand(
    name="explain",
    answer=_explain,
    aliases=("sla", "due", "解释", "为何到期"),
    usage="CASE",
    action=Action.CASE_SEE,
    group="cases",
)
"""What /muster calls sla."""

SLA = Command(
    name="/sla",
    default="board",
    subcommands=(Subcommand(name="help", answer=_help, aliases=("?", "帮助")), SHOW),
    borrowed=(
        _EXPLAIN,
        BOARD,
        EXCEPTION,
        *grouped("alerts", ALERT_COMMANDS),
        WHY,
        *CASE_COMMANDS,
        *grouped("cases", PROMISES),
        WHO,
    ),
)
