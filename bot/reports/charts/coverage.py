"""People rostered against people required, through a period."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from bot.i18n.catalog import Translator
from bot.reports.charts.style import MISSING, REQUIRED, ROSTERED
from bot.reports.charts.time_axis import hours_since, label_days, label_hours
from forecasting.grid import IntervalGrid


def draw_coverage(
    axes: Axes,
    t: Translator,
    *,
    queue: str,
    grid: IntervalGrid,
    required: NDArray[np.int64],
    rostered: NDArray[np.int64],
) -> None:
    """Rostered agents as area, required as a line, what is missing between them in red.

    ``required`` and ``rostered`` [agents], shape (grid.count,).
    """
    edges = np.array(hours_since(grid.start, [*grid.starts(), grid.end]))
    line = np.append(required, required[-1:])
    axes.stairs(rostered, edges, fill=True, color=ROSTERED, label=t.text("chart.rostered"))
    axes.stairs(line[:-1], edges, color=REQUIRED, linewidth=1.2, label=t.text("chart.required"))
    short = required > rostered
    if short.any():
        axes.fill_between(
            edges,
            np.append(np.where(short, rostered, 0), 0),
            np.append(np.where(short, required, 0), 0),
            step="post",
            color=MISSING,
            linewidth=0,
            label=t.text("chart.missing"),
        )
    axes.set_title(t.text("chart.coverage_title", queue=queue))
    axes.set_ylabel(t.text("chart.agents"))
    axes.set_ylim(0, max(1.0, 1.15 * max(required.max(initial=0), rostered.max(initial=0))))
    label = label_hours if grid.count * grid.interval_seconds <= 86_400 else label_days
    label(axes, start=grid.start, end=grid.end, zone=grid.zone, locale=t.locale)
    axes.legend(loc="upper right", ncols=3)
