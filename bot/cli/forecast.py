"""`muster forecast`: make forecasts, say how good they are and what they rest on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import click
from click.core import ParameterSource

from bot.cli.context import CliContext, ExitCode
from bot.cli.forecast_text import model_name, queue_ids
from bot.cli.lazy import LazyGroup
from bot.cli.planning import echo_json, save, table

if TYPE_CHECKING:
    from bot.i18n.formats import Formats
    from bot.usecases.forecast import ForecastMade

SHOWN = 8

SUBCOMMANDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "show": "bot.cli.forecast_show:show",
        "accuracy": "bot.cli.forecast_accuracy:accuracy",
        "backtest": "bot.cli.forecast_backtest:backtest",
        "today": "bot.cli.forecast_today:today",
    }
)
"""What can be asked of forecasts and where it lives; its line in the help is ``forecast.command.<name>``."""


@click.group(
    cls=LazyGroup,
    lazy=SUBCOMMANDS,
    described="forecast.command",
    invoke_without_command=True,
    help="plan.help.forecast",
)
@click.option("--weeks", type=click.IntRange(1, 53), default=4, show_default=True, help="plan.help.weeks")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="plan.help.as_of")
@click.option("--queue", "queues", multiple=True, help="plan.help.queue")
@click.option("--csv", "csv_file", metavar="FILE", help="plan.help.csv")
@click.option("--by", type=click.Choice(["type", "channel"]), help="forecast.help.by")
@click.option("--json", "as_json", is_flag=True, help="plan.help.json")
@click.pass_context
def forecast(
    ctx: click.Context,
    weeks: int,
    as_of: datetime | None,
    queues: tuple[str, ...],
    csv_file: str | None,
    by: str | None,
    as_json: bool,
) -> int:
    context = ctx.ensure_object(CliContext)
    if ctx.invoked_subcommand is not None:
        _refuse_stray_options(ctx, context, ctx.invoked_subcommand)
        return ExitCode.DONE
    return _make(context, weeks=weeks, as_of=as_of, queues=queues, csv_file=csv_file, by=by, as_json=as_json)


def _refuse_stray_options(ctx: click.Context, context: CliContext, subcommand: str) -> None:
    """Options before a subcommand belong to `muster forecast` itself; dropping them would mislead."""
    for parameter in ctx.command.params:
        if ctx.get_parameter_source(parameter.name or "") is ParameterSource.COMMANDLINE:
            name = max(parameter.opts, key=len)
            raise click.UsageError(
                context.t.text("forecast.option_after", option=name, command=subcommand), ctx
            )


def _make(
    context: CliContext,
    *,
    weeks: int,
    as_of: datetime | None,
    queues: tuple[str, ...],
    csv_file: str | None,
    by: str | None,
    as_json: bool,
) -> int:
    from bot.cli.forecast_mix import mix_days, mix_lines
    from bot.cli.forecast_progress import progress
    from bot.reports.spreadsheet import FORECAST_COLUMNS, forecast_rows, write_csv
    from bot.usecases.forecast import chosen_queues, make

    settings = context.settings
    wanted = chosen_queues(settings, queue_ids(queues))
    with progress(context, wanted) as bar:
        made = make(
            context.store,
            settings,
            queues=wanted,
            weeks=weeks,
            as_of=None if as_of is None else as_of.date(),
            now=context.now(),
            seed=settings.roster.solve.seed,
            on_progress=bar.told,
            should_stop=bar.stopping,
        )
    held = [m.forecast for m in made if m.forecast is not None]
    days = {m.queue: _days(m) for m in made}
    if csv_file is not None:
        save(context, csv_file, write_csv(FORECAST_COLUMNS, forecast_rows(held)))
    if as_json:
        rows = forecast_rows(held)
        found = [_as_json(m, days[m.queue], [r for r in rows if r["queue"] == m.queue]) for m in made]
        if by is not None:
            found = [{**f, "by": mix_days(m, by)} for f, m in zip(found, made, strict=True)]
        echo_json(found)
    elif csv_file != "-":
        for one in made:
            for line in _lines(context, one, days[one.queue]):
                click.echo(line)
            if by is not None and one.forecast is not None:
                for line in mix_lines(context, one, by):
                    click.echo(line)
    if any(m.problem == "stopped" for m in made):
        return ExitCode.INTERRUPTED
    if not held:
        return ExitCode.REFUSED
    context.next("muster staffing")
    return ExitCode.DONE if len(held) == len(made) else ExitCode.PARTIAL


def _days(made: ForecastMade) -> list[dict[str, Any]]:
    """Day totals with their 80 % band."""
    from forecasting.day_totals import day_totals

    if made.forecast is None:
        return []
    return [
        {
            "date": total.day.isoformat(),
            "mean": round(total.mean, 1),
            "q10": round(total.low, 1),
            "q90": round(total.high, 1),
        }
        for total in day_totals(made.forecast, int(made.report["seed"]))
    ]


def _as_json(made: ForecastMade, days: list[dict[str, Any]], rows: list[dict[str, Any]]) -> dict[str, Any]:
    value: dict[str, Any] = {"queue": made.queue, "problem": made.problem, "detail": made.detail or None}
    if made.forecast is not None:
        value |= {
            "forecast": made.number,
            "trained_until": made.forecast.trained_until.isoformat(),
            "zone": made.forecast.grid.zone,
            **made.report,
            "days": days,
            "intervals": rows,
        }
    return value


def _lines(context: CliContext, made: ForecastMade, days: list[dict[str, Any]]) -> list[str]:
    from bot.i18n.formats import Formats

    t = context.t
    if made.forecast is None:
        return [t.text(f"plan.forecast.{made.problem}", queue=made.queue, detail=made.detail)]
    f = Formats(t.locale, made.forecast.grid.zone)
    report = made.report
    history = report["history"]
    lines = [
        t.text(
            "plan.forecast.title",
            queue=made.queue,
            number=made.number,
            model=model_name(t, report["model"]),
            days=history["days"],
            first=history["first"],
            last=history["last"],
        ),
        accuracy_line(context, f, report),
    ]
    if report["aht_contacts"]:
        low, high = (f.number(seconds) for seconds in report["aht_day_range"])
        seconds, contacts = f.number(report["aht_seconds"]), f.number(report["aht_contacts"])
        lines.append(t.text("plan.forecast.aht", seconds=seconds, low=low, high=high, contacts=contacts))
    rows = [
        [
            f.day(date.fromisoformat(d["date"])),
            f.number(d["mean"]),
            f"{f.number(d['q10'])}–{f.number(d['q90'])}",
        ]
        for d in days
    ]
    lines += table(
        [t.text("plan.forecast.day"), t.text("plan.forecast.contacts"), t.text("plan.forecast.band")], rows
    )
    return [*lines, *basis_lines(context, f, report), ""]


def basis_lines(context: CliContext, f: Formats, report: Mapping[str, Any]) -> list[str]:
    """What was learned, what was unusual in the history, and what to know before trusting a forecast."""
    t = context.t
    lines, findings = [], report.get("findings", ())
    learned = [_effect(context, f, e) for e in report.get("effects", ()) if e["kind"] != "day_of_month"]
    if learned:
        lines.append(t.text("plan.forecast.learned", effects="; ".join(learned)))
    if report.get("closed_days_return") is not None:
        lines.append(_returned(context, f, report["closed_days_return"]))
    for finding in findings[:SHOWN]:
        lines.append("- " + _finding(context, f, finding))
    if len(findings) > SHOWN:
        lines.append("- " + t.text("plan.forecast.more_findings", more=len(findings) - SHOWN))
    return [*lines, *("! " + _warning(context, f, warning) for warning in report.get("warnings", ()))]


def accuracy_line(context: CliContext, f: Formats, report: Mapping[str, Any]) -> str:
    """How well the model did in the back-test, against the others."""
    t = context.t
    if report.get("wape") is None:
        return t.text("plan.forecast.untested")
    scores = {
        s["horizon_weeks"]: s["wape"]
        for s in report["scores"]
        if s["model"] == report["model"] and s["wape"] is not None
    }
    by_horizon = ", ".join(
        t.text("plan.forecast.horizon", weeks=h, wape=f.percent(w, decimals=1))
        for h, w in sorted(scores.items())
    )
    others: dict[str, list[float]] = {}
    for s in report["scores"]:
        if s["model"] != report["model"] and s["wape"] is not None:
            others.setdefault(s["model"], []).append(s["wape"])
    losers = ", ".join(
        f"{model_name(t, name)} {f.percent(sum(w) / len(w), decimals=1)}" for name, w in others.items()
    )
    weeks = max(s["weeks"] for s in report["scores"])
    return t.text("plan.forecast.accuracy", horizons=by_horizon, weeks=weeks, others=losers)


def _effect(context: CliContext, f: Formats, effect: dict[str, Any]) -> str:
    t = context.t
    number = int(effect["number"])
    name = f.weekday(date(2026, 11, 23 + number)) if effect["kind"] == "weekday" else str(number)
    return t.text(
        f"plan.effect.{effect['kind']}",
        number=name,
        event=effect.get("event", ""),
        change=f"{100 * (effect['factor'] - 1):+.0f}%",
    )


def _returned(context: CliContext, f: Formats, returned: dict[str, Any]) -> str:
    """Where a closed day's contacts go."""
    t = context.t
    days = "; ".join(
        t.text(
            "plan.forecast.returned_before" if day["open_day"] < 0 else "plan.forecast.returned_day",
            number=abs(day["open_day"]),
            change=f"{100 * day['share']:+.0f}%",
        )
        for day in returned["days"]
    )
    key = "plan.forecast.returned" if returned["low"] > 0 else "plan.forecast.not_returned"
    low, high = f.percent(max(returned["low"], 0)), f.percent(max(returned["high"], 0))
    return t.text(key, share=f.percent(max(returned["share"], 0)), low=low, high=high, days=days)


def _finding(context: CliContext, f: Formats, finding: dict[str, Any]) -> str:
    start, end = datetime.fromisoformat(finding["start"]), datetime.fromisoformat(finding["end"])
    explained = finding["declared"] and finding["kind"] in ("spike", "low_day", "surge", "lull")
    whole_days = start.time() == end.time() and end > start
    when = f.day(start.date(), year=True) if whole_days else f"{f.moment(start)}–{f.time(end)}"
    return context.t.text(
        "plan.finding.explained" if explained else f"plan.finding.{finding['kind']}",
        when=when,
        days=finding["days"],
        observed=f.number(finding["observed"] or 0),
        expected=f.number(finding["expected"] or 0),
    )


def _warning(context: CliContext, f: Formats, warning: dict[str, Any]) -> str:
    numbers = {
        name: f.percent(value) if name in ("half_width", "share") else f.number(value)
        for name, value in warning["numbers"].items()
        if value is not None
    }
    first = warning["first_day"]
    day = "" if first is None else f.day(date.fromisoformat(first), year=True)
    return context.t.text(f"plan.warning.{warning['code']}", first_day=day, **numbers)
