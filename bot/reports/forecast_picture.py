"""Stored forecasts as one picture: by interval for about a week, by day for longer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from bot.i18n.catalog import Translator
from bot.i18n.formats import Formats
from bot.reports.charts.forecast import draw_day_totals, draw_forecast, draw_forecast_day
from bot.reports.charts.style import chart_style, legend_below, new_panels, to_png, to_svg
from bot.usecases.review_forecast import ForecastShown
from forecasting.forecast import VolumeForecast

__all__ = ["draw_shown", "picture_png", "picture_svg"]

SHORT_DAYS = 8
"""Up to so many days every interval is drawn."""


def picture_png(shown: Sequence[ForecastShown], t: Translator) -> bytes:
    """The picture as PNG.  ``shown``: at least one, each with a forecast."""
    with chart_style():
        return to_png(draw_shown(shown, t.in_pictures))


def picture_svg(shown: Sequence[ForecastShown], t: Translator) -> str:
    """The picture as an SVG file of its own."""
    queues = Formats(t.locale, "UTC").join([one.queue for one in shown])
    with chart_style():
        return to_svg(draw_shown(shown, t), title=t.text("chart.forecast_title", queue=queues))


def draw_shown(shown: Sequence[ForecastShown], t: Translator) -> Figure:
    """One queue for about a week: a panel per open day, on one scale.  Else a panel per queue."""
    held = [(one, one.forecast) for one in shown if one.forecast is not None]
    if any(len(one.days) > SHORT_DAYS for one, _ in held):
        figure, panels = new_panels(len(held), width=11, height=3.2)
        for axes, (one, _) in zip(panels, held, strict=True):
            nothing = float("nan")
            totals = [d.total for d in one.days]
            draw_day_totals(
                axes,
                t,
                queue=one.queue,
                days=[d.day for d in one.days],
                mean=np.array([nothing if x is None else x.mean for x in totals]),
                low=np.array([nothing if x is None else x.low for x in totals]),
                high=np.array([nothing if x is None else x.high for x in totals]),
                actual=np.array([nothing if d.actual is None else d.actual for d in one.days]),
            )
        return figure
    if len(held) == 1:
        return _by_day(*held[0], t)
    figure, panels = new_panels(len(held), width=11, height=3.0)
    for axes, (one, forecast) in zip(panels, held, strict=True):
        draw_forecast(axes, t, forecast=forecast, actual=one.actual)
    return figure


def _by_day(one: ForecastShown, forecast: VolumeForecast, t: Translator) -> Figure:
    days = [(day, part) for day, part in forecast.grid.days().items() if forecast.open[part].any()]
    if not days:
        figure, (axes,) = new_panels(1, width=11, height=3.0)
        draw_forecast(axes, t, forecast=forecast, actual=one.actual)
        return figure
    # The hours before the first opening and after the last closing of all days are no news.
    minutes = forecast.grid.minutes_of_day()
    first, last = int(minutes[forecast.open].min()) - 30, int(minutes[forecast.open].max()) + 30
    columns = 1 if len(days) == 1 else 2
    figure, panels = new_panels(len(days), width=11, height=2.3, columns=columns, same_scale=True)
    for i, (axes, (day, part)) in enumerate(zip(panels, days, strict=True)):
        inside = np.flatnonzero((minutes[part] >= first) & (minutes[part] <= last))
        cut = slice(part.start + int(inside[0]), part.start + int(inside[-1]) + 1)
        draw_forecast_day(axes, t, day=day, forecast=forecast.part(cut), actual=one.actual[cut])
        if i % columns:
            axes.set_ylabel("")
    legend_below(figure, panels)
    figure.suptitle(t.text("chart.forecast_title", queue=one.queue), x=0.01, ha="left")
    return figure
