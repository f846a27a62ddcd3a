"""The slash commands of the application: dispatch, help and manifest read this table."""

from __future__ import annotations

from bot.slack.commands.command import Command
from bot.slack.commands.muster import muster_command
from bot.slack.commands.roster import ROSTER
from bot.slack.commands.shift import SHIFT
from bot.slack.commands.targets import SLA

__all__ = ["COMMANDS"]

COMMANDS: tuple[Command, ...] = (SHIFT, SLA, ROSTER, muster_command([SHIFT, SLA, ROSTER]))
