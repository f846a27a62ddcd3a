"""`muster forecast show`: a stored forecast as it was made, with what came since."""

from __future__ import annotations

import math
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from bot.cli.context import CliContext, ExitCode, pass_cli
from bot.cli.forecast import accuracy_line, basis_lines
from bot.cli.forecast_text import JSON, PICTURE, QUEUES, model_name, queue_ids
from bot.cli.pictures import kind_of_picture, save_picture
from bot.cli.planning import echo_json, table
from bot.core.weeks import parse_week

if TYPE_CHECKING:
    from bot.i18n.formats import Formats
    from bot.usecases.review_forecast import ForecastShown, ShownDay

PEAKS = 3


@click.command(help="forecast.help.show")
@QUEUES
@click.option("--week", help="forecast.help.show_week")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="forecast.help.show_as_of")
@PICTURE
@JSON
@pass_cli
def show(
    context: CliContext,
    queues: tuple[str, ...],
    week: str | None,
    as_of: datetime | None,
    picture: str | None,
    as_json: bool,
) -> int:
    from bot.usecases import review_forecast

    kind = None if picture is None else kind_of_picture(picture)
    shown = review_forecast.show(
        context.store,
        context.settings,
        queues=queue_ids(queues),
        week=None if week is None else parse_week(week),
        as_of=None if as_of is None else as_of.date(),
        now=context.now(),
    )
    held = [one for one in shown if one.forecast is not None]
    if picture is not None and kind is not None and held:
        _draw(context, held, picture, kind)
    if as_json:
        echo_json([_as_json(one) for one in shown])
    else:
        for one in shown:
            for line in _lines(context, one):
                click.echo(line)
    if not held:
        context.next("muster forecast")
        return ExitCode.REFUSED
    return ExitCode.DONE if len(held) == len(shown) else ExitCode.PARTIAL


def _draw(context: CliContext, held: list[ForecastShown], file: str, kind: str) -> None:
    from bot.reports.forecast_picture import picture_png, picture_svg

    save_picture(
        context,
        file,
        kind,
        png=lambda: picture_png(held, context.t),
        svg=lambda: picture_svg(held, context.t),
    )


def _as_json(one: ForecastShown) -> dict[str, Any]:
    from bot.reports.spreadsheet import forecast_rows

    value: dict[str, Any] = {"queue": one.queue, "problem": one.problem}
    forecast = one.forecast
    if forecast is None:
        return value
    rows = [
        {**row, "open": bool(forecast.open[i]), "actual": _number(float(one.actual[i]))}
        for i, row in enumerate(forecast_rows([forecast]))
    ]
    zone = ZoneInfo(forecast.grid.zone)
    return value | {
        "forecast": one.number,
        "made_at": forecast.made_at.isoformat(),
        "trained_until": forecast.trained_until.isoformat(),
        "zone": forecast.grid.zone,
        "backdated": one.backdated,
        "newer": one.newer,
        **one.report,
        "model": forecast.model,
        "days": [
            {
                "date": day.day.isoformat(),
                "closed": day.closed,
                "name": day.name or None,
                "begins": None if day.begins is None else day.begins.astimezone(zone).isoformat(),
                "mean": None if day.total is None else round(day.total.mean, 1),
                "q10": None if day.total is None else round(day.total.low, 1),
                "q90": None if day.total is None else round(day.total.high, 1),
                "peak": None if day.peak is None else day.peak.astimezone(zone).isoformat(),
                "actual": day.actual,
                "outside": day.outside,
                "omitted": [reason.value for reason in day.omitted],
            }
            for day in one.days
        ],
        "intervals": rows,
    }


def _lines(context: CliContext, one: ForecastShown) -> list[str]:
    from bot.i18n.formats import Formats

    t, forecast = context.t, one.forecast
    if forecast is None:
        return [t.text(f"forecast.show.{one.problem}", queue=one.queue), ""]
    f = Formats(t.locale, forecast.grid.zone)
    lines = [
        t.text(
            "forecast.show.title",
            queue=one.queue,
            number=one.number,
            model=model_name(t, forecast.model),
            made=f.moment(forecast.made_at),
            until=f.moment(forecast.trained_until),
        )
    ]
    if one.backdated:
        lines.append("! " + t.text("forecast.show.backdated"))
    if one.newer is not None:
        lines.append("! " + t.text("forecast.show.newer", number=one.newer))
    lines.append(accuracy_line(context, f, one.report))
    names = ("day", "contacts", "band", "peak", "came", "change")
    open_days = [day for day in one.days if not day.closed]
    lines += table(
        [t.text(f"forecast.show.column.{name}") for name in names], [_row(context, f, d) for d in open_days]
    )
    closed = _closed(context, f, one)
    if closed:
        lines.append(t.text("forecast.show.closed", days=f.join(closed)))
    lines += _busiest(context, f, one)
    for day in open_days:
        for reason in day.omitted:
            lines.append("- " + t.text(f"forecast.show.omitted.{reason.value}", day=f.day(day.day)))
    if any(d.outside for d in one.days):
        lines.append(t.text("forecast.show.outside"))
    return [*lines, *basis_lines(context, f, one.report), ""]


def _closed(context: CliContext, f: Formats, one: ForecastShown) -> list[str]:
    """Weekdays that never open, then single days with their names."""
    opened = {d.day.weekday() for d in one.days if not d.closed}
    every: dict[int, str] = {}
    single = []
    for day in (d for d in one.days if d.closed):
        if day.name or day.day.weekday() in opened:
            single.append(f.day(day.day) + (f" ({day.name})" if day.name else ""))
        else:
            every.setdefault(day.day.weekday(), f.weekday(day.day))
    return [context.t.text("forecast.show.every", day=every[w]) for w in sorted(every)] + single


def _few(f: Formats, value: float) -> str:
    """One decimal where it says something."""
    return f.number(value, decimals=0 if value >= 100 else 1)


def _row(context: CliContext, f: Formats, day: ShownDay) -> list[str]:
    total = day.total
    assert total is not None
    label = f.day(day.day) + (f" ({day.name})" if day.name else "")
    if day.begins is not None:
        label = context.t.text("forecast.show.from", day=label, time=f.time(day.begins))
    peak = "–" if day.peak is None else f"{f.time(day.peak)} ({_few(f, day.peak_mean)})"
    came = change = "–"
    if day.actual is not None:
        came = f.number(day.actual)
        if total.mean > 0:
            change = f"{round(100 * (day.actual / total.mean - 1)):+d}%" + (" *" if day.outside else "")
    return [label, f.number(total.mean), f"{f.number(total.low)}–{f.number(total.high)}", peak, came, change]


def _busiest(context: CliContext, f: Formats, one: ForecastShown) -> list[str]:
    """The intervals in which most is expected, of different days, with their bands."""
    forecast = one.forecast
    if forecast is None or not forecast.open.any():
        return []
    peaks = sorted((d for d in one.days if d.peak is not None), key=lambda d: -d.peak_mean)[:PEAKS]
    shown = []
    for day in peaks:
        if day.peak is None:
            continue
        at = forecast.grid.index_of(day.peak)
        low, high = (f.number(float(forecast.quantiles[q][at])) for q in (0.1, 0.9))
        until = f.time(day.peak + forecast.grid.interval)
        shown.append(f"{f.moment(day.peak)}–{until} {_few(f, day.peak_mean)} ({low}–{high})")
    return [context.t.text("forecast.show.busiest", peaks="; ".join(shown))]


def _number(value: float) -> float | None:
    return round(value, 3) if math.isfinite(value) else None
