"""Pareto's diagram as one self-contained HTML page with its table: no script, no network."""

from __future__ import annotations

from datetime import datetime

from jinja2 import Environment, PackageLoader, select_autoescape
from markupsafe import Markup

from bot.i18n.catalog import Translator
from bot.i18n.formats import Formats
from bot.reports.charts.pareto import draw_pareto
from bot.reports.charts.style import chart_style, new_figure, to_svg
from bot.usecases.miss_report import MissReport

__all__ = ["line_name", "render_pareto", "summary"]


def render_pareto(report: MissReport, *, locale: str, zone: str, made_at: datetime) -> str:
    """The page in the reader's language and zone; without a line it has no picture."""
    t = Translator(locale)
    formats = Formats(t.locale, zone)
    names = [line_name(report, line.key, t) for line in report.pareto.lines]
    svg = None
    if report.pareto.lines:
        with chart_style():
            figure, axes = new_figure(width=10, height=4.5)
            title = t.text(f"pareto.title_{report.by}", team=report.team)
            draw_pareto(axes, t, found=report.pareto, names=names, title=title)
            svg = Markup(to_svg(figure, title=title))  # noqa: S704 (made here, its texts are escaped)
    environment = Environment(
        loader=PackageLoader("bot.reports", "templates"),
        autoescape=select_autoescape(default=True),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("pareto.html.j2").render(
        t=t,
        formats=formats,
        report=report,
        names=names,
        summary=summary(report, t, formats),
        svg=svg,
        made_at=made_at,
        language=t.locale,
    )


def line_name(report: MissReport, key: str, t: Translator) -> str:
    """The word for a cause or a type; the key itself for one of the operator's own."""
    name = f"label.{report.by}.{key}"
    return t.text(name) if t.has(name) else key


def summary(report: MissReport, t: Translator, f: Formats) -> list[str]:
    """What is counted, how much data stands behind it, and which few make 80 %."""
    days = (f.local_day(report.end) - f.local_day(report.start)).days + 1
    period = {"first": f.day(f.local_day(report.start), year=True), "last": f.day(f.local_day(report.end))}
    if report.since is None:
        return [t.text("pareto.nothing_judged", **period)]
    covered = (f.local_day(report.end) - f.local_day(report.since)).days + 1
    judged = f.number(report.judged)
    said = [
        t.text(
            "pareto.counted",
            broken=f.number(report.broken),
            judged=judged,
            share=f.percent(report.broken / report.judged, decimals=1),
            **period,
        )
    ]
    if days - covered >= 7:
        since = f.day(f.local_day(report.since), year=True)
        said.append(t.text("pareto.little_data", since=since, covered=covered, days=days))
    if report.pareto.unnamed:
        said.append(t.plural("pareto.unnamed", report.pareto.unnamed))
    vital = report.pareto.vital
    if vital:
        named = f.join([line_name(report, line.key, t) for line in vital])
        said.append(
            t.plural(
                "pareto.vital",
                len(vital),
                of=len(report.pareto.lines),
                names=named,
                share=f.percent(vital[-1].cumulative),
            )
        )
    return said
