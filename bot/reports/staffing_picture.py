"""The staffing requirement of a week as one picture: by day for one queue, a panel each for several."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from bot.i18n.catalog import Translator
from bot.i18n.formats import Formats
from bot.reports.charts.staffing import draw_requirement, draw_requirement_day
from bot.reports.charts.style import chart_style, legend_below, new_panels, to_png, to_svg
from bot.usecases.staff import QueueStaffing

__all__ = ["draw_staffing", "picture_png", "picture_svg"]


def picture_png(queues: Sequence[QueueStaffing], t: Translator) -> bytes:
    """The picture as PNG.  ``queues``: at least one."""
    with chart_style():
        return to_png(draw_staffing(queues, t.in_pictures))


def picture_svg(queues: Sequence[QueueStaffing], t: Translator) -> str:
    """The picture as an SVG file of its own."""
    names = Formats(t.locale, "UTC").join([one.load.workload.queue for one in queues])
    with chart_style():
        return to_svg(draw_staffing(queues, t), title=t.text("chart.requirement_title", queue=names))


def draw_staffing(queues: Sequence[QueueStaffing], t: Translator) -> Figure:
    """One queue: a panel per day on which anybody is needed, on one scale.  Else a panel per queue."""
    if len(queues) == 1:
        return _by_day(queues[0], t)
    figure, panels = new_panels(len(queues), width=11, height=3.0)
    for axes, one in zip(panels, queues, strict=True):
        draw_requirement(axes, t, needed=one.requirement, is_open=one.load.workload.open)
    return figure


def _by_day(one: QueueStaffing, t: Translator) -> Figure:
    needed, is_open = one.requirement, one.load.workload.open
    shown = is_open | (needed.scheduled_agents > 0)
    days = [(day, part) for day, part in needed.grid.days().items() if shown[part].any()]
    if not days:
        figure, (axes,) = new_panels(1, width=11, height=3.0)
        draw_requirement(axes, t, needed=needed, is_open=is_open)
        return figure
    # The hours before the first opening and after the last closing of all days are no news.
    minutes = needed.grid.minutes_of_day()
    first, last = int(minutes[shown].min()) - 30, int(minutes[shown].max()) + 30
    columns = 1 if len(days) == 1 else 2
    figure, panels = new_panels(len(days), width=11, height=2.3, columns=columns, same_scale=True)
    for i, (axes, (day, part)) in enumerate(zip(panels, days, strict=True)):
        inside = np.flatnonzero((minutes[part] >= first) & (minutes[part] <= last))
        cut = slice(part.start + int(inside[0]), part.start + int(inside[-1]) + 1)
        draw_requirement_day(axes, t, day=day, needed=needed, is_open=is_open, part=cut)
        if i % columns:
            axes.set_ylabel("")
    legend_below(figure, panels)
    figure.suptitle(t.text("chart.requirement_title", queue=needed.queue), x=0.01, ha="left")
    return figure
