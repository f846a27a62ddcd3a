"""Small pictures of a pack: one figure over the last periods, and causes in Pareto's order."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes

from bot.core.packs import CauseLine
from bot.i18n.catalog import Translator
from bot.i18n.formats import Formats
from bot.reports.charts.style import BAND, CAME, FAINT, FORECAST, MISSING

__all__ = ["draw_pareto", "draw_trend"]

LINE_80 = 0.8
SHOWN = 8


def draw_trend(
    axes: Axes,
    *,
    title: str,
    values: Sequence[float | None],
    labels: Sequence[str],
    show: Callable[[float], str],
    goal: float | None = None,
) -> None:
    """``values`` by period, the newest last and written beside its dot; ``goal`` as a dashed line.

    ``labels``: of the periods; the first and the last are shown.  A missing value leaves a gap.
    """
    y = np.array([np.nan if v is None else v for v in values], dtype=np.float64)
    x = np.arange(len(y), dtype=np.float64)
    axes.plot(x, y, "-o", color=FORECAST, linewidth=1.4, markersize=3)
    if np.isfinite(y[-1]):
        axes.plot(x[-1:], y[-1:], "o", color=CAME, markersize=5)
    if goal is not None:
        axes.axhline(goal, color=MISSING, linewidth=1.0, linestyle="--")
    held = [*y[np.isfinite(y)].tolist(), *([] if goal is None else [goal])]
    if held:
        low, high = min(held), max(held)
        room = (high - low or abs(high) or 1.0) * 0.25
        axes.set_ylim(low - room, high + room)
        marks = sorted({low, high})
        axes.set_yticks(marks, labels=[show(v) for v in marks])
    axes.set_xlim(-0.3, len(y) - 0.7)
    axes.set_xticks([0, len(y) - 1], labels=[labels[0], labels[-1]])
    axes.tick_params(labelsize=8, length=0)
    axes.set_title(title, fontsize=9)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)


def draw_pareto(axes: Axes, t: Translator, *, causes: Sequence[CauseLine], words: Sequence[str]) -> None:
    """Bars of the counts, the largest on top, the cumulative share beside each; those up to 80 % are dark.

    ``words``: what each cause is called.
    """
    shown = list(zip(causes, words, strict=True))[:SHOWN]
    formats = Formats(t.locale, "UTC")
    y = np.arange(len(shown), dtype=np.float64)
    counts = [float(cause.count) for cause, _ in shown]
    colours = [FORECAST if cause.vital else BAND for cause, _ in shown]
    axes.barh(y, counts, color=colours, height=0.65)
    for place, (cause, _) in zip(y, shown, strict=True):
        text = f"{formats.number(cause.count)} · {formats.percent(cause.cumulative)}"
        axes.annotate(
            text,
            (cause.count, float(place)),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
        )
    vital = sum(cause.vital for cause, _ in shown)
    if 0 < vital < len(shown):
        axes.axhline(vital - 0.5, color=MISSING, linewidth=1.0, linestyle="--")
        axes.annotate(
            formats.percent(LINE_80),
            (max(counts) * 1.25, vital - 0.5),
            color=MISSING,
            va="bottom",
            ha="right",
            fontsize=8,
        )
    axes.set_xlim(0, max(counts, default=1.0) * 1.25)
    axes.set_yticks(y, labels=[word for _, word in shown])
    axes.tick_params(axis="y", colors=FAINT, length=0)
    axes.invert_yaxis()
    axes.grid(visible=False, axis="y")
    axes.set_xlabel(t.text("pack.misses"))
