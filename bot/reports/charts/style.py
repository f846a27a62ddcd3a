"""One look for every chart, the shipped Chinese face, and the two outputs."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.resources import as_file, files
from typing import Final

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

CHINESE_FACE: Final = "Noto Sans SC"

INK: Final = "#1d2733"
FAINT: Final = "#8a94a0"
GRID: Final = "#e4e8ec"
REQUIRED: Final = "#1d2733"
ROSTERED: Final = "#7fb3d5"
MISSING: Final = "#d1495b"
FORECAST: Final = "#2e6f9e"
BAND: Final = "#c5dcec"
CAME: Final = "#b0451f"
CLOSED: Final = "#f1f3f5"
PAUSE: Final = "#f2c14e"
QUEUE_COLOURS: Final = ("#2e6f9e", "#3f9c79", "#b0683f", "#7a5ea8", "#c2577e", "#5b6b7a")
"""Told apart by people who see no red or green as well: they differ in lightness."""


@cache
def _register_chinese_face() -> None:
    # Done at the first drawing, not at import; the font manager keeps it for the process.
    with as_file(files("bot.reports.charts") / "fonts" / "NotoSansSC-GB2312.ttf") as path:
        font_manager.fontManager.addfont(str(path))


@contextmanager
def chart_style() -> Iterator[None]:
    """Inside, charts are drawn in Muster's look; text with Chinese characters renders in the shipped face.

    matplotlib only warns about a missing glyph; the tests turn that warning into an error.
    """
    _register_chinese_face()
    with mpl.rc_context(
        {
            "font.family": ["DejaVu Sans", CHINESE_FACE],
            "font.size": 9,
            "text.color": INK,
            "axes.labelcolor": INK,
            "axes.edgecolor": FAINT,
            "axes.titlesize": 12,
            "axes.titlelocation": "left",
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "axes.axisbelow": True,
            "grid.color": GRID,
            "xtick.color": FAINT,
            "ytick.color": FAINT,
            "legend.frameon": False,
            "svg.fonttype": "none",
            "svg.hashsalt": "muster",
        }
    ):
        yield


def new_figure(*, width: float, height: float) -> tuple[Figure, Axes]:
    """A figure of ``width`` x ``height`` inches with one pair of axes, without pyplot's global state."""
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.add_subplot()


def new_panels(
    count: int, *, width: float, height: float, columns: int = 1, same_scale: bool = False
) -> tuple[Figure, list[Axes]]:
    """A figure with ``count`` pairs of axes, row by row, each ``height`` inches high.

    ``same_scale``: one scale of values for all of them.
    """
    rows = -(-count // columns)
    figure = Figure(figsize=(width, height * rows), layout="constrained")
    FigureCanvasAgg(figure)
    grid = figure.subplots(rows, columns, squeeze=False, sharey=same_scale)
    panels = [axes for row in grid for axes in row]
    for unused in panels[count:]:
        unused.set_visible(False)
    return figure, panels[:count]


def new_grid(count: int, *, with_wide: bool, width: float) -> tuple[Figure, list[Axes], Axes | None]:
    """Small pairs of axes two in a row, and below them, where asked for, a wide one."""
    rows = -(-count // 2)
    heights = [2.2] * rows + [3.6] * with_wide
    figure = Figure(figsize=(width, sum(heights)), layout="constrained")
    FigureCanvasAgg(figure)
    grid = figure.add_gridspec(len(heights), 2, height_ratios=heights)
    # One alone takes the whole row.
    small = [
        figure.add_subplot(grid[n // 2, :] if n == count - 1 and n % 2 == 0 else grid[n // 2, n % 2])
        for n in range(count)
    ]
    return figure, small, figure.add_subplot(grid[rows, :]) if with_wide else None


def legend_below(figure: Figure, panels: Sequence[Axes]) -> None:
    """One legend for all panels, each label once."""
    labels: dict[str, Artist] = {}
    for axes in panels:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            labels.setdefault(label, handle)
    figure.legend(labels.values(), labels.keys(), loc="outside lower center", ncols=4)


def to_png(figure: Figure) -> bytes:
    """The figure as PNG, 150 dots per inch."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=150)
    return buffer.getvalue()


def to_svg(figure: Figure, *, title: str) -> str:
    """The figure as an inline SVG element: scales to its container, carries ``title`` for screen readers."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None})
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]
    label = title.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    # A fixed size in points would overflow a phone; the viewBox stays.
    svg = re.sub(r'^<svg([^>]*?) width="[^"]*"', r"<svg\1", svg, count=1)
    svg = re.sub(r'^<svg([^>]*?) height="[^"]*"', r"<svg\1", svg, count=1)
    return svg.replace("<svg", f'<svg role="img" aria-label="{label}"', 1)
