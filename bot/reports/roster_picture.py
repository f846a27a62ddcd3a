"""A roster as pictures: cover against requirement by queue, and everybody's shifts as bars by day."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import Final

from bot.i18n.catalog import Translator
from bot.i18n.formats import Formats
from bot.reports.charts.coverage import draw_coverage
from bot.reports.charts.roster import draw_roster_day, queue_colours
from bot.reports.charts.style import chart_style, new_panels, to_png
from bot.usecases.week_report import WeekReport
from scheduler.roster.roster import Assignment

__all__ = ["MOST_A_DAY", "bars_png", "coverage_png"]

MOST_A_DAY: Final = 60
"""People whose bars of one day can still be told apart."""

_EDGE: Final = timedelta(minutes=30)


def coverage_png(report: WeekReport, t: Translator) -> bytes:
    """A panel per queue.  The report must have at least one queue."""
    t = t.in_pictures
    with chart_style():
        figure, panels = new_panels(len(report.queues), width=11, height=2.9)
        for axes, week in zip(panels, report.queues, strict=True):
            draw_coverage(
                axes, t, queue=week.queue, grid=week.grid, required=week.required, rostered=week.rostered
            )
        return to_png(figure)


def bars_png(report: WeekReport, t: Translator) -> bytes | None:
    """A panel per day with shifts; None without shifts, and where a day has more people than fit."""
    t = t.in_pictures
    by_day: dict[date, list[Assignment]] = defaultdict(list)
    for assignment in report.assignments:
        by_day[assignment.shift.date].append(assignment)
    most = max((len(day) for day in by_day.values()), default=0)
    if not 0 < most <= MOST_A_DAY:
        return None
    colours = queue_colours([q.queue for q in report.queues])
    formats = Formats(t.locale, report.zone)
    columns = 1 if len(by_day) == 1 else 2
    with chart_style():
        figure, panels = new_panels(
            len(by_day), width=8 * columns, height=1.0 + 0.17 * max(4, most), columns=columns
        )
        for axes, (day, assignments) in zip(panels, sorted(by_day.items()), strict=True):
            draw_roster_day(
                axes,
                t,
                title=formats.day(day),
                assignments=assignments,
                colours=colours,
                start=min(a.shift.start for a in assignments) - _EDGE,
                end=max(a.shift.end for a in assignments) + _EDGE,
                zone=report.zone,
            )
        return to_png(figure)
