"""`muster purge`: what retention takes and what somebody asks to erase, shown first, then done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bot.cli.audit import moment_of
from bot.cli.context import CliContext, ExitCode, pass_cli
from bot.cli.planning import echo_json

if TYPE_CHECKING:
    from datetime import datetime

    from bot.core.retention import Due, TableDue

__all__ = ["purge"]


@click.command(help="purge.help.command")
@click.option("--dry-run", is_flag=True, help="purge.help.dry_run")
@click.option("--before", metavar="[YYYY-MM-DD|90d]", help="purge.help.before")
@click.option("--contact", metavar="CASE", help="purge.help.contact")
@click.option("--customer", metavar="KEY", help="purge.help.customer")
@click.option("--duplicates", "alike", is_flag=True, help="purge.help.duplicates")
@click.option("--json", "as_json", is_flag=True, help="purge.help.json")
@pass_cli
def purge(
    context: CliContext,
    dry_run: bool,
    before: str | None,
    contact: str | None,
    customer: str | None,
    alike: bool,
    as_json: bool,
) -> int:
    from bot.core.permissions import Action

    context.need(Action.PURGE)
    if alike:
        _show_duplicates(context, as_json=as_json)
        return ExitCode.DONE
    if contact is not None or customer is not None:
        if before is not None:
            raise click.UsageError(context.t.text("purge.before_alone"))
        _erase(context, contact, customer, dry_run=dry_run, as_json=as_json)
    else:
        until = None if before is None else moment_of(before, context)
        _clear(context, until, dry_run=dry_run, as_json=as_json)
    return ExitCode.DONE


def _clear(context: CliContext, before: datetime | None, *, dry_run: bool, as_json: bool) -> None:
    from bot.usecases import prune

    store, settings, now = context.store, context.settings, context.now()
    due = prune.plan(store, settings, now=now, before=before)
    done = None
    if not dry_run:
        done = prune.tick(store, settings, now=now, before=before, by=context.operator)
    if as_json:
        echo_json({"done": not dry_run, "rules": [_rule(context, one) for one in due]})
        return
    t = context.t
    for one in due:
        days = settings.retention.of(one.area).days
        rule = t.text(
            "purge.by_rule", rule=f"retention.{one.area.value}", days=days, before=_day(context, one.before)
        )
        for table in one.tables:
            click.echo(f"{_table(context, table)}  {rule}")
    if not any(one.rows for one in due):
        context.say("purge.nothing")
    elif done is None:
        context.say("purge.dry")
    else:
        click.echo(t.plural("purge.done", done.total))


def _erase(
    context: CliContext, contact: str | None, customer: str | None, *, dry_run: bool, as_json: bool
) -> None:
    from bot.usecases import prune

    if dry_run:
        found = prune.erasure(context.store, contact=contact, customer=customer)
    else:
        by, now = context.operator, context.now()
        found = prune.erase(context.store, contact=contact, customer=customer, by=by, now=now)
    if as_json:
        tables = [_plain(table) for table in found.tables]
        echo_json({"done": not dry_run, "cases": list(found.refs), "tables": tables})
        return
    for table in found.tables:
        click.echo(_table(context, table))
    if dry_run:
        click.echo(context.t.plural("purge.would_erase", len(found.refs), cases=", ".join(found.refs)))
        context.say("purge.dry")
    else:
        click.echo(context.t.plural("purge.erased", len(found.refs)))


def _show_duplicates(context: CliContext, *, as_json: bool) -> None:
    from bot.usecases import prune

    groups = prune.possible_duplicates(context.store, now=context.now())
    if as_json:
        echo_json([{"cases": [seen.ref for seen in group], "type": group[0].type.value} for group in groups])
        return
    for group in groups:
        refs = ", ".join(seen.ref for seen in group)
        type_ = context.t.text(f"label.type.{group[0].type.value}")
        click.echo(
            context.t.text("purge.alike", refs=refs, type=type_, day=_day(context, group[0].opened_at))
        )
    context.say("purge.alike_next" if groups else "purge.alike_none")


def _rule(context: CliContext, due: Due) -> dict[str, Any]:
    return {
        "rule": f"retention.{due.area.value}",
        "days": context.settings.retention.of(due.area).days,
        "before": due.before.isoformat(),
        "tables": [_plain(table) for table in due.tables],
    }


def _plain(table: TableDue) -> dict[str, Any]:
    oldest = None if table.oldest is None else table.oldest.isoformat()
    return {"table": table.table, "rows": table.rows, "oldest": oldest}


def _table(context: CliContext, due: TableDue) -> str:
    rows = context.t.plural("purge.rows", due.rows)
    if due.oldest is None:
        return f"{due.table}: {rows}"
    return f"{due.table}: {rows}, {context.t.text('purge.oldest', day=_day(context, due.oldest))}"


def _day(context: CliContext, at: datetime) -> str:
    from bot.i18n.formats import Formats

    formats = Formats(context.locale, context.settings.zone)
    return formats.day(formats.local_day(at), year=True)
