"""Load: the team's ranges, one person's own weeks, and the two messages about patterns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from slack_sdk.models.blocks import Block

from bot.core.ids import AgentId, TeamId
from bot.core.load_messages import LoadMessage, LoadPatterns
from bot.core.work_load import LEAST_PEOPLE, MEASURES, CareSettings, Pattern, TeamLoad
from bot.reports.load_text import name_text, pattern_text, people_text, range_text, total_text, value_text
from bot.slack.blocks.kit import actions, button, code, context, escape, lines, section
from bot.slack.blocks.voice import Voice
from bot.usecases.work_load import OwnLoad

__all__ = ["LOOK", "OFF", "OWN", "blocks", "counselling", "own", "team"]

LOOK: Final = "load.look"
OWN: Final = "load.own"
OFF: Final = "load.off"
_PEOPLE: Final = 20


def blocks(kind: LoadMessage, voice: Voice) -> list[Block]:
    t, f = voice.t, voice.f
    care = voice.settings.care or CareSettings()
    if isinstance(kind, LoadPatterns):
        head = t.plural(
            "load.told", kind.concerned, people=kind.people, team=escape(kind.team), week=f.day(kind.week)
        )
        rows = [
            t.plural("load.told_line", one.people, pattern=pattern_text(one.pattern, care, t, f))
            for one in kind.patterns
        ]
        look = button(t.text("load.button.look"), action=LOOK, value=kind.team[:64] or "team")
        return [
            section(lines([head, *rows])),
            actions("load-team", look),
            context(t.text("load.or_command", command=code("/muster load"))),
        ]
    rows = [f"• {pattern_text(one, care, t, f)}" for one in kind.patterns]
    return [
        section(lines([t.text("load.own_told", week=f.day(kind.week)), *rows])),
        *counselling(TeamId(kind.team), voice),
        actions(
            "load-own",
            button(t.text("load.button.own"), action=OWN, value="own"),
            button(t.text("review.button.off"), action=OFF, value="off"),
        ),
        context(t.text("load.who_sees")),
    ]


def counselling(name: TeamId, voice: Voice) -> list[Block]:
    """The team's words on where somebody is there to talk; nothing where it has none."""
    held = voice.settings.teams.get(name)
    if held is None or held.counselling is None:
        return []
    return [section(voice.t.text("load.counselling", words=escape(held.counselling)))]


def team(load: TeamLoad, shown: Mapping[AgentId, tuple[Pattern, ...]], voice: Voice) -> list[Block]:
    """The team's week; ``shown``: who shows what, for the lead of those people, else empty."""
    t, f = voice.t, voice.f
    care = voice.settings.care or CareSettings()
    title = t.text("load.week_of", team=escape(load.team), week=f.day(load.week, year=True))
    found: list[Block] = [section(lines([f"*{title}*", t.plural("load.worked", load.people)]))]
    if load.too_few:
        return [*found, section(t.text("load.too_few", least=LEAST_PEOPLE))]
    rows = []
    for line in load.lines:
        row = t.text(
            "load.row", name=name_text(line.measure, t), value=range_text(line.measure, line.spread, t, f)
        )
        if line.people and line.total is not None:
            row += " " + t.text("load.sum", total=total_text(line, t, f), people=people_text(line, f))
        rows.append(row)
    found.append(section(lines(rows)))
    if load.patterns:
        counts = [
            t.plural("load.told_line", n, pattern=pattern_text(p.value, care, t, f))
            for p, n in load.patterns.items()
        ]
        head = t.plural("load.concerned", load.concerned, people=load.people)
        found.append(section(lines([f"*{head}*", *counts])))
    else:
        found.append(section(t.text("load.no_patterns")))
    if load.law is not None:
        found.append(context(t.plural("load.law", load.law)))
    if shown:
        names = [
            t.text(
                "load.person",
                person=voice.person(agent),
                patterns=f.join([pattern_text(p.value, care, t, f) for p in held]),
            )
            for agent, held in sorted(shown.items())[:_PEOPLE]
        ]
        found += [section(lines(names)), context(t.text("load.lead_only"))]
    return found


def own(load: OwnLoad, voice: Voice, *, title: str) -> list[Block]:
    """One person's weeks, for that person and their lead."""
    t, f = voice.t, voice.f
    care = voice.settings.care or CareSettings()
    newest = load.loads[-1]
    rows = []
    for measure in MEASURES:
        value = value_text(measure, newest.value(measure), t, f)
        if measure == "breaks_lost" and newest.breaks_lost:
            value = t.text("load.breaks", moved=newest.moved, given_up=newest.given_up)
        row = t.text("load.row", name=name_text(measure, t), value=value)
        if measure == "hours" and newest.contract is not None:
            row += " " + t.text("load.contract", hours=f.number(newest.contract, decimals=1))
        if measure in load.ranges:
            row += " " + t.text("load.team_range", range=range_text(measure, load.ranges[measure], t, f))
        rows.append(row)
    weeks = [
        t.text("load.row", name=f.day(week), value=value_text("hours", held.hours, t, f))
        for week, held in zip(load.weeks, load.loads, strict=True)
    ]
    found: list[Block] = [section(f"*{title}*"), section(lines(rows))]
    found.append(section(lines([t.text("load.last_weeks"), *weeks])))
    if load.shown:
        said = [f"• {pattern_text(p.value, care, t, f)}" for p in load.shown]
        found.append(section(lines([t.text("load.shows"), *said])))
    return [*found, *counselling(load.agent.team, voice), context(t.text("load.who_sees"))]
