"""Expected contacts with their band."""

from __future__ import annotations

from matplotlib.axes import Axes

from bot.i18n.catalog import Translator
from bot.reports.charts.style import BAND, FORECAST
from bot.reports.charts.time_axis import hours_since, label_days
from forecasting.forecast import VolumeForecast


def draw_forecast(axes: Axes, t: Translator, *, forecast: VolumeForecast) -> None:
    """The mean as a line inside the 80 % band (quantiles 0.10 to 0.90), per interval."""
    grid = forecast.grid
    edges = hours_since(grid.start, [*grid.starts(), grid.end])
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
    axes.set_title(t.text("chart.forecast_title", queue=forecast.queue))
    axes.set_ylabel(t.text("chart.contacts_per_interval", minutes=int(grid.interval_seconds // 60)))
    axes.set_ylim(bottom=0)
    label_days(axes, start=grid.start, end=grid.end, zone=grid.zone, locale=t.locale)
    axes.legend(loc="upper right", ncols=2)
