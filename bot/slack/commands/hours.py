"""/muster overtime and gohome: hours offered to whom they suit best, by a lead (SCENARIOS A10)."""

from __future__ import annotations

from datetime import date
from functools import partial

from bot.core.day_phrases import read_day
from bot.core.permissions import Action
from bot.slack.blocks import verdicts
from bot.slack.blocks.kit import Content, message
from bot.slack.commands.command import Asked, Subcommand
from bot.usecases import offer_hours
from bot.usecases.offer_hours import OfferKind

__all__ = ["HOURS_COMMANDS"]


def hours(kind: OfferKind, asked: Asked) -> Content:
    """Whom the day's gaps (or surplus) could be offered to; nobody is asked before a button is pressed."""
    today = asked.f.local_day(asked.now)
    day: date = read_day(asked.argument, today) if asked.argument.strip() else today
    found = offer_hours.look(asked.desk.store, asked.desk.settings, kind, day=day, now=asked.now)
    return message(verdicts.hours(found, asked.voice))


def _sub(name: str, kind: OfferKind, *aliases: str) -> Subcommand:
    return Subcommand(
        name=name,
        answer=partial(hours, kind),
        aliases=aliases,
        usage="[DAY]",
        group="shifts",
        action=Action.SHIFTS_MEND,
    )


HOURS_COMMANDS = (
    _sub("overtime", OfferKind.OVERTIME, "加班"),
    _sub("gohome", OfferKind.GO_HOME, "vto", "提前下班"),
)
"""Subcommands of /muster."""
