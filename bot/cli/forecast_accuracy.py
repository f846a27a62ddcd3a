"""`muster forecast accuracy`: every stored forecast against what came, by weeks ahead."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import click

from bot.cli.context import CliContext, ExitCode, pass_cli
from bot.cli.forecast_text import CSV, JSON, QUEUES, queue_ids
from bot.cli.planning import echo_json, save, table

if TYPE_CHECKING:
    from bot.usecases.review_forecast import QueueReview
    from forecasting.accuracy import HorizonAccuracy

COLUMNS = (
    "queue",
    "horizon_weeks",
    "wape",
    "bias",
    "cover80",
    "weeks",
    "forecasts",
    "intervals",
    "contacts",
)


@click.command(help="forecast.help.accuracy")
@QUEUES
@click.option(
    "--weeks", type=click.IntRange(1, 104), default=12, show_default=True, help="forecast.help.judged_weeks"
)
@click.option("--backdated", is_flag=True, help="forecast.help.backdated")
@CSV
@JSON
@pass_cli
def accuracy(
    context: CliContext,
    queues: tuple[str, ...],
    weeks: int,
    backdated: bool,
    csv_file: str | None,
    as_json: bool,
) -> int:
    from bot.reports.spreadsheet import write_csv
    from bot.usecases import review_forecast

    found = review_forecast.review(
        context.store,
        context.settings,
        queues=queue_ids(queues),
        weeks=weeks,
        with_backdated=backdated,
        now=context.now(),
    )
    if csv_file is not None:
        rows = [{"queue": one.queue, **_row(s)} for one in found for s in _scores(one)]
        save(context, csv_file, write_csv(COLUMNS, rows))
    if as_json:
        echo_json([_as_json(one) for one in found])
    elif csv_file != "-":
        for one in found:
            for line in _lines(context, one):
                click.echo(line)
    judged = [one for one in found if one.problem is None]
    if any(one.going_on for one in found):
        context.next("muster forecast show", "muster forecast")
    if not judged:
        return ExitCode.REFUSED
    return ExitCode.DONE if len(judged) == len(found) else ExitCode.PARTIAL


def _scores(one: QueueReview) -> tuple[HorizonAccuracy, ...]:
    return () if one.accuracy is None else one.accuracy.scores


def _row(score: HorizonAccuracy) -> dict[str, Any]:
    return {
        "horizon_weeks": score.horizon,
        "wape": _number(score.wape),
        "bias": _number(score.bias),
        "cover80": _number(score.cover80),
        "weeks": score.weeks,
        "forecasts": score.forecasts,
        "intervals": score.intervals,
        "contacts": round(score.contacts, 1),
    }


def _as_json(one: QueueReview) -> dict[str, Any]:
    from forecasting.accuracy import is_drifting

    tracked = one.tracked
    return {
        "queue": one.queue,
        "problem": one.problem,
        "since": one.since.isoformat(),
        "until": None if one.until is None else one.until.isoformat(),
        "zone": one.zone,
        "scores": [_row(score) for score in _scores(one)],
        "omitted": {} if one.accuracy is None else {r.value: n for r, n in one.accuracy.omitted.items()},
        "backdated": one.backdated,
        "other_interval": one.other_interval,
        "tracking": None
        if tracked is None
        else {
            "signal": _number(tracked.signal),
            "bias": _number(tracked.bias),
            "days": tracked.days,
            "first": tracked.first.isoformat(),
            "last": tracked.last.isoformat(),
            "drifting": is_drifting(tracked),
            "told": one.going_on,
        },
    }


def _lines(context: CliContext, one: QueueReview) -> list[str]:
    from bot.i18n.formats import Formats

    t = context.t
    f = Formats(t.locale, one.zone)
    if one.problem in ("no_forecast", "no_actuals") or one.until is None:
        return [t.text(f"forecast.accuracy.{one.problem}", queue=one.queue), ""]
    lines = []
    if one.problem is None:
        lines.append(
            t.text(
                "forecast.accuracy.title",
                queue=one.queue,
                since=f.moment(one.since),
                until=f.moment(one.until),
            )
        )
        rows = [
            [
                str(score.horizon),
                _percent(f, score.wape, decimals=1),
                _signed(_percent(f, score.bias, decimals=1), score.bias),
                f.percent(score.cover80),
                str(score.weeks),
                str(score.forecasts),
                f.number(score.contacts),
            ]
            for score in _scores(one)
        ]
        names = ("horizon", "wape", "bias", "cover", "weeks", "forecasts", "contacts")
        lines += table([t.text(f"forecast.accuracy.column.{name}") for name in names], rows)
    else:
        lines.append(t.text("forecast.accuracy.nothing_judged", queue=one.queue))
    omitted = {} if one.accuracy is None else one.accuracy.omitted
    parts = [t.text(f"forecast.accuracy.omitted.{r.value}", n=f.number(n)) for r, n in omitted.items() if n]
    if parts:
        lines.append(t.text("forecast.accuracy.omitted", parts=f.join(parts)))
    if one.backdated:
        lines.append("- " + t.plural("forecast.accuracy.backdated", one.backdated))
    if one.other_interval:
        lines.append("- " + t.plural("forecast.accuracy.other_interval", one.other_interval))
    return [*lines, _tracking(context, f, one), ""]


def _tracking(context: CliContext, f: Any, one: QueueReview) -> str:
    from forecasting.accuracy import FEWEST_DAYS, SIGNAL_LIMIT, is_drifting

    t, tracked = context.t, one.tracked
    if tracked is None:
        return t.text("forecast.accuracy.untracked", needed=FEWEST_DAYS)
    side = "over" if tracked.bias > 0 else "under"
    drifts = one.going_on or is_drifting(tracked)
    state = f"drift_{side}" if drifts else "steady"
    return t.text(
        f"forecast.accuracy.{state}",
        signal=f.number(abs(tracked.signal), decimals=2),
        limit=f.number(SIGNAL_LIMIT, decimals=2),
        bias=f.percent(abs(tracked.bias)) if drifts else _signed(f.percent(tracked.bias), tracked.bias),
        days=tracked.days,
        last=f.day(tracked.last),
    )


def _signed(text: str, value: float) -> str:
    return f"+{text}" if value > 0 else text


def _percent(f: Any, value: float, *, decimals: int = 0) -> str:
    return f.percent(value, decimals=decimals) if math.isfinite(value) else "–"


def _number(value: float) -> float | None:
    return round(value, 4) if math.isfinite(value) else None
