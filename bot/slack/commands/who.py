"""/muster who: who is on now, until when, and who comes next (SCENARIOS A14)."""

from __future__ import annotations

from typing import Final

from slack_sdk.models.blocks import Block

from bot.core.on_duty import OnShift
from bot.core.people import Role
from bot.core.permissions import Action
from bot.slack.blocks.kit import Content, context, escape, lines, message, section
from bot.slack.commands.command import Asked, Subcommand
from bot.usecases.who_is_on import WhoIsOn, who_is_on

__all__ = ["WHO", "row"]

_MOST: Final = 40
"""People a list names."""


def who(asked: Asked) -> Content:
    """One's own team by the published roster; planners see every team."""
    asked.need(Action.TEAM_FIGURES, team=asked.person.rights.team)
    about = asked.argument.strip() or None
    team = asked.person.rights.team
    every = team is None or asked.person.role.rank >= Role.PLANNER.rank
    with asked.desk.store.read() as uow:
        found = who_is_on(
            uow,
            asked.desk.settings,
            now=asked.now,
            about=about,
            teams=None if every or team is None else {team},
        )
    blocks: list[Block] = [section(_title(asked, found, about))]
    rows = [row(asked, e, "who.works") for e in found.working]
    rows += [row(asked, e, "who.pauses") for e in found.pausing]
    if rows:
        blocks.append(section(lines(rows[:_MOST])))
    if len(rows) > _MOST:
        blocks.append(context(asked.t.plural("who.more", len(rows) - _MOST)))
    if found.next:
        people = [asked.desk.names(c.agent) for c in found.next[:_MOST]]
        at = asked.voice.moment(found.next[0].start)
        blocks.append(section(asked.t.text("who.next", people=asked.f.join(people), at=at)))
    queues = [e.activity for e in found.working]
    zone = asked.voice.zone_note(queues)
    whose = asked.t.text("who.all_teams" if every else "who.own_team")
    return message([*blocks, context(whose, *([] if zone is None else [zone]))])


def _title(asked: Asked, found: WhoIsOn, about: str | None) -> str:
    if not found.published:
        return asked.t.text("who.unpublished")
    count = len(found.working)
    if about is None:
        return asked.t.plural("who.title", count, pausing=len(found.pausing))
    return asked.t.plural("who.title_for", count, about=escape(about), pausing=len(found.pausing))


def row(asked: Asked, entry: OnShift, key: str) -> str:
    """One person: ``who.works`` at a queue, or ``who.pauses``."""
    activity = escape(entry.activity)
    if key == "who.pauses":
        activity = asked.voice.label("activity", entry.activity)
    return asked.t.text(
        key,
        person=asked.desk.names(entry.agent),
        activity=activity,
        until=asked.f.time(entry.until),
        end=asked.f.time(entry.shift_end),
    )


WHO = Subcommand(
    name="who",
    answer=who,
    aliases=("谁在", "谁在班", "在班"),
    usage="[QUEUE | SKILL]",
    group="shifts",
    action=Action.TEAM_FIGURES,
)
