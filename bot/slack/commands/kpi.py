"""/muster kpi: key figures with goal, definition and formula; /muster pack: the weekly pack."""

from __future__ import annotations

from datetime import date
from typing import Final

from slack_sdk.models.blocks import Block

from bot.core.errors import NotFoundError, RefusedError
from bot.core.ids import TeamId
from bot.core.kpis.catalogue import Kpi, shown_with
from bot.core.packs import WEEK, last_period
from bot.core.people import Agent
from bot.core.permissions import Action
from bot.reports.kpi_text import classes_text, definition_lines, figure_line, goal_text, types_text
from bot.reports.pack_text import response_text
from bot.slack.blocks import coach
from bot.slack.blocks.kit import Content, actions, button, code, context, escape, lines, message, section
from bot.slack.blocks.packs import pack_blocks
from bot.slack.commands.command import Asked, Subcommand
from bot.slack.commands.named import colleague, user_in
from bot.slack.commands.sla import team_of
from bot.usecases.kpis import KpiReport, meant, of_days
from bot.usecases.weekly_pack import period_meant, read_pack

__all__ = ["KPI_COMMANDS", "kpi", "pack"]

_ME: Final = frozenset({"me", "own", "我", "本人"})
_OWN: Final = (
    Kpi.THROUGHPUT,
    Kpi.SOLUTION_RATE,
    Kpi.FIRST_RESPONSE_MEAN,
    Kpi.FIRST_RESPONSE_MEDIAN,
    Kpi.REPEAT_RATE,
    Kpi.FCR,
    Kpi.AHT,
)
"""Of one person; an AHT has FCR before it and the note on quality below (KS17)."""


def kpi(asked: Asked) -> Content:
    """All figures of the last whole week; one with its definition; one's own (``me``, leads ``@name``)."""
    words = asked.argument.strip()
    if words.casefold() in _ME or user_in(words) is not None:
        return _own(asked, words)
    team = team_of(asked)
    asked.need(Action.TEAM_FIGURES, team=team)
    chosen = meant(words) if words else tuple(Kpi)
    chosen = tuple(dict.fromkeys(shown for each in chosen for shown in shown_with(each)))
    found = _report(asked, team)
    blocks: list[Block] = [section(_title(asked, found))]
    if words:
        blocks += [section(lines(_whole(asked, found, each))) for each in chosen]
    else:
        blocks.append(section(lines([f"• {_line(asked, found, each)}" for each in chosen])))
        more = [
            classes_text(found.figures, asked.t, asked.f),
            types_text(found.figures, found.before, asked.t, asked.f),
            response_text(found.asked, found.answered, asked.t, asked.f),
        ]
        blocks += [section(text) for text in more if text]
    notes = [] if Kpi.AHT not in chosen else [asked.t.text("kpi.together")]
    if not words:
        notes.append(asked.t.text("pack.definitions", command=code("/muster kpi overdue_rate")))
    if notes:
        blocks.append(context(*notes))
    return message(blocks, shortened=asked.t.text("message.shortened"))


def pack(asked: Asked) -> Content:
    """The pack of the last whole week, or of a week or month named; to the person who asked alone."""
    team = team_of(asked)
    asked.need(Action.TEAM_FIGURES, team=team)
    words = asked.argument.strip()
    month = words if len(words) == len("2026-11") and "W" not in words.upper() else None
    week = words if words and month is None else None
    settings = asked.desk.settings
    period = period_meant(settings, team, week=week, month=month, now=asked.now)
    with asked.desk.store.read() as uow:
        found = read_pack(uow, settings, team, period, now=asked.now)
    return message(pack_blocks(found, asked.voice), shortened=asked.t.text("message.shortened"))


def _own(asked: Asked, words: str) -> Content:
    """Figures of one person: that person's and their lead's alone, and nobody's where they are off (PS11)."""
    if not asked.desk.settings.kpis.individual:
        raise RefusedError("kpi_individual_off", "Figures of single people are switched off here.")
    person = asked.person.agent if words.casefold() in _ME else colleague(asked, words)
    if person is None:
        raise NotFoundError("kpi_nobody", "You are not on the roster; there are no figures of your own.")
    asked.need(Action.PERSONAL_FIGURES, person=person)
    found = _report(asked, person.team, person)
    title = asked.t.text(
        "kpi.title_own",
        person=escape(person.name),
        first=asked.f.day(found.first),
        last=asked.f.day(found.last, year=True),
    )
    rows = [f"• {_line(asked, found, each)}" for each in _OWN]
    blocks: list[Block] = [section(f"*{title}*\n{lines(rows)}"), context(asked.t.text("kpi.together"))]
    if asked.person.agent is not None and asked.person.agent.agent != person.agent:
        # For a lead alone, and never because of a figure: it stands there whatever they are (TI7).
        press = button(asked.t.text("coach.button.offer"), action=coach.OFFER, value=person.agent)
        blocks.append(actions("kpi-coach", press))
    return message(blocks)


def _report(asked: Asked, team: TeamId, person: Agent | None = None) -> KpiReport:
    settings = asked.desk.settings
    first, last = _last_week(asked, team)
    agent = None if person is None else person.agent
    return of_days(asked.desk.store, settings, team, first, last, agent=agent, now=asked.now)


def _last_week(asked: Asked, team: TeamId) -> tuple[date, date]:
    period = last_period(WEEK, asked.now, asked.desk.settings.teams[team].zone)
    return period.first, period.last


def _title(asked: Asked, found: KpiReport) -> str:
    title = asked.t.text(
        "kpi.title",
        team=escape(found.team),
        first=asked.f.day(found.first),
        last=asked.f.day(found.last, year=True),
    )
    return f"*{title}*"


def _line(asked: Asked, found: KpiReport, each: Kpi) -> str:
    return figure_line(found.figures.by_kpi[each], found.before.value(each), asked.t, asked.f)


def _whole(asked: Asked, found: KpiReport, each: Kpi) -> list[str]:
    t, f = asked.t, asked.f
    rows = [_line(asked, found, each)]
    for goal in found.goals:
        if goal.kpi == each.value:
            rows += [escape(line, 300) for line in goal_text(goal, t, f)]
    return rows + [escape(line, 600) for line in definition_lines(each, asked.desk.settings, t, f)]


KPI_COMMANDS = (
    Subcommand(
        name="kpi",
        answer=kpi,
        aliases=("kpis", "figures", "指标"),
        usage="[NAME | me]",
        lead_usage="[NAME | me | @name]",
        action=Action.TEAM_FIGURES,
        group="figures",
    ),
    Subcommand(
        name="pack",
        answer=pack,
        aliases=("周报", "月报"),
        usage="[2026-W47 | 2026-11]",
        action=Action.TEAM_FIGURES,
        group="figures",
    ),
)
"""Subcommands of /muster."""
