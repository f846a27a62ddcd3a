"""`muster forecast backtest`: how every model would have done on the last weeks, and which is chosen."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from bot.cli.context import CliContext, ExitCode, pass_cli
from bot.cli.forecast_text import CSV, JSON, QUEUES, model_name, parse_horizons, queue_ids
from bot.cli.planning import echo_json, save, table

if TYPE_CHECKING:
    from bot.usecases.forecast_backtest import QueueBacktest
    from forecasting.model_comparison import ModelComparison

COLUMNS = (
    "queue",
    "horizon_weeks",
    "model",
    "wape",
    "bias",
    "cover80",
    "weeks",
    "best_weeks",
    "chosen",
)


@click.command(help="forecast.help.backtest")
@QUEUES
@click.option(
    "--weeks", type=click.IntRange(1, 104), default=10, show_default=True, help="forecast.help.test_weeks"
)
@click.option("--horizons", default="1,4", show_default=True, help="forecast.help.horizons")
@CSV
@JSON
@pass_cli
def backtest(
    context: CliContext,
    queues: tuple[str, ...],
    weeks: int,
    horizons: str,
    csv_file: str | None,
    as_json: bool,
) -> int:
    from bot.cli.forecast_progress import progress
    from bot.reports.spreadsheet import write_csv
    from bot.usecases import forecast_backtest as use_case
    from bot.usecases.forecast import chosen_queues

    ahead = parse_horizons(horizons)
    wanted = chosen_queues(context.settings, queue_ids(queues))
    with progress(context, wanted) as bar:
        done = use_case.backtest(
            context.store,
            context.settings,
            queues=wanted,
            weeks=weeks,
            horizons=ahead,
            now=context.now(),
            on_progress=bar.told,
            should_stop=bar.stopping,
        )
    if csv_file is not None:
        rows = [row for one in done if one.comparison is not None for row in _rows(one.comparison)]
        save(context, csv_file, write_csv(COLUMNS, rows))
    if as_json:
        echo_json([_as_json(one) for one in done])
    elif csv_file != "-":
        for one in done:
            for line in _lines(context, one):
                click.echo(line)
    tested = [one.comparison for one in done if one.comparison is not None]
    if any(one.problem == "stopped" for one in done) or any(c.stopped for c in tested):
        return ExitCode.INTERRUPTED
    if not tested:
        return ExitCode.REFUSED
    return ExitCode.DONE if len(tested) == len(done) else ExitCode.PARTIAL


def _rows(comparison: ModelComparison) -> list[dict[str, Any]]:
    return [
        {
            "queue": comparison.queue,
            "horizon_weeks": score.horizon,
            "model": score.model,
            "wape": _number(score.wape),
            "bias": _number(score.bias),
            "cover80": _number(score.cover80),
            "weeks": score.weeks,
            "best_weeks": score.best_weeks,
            "chosen": int(score.model == comparison.selection.model),
        }
        for score in comparison.scores
    ]


def _as_json(one: QueueBacktest) -> dict[str, Any]:
    value: dict[str, Any] = {"queue": one.queue, "problem": one.problem, "detail": one.detail or None}
    held = one.comparison
    if held is not None:
        value |= {
            "chosen": held.selection.model,
            "reason": held.selection.reason.value,
            "weeks_compared": held.selection.weeks,
            "weeks_won": held.selection.weeks_won,
            "tested": [day.isoformat() for day in held.weeks],
            "origins": held.origins,
            "origins_tested": held.origins_tested,
            "scores": [{k: v for k, v in row.items() if k != "queue"} for row in _rows(held)],
        }
    return value


def _lines(context: CliContext, one: QueueBacktest) -> list[str]:
    from bot.i18n.formats import Formats

    t = context.t
    held = one.comparison
    if held is None:
        return [t.text(f"forecast.backtest.{one.problem}", queue=one.queue, detail=one.detail), ""]
    f = Formats(t.locale, context.settings.zone)
    lines = [
        t.plural(
            "forecast.backtest.title",
            len(held.weeks),
            queue=one.queue,
            first=f.day(held.weeks[0], year=True),
            last=f.day(held.weeks[-1] + timedelta(days=6), year=True),
        )
    ]
    if held.stopped:
        lines.append(t.text("forecast.backtest.part", done=held.origins_tested, of=held.origins))
    rows = [
        [
            ("* " if score.model == held.selection.model else "  ") + model_name(t, score.model),
            str(score.horizon),
            f.percent(score.wape, decimals=1),
            _signed(f.percent(score.bias, decimals=1), score.bias),
            "–" if math.isnan(score.cover80) else f.percent(score.cover80),
            str(score.weeks),
            str(score.best_weeks),
        ]
        for score in held.scores
    ]
    names = ("model", "horizon", "wape", "bias", "cover", "weeks", "best")
    lines += table([t.text(f"forecast.backtest.column.{name}") for name in names], rows)
    lines.append(_reason(context, held))
    return [*lines, ""]


def _reason(context: CliContext, held: ModelComparison) -> str:
    from bot.i18n.formats import Formats

    t, f, chosen = context.t, Formats(context.t.locale, context.settings.zone), held.selection
    data = {
        "model": model_name(t, chosen.model),
        "wape": f.percent(chosen.wape, decimals=1) if math.isfinite(chosen.wape) else "–",
        "default": f.percent(chosen.default_wape, decimals=1) if math.isfinite(chosen.default_wape) else "–",
        "won": chosen.weeks_won,
        "weeks": chosen.weeks,
    }
    key = f"forecast.reason.{chosen.reason.value}"
    return t.text(key if t.has(key) else "forecast.reason.other", **data)


def _signed(text: str, value: float) -> str:
    return f"+{text}" if value > 0 else text


def _number(value: float) -> float | None:
    return round(value, 4) if math.isfinite(value) else None
