"""`/roster what-if minus @name`: what a roster would be without somebody (SCENARIOS P6)."""

from __future__ import annotations

import re
from typing import Final

from bot.core.errors import RefusedError
from bot.core.people import Agent
from bot.core.permissions import Action
from bot.core.rosters import RosterStatus
from bot.slack.blocks.certificates import week_of
from bot.slack.blocks.kit import Content, context, escape, lines, message, section
from bot.slack.commands.command import Asked, Subcommand
from bot.slack.commands.named import colleague
from bot.slack.commands.roster_publish import meant
from bot.usecases.what_if import WhatIf, without

__all__ = ["WHAT_IF"]

_MINUS: Final = frozenset({"minus", "--minus", "without", "减去", "没有"})
_SHOWN: Final = 6
_USAGE: Final = "/roster what-if minus @name"


def what_if(asked: Asked) -> Content:
    """Of the newest draft, else of the live roster: cover without the people named."""
    words = re.split(r"[\s,，、]+", asked.argument.strip())
    if words[0].casefold() not in _MINUS or len(words) < 2:
        raise RefusedError("what_if_usage", f"Write {_USAGE}; nothing was worked out.", usage=_USAGE)
    agents = [_person(asked, word) for word in words[1:] if word]
    version = meant(asked, prefer=RosterStatus.DRAFT, typed="")
    found = without(asked.desk.store, asked.desk.settings, version.roster_id, {a.agent for a in agents})
    t, f, period = asked.t, asked.f, version.roster.period
    head = t.plural(
        "planner.what_if.title",
        found.shifts,
        roster=version.roster_id,
        week=week_of(period.first, period.days, asked.voice),
        people=f.join([asked.desk.names(a.agent) for a in agents]),
        hours=f.number(found.hours, decimals=1),
    )
    zone = asked.voice.zone_note([c.queue for c in found.cover])
    notes = [t.text("planner.what_if.note"), *([] if zone is None else [zone])]
    return message(
        [section(head), section(lines(_cover(asked, found))), context(*notes)],
        shortened=t.text("message.shortened"),
    )


def _cover(asked: Asked, found: WhatIf) -> list[str]:
    t, f = asked.t, asked.f
    if not found.after.required_known:
        return [t.text("planner.diff.no_requirement")]
    rows = []
    for one in found.cover:
        before = f.number(one.before or 0.0, decimals=1)
        missing = f"{before} → {f.number(one.after, decimals=1)}"
        rows.append(t.text("planner.diff.cover", queue=escape(one.queue), missing=missing))
    rows += [
        "• "
        + t.plural(
            "request.gap",
            gap.missing,
            queue=escape(gap.queue),
            at=f.moment(gap.start),
            until=f.time(gap.end),
        )
        for gap in found.opened[:_SHOWN]
    ]
    if len(found.opened) > _SHOWN:
        rows.append(t.text("planner.more", more=len(found.opened) - _SHOWN))
    return rows


def _person(asked: Asked, word: str) -> Agent:
    """By mention, id or name.  Raises RefusedError for nobody and for a name that several bear."""
    mentioned = colleague(asked, word)
    if mentioned is not None:
        return mentioned
    wanted = word.removeprefix("@").casefold()
    with asked.desk.store.read() as uow:
        people = uow.people.all()
    exact = [p for p in people if p.agent.casefold() == wanted]
    found = exact or [p for p in people if p.name.casefold() == wanted]
    if len(found) != 1:
        raise RefusedError(
            "what_if_who", f"{word!r} names no agent, or several; nothing was worked out.", value=word
        )
    return found[0]


WHAT_IF = Subcommand(
    name="what-if",
    answer=what_if,
    aliases=("whatif", "假设"),
    usage="minus @NAME",
    action=Action.ROSTER_PLAN,
)
