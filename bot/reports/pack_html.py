"""A pack as one self-contained HTML page: no script, no network, readable on a phone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from jinja2 import Environment, PackageLoader, select_autoescape
from markupsafe import Markup

from bot.core.kpis.catalogue import Kpi
from bot.core.packs import FigureLine, GoalLine, Pack
from bot.core.settings import Settings
from bot.i18n.catalog import Translator
from bot.i18n.formats import Formats
from bot.reports.charts.pareto import draw_pareto
from bot.reports.charts.style import chart_style, new_figure, to_svg
from bot.reports.charts.trend import draw_trend
from bot.reports.kpi_text import (
    DASH,
    change_text,
    days_text,
    definition_lines,
    judgement,
    label,
    missing_text,
    name_text,
    standing_text,
    state_of,
    value_text,
)
from bot.reports.pack_picture import causes_of, period_labels
from bot.reports.pack_text import cause_word, measure_text, response_text

__all__ = ["render_pack"]

Cells = list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureRow:
    """One figure of the table.  ``verdict``: better, worse, same or changed; empty without a comparison."""

    name: str
    value: str
    change: str
    verdict: str
    count: str
    benchmark: str
    missing: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalRow:
    name: str
    actual: str
    path: str
    goal: str
    baseline: str
    by: str
    standing: str
    state: str


def render_pack(pack: Pack, settings: Settings, *, locale: str, zone: str, made_at: datetime) -> str:
    """The page in the reader's language and zone."""
    t = Translator(locale)
    f = Formats(t.locale, zone)
    with chart_style():
        trends = [_trend(pack, line, t, f) for line in pack.figures if _drawn(line)]
        pareto = _pareto(pack, t) if pack.causes else None
    environment = Environment(
        loader=PackageLoader("bot.reports", "templates"),
        autoescape=select_autoescape(default=True),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("pack.html.j2").render(
        t=t,
        f=f,
        pack=pack,
        made_at=made_at,
        language=t.locale,
        goals=[_goal(goal, t, f) for goal in pack.goals],
        figures=[_figure(line, t, f) for line in pack.figures],
        has_benchmarks=any(line.benchmark is not None for line in pack.figures),
        classes=_classes(pack, t, f),
        types=_types(pack, t, f),
        aspects=_aspects(pack, t, f),
        causes=_causes(pack, t, f),
        measures=[[f"#{m.measure} {m.what}", measure_text(m, t, f)] for m in pack.measures],
        fairness=_fairness(pack, t, f),
        accuracy=[
            [
                line.queue,
                f.percent(line.wape, decimals=1),
                f.percent(line.bias, decimals=1),
                f.number(line.contacts),
            ]
            for line in pack.accuracy
        ],
        trends=trends,
        pareto=pareto,
        definitions=[
            (name_text(line.kpi, t), definition_lines(Kpi(line.kpi), settings, t, f)) for line in pack.figures
        ],
        repeat_days=days_text(pack.repeat_days, f),
        response=response_text(pack.asked, pack.answered, t, f),
    )


def _figure(line: FigureLine, t: Translator, f: Formats) -> FigureRow:
    kpi = Kpi(line.kpi)
    benchmark = DASH
    if line.benchmark is not None:
        benchmark = f"{value_text(kpi, line.benchmark, f)} ({line.source})"
    return FigureRow(
        name=name_text(kpi, t),
        value=missing_text(line.missing, t) if line.value is None else value_text(kpi, line.value, f),
        change=change_text(kpi, line.value, line.before, t, f),
        verdict=judgement(kpi, line.value, line.before, f),
        count="" if kpi is Kpi.THROUGHPUT else f.number(line.count),
        benchmark=benchmark,
        missing=line.value is None,
    )


def _goal(goal: GoalLine, t: Translator, f: Formats) -> GoalRow:
    kpi = Kpi(goal.kpi)
    name = name_text(kpi, t)
    return GoalRow(
        name=name if goal.queue is None else t.text("pack.goal_name_queue", name=name, queue=goal.queue),
        actual=value_text(kpi, goal.actual, f),
        path=value_text(kpi, goal.expected, f),
        goal=value_text(kpi, goal.goal, f),
        baseline=value_text(kpi, goal.baseline, f),
        by=f.day(goal.by, year=True),
        standing=standing_text(goal, t, f),
        state=state_of(goal),
    )


def _classes(pack: Pack, t: Translator, f: Formats) -> list[Cells]:
    return [
        [
            label("priority", c.priority, t),
            f.number(c.overdue),
            f.number(c.judged),
            f.percent(c.overdue / c.judged, decimals=1) if c.judged else DASH,
            DASH if c.before is None else f.percent(c.before, decimals=1),
        ]
        for c in pack.classes
    ]


def _points(change: float | None, t: Translator, f: Formats) -> str:
    if change is None:
        return DASH
    number = f.number(abs(change), decimals=1)
    return t.text("kpi.change.same") if number == "0" else ("+" if change > 0 else "−") + number


def _types(pack: Pack, t: Translator, f: Formats) -> list[Cells]:
    return [
        [
            label("type", line.type, t),
            f.number(line.count),
            f.percent(line.share, decimals=1),
            DASH
            if line.change is None
            else t.text("kpi.change.same")
            if not round(line.change * 1000)
            else t.text("kpi.points", points=_points(100 * line.change, t, f)),
        ]
        for line in pack.types
    ]


def _aspects(pack: Pack, t: Translator, f: Formats) -> list[Cells]:
    return [
        [
            label("aspect", a.aspect, t),
            f.number(a.points, decimals=1),
            _points(a.change, t, f),
            f.number(a.count),
        ]
        for a in pack.aspects
    ]


def _causes(pack: Pack, t: Translator, f: Formats) -> list[tuple[bool, Cells]]:
    """With whether the cause is one of the vital few."""
    return [
        (
            c.vital,
            [cause_word(c.key, t), f.number(c.count), f.percent(c.share), f.percent(c.cumulative)],
        )
        for c in pack.causes
    ]


def _fairness(pack: Pack, t: Translator, f: Formats) -> list[Cells]:
    return [
        [
            t.text(f"pack.fair.{line.what}"),
            f"{f.number(line.least, decimals=1)} – {f.number(line.most, decimals=1)}",
            f.number(line.spread, decimals=1),
            DASH if line.spread_before is None else f.number(line.spread_before, decimals=1),
        ]
        for line in pack.fairness
    ]


def _drawn(line: FigureLine) -> bool:
    return sum(v is not None for v in line.trend) > 1


def _trend(pack: Pack, line: FigureLine, t: Translator, f: Formats) -> Markup:
    kpi = Kpi(line.kpi)
    words = t.in_pictures
    numbers = Formats(words.locale, f.zone)
    goal = next((g.goal for g in pack.goals if g.kpi == line.kpi and g.queue is None), None)
    figure, axes = new_figure(width=3.6, height=1.7)
    draw_trend(
        axes,
        title=name_text(kpi, words),
        values=line.trend,
        labels=period_labels(pack, len(line.trend), numbers),
        show=lambda value: value_text(kpi, value, numbers),
        goal=goal,
    )
    said = t.text(
        "pack.chart", name=name_text(kpi, t), values=f.join([value_text(kpi, v, f) for v in line.trend])
    )
    return Markup(to_svg(figure, title=said))  # noqa: S704 - our own SVG


def _pareto(pack: Pack, t: Translator) -> Markup:
    words = t.in_pictures
    figure, axes = new_figure(width=5.4, height=3.4)
    draw_pareto(
        axes,
        words,
        found=causes_of(pack),
        names=[cause_word(cause.key, words) for cause in pack.causes],
        title="",
    )
    return Markup(to_svg(figure, title=t.text("pack.pareto_chart")))  # noqa: S704 - our own SVG
