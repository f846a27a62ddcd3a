"""Expected contacts with their band, and what came of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from bot.i18n.catalog import Translator
from bot.i18n.formats import Formats
from bot.reports.charts.style import BAND, CAME, CLOSED, FORECAST
from bot.reports.charts.time_axis import hours_since, label_days, label_hours
from forecasting.day_table import runs
from forecasting.forecast import VolumeForecast

__all__ = ["draw_day_totals", "draw_forecast", "draw_forecast_day"]

Floats = NDArray[np.float64]


def draw_forecast(
    axes: Axes, t: Translator, *, forecast: VolumeForecast, actual: Floats | None = None
) -> None:
    """The mean as a line inside the 80 % band (quantiles 0.10 to 0.90), per interval.

    ``actual`` [count], shape (grid.count,): what came, NaN where it is not known; with it, closed hours are
    shaded.
    """
    grid = forecast.grid
    _draw_intervals(axes, t, forecast, actual)
    axes.set_title(t.text("chart.forecast_title", queue=forecast.queue))
    label_days(axes, start=grid.start, end=grid.end, zone=grid.zone, locale=t.locale)
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=4, borderaxespad=0.2)


def draw_forecast_day(
    axes: Axes, t: Translator, *, day: date, forecast: VolumeForecast, actual: Floats
) -> None:
    """One local day, as in ``draw_forecast``, with the hours on the axis and no legend."""
    grid = forecast.grid
    _draw_intervals(axes, t, forecast, actual)
    axes.set_title(Formats(t.locale, grid.zone).day(day), fontsize=10)
    label_hours(axes, start=grid.start, end=grid.end, zone=grid.zone, locale=t.locale)


def _draw_intervals(axes: Axes, t: Translator, forecast: VolumeForecast, actual: Floats | None) -> None:
    grid = forecast.grid
    edges = hours_since(grid.start, [*grid.starts(), grid.end])
    if actual is not None:
        for i, (begin, end) in enumerate(runs(~forecast.open)):
            label = t.text("chart.closed") if i == 0 else None
            axes.axvspan(edges[begin], edges[end], color=CLOSED, linewidth=0, zorder=0, label=label)
    axes.stairs(
        forecast.quantiles[0.90],
        edges,
        baseline=forecast.quantiles[0.10],
        fill=True,
        color=BAND,
        label=t.text("chart.band"),
    )
    axes.stairs(
        forecast.mean, edges, baseline=None, color=FORECAST, linewidth=1.2, label=t.text("chart.mean")
    )
    if actual is not None and np.isfinite(actual[forecast.open]).any():
        came = np.where(forecast.open | (np.nan_to_num(actual) > 0), actual, np.nan)
        axes.stairs(came, edges, baseline=None, color=CAME, linewidth=1.0, label=t.text("chart.came"))
    axes.set_ylabel(t.text("chart.contacts_per_interval", minutes=int(grid.interval_seconds // 60)))
    axes.set_ylim(bottom=0)


def draw_day_totals(
    axes: Axes,
    t: Translator,
    *,
    queue: str,
    days: Sequence[date],
    mean: Floats,
    low: Floats,
    high: Floats,
    actual: Floats,
) -> None:
    """Whole days: the 80 % band of each as a bar, its mean as a line across, what came as a dot.

    All [count], shape (len(days),); mean NaN: closed, shaded; actual NaN: not known.
    """
    x = np.arange(len(days), dtype=np.float64)
    is_open = np.isfinite(mean)
    for i, (begin, end) in enumerate(runs(~is_open)):
        label = t.text("chart.closed") if i == 0 else None
        axes.axvspan(begin - 0.5, end - 0.5, color=CLOSED, linewidth=0, zorder=0, label=label)
    axes.bar(
        x[is_open],
        (high - low)[is_open],
        bottom=low[is_open],
        width=0.8,
        color=BAND,
        label=t.text("chart.band"),
    )
    axes.hlines(
        mean[is_open],
        x[is_open] - 0.4,
        x[is_open] + 0.4,
        color=FORECAST,
        linewidth=1.6,
        label=t.text("chart.mean"),
    )
    if np.isfinite(actual).any():
        axes.plot(x, actual, "o", color=CAME, markersize=4, label=t.text("chart.came"))
    formats = Formats(t.locale, "UTC")
    mondays = [i for i, day in enumerate(days) if day.weekday() == 0]
    axes.set_xticks(mondays, labels=[formats.day(days[i]) for i in mondays])
    axes.grid(visible=True, axis="x", which="major")
    axes.set_xlim(-0.5, len(days) - 0.5)
    axes.set_ylim(bottom=0)
    axes.set_ylabel(t.text("chart.contacts_per_day"))
    axes.set_title(t.text("chart.forecast_title", queue=queue))
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=4, borderaxespad=0.2)
