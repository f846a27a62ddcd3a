"""`muster forecast today`: what came against what was forecast, and the rest of the day as it looks now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bot.cli.context import CliContext, ExitCode, pass_cli
from bot.cli.forecast_text import JSON, QUEUES, queue_ids
from bot.cli.planning import echo_json, table

if TYPE_CHECKING:
    from bot.core.ids import QueueId
    from bot.usecases.todays_forecast import Today

__all__ = ["today"]


@click.command(help="forecast.help.today")
@QUEUES
@JSON
@pass_cli
def today(context: CliContext, queues: tuple[str, ...], as_json: bool) -> int:
    from bot.usecases.forecast import chosen_queues
    from bot.usecases.todays_forecast import today as todays_forecast

    settings, now = context.settings, context.now()
    wanted = chosen_queues(settings, queue_ids(queues))
    with context.store.read() as uow:
        found = {queue: todays_forecast(uow, settings, queue, now) for queue in wanted}
    if as_json:
        echo_json([_row(queue, held) for queue, held in found.items()])
    else:
        for queue, held in found.items():
            for line in _lines(context, queue, held):
                click.echo(line)
    if all(held is None for held in found.values()):
        context.next("muster forecast")
        return ExitCode.REFUSED
    return ExitCode.DONE


def _hours(held: Today) -> list[dict[str, Any]]:
    """By local hour: forecast, as it stands now with its 80 % band by interval, whether it lies ahead."""
    import numpy as np

    from forecasting.rest_of_day import ahead_of

    rest = held.rest
    ahead = ahead_of(rest)
    starts = [start.isoformat() for start in ahead.grid.starts()]
    rows = []
    for i in np.flatnonzero(ahead.open).tolist():
        frozen = rest.frozen.mean[rest.frozen.grid.count - ahead.grid.count + i]
        rows.append(
            {
                "start": starts[i],
                "forecast": round(float(frozen), 1),
                "now": round(float(ahead.mean[i]), 1),
                "q10": float(ahead.quantiles[0.10][i]),
                "q90": float(ahead.quantiles[0.90][i]),
            }
        )
    return rows


def _row(queue: QueueId, held: Today | None) -> dict[str, Any]:
    if held is None:
        return {"queue": queue, "problem": "no_forecast"}
    rest = held.rest
    return {
        "queue": queue,
        "problem": None if held.known else "nothing_known",
        "date": held.day.isoformat(),
        "at": rest.now.isoformat(),
        "forecast": held.number,
        "came": rest.contacts,
        "forecast_so_far": round(rest.expected, 1),
        "level": {
            "factor": round(rest.factor, 3),
            "low": round(rest.factor_low, 3),
            "high": round(rest.factor_high, 3),
        },
        "rest": {
            "forecast": round(rest.rest_frozen, 1),
            "now": round(rest.rest, 1),
            "q10": rest.rest_low,
            "q90": rest.rest_high,
        },
        "left_out_minutes": round(rest.left_out_minutes),
        "intervals": _hours(held),
    }


def _lines(context: CliContext, queue: QueueId, held: Today | None) -> list[str]:
    from datetime import datetime

    from bot.i18n.formats import Formats

    t = context.t
    if held is None:
        return [t.text("forecast.today.no_forecast", queue=queue), ""]
    rest = held.rest
    f = Formats(t.locale, rest.frozen.grid.zone)
    title = t.text("forecast.today.title", queue=queue, day=f.day(held.day), at=f.time(rest.now))
    rows = _hours(held)
    if not rows:
        return [title, t.text("forecast.today.over", came=f.number(rest.contacts)), ""]
    lines = [title]
    if not held.known:
        lines.append(t.text("forecast.today.nothing_known", rest=f.number(rest.rest_frozen)))
    elif rest.expected <= 0:
        lines.append(t.text("forecast.today.not_begun"))
    else:
        lines.append(
            t.text(
                "forecast.today.so_far",
                came=f.number(rest.contacts),
                expected=f.number(rest.expected),
                change=f"{100 * (rest.contacts / rest.expected - 1):+.0f}%",
            )
        )
    if held.known:
        lines.append(
            t.text(
                "forecast.today.rest",
                rest=f.number(rest.rest),
                low=f.number(rest.rest_low),
                high=f.number(rest.rest_high),
                frozen=f.number(rest.rest_frozen),
                change=f"{100 * (rest.factor - 1):+.0f}%",
                least=f"{100 * (rest.factor_low - 1):+.0f}%",
                most=f"{100 * (rest.factor_high - 1):+.0f}%",
            )
        )
        if rest.left_out_minutes >= 5:
            lines.append(t.text("forecast.today.left_out", minutes=f.number(rest.left_out_minutes)))
    names = ("from", "forecast", "now", "band")
    cells = [
        [
            f.time(datetime.fromisoformat(row["start"])),
            f.number(row["forecast"]),
            f.number(row["now"]),
            f"{f.number(row['q10'])}–{f.number(row['q90'])}",
        ]
        for row in rows
    ]
    return [*lines, *table([t.text(f"forecast.today.column.{n}") for n in names], cells), ""]
