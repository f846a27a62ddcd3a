"""Slack's limits on blocks and views, as pure functions from JSON to a list of problems."""

from bot.playground.checks.blocks import Surface, characters, check_blocks
from bot.playground.checks.views import check_view

__all__ = ["Surface", "characters", "check_blocks", "check_view"]
