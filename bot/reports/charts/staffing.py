"""People needed through a period: those who have to be there, and those to roster for it."""

from __future__ import annotations

from datetime import date

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from bot.i18n.catalog import Translator
from bot.i18n.formats import Formats
from bot.reports.charts.style import BAND, CLOSED, FORECAST, MISSING
from bot.reports.charts.time_axis import hours_since, label_days, label_hours
from forecasting.day_table import runs
from scheduler.staffing.requirement import Requirement

__all__ = ["draw_requirement", "draw_requirement_day"]

Flags = NDArray[np.bool_]


def draw_requirement(axes: Axes, t: Translator, *, needed: Requirement, is_open: Flags) -> None:
    """Scheduled agents as area, base agents as a line; the people there are, where fewer, as a broken line.

    ``is_open``: shape (grid.count,); closed hours are shaded.
    """
    grid = needed.grid
    _draw_intervals(axes, t, needed, is_open, slice(0, grid.count))
    axes.set_title(t.text("chart.requirement_title", queue=needed.queue))
    label_days(axes, start=grid.start, end=grid.end, zone=grid.zone, locale=t.locale)
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=4, borderaxespad=0.2)


def draw_requirement_day(
    axes: Axes, t: Translator, *, day: date, needed: Requirement, is_open: Flags, part: slice
) -> None:
    """The intervals ``part`` of one local day, with the hours on the axis and no legend."""
    grid = needed.grid.sub(part)
    _draw_intervals(axes, t, needed, is_open, part)
    axes.set_title(Formats(t.locale, grid.zone).day(day), fontsize=10)
    label_hours(axes, start=grid.start, end=grid.end, zone=grid.zone, locale=t.locale)


def _draw_intervals(axes: Axes, t: Translator, needed: Requirement, is_open: Flags, part: slice) -> None:
    grid = needed.grid.sub(part)
    edges = hours_since(grid.start, [*grid.starts(), grid.end])
    for i, (begin, end) in enumerate(runs(~is_open[part])):
        label = t.text("chart.closed") if i == 0 else None
        axes.axvspan(edges[begin], edges[end], color=CLOSED, linewidth=0, zorder=0, label=label)
    scheduled, base = needed.scheduled_agents[part], needed.base_agents[part]
    axes.stairs(scheduled, edges, fill=True, color=BAND, label=t.text("chart.to_roster"))
    axes.stairs(base, edges, baseline=None, color=FORECAST, linewidth=1.2, label=t.text("chart.to_be_there"))
    most = needed.max_agents
    if most is not None and needed.impossible:
        axes.axhline(
            most, color=MISSING, linewidth=1.2, linestyle="--", label=t.text("chart.with_skill", agents=most)
        )
    axes.set_ylabel(t.text("chart.agents"))
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_ylim(0, max(1.0, 1.15 * float(needed.scheduled_agents.max(initial=0))))
