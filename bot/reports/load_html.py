"""A team's load as one self-contained HTML page: counts and ranges, nobody's name; readable on a phone."""

from __future__ import annotations

from datetime import datetime, timedelta

from jinja2 import Environment, PackageLoader, select_autoescape
from markupsafe import Markup

from bot.core.ids import TeamId
from bot.core.settings import Settings
from bot.core.work_load import CONCERNED, LEAST_PEOPLE, CareSettings, MeasureLine, TeamLoad
from bot.i18n.catalog import Translator
from bot.i18n.formats import Formats
from bot.reports.charts.style import chart_style, new_figure, to_svg
from bot.reports.charts.trend import draw_trend
from bot.reports.load_text import name_text, pattern_text, people_text, range_text, total_text, value_text

__all__ = ["render_load"]

_WEEK = timedelta(days=6)


def render_load(load: TeamLoad, settings: Settings, *, locale: str, zone: str, made_at: datetime) -> str:
    """The page in the reader's language and zone."""
    t = Translator(locale)
    f = Formats(t.locale, zone)
    care = settings.care or CareSettings()
    with chart_style():
        trends = [_trend(load, line, t, f) for line in load.lines if _drawn(line)]
    environment = Environment(
        loader=PackageLoader("bot.reports", "templates"),
        autoescape=select_autoescape(default=True),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("load.html.j2").render(
        t=t,
        f=f,
        load=load,
        last=load.week + _WEEK,
        made_at=made_at,
        language=t.locale,
        least=LEAST_PEOPLE,
        patterns=[
            (pattern_text(p.value, care, t, f), t.plural("load.people", n)) for p, n in load.patterns.items()
        ],
        rows=[
            [
                name_text(line.measure, t),
                range_text(line.measure, line.spread, t, f),
                total_text(line, t, f),
                people_text(line, f),
                _before(line, t, f),
            ]
            for line in load.lines
        ],
        trends=trends,
        rules=[pattern_text(p, care, t, f) for p in ("hours", "run", "rest", "occupancy")],
        counselling=settings.teams[TeamId(load.team)].counselling,
    )


def _before(line: MeasureLine, t: Translator, f: Formats) -> str:
    """The week before, in what the trend shows."""
    return value_text(line.measure, line.trend[-2] if len(line.trend) > 1 else None, t, f)


def _drawn(line: MeasureLine) -> bool:
    """A picture of nothing but zeros says less than the table."""
    return sum(v is not None for v in line.trend) > 1 and any(line.trend)


def _trend(load: TeamLoad, line: MeasureLine, t: Translator, f: Formats) -> Markup:
    words = t.in_pictures
    numbers = Formats(words.locale, f.zone)
    figure, axes = new_figure(width=3.6, height=1.7)
    kind = "total" if line.measure in CONCERNED else "most" if line.measure == "run" else "median"
    draw_trend(
        axes,
        title=words.text(f"load.trend.{kind}", name=name_text(line.measure, words)),
        values=line.trend,
        labels=[numbers.day(week) for week in load.weeks],
        show=lambda value: value_text(line.measure, value, words, numbers),
    )
    said = t.text(
        "load.chart",
        name=name_text(line.measure, t),
        values=f.join([value_text(line.measure, v, t, f) for v in line.trend]),
    )
    return Markup(to_svg(figure, title=said))  # noqa: S704 - our own SVG
