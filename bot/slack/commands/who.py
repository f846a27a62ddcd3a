"""/muster who: who is on now, until when, and who comes next (SCENARIOS A14)."""

from __future__ import annotations

from typing import Final

from slack_sdk.models.blocks import Block

from bot.core.ids import TeamId
from bot.core.on_duty import OnShift
from bot.core.on_shift_places import is_group_id
from bot.core.people import Role
from bot.core.permissions import Action
from bot.slack.blocks.kit import Content, code, context, escape, lines, message, section
from bot.slack.commands.command import Asked, Subcommand
from bot.usecases.follow_on_shift import places
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
    groups = _groups(asked, about, None if every else team)
    if groups:
        blocks.append(section(asked.t.text("who.groups", groups=asked.f.join(groups))))
    queues = [e.activity for e in found.working]
    zone = asked.voice.zone_note(queues)
    whose = asked.t.text("who.all_teams" if every else "who.own_team")
    return message([*blocks, context(whose, *([] if zone is None else [zone]))])


def _groups(asked: Asked, about: str | None, team: TeamId | None) -> list[str]:
    """The user groups that have just these people in them, as one writes them in a message (U13)."""
    settings = asked.desk.settings
    wanted = None if about is None else about.casefold()
    found: list[str] = []
    with asked.desk.store.read() as uow:
        for place in places(settings):
            held = uow.on_shift_places.get(place.key)
            fits = any(
                (team is None or source.team == team)
                and (skill.casefold() if skill is not None else None) == wanted
                for source, skill in place.sources
            )
            current = held is not None and held.error is None and bool((held.shown or {}).get("users"))
            if fits and current:
                by_id = is_group_id(place.name)
                found.append(f"<!subteam^{place.name}>" if by_id else code(place.shown))
    return found


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
