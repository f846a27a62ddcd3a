"""The weekly and the monthly pack in Slack, and key figures one by one."""

from __future__ import annotations

from typing import Final

from slack_sdk.models.blocks import Block

from bot.core.kpis.catalogue import Kpi
from bot.core.packs import FigureLine, Pack
from bot.reports.kpi_text import (
    change_text,
    days_text,
    missing_text,
    name_text,
    share_text,
    sparkline,
    standing_text,
    state_of,
    value_text,
)
from bot.reports.pack_text import cause_word, measure_text, response_text
from bot.slack.blocks.kit import code, context, escape, lines, section
from bot.slack.blocks.voice import Voice

__all__ = ["pack_blocks", "posted"]

_GROUPS: Final = (
    (Kpi.FIRST_RESPONSE_MEAN, Kpi.FIRST_RESPONSE_MEDIAN, Kpi.FIRST_RESPONSE_P90),
    (Kpi.RESOLUTION_MEAN, Kpi.RESOLUTION_MEDIAN, Kpi.RESOLUTION_P90),
    (Kpi.AHT, Kpi.FCR, Kpi.CSAT),
)
"""Figures that share a line: a mean beside what it hides, an AHT beside the quality it may cost (KS17)."""
TYPES_SHOWN = 5
CAUSES_SHOWN = 8
MEASURES_SHOWN = 8


def posted(pack: Pack, voice: Voice) -> list[Block]:
    """As it is posted into a channel."""
    return pack_blocks(pack, voice)


def pack_blocks(pack: Pack, voice: Voice) -> list[Block]:
    """Goals first, then the figures and what is behind them."""
    t, f = voice.t, voice.f
    blocks: list[Block] = [section(_title(pack, voice))]
    if pack.late:
        blocks.append(context(t.text("pack.late")))
    blocks.append(section(_goals(pack, voice)))
    blocks.append(section(lines([_heading("figures", voice), *_figures(pack, voice)])))
    for part in (_classes, _types, _aspects, _causes, _measures, _fairness, _accuracy):
        rows = part(pack, voice)
        if rows:
            blocks.append(section(lines(rows)))
    notes = [
        t.text("pack.repeat_note", days=days_text(pack.repeat_days, f)),
        t.text("pack.definitions", command=code("/muster kpi")),
    ]
    if pack.asked:
        notes.insert(0, response_text(pack.asked, pack.answered, t, f))
    if pack.data_until is not None:
        notes.insert(0, t.text("pack.data_until", at=voice.moment(pack.data_until)))
    benchmarks = [
        t.text(
            "pack.benchmark_note",
            name=name_text(line.kpi, t),
            value=value_text(Kpi(line.kpi), line.benchmark, f),
            source=escape(line.source or "", 120),
        )
        for line in pack.figures
        if line.benchmark is not None
    ]
    blocks.append(context(*notes, *benchmarks))
    return blocks


def _title(pack: Pack, voice: Voice) -> str:
    t = voice.t
    title = t.text(
        f"pack.title.{pack.kind}",
        team=escape(pack.team),
        first=voice.f.day(pack.first),
        last=voice.f.day(pack.last, year=True),
    )
    rows = [f"*{title}*", t.plural("pack.summary", pack.contacts)]
    if pack.goals:
        on = sum(state_of(goal) in ("reached", "on_course") for goal in pack.goals)
        rows.append(t.text("pack.goals_on", on=on, all=len(pack.goals)))
    return "\n".join([rows[0], " · ".join(rows[1:])])


def _heading(name: str, voice: Voice, **data: object) -> str:
    return f"*{voice.t.text(f'pack.heading.{name}', **data)}*"


def _goals(pack: Pack, voice: Voice) -> str:
    t, f = voice.t, voice.f
    if not pack.goals:
        return t.text("pack.no_goals", where=code(f"teams.{pack.team}.goals", 80))
    rows = [_heading("goals", voice)]
    for goal in pack.goals:
        kpi = Kpi(goal.kpi)
        name = name_text(kpi, t)
        if goal.queue is not None:
            name = t.text("pack.goal_name_queue", name=name, queue=escape(goal.queue))
        rows.append(
            "• "
            + t.text(
                "pack.goal",
                name=name,
                actual=f"*{value_text(kpi, goal.actual, f)}*",
                expected=value_text(kpi, goal.expected, f),
                goal=value_text(kpi, goal.goal, f),
                by=f.day(goal.by, year=True),
                standing=standing_text(goal, t, f),
            )
        )
    return lines(rows)


def _figures(pack: Pack, voice: Voice) -> list[str]:
    held = {Kpi(line.kpi): line for line in pack.figures}
    group_of = {kpi: group for group in _GROUPS for kpi in group}
    rows, done = [], set()
    for kpi in held:
        if kpi in done:
            continue
        group = [k for k in group_of.get(kpi, (kpi,)) if k in held]
        done.update(group)
        rows.append("• " + "\u2002·\u2002".join(_figure(held[k], voice) for k in group))
    return rows


def _figure(line: FigureLine, voice: Voice) -> str:
    """``AHT: *5 min* (+47 sec) ▂▃▅``."""
    t, f, kpi = voice.t, voice.f, Kpi(line.kpi)
    if line.value is None:
        return t.text("kpi.line", name=name_text(kpi, t), value=missing_text(line.missing, t))
    text = t.text("kpi.line", name=name_text(kpi, t), value=f"*{value_text(kpi, line.value, f)}*")
    change = change_text(kpi, line.value, line.before, t, f)
    if change:
        text += " " + t.text("pack.in_brackets", text=change)
    known = sum(v is not None for v in line.trend)
    return f"{text} {sparkline(line.trend)}" if known > 1 else text


def _classes(pack: Pack, voice: Voice) -> list[str]:
    t, f = voice.t, voice.f
    parts = [
        t.text(
            "kpi.class",
            priority=voice.label("priority", c.priority),
            overdue=f.number(c.overdue),
            judged=f.number(c.judged),
            share=f.percent(c.overdue / c.judged, decimals=1),
        )
        for c in pack.classes
        if c.judged
    ]
    return [_heading("classes", voice), f.join(parts)] if parts else []


def _types(pack: Pack, voice: Voice) -> list[str]:
    t, f = voice.t, voice.f
    parts = [
        share_text(voice.label("type", line.type), line.share, line.change, t, f)
        for line in pack.types[:TYPES_SHOWN]
    ]
    return [_heading("types", voice), f.join(parts)] if parts else []


def _aspects(pack: Pack, voice: Voice) -> list[str]:
    """High and low spots: best first."""
    t, f = voice.t, voice.f
    parts = [
        t.text("pack.aspect", aspect=voice.label("aspect", a.aspect), points=f.number(a.points, decimals=1))
        for a in pack.aspects
    ]
    return [_heading("aspects", voice), f.join(parts)] if parts else []


def _causes(pack: Pack, voice: Voice) -> list[str]:
    t, f = voice.t, voice.f
    rows = []
    for place, cause in enumerate(pack.causes[:CAUSES_SHOWN]):
        if place and pack.causes[place - 1].vital and not cause.vital:
            rows.append(t.text("pack.line_80"))
        rows.append(
            "• "
            + t.text(
                "pack.cause",
                cause=escape(cause_word(cause.key, t)),
                count=f.number(cause.count),
                share=f.percent(cause.share),
                cumulative=f.percent(cause.cumulative),
            )
        )
    if pack.unnamed:
        rows.append(t.plural("pack.unnamed", pack.unnamed))
    return [_heading("causes", voice), *(rows or [t.text("pack.no_causes")])]


def _measures(pack: Pack, voice: Voice) -> list[str]:
    t = voice.t
    rows = [
        "• "
        + t.text(
            "pack.measure",
            number=m.measure,
            what=escape(m.what, 140),
            effect=escape(measure_text(m, t, voice.f), 200),
        )
        for m in pack.measures[:MEASURES_SHOWN]
    ]
    return [_heading("measures", voice), *(rows or [t.text("pack.no_measures")])]


def _fairness(pack: Pack, voice: Voice) -> list[str]:
    t, f = voice.t, voice.f
    parts = []
    for line in pack.fairness:
        before = ""
        if line.spread_before is not None:
            before = t.text("pack.fairness_before", spread=f.number(line.spread_before, decimals=1))
        parts.append(
            "• "
            + t.text(
                "pack.fairness",
                what=t.text(f"pack.fair.{line.what}"),
                least=f.number(line.least, decimals=1),
                most=f.number(line.most, decimals=1),
                spread=f.number(line.spread, decimals=1),
                before=before,
            )
        )
    heading = _heading("fairness", voice, weeks=pack.fairness_weeks)
    return [heading, *(parts or [t.text("pack.no_fairness")])]


def _accuracy(pack: Pack, voice: Voice) -> list[str]:
    t, f = voice.t, voice.f
    parts = [
        t.text(
            "pack.accuracy",
            queue=voice.queue(line.queue),
            wape=f.percent(line.wape, decimals=1),
            bias=f.percent(line.bias, decimals=1),
        )
        for line in pack.accuracy
    ]
    return [_heading("accuracy", voice), f.join(parts) if parts else t.text("pack.no_accuracy")]
