"""The slash commands of the application: dispatch, help and manifest read this table."""

from __future__ import annotations

from bot.slack.commands.command import Command
from bot.slack.commands.muster import muster_command
from bot.slack.commands.shift import SHIFT

__all__ = ["COMMANDS"]

COMMANDS: tuple[Command, ...] = (SHIFT, muster_command([SHIFT]))
