"""Certificates against what came, as one picture: what was promised, and how much of it held."""

from __future__ import annotations

from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from bot.core.certificate_calibration import Calibration
from bot.i18n.catalog import Translator
from bot.reports.charts.style import FAINT, FORECAST, chart_style, new_figure, to_png, to_svg

__all__ = ["draw_calibration", "picture_png", "picture_svg"]


def picture_png(found: Calibration, t: Translator) -> bytes:
    """The picture as PNG."""
    with chart_style():
        return to_png(draw_calibration(found, t.in_pictures))


def picture_svg(found: Calibration, t: Translator) -> str:
    """The picture as an SVG file of its own."""
    with chart_style():
        return to_svg(draw_calibration(found, t), title=t.text("chart.calibration_title"))


def draw_calibration(found: Calibration, t: Translator) -> Figure:
    """A point per range of promises with its 95 % interval; on the diagonal promises are true."""
    figure, axes = new_figure(width=6, height=5)
    axes.plot([0, 1], [0, 1], color=FAINT, linewidth=1.0, linestyle="--", label=t.text("chart.true_promises"))
    promised = [b.promised for b in found.bins]
    held = [b.share_held for b in found.bins]
    reach = (
        [max(0.0, b.share_held - b.interval[0]) for b in found.bins],
        [max(0.0, b.interval[1] - b.share_held) for b in found.bins],
    )
    axes.errorbar(
        promised, held, yerr=reach, fmt="o", color=FORECAST, capsize=3, label=t.text("chart.peaks_held")
    )
    for one in found.bins:
        axes.annotate(
            str(one.peaks), (one.promised, one.share_held), textcoords="offset points", xytext=(6, -10)
        )
    axes.set_xlim(0, 1.02)
    axes.set_ylim(0, 1.02)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PercentFormatter(xmax=1, decimals=0))
    axes.set_xlabel(t.text("chart.promised"))
    axes.set_ylabel(t.text("chart.held"))
    axes.set_title(t.text("chart.calibration_title"))
    axes.legend(loc="upper left")
    return figure
