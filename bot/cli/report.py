"""`muster report`: self-contained files about what Muster knows."""

from __future__ import annotations

from pathlib import Path

import click

from bot.cli.causes import pareto
from bot.cli.context import CliContext, pass_cli
from bot.core.errors import NotFoundError

__all__ = ["report"]


@click.group(help="report.help")
def report() -> None:
    pass


@report.command(help="report.help_week")
@click.option("--week", help="report.help_option_week")
@click.option("--out", default="week.html", show_default=True, help="report.help_out")
@pass_cli
def week(context: CliContext, week: str | None, out: str) -> None:
    from bot.cli.planning import default_week
    from bot.core.ids import RosterId
    from bot.core.weeks import parse_week
    from bot.i18n.formats import Formats
    from bot.reports.html import render_week
    from bot.usecases.week_report import read_week

    settings = context.settings
    first = default_week(context) if week is None else parse_week(week)
    with context.store.unit() as uow:
        version = uow.rosters.latest(first=first)
    if version is None:
        raise NotFoundError(
            "no_roster_of_week",
            f"There is no roster for the week of {first}; nothing was written. First: muster roster solve.",
            first=first.isoformat(),
        )
    numbers = read_week(context.store, settings, RosterId(version.roster_id))
    page = render_week(numbers, locale=context.t.locale, zone=settings.zone, made_at=context.now())
    if out == "-":
        click.echo(page)
        return
    Path(out).write_text(page, encoding="utf-8")
    formats = Formats(context.t.locale, settings.zone)
    context.say(
        "report.written",
        file=out,
        roster=version.roster_id,
        first=formats.day(numbers.first),
        last=formats.day(version.roster.period.dates[-1]),
    )
    published = numbers.status == "published"
    context.next("muster run" if published else "muster roster publish")


report.add_command(pareto)
