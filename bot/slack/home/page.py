"""The home of one reader: by role what matters first, then the rest, and a footer for everybody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from slack_sdk.models.blocks import Block

from bot.core.people import Role
from bot.core.permissions import is_unknown
from bot.slack.blocks.home import Home, Part
from bot.slack.blocks.kit import actions, button, code, context, divider, section
from bot.slack.commands.command import Asked
from bot.slack.commands.roster import state
from bot.slack.commands.shift import stranger
from bot.slack.home.doors import REFRESH, help_button, language_choice
from bot.slack.home.own import own_part
from bot.slack.home.team import team_parts

__all__ = ["home", "sentence_home"]

Blocks = list[Block | Mapping[str, Any]]


def home(asked: Asked) -> Home:
    """A planner sees how the planning stands (as `/roster` says it), a lead the team, an agent the shifts.

    Each sees what the ones before see after it.  Whom no file names is offered to be linked (A2): never an
    empty page.
    """
    if is_unknown(asked.person.rights):
        return Home(blocks=stranger(asked).blocks, footer=_footer(asked))
    parts: list[Part] = []
    if asked.person.role.rank >= Role.PLANNER.rank:
        parts.append(state(replace(asked, argument="")).blocks)
    if asked.person.role.rank >= Role.LEAD.rank:
        parts.append(team_parts(asked))
    if asked.person.agent is not None:
        parts.append(own_part(asked, asked.person.agent))
    blocks: Blocks = []
    for part in parts:
        blocks += [*([divider()] if blocks else []), *part]
    return Home(blocks=blocks, footer=_footer(asked), shortened=asked.t.text("message.shortened"))


def sentence_home(text: str, retry: str) -> Home:
    """A home that says one thing; ``retry`` is the label of the button that tries again."""
    press = button(retry, action=REFRESH, value="refresh")
    return Home(blocks=[section(text)], footer=[actions("home:footer", press)])


def _footer(asked: Asked) -> Blocks:
    role = asked.t.text(f"label.role.{asked.person.role.value}")
    as_of = asked.t.text(
        "home.as_of",
        at=asked.f.moment(asked.now),
        zone=asked.f.zone_label(asked.now),
        role=role,
        command=code("/muster help"),
    )
    refresh = button(asked.t.text("home.button.refresh"), action=REFRESH, value="refresh")
    return [
        divider(),
        actions("home:footer", refresh, help_button(asked), language_choice(asked)),
        context(as_of),
    ]
