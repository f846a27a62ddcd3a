"""`muster rules`: labour law as packs, and how a roster stands to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bot.cli.context import CliContext, ExitCode, pass_cli
from bot.cli.labour_text import change_lines, labour_lines, ledger_lines
from bot.cli.planning import echo_json
from bot.core.weeks import iso_week, parse_week

if TYPE_CHECKING:
    from bot.core.ids import RosterId


@click.group(help="labour.help.rules")
def rules() -> None:
    pass


@rules.command(help="labour.help.check")
@click.option("--pack", "names", multiple=True, metavar="[cn|eu|us|us-ca]", help="labour.help.pack")
@click.option("--week", metavar="2026-W49", help="plan.help.week")
@click.option("--roster", "number", type=int, metavar="N", help="plan.help.roster_number")
@click.option("--all", "everybody", is_flag=True, help="labour.help.all")
@click.option("--json", "as_json", is_flag=True, help="plan.help.json")
@pass_cli
def check(
    context: CliContext,
    names: tuple[str, ...],
    week: str | None,
    number: int | None,
    everybody: bool,
    as_json: bool,
) -> int:
    from bot.core.permissions import Action
    from bot.usecases.labour_receipts import check_labour, packs_named, table_json
    from scheduler.labour.packs import PACKS

    context.need(Action.ROSTER_PLAN)
    t = context.t
    packs = packs_named(context.settings, names)
    roster = _roster(context, week, number) if packs else None
    if roster is None:
        report: dict[str, Any] = table_json(packs or tuple(PACKS.values()))
        if as_json:
            echo_json({"roster": None, **report})
            return ExitCode.DONE
        for line in labour_lines(context, report, everybody=everybody):
            click.echo(line)
        click.echo(t.text("labour.no_roster" if packs else "labour.no_packs"))
        return ExitCode.DONE
    checked = check_labour(context.store, context.settings, roster, packs)
    first = checked.version.roster.period.first
    if as_json:
        echo_json(
            {
                "roster": checked.version.roster_id,
                "week": iso_week(first),
                "status": checked.version.status.value,
                **checked.report,
                "changed": [{"rule": c.rule, "before": c.before, "now": c.now} for c in checked.changed],
            }
        )
    else:
        status = t.text(f"plan.status.{checked.version.status.value}")
        click.echo(
            t.text("plan.show.title", roster=checked.version.roster_id, week=iso_week(first), status=status)
        )
        for line in (
            *labour_lines(context, checked.report, everybody=everybody),
            *ledger_lines(context, checked.report),
            *change_lines(context, checked.changed),
        ):
            click.echo(line)
        click.echo(t.text("labour.advice"))
    return ExitCode.PARTIAL if checked.receipt.broken else ExitCode.DONE


def _roster(context: CliContext, week: str | None, number: int | None) -> RosterId | None:
    """The roster with this number, else the newest published one (of the week), else the newest draft."""
    from bot.core.errors import NotFoundError
    from bot.core.ids import RosterId
    from bot.core.rosters import RosterStatus

    if number is not None:
        return RosterId(number)
    first = None if week is None else parse_week(week)
    with context.store.read() as uow:
        version = uow.rosters.latest(RosterStatus.PUBLISHED, first) or uow.rosters.latest(None, first)
    if version is None and first is not None:
        week_name = iso_week(first)
        raise NotFoundError(
            "no_roster_in_week",
            f"There is no roster of {week_name} yet. First: muster roster solve --week {week_name}.",
            week=week_name,
        )
    return None if version is None else version.roster_id
