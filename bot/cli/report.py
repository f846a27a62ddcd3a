"""`muster report`: self-contained files about what Muster knows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.cli.causes import pareto
from bot.cli.context import CliContext, pass_cli
from bot.core.errors import NotFoundError

if TYPE_CHECKING:
    from bot.core.work_load import TeamLoad

__all__ = ["report"]


@click.group(help="report.help")
def report() -> None:
    pass


@report.command(help="report.help_week")
@click.option("--week", help="report.help_option_week")
@click.option("--out", default="week.html", show_default=True, help="report.help_out")
@click.option("--to", help="report.help_to")
@pass_cli
def week(context: CliContext, week: str | None, out: str, to: str | None) -> None:
    if to is not None:
        _posted(context, team=None, week=week, month=None, to=to)
        return
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


@report.command(help="report.help_pack")
@click.option("--team", help="report.help_team")
@click.option("--week", help="report.help_pack_week")
@click.option("--month", help="report.help_option_month")
@click.option("--out", default="pack.html", show_default=True, help="report.help_out")
@click.option("--to", help="report.help_to")
@pass_cli
def pack(
    context: CliContext, team: str | None, week: str | None, month: str | None, out: str, to: str | None
) -> None:
    if to is not None:
        _posted(context, team=team, week=week, month=month, to=to)
        return
    from bot.core.permissions import Action
    from bot.i18n.formats import Formats
    from bot.reports.pack_html import render_pack
    from bot.usecases.weekly_pack import period_meant, read_pack

    context.need(Action.TEAM_FIGURES)
    settings, now = context.settings, context.now()
    held = context.team(team)
    zone = settings.teams[held].zone
    period = period_meant(settings, held, week=week, month=month, now=now)
    with context.store.read() as uow:
        found = read_pack(uow, settings, held, period, now=now)
    page = render_pack(found, settings, locale=context.t.locale, zone=zone, made_at=now)
    if out == "-":
        click.echo(page)
        return
    Path(out).write_text(page, encoding="utf-8")
    formats = Formats(context.t.locale, zone)
    context.say(
        "pack.written",
        file=out,
        team=held,
        first=formats.day(period.first),
        last=formats.day(period.last, year=True),
    )
    context.next('muster report pack --to "#ops"', "muster kpi")


@report.command(help="load.help")
@click.option("--team", help="report.help_team")
@click.option("--week", help="load.help_week")
@click.option("--weeks", type=click.IntRange(2, 26), default=8, show_default=True, help="load.help_weeks")
@click.option("--out", default="load.html", show_default=True, help="report.help_out")
@click.option("--json", "as_json", is_flag=True, help="load.help_json")
@pass_cli
def load(
    context: CliContext, team: str | None, week: str | None, weeks: int, out: str, as_json: bool
) -> None:
    from bot.cli.planning import echo_json
    from bot.core.permissions import Action
    from bot.core.weeks import parse_week
    from bot.i18n.formats import Formats
    from bot.reports.load_html import render_load
    from bot.usecases.work_load import see_team

    context.need(Action.TEAM_LOAD)
    settings, now = context.settings, context.now()
    held = context.team(team)
    zone = settings.teams[held].zone
    first = None if week is None else parse_week(week)
    found = see_team(context.store, settings, held, first, weeks=weeks, now=now)
    if as_json:
        echo_json(_load_json(found))
        return
    page = render_load(found, settings, locale=context.t.locale, zone=zone, made_at=now)
    if out == "-":
        click.echo(page)
        return
    Path(out).write_text(page, encoding="utf-8")
    context.say("load.written", file=out, team=held, week=Formats(context.t.locale, zone).day(found.week))
    context.next("/muster load")


@report.command(help="customers.help")
@click.option("--json", "as_json", is_flag=True, help="load.help_json")
@pass_cli
def customers(context: CliContext, as_json: bool) -> None:
    from dataclasses import asdict

    from bot.cli.planning import echo_json
    from bot.core.permissions import Action
    from bot.usecases.customer_data import count

    context.need(Action.TEAM_FIGURES)
    found = count(context.store, context.settings, now=context.now())
    if as_json:
        echo_json({**asdict(found.counts), "cases_alike": found.cases_alike})
        return
    counts, after = found.counts, context.settings.records.reconfirm_after
    context.say("customers.known", records=counts.records, customers=counts.customers)
    if after is None:
        context.say("customers.never")
    else:
        context.say("customers.to_confirm", n=counts.to_confirm, days=after.days)
    context.say("customers.same_person", n=counts.same_person)
    context.say("customers.same_number", n=counts.same_number)
    context.say("customers.invalid", n=counts.invalid)
    context.say("customers.unmatched", n=counts.unmatched)
    context.say("customers.cases_alike", n=found.cases_alike)
    context.say("customers.how")
    if found.cases_alike:
        context.next("muster purge --duplicates")


def _load_json(found: TeamLoad) -> dict[str, Any]:
    return {
        "team": found.team,
        "weeks": [week.isoformat() for week in found.weeks],
        "people": found.people,
        "concerned": None if found.too_few else found.concerned,
        "patterns": {} if found.too_few else {p.value: n for p, n in found.patterns.items()},
        "labour_law": None if found.too_few else found.law,
        "measures": {
            line.measure: {
                "least": None if line.spread is None else line.spread.least,
                "median": None if line.spread is None else line.spread.median,
                "most": None if line.spread is None else line.spread.most,
                "total": line.total,
                "people": line.people,
                "trend": list(line.trend),
            }
            for line in found.lines
        },
    }


def _posted(context: CliContext, *, team: str | None, week: str | None, month: str | None, to: str) -> None:
    """Put the pack into the outbox; the service posts it."""
    from bot.core.permissions import Action
    from bot.i18n.formats import Formats
    from bot.usecases.weekly_pack import period_meant, post

    context.need(Action.PACK_POST)
    settings, now = context.settings, context.now()
    held = context.team(team)
    period = period_meant(settings, held, week=week, month=month, now=now)
    found = post(context.store, settings, held, period, channel=to, by=context.operator, now=now)
    formats = Formats(context.t.locale, settings.teams[held].zone)
    context.say(
        "pack.posted",
        first=formats.day(found.first),
        last=formats.day(found.last, year=True),
        channel=to.strip().removeprefix("#"),
    )
    context.next("muster run")
