"""`muster causes`: why promises were broken, and which have no cause yet (SR10); `muster report pareto`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.cli.context import CliContext, ExitCode, pass_cli
from bot.cli.planning import echo_json, table
from bot.core.errors import RefusedError

if TYPE_CHECKING:
    from bot.core.cause_messages import UnnamedMiss
    from bot.i18n.formats import Formats
    from bot.usecases.miss_report import MissReport

__all__ = ["causes", "months_back", "pareto"]

DAY = timedelta(days=1)
SHOWN = 20


@click.command(help="causes.help")
@click.option("--week", default=None, help="causes.help_week")
@click.option("--from", "first", default=None, help="causes.help_from")
@click.option("--to", "last", default=None, help="causes.help_to")
@click.option("--team", default=None, help="causes.help_team")
@click.option("--json", "as_json", is_flag=True, help="causes.help_json")
@pass_cli
def causes(
    context: CliContext,
    week: str | None,
    first: str | None,
    last: str | None,
    team: str | None,
    as_json: bool,
) -> int:
    from bot.usecases.miss_report import read_misses

    settings = context.settings
    which = context.team(team)
    zone = settings.teams[which].zone
    start, end = _stretch(context, zone, week, first, last)
    found = read_misses(context.store, settings, which, start=start, end=end, most=SHOWN)
    if as_json:
        echo_json({**_json(found), "open": [_open_json(line) for line in found.open]})
        return ExitCode.DONE
    t, f = context.t, _formats(context, zone)
    for line in (*_summary(context, found, zone), *_table(context, found, f)):
        click.echo(line)
    if found.open:
        click.echo(t.plural("causes.open", found.pareto.unnamed))
        for miss in found.open:
            click.echo(f"  {_line(context, f, miss)}")
        if found.pareto.unnamed > len(found.open):
            click.echo(f"  {t.plural('causes.more', found.pareto.unnamed - len(found.open))}")
        context.next("/muster cause")
    elif found.broken:
        context.next("muster report pareto --months 3")
    return ExitCode.DONE


@click.command(name="pareto", help="pareto.help")
@click.option("--months", type=click.IntRange(1, 24), default=3, show_default=True, help="pareto.help_months")
@click.option(
    "--by", type=click.Choice(["cause", "type"]), default="cause", show_default=True, help="pareto.help_by"
)
@click.option("--team", default=None, help="causes.help_team")
@click.option("--out", default=None, help="pareto.help_out")
@click.option("--json", "as_json", is_flag=True, help="causes.help_json")
@pass_cli
def pareto(
    context: CliContext, months: int, by: str, team: str | None, out: str | None, as_json: bool
) -> int:
    from bot.usecases.miss_report import read_misses
    from forecasting.grid import local_midnight

    settings, now = context.settings, context.now()
    which = context.team(team)
    zone = settings.teams[which].zone
    f = _formats(context, zone)
    start = local_midnight(months_back(f.local_day(now), months), zone)
    found = read_misses(context.store, settings, which, start=start, end=now, by=by)
    if as_json:
        echo_json(_json(found))
        return ExitCode.DONE
    if out is not None:
        from bot.reports.pareto_page import render_pareto

        page = render_pareto(found, locale=context.t.locale, zone=zone, made_at=now)
        if out == "-":
            click.echo(page)
            return ExitCode.DONE
        Path(out).write_text(page, encoding="utf-8")
    for line in (*_summary(context, found, zone), *_table(context, found, f)):
        click.echo(line)
    if out is not None:
        context.say("pareto.written", file=out)
    if found.pareto.unnamed:
        context.next("/muster cause")
    return ExitCode.DONE


def months_back(day: date, months: int) -> date:
    """The same day so many months before, or the last of a month that has fewer.

    >>> months_back(date(2026, 5, 31), 3)
    datetime.date(2026, 2, 28)
    """
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    after = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(day.day, (after - DAY).day))


def _stretch(
    context: CliContext, zone: str, week: str | None, first: str | None, last: str | None
) -> tuple[datetime, datetime]:
    """Local days first to last, not beyond now; the last seven days where none is named."""
    from bot.core.day_phrases import read_day
    from bot.core.weeks import parse_week
    from forecasting.grid import local_midnight

    if week is not None and (first is not None or last is not None):
        raise RefusedError("causes_week_and_days", "either --week or --from and --to; nothing was shown.")
    now = context.now()
    today = _formats(context, zone).local_day(now)
    if week is not None:
        begins = parse_week(week)
        ends = begins + 6 * DAY
    else:
        ends = today if last is None else read_day(last, today)
        begins = ends - 6 * DAY if first is None else read_day(first, today)
    start, end = local_midnight(begins, zone), min(now, local_midnight(ends + DAY, zone))
    if end <= start:
        raise RefusedError("causes_no_days", "those days have not come, or end before they begin.")
    return start, end


def _summary(context: CliContext, found: MissReport, zone: str) -> list[str]:
    from bot.reports.pareto_page import summary

    title = context.t.text(f"pareto.title_{found.by}", team=found.team)
    return [title, *summary(found, context.t, _formats(context, zone))]


def _table(context: CliContext, found: MissReport, f: Formats) -> Iterator[str]:
    """The lines, those that reach 80 % marked, with a rule where they end."""
    from bot.reports.pareto_page import line_name

    t = context.t
    names = (found.by, "misses", "share", "cumulative", "vital")
    rows = [
        [
            line_name(found, line.key, t),
            f.number(line.count),
            f.percent(line.share, decimals=1),
            f.percent(line.cumulative, decimals=1),
            "●" if line.vital else "",
        ]
        for line in found.pareto.lines
    ]
    yield from table([t.text(f"pareto.column_{name}") for name in names], rows)


def _line(context: CliContext, f: Formats, miss: UnnamedMiss) -> str:
    t = context.t
    said = t.text(
        "causes.line",
        ref=miss.ref,
        measure=t.text(f"label.measure.{miss.measure}"),
        due=f.moment(miss.due_at),
        queue=miss.queue,
        owner=miss.owner or t.text("cause.no_owner"),
    )
    if miss.short is None:
        return said
    return f"{said} {t.plural('causes.proposal', miss.short, cause=t.text('label.cause.staffing'))}"


def _json(found: MissReport) -> dict[str, Any]:
    return {
        "team": found.team,
        "from": found.start.isoformat(),
        "to": found.end.isoformat(),
        "by": found.by,
        "judged": found.judged,
        "broken": found.broken,
        "data_since": None if found.since is None else found.since.isoformat(),
        "without_cause": found.pareto.unnamed,
        "lines": [
            {
                "key": line.key,
                "misses": line.count,
                "share": line.share,
                "cumulative": line.cumulative,
                "vital": line.vital,
            }
            for line in found.pareto.lines
        ],
    }


def _open_json(miss: UnnamedMiss) -> dict[str, Any]:
    return {
        "case": miss.ref,
        "measure": miss.measure,
        "queue": miss.queue,
        "due_at": miss.due_at.isoformat(),
        "owner": miss.owner,
        "proposed": None if miss.short is None else "staffing",
        "people_missing": miss.short,
    }


def _formats(context: CliContext, zone: str) -> Formats:
    from bot.i18n.formats import Formats

    return Formats(context.t.locale, zone)
