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

__all__ = ["WHO", "rows"]

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
    shown, more = rows(asked, found, most=_MOST)
    if shown:
        blocks.append(section(lines(shown)))
    if more:
        blocks.append(context(asked.t.plural("who.more", more)))
    if found.next:
        people = asked.desk.names.all([c.agent for c in found.next[:_MOST]])
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


def rows(asked: Asked, found: WhoIsOn, *, most: int) -> tuple[list[str], int]:
    """A line for each of the first ``most``, who works before who pauses; and how many more there are."""
    on = [*found.working, *found.pausing]
    names = asked.desk.names.all([e.agent for e in on[:most]])
    pausing = len(found.working)
    shown = [
        _row(asked, entry, name, pauses=i >= pausing)
        for i, (entry, name) in enumerate(zip(on[:most], names, strict=True))
    ]
    return shown, max(0, len(on) - most)


def _row(asked: Asked, entry: OnShift, name: str, *, pauses: bool) -> str:
    activity = asked.voice.label("activity", entry.activity) if pauses else escape(entry.activity)
    return asked.t.text(
        "who.pauses" if pauses else "who.works",
        person=name,
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
