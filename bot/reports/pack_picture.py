"""A pack as one picture for Slack: figures against their goals over the last periods, and the Pareto."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from bot.core.causes import Pareto, ParetoLine
from bot.core.kpis.catalogue import Kpi
from bot.core.packs import Pack, PackPeriod
from bot.i18n.catalog import Translator
from bot.i18n.formats import Formats
from bot.reports.charts.pareto import draw_pareto
from bot.reports.charts.style import chart_style, new_grid, to_png
from bot.reports.charts.trend import draw_trend
from bot.reports.kpi_text import name_text, value_text
from bot.reports.pack_text import cause_word

__all__ = ["causes_of", "pack_alt", "pack_png", "period_labels"]

PANELS = 6
_WITHOUT_GOALS = (Kpi.FIRST_RESPONSE_MEAN, Kpi.OVERDUE_RATE, Kpi.FCR, Kpi.CSAT)
"""What is drawn of a team that has set no goals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Panel:
    """One figure; ``path``: where its goal's straight path stood at the end of each period."""

    kpi: Kpi
    queue: str | None
    values: Sequence[float | None]
    path: Sequence[float] = ()
    goal: float | None = None

    def name(self, t: Translator) -> str:
        name = name_text(self.kpi, t)
        return name if self.queue is None else t.text("pack.goal_name_queue", name=name, queue=self.queue)


def pack_png(pack: Pack, t: Translator, zone: str) -> bytes | None:
    """The picture as PNG; None where there is nothing to draw."""
    panels = _panels(pack)
    if not panels and not pack.causes:
        return None
    with chart_style():
        return to_png(_draw(pack, panels, t.in_pictures, zone))


def pack_alt(pack: Pack, t: Translator, zone: str) -> str:
    """What the picture shows, for whoever cannot see it."""
    f = Formats(t.locale, zone)
    said = []
    for panel in _panels(pack):
        values = f.join([value_text(panel.kpi, v, f) for v in panel.values])
        row = t.text("pack.chart", name=panel.name(t), values=values)
        if panel.goal is not None:
            path, goal = (value_text(panel.kpi, v, f) for v in (panel.path[-1], panel.goal))
            row = t.text("pack.chart_goal", chart=row, path=path, goal=goal)
        said.append(row)
    if pack.causes:
        causes = [
            t.text(
                "pack.cause",
                cause=cause_word(cause.key, t),
                count=f.number(cause.count),
                share=f.percent(cause.share),
                cumulative=f.percent(cause.cumulative),
            )
            for cause in pack.causes
        ]
        said.append(t.text("pack.chart_pareto", chart=t.text("pack.pareto_chart"), causes=f.join(causes)))
    return "\n".join(said)


def period_labels(pack: Pack, count: int, f: Formats) -> list[str]:
    """The first days of the last periods, the pack's own the last."""
    here = PackPeriod(kind=pack.kind, first=pack.first, last=pack.last)
    return [f.day(here.back(n).first) for n in range(count - 1, -1, -1)]


def causes_of(pack: Pack) -> Pareto:
    """The pack's causes as Pareto's diagram takes them."""
    lines = tuple(
        ParetoLine(
            key=cause.key,
            count=cause.count,
            share=cause.share,
            cumulative=cause.cumulative,
            vital=cause.vital,
        )
        for cause in pack.causes
    )
    return Pareto(lines=lines, total=sum(line.count for line in lines), unnamed=pack.unnamed)


def _panels(pack: Pack) -> list[_Panel]:
    """The goals; of a team without goals the figures that say most."""
    goals = [
        _Panel(kpi=Kpi(g.kpi), queue=g.queue, values=g.trend, path=g.path, goal=g.goal)
        for g in pack.goals
        if any(v is not None for v in g.trend)
    ]
    figures = [
        _Panel(kpi=Kpi(line.kpi), queue=None, values=line.trend)
        for line in pack.figures
        if Kpi(line.kpi) in _WITHOUT_GOALS and sum(v is not None for v in line.trend) > 1
    ]
    return (goals or figures)[:PANELS]


def _draw(pack: Pack, panels: Sequence[_Panel], t: Translator, zone: str) -> Figure:
    f = Formats(t.locale, zone)
    figure, held, below = new_grid(len(panels), with_wide=bool(pack.causes), width=10)
    for axes, panel in zip(held, panels, strict=True):
        draw_trend(
            axes,
            title=panel.name(t),
            values=panel.values,
            labels=period_labels(pack, len(panel.values), f),
            show=lambda value, kpi=panel.kpi: value_text(kpi, value, f),  # type: ignore[misc]
            goal=panel.goal,
            path=panel.path,
            names=(t.text("chart.reached"), t.text("chart.path"), t.text("chart.goal")),
        )
    for axes, panel in zip(held, panels, strict=True):
        if panel.goal is not None:  # one legend for all of them
            figure.legend(*axes.get_legend_handles_labels(), loc="outside upper left", ncols=3)
            break
    if below is not None:
        draw_pareto(
            below,
            t,
            found=causes_of(pack),
            names=[cause_word(cause.key, t) for cause in pack.causes],
            title=t.text("pack.pareto_chart"),
        )
    return figure
