"""Pareto's diagram: counts as bars, their running share as a line, and the 80 % line (KS12)."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter

from bot.core.causes import VITAL_SHARE, Pareto
from bot.i18n.catalog import Translator
from bot.reports.charts.style import FAINT, FORECAST, INK, MISSING, ROSTERED

__all__ = ["draw_pareto"]

_MOST = 10


def draw_pareto(axes: Axes, t: Translator, *, found: Pareto, names: Sequence[str], title: str) -> None:
    """``names``: what the lines are called; beyond ten lines the smallest are left to the table.

    The left axis ends at the total, so that its 80 % is the height of the 80 % line.
    """
    lines, places = found.lines[:_MOST], range(min(len(found.lines), _MOST))
    colours = [FORECAST if line.vital else ROSTERED for line in lines]
    axes.bar(places, [line.count for line in lines], color=colours, label=t.text("chart.misses"))
    axes.set_xticks(list(places), [name[:24] for name in names[:_MOST]])
    axes.tick_params(axis="x", labelcolor=INK)
    axes.set_ylabel(t.text("chart.misses"))
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_ylim(0, max(1, found.total) * 1.05)
    axes.set_title(title)
    share = axes.twinx()
    share.set_ylim(0, 1.05)
    share.grid(False)
    share.yaxis.set_major_formatter(PercentFormatter(xmax=1, decimals=0))
    share.spines["right"].set_visible(True)
    share.spines["right"].set_color(FAINT)
    share.plot(
        list(places),
        [line.cumulative for line in lines],
        color=INK,
        marker="o",
        markersize=3.5,
        linewidth=1.2,
        label=t.text("chart.cumulative"),
    )
    share.axhline(
        VITAL_SHARE, color=MISSING, linewidth=1.0, linestyle="--", label=t.text("chart.eighty_line")
    )
    handles, labels = share.get_legend_handles_labels()
    axes.legend(handles, labels, loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=2)
