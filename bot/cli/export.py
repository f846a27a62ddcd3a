"""`muster export`: records out as one of the sources' own tables."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import click

from bot.cli.context import CliContext, ExitCode, pass_cli

if TYPE_CHECKING:
    from datetime import datetime


@click.group("export", help="export.help.group")
def export() -> None:
    pass


@export.command(help="export.help.contacts")
@click.option("--form", type=click.Choice(["s0-1", "s3-1", "s4-3"]), required=True, help="export.help.form")
@click.option("--from", "first", metavar="YYYY-MM-DD", help="export.help.from")
@click.option("--to", "last", metavar="YYYY-MM-DD", help="export.help.to")
@click.option("--empty", is_flag=True, help="export.help.empty")
@click.option("--out", metavar="[FILE|-]", default="-", show_default=True, help="export.help.out")
@pass_cli
def contacts(
    context: CliContext, form: str, first: str | None, last: str | None, empty: bool, out: str
) -> int:
    from bot.core.permissions import Action
    from bot.core.record_tables import FORMS
    from bot.usecases.export_records import export_records

    context.need(Action.EXPORT)
    table = FORMS[form]
    rows: list[tuple[str, ...]] = []
    if not empty:
        rows = export_records(
            context.store,
            context.settings,
            table,
            start=None if first is None else _day(context, first),
            end=None if last is None else _day(context, last, after=True),
            by=context.operator,
            now=context.now(),
        )
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(table.headings)
    writer.writerows(rows)
    save(context, out, file.getvalue())
    if not empty:
        click.echo(context.t.plural("export.done", len(rows)), err=True)
    return ExitCode.DONE


def _day(context: CliContext, text: str, *, after: bool = False) -> datetime:
    """The beginning of a local day, or its end."""
    from datetime import date, timedelta

    from bot.core.errors import RefusedError
    from forecasting.grid import local_midnight

    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise RefusedError("no_day", f"{text!r} is no day; write 2026-11-24.", given=text) from None
    return local_midnight(day + timedelta(days=1) if after else day, context.settings.zone)


def save(context: CliContext, out: str, text: str) -> None:
    """To the screen, or to a file with the mark by which spreadsheets know UTF-8."""
    from pathlib import Path

    if out == "-":
        click.echo(text, nl=False)
        return
    Path(out).write_text(text, encoding="utf-8-sig", newline="")
    click.echo(context.t.text("plan.saved", file=out), err=True)
