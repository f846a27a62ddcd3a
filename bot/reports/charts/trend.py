"""The small picture of a pack: one figure over the last periods."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes

from bot.reports.charts.style import CAME, FAINT, FORECAST, MISSING

__all__ = ["draw_trend"]


def draw_trend(
    axes: Axes,
    *,
    title: str,
    values: Sequence[float | None],
    labels: Sequence[str],
    show: Callable[[float], str],
    goal: float | None = None,
    path: Sequence[float] = (),
    names: tuple[str, str, str] | None = None,
) -> None:
    """``values`` by period, the newest last and written beside its dot; ``goal`` as a dashed line.

    ``labels``: of the periods; the first and the last are shown.  A missing value leaves a gap.  ``path``:
    where the figure was to stand, by period.  ``names`` of value, path and goal, for a legend.
    """
    value_name, path_name, goal_name = names or (None, None, None)
    y = np.array([np.nan if v is None else v for v in values], dtype=np.float64)
    x = np.arange(len(y), dtype=np.float64)
    axes.plot(x, y, "-o", color=FORECAST, linewidth=1.4, markersize=3, label=value_name)
    if path:
        axes.plot(x, path, ":", color=FAINT, linewidth=1.4, label=path_name)
    if np.isfinite(y[-1]):
        axes.plot(x[-1:], y[-1:], "o", color=CAME, markersize=5)
    if goal is not None:
        axes.axhline(goal, color=MISSING, linewidth=1.0, linestyle="--", label=goal_name)
    held = [*y[np.isfinite(y)].tolist(), *path, *([] if goal is None else [goal])]
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
