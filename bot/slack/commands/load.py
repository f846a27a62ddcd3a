"""/muster load: the team's load, for its leads; /shift load: one's own (ST11, TI5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from bot.core.errors import RefusedError
from bot.core.ids import TeamId
from bot.core.people import which_team
from bot.core.permissions import Action, permits
from bot.core.weeks import parse_week
from bot.slack.blocks import load as look
from bot.slack.blocks.form import Form
from bot.slack.blocks.kit import Content, code, message, section
from bot.slack.commands.command import Asked, Subcommand
from bot.slack.commands.named import colleague, user_in
from bot.slack.commands.sla import team_of
from bot.slack.commands.swap import own
from bot.usecases import tell_load
from bot.usecases.work_load import own_load, read_team

__all__ = ["BUTTONS", "LOAD", "OWN_LOAD"]

_ON: Final = frozenset({"on", "开启"})
_OFF: Final = frozenset({"off", "关闭"})


def load(asked: Asked) -> Content:
    """The last whole week, or the one named; a colleague's with ``@name``, for their lead alone."""
    words = asked.argument.strip()
    if user_in(words) is not None:
        return _of_person(asked, words)
    return _of_team(asked, team_of(asked), words)


def _of_team(asked: Asked, team: TeamId, words: str) -> Content:
    asked.need(Action.TEAM_LOAD, team=team)
    settings = asked.desk.settings
    week = parse_week(words) if words else None
    with asked.desk.store.read() as uow:
        seen = read_team(uow, settings, team, week, now=asked.now)
        people = uow.people.named(set(seen.shown))
    rights = asked.person.rights
    named = {
        agent: held
        for agent, held in seen.shown.items()
        if settings.kpis.individual
        and agent in people
        and permits(Action.PERSONAL_FIGURES, rights, person=people[agent])
    }
    blocks = look.team(seen.load, named, asked.voice)
    return message(blocks, shortened=asked.t.text("message.shortened"))


def shift_load(asked: Asked) -> Content:
    """One's own last whole week; ``on`` and ``off`` choose whether a pattern is told."""
    agent = own(asked)
    typed = asked.argument.strip().casefold()
    if typed in _ON | _OFF:
        return _chosen(asked, typed in _ON)
    if typed:
        raise RefusedError("load_usage", "Write /shift load, load on or load off; nothing was changed.")
    _allowed(asked)
    found = own_load(asked.desk.store, asked.desk.settings, agent, now=asked.now)
    title = asked.t.text("load.own", week=asked.f.day(found.weeks[-1], year=True))
    return message(look.own(found, asked.voice, title=title), shortened=asked.t.text("message.shortened"))


def _of_person(asked: Asked, words: str) -> Content:
    person = colleague(asked, words)
    assert person is not None
    asked.need(Action.PERSONAL_FIGURES, person=person)
    _allowed(asked)
    found = own_load(asked.desk.store, asked.desk.settings, person, now=asked.now)
    title = asked.t.text(
        "load.of", person=asked.voice.person(person.agent), week=asked.f.day(found.weeks[-1], year=True)
    )
    return message(look.own(found, asked.voice, title=title), shortened=asked.t.text("message.shortened"))


def _allowed(asked: Asked) -> None:
    if not asked.desk.settings.kpis.individual:
        raise RefusedError("kpi_individual_off", "Figures of single people are switched off here.")


def _chosen(asked: Asked, wanted: bool) -> Content:
    tell_load.choose(asked.desk.store, own(asked).agent, wanted, now=asked.now)
    key = "load.on" if wanted else "load.off"
    return message([section(asked.t.text(key, command=code("/shift load on")))])


BUTTONS: Final[Mapping[str, Callable[[Asked], Content | Form | None]]] = {
    look.LOOK: lambda asked: _of_team(asked, which_team(asked.desk.settings.teams, asked.argument), ""),
    look.OWN: lambda asked: shift_load(replace(asked, argument="")),
    look.OFF: lambda asked: _chosen(asked, False),
}
LOAD: Final = Subcommand(
    name="load",
    answer=load,
    aliases=("workload", "负荷"),
    usage="[2026-W47 | @name]",
    action=Action.TEAM_LOAD,
    group="figures",
)
"""Subcommand of /muster."""
OWN_LOAD: Final = Subcommand(
    name="load",
    answer=shift_load,
    aliases=("workload", "负荷"),
    usage="[on | off]",
    action=Action.OWN_SHIFTS,
)
"""Subcommand of /shift."""
