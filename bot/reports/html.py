"""The week as one self-contained HTML page: no script, no network, pictures inline as SVG."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from jinja2 import Environment, PackageLoader, select_autoescape
from markupsafe import Markup

from bot.i18n.catalog import Translator
from bot.i18n.formats import Formats
from bot.reports.charts.coverage import draw_coverage
from bot.reports.charts.forecast import draw_forecast
from bot.reports.charts.roster import draw_roster_day, queue_colours
from bot.reports.charts.style import chart_style, new_figure, to_svg
from bot.usecases.week_report import QueueWeek, WeekReport
from scheduler.roster.roster import Assignment

_EDGE = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A picture with the sentence that says the same to a screen reader."""

    svg: Markup
    caption: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverRow:
    """One queue's line in the table beside the pictures; the same numbers as on the screen."""

    queue: str
    contacts: str
    required_hours: str
    rostered_hours: str
    missing_hours: str
    inside: str


def render_week(report: WeekReport, *, locale: str, zone: str, made_at: datetime) -> str:
    """The page in the reader's language and zone."""
    t = Translator(locale)
    formats = Formats(t.locale, zone)
    with chart_style():
        coverage = [_coverage_chart(q, t) for q in report.queues]
        forecasts = [_forecast_chart(q, t) for q in report.queues if q.forecast is not None]
        days = _roster_charts(report, t, formats)
    environment = Environment(
        loader=PackageLoader("bot.reports", "templates"),
        autoescape=select_autoescape(default=True),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("week.html.j2").render(
        t=t,
        formats=formats,
        report=report,
        made_at=made_at,
        language=t.locale,
        last=report.first + timedelta(days=report.days - 1),
        rows=[_row(q, formats) for q in report.queues],
        coverage=coverage,
        forecasts=forecasts,
        days=days,
    )


def _row(week: QueueWeek, formats: Formats) -> CoverRow:
    hours = week.grid.interval_seconds / 3600
    missing = (week.required - week.rostered).clip(min=0)
    return CoverRow(
        queue=week.queue,
        contacts="–" if week.forecast is None else formats.number(float(week.forecast.mean.sum())),
        required_hours=formats.number(float(week.required.sum()) * hours, decimals=1),
        rostered_hours=formats.number(float(week.rostered.sum()) * hours, decimals=1),
        missing_hours=formats.number(float(missing.sum()) * hours, decimals=1),
        inside="–" if week.inside_share is None else formats.percent(week.inside_share, decimals=1),
    )


def _coverage_chart(week: QueueWeek, t: Translator) -> Chart:
    figure, axes = new_figure(width=11, height=2.9)
    draw_coverage(axes, t, queue=week.queue, grid=week.grid, required=week.required, rostered=week.rostered)
    caption = t.text("chart.coverage_title", queue=week.queue)
    return Chart(svg=Markup(to_svg(figure, title=caption)), caption=caption)  # noqa: S704 - our own SVG


def _forecast_chart(week: QueueWeek, t: Translator) -> Chart:
    if week.forecast is None:
        raise ValueError(f"queue {week.queue} has no forecast to draw")
    figure, axes = new_figure(width=11, height=2.9)
    draw_forecast(axes, t, forecast=week.forecast)
    caption = t.text("chart.forecast_title", queue=week.queue)
    return Chart(svg=Markup(to_svg(figure, title=caption)), caption=caption)  # noqa: S704 - our own SVG


def _roster_charts(report: WeekReport, t: Translator, formats: Formats) -> list[Chart]:
    by_day: dict[date, list[Assignment]] = defaultdict(list)
    for assignment in report.assignments:
        by_day[assignment.shift.date].append(assignment)
    colours = queue_colours([q.queue for q in report.queues])
    charts: list[Chart] = []
    for day, assignments in sorted(by_day.items()):
        figure, axes = new_figure(width=11, height=1.0 + 0.17 * max(4, len(assignments)))
        caption = t.text("chart.roster_title", day=formats.day(day))
        draw_roster_day(
            axes,
            t,
            title=caption,
            assignments=assignments,
            colours=colours,
            start=min(a.shift.start for a in assignments) - _EDGE,
            end=max(a.shift.end for a in assignments) + _EDGE,
            zone=report.zone,
        )
        charts.append(Chart(svg=Markup(to_svg(figure, title=caption)), caption=caption))  # noqa: S704
    return charts
