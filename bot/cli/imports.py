"""`muster import`: files in, with every refused row named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from bot.cli.context import CliContext, ExitCode, pass_cli
from bot.cli.planning import echo_json, parse_mapping
from bot.core.errors import RefusedError

if TYPE_CHECKING:
    from bot.core.import_report import ImportReport
    from bot.core.record_tables import RecordTable

F = TypeVar("F", bound=Callable[..., Any])

_FILE = click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
_MAP = click.option("--map", "mapping", multiple=True, metavar="COLUMN=HEADER", help="import.help.map")
_JSON = click.option("--json", "as_json", is_flag=True, help="import.help.json")
_LIVE = click.option("--live", is_flag=True, help="import.help.live")
_QUEUE = click.option("--queue", help="import.help.queue")
_ZONE = click.option("--zone", help="import.help.zone")


def _options(*options: Callable[[F], F]) -> Callable[[F], F]:
    def decorate(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


@click.group("import", help="import.help.group")
def import_() -> None:
    pass


@import_.command(help="import.help.volumes")
@_options(_FILE, _QUEUE, _ZONE, _MAP, _JSON)
@pass_cli
def volumes(
    context: CliContext,
    file: Path,
    queue: str | None,
    zone: str | None,
    mapping: tuple[str, ...],
    as_json: bool,
) -> int:
    from bot.imports.volumes import read_volumes
    from bot.usecases.import_data import import_volumes

    rows, report = read_volumes(
        file.read_bytes(),
        source=file.name,
        settings=context.settings,
        queue=queue,
        zone=zone,
        mapping=parse_mapping(mapping),
    )
    return _end(context, import_volumes(context.store, rows, report), as_json, "muster forecast")


@import_.command(help="import.help.contacts")
@_options(_FILE, _QUEUE, _ZONE, _MAP, _LIVE, _JSON)
@pass_cli
def contacts(
    context: CliContext,
    file: Path,
    queue: str | None,
    zone: str | None,
    mapping: tuple[str, ...],
    live: bool,
    as_json: bool,
) -> int:
    from bot.imports.contacts import read_contacts
    from bot.imports.record_forms import recognised
    from bot.usecases.import_data import import_contacts

    form = None if mapping else recognised(file.read_bytes(), source=file.name)
    if form is not None:
        return _records(context, file, form, queue=queue, zone=zone, live=live, as_json=as_json)
    if live:
        raise RefusedError(
            "live_needs_a_form",
            "--live is for the tables of `muster export contacts`; nothing was imported. "
            "A template: muster export contacts --form s3-1 --empty",
        )
    rows, report = read_contacts(
        file.read_bytes(),
        source=file.name,
        settings=context.settings,
        queue=queue,
        zone=zone,
        mapping=parse_mapping(mapping),
    )
    done = import_contacts(context.store, context.settings, rows, report)
    return _end(context, done, as_json, "muster forecast")


@import_.command(help="import.help.agents")
@_options(_FILE, _MAP, _JSON)
@pass_cli
def agents(context: CliContext, file: Path, mapping: tuple[str, ...], as_json: bool) -> int:
    from bot.imports.agents import read_agents
    from bot.usecases.import_data import import_agents

    rows, report = read_agents(
        file.read_bytes(), source=file.name, settings=context.settings, mapping=parse_mapping(mapping)
    )
    done = import_agents(context.store, context.settings, rows, report)
    return _end(context, done, as_json, "muster import contacts FILE", "muster import volumes FILE")


@import_.command(help="import.help.availability")
@_options(_FILE, _MAP, _JSON)
@pass_cli
def availability(context: CliContext, file: Path, mapping: tuple[str, ...], as_json: bool) -> int:
    from bot.imports.availability import read_availability
    from bot.usecases.import_data import import_availability

    rows, report = read_availability(file.read_bytes(), source=file.name, mapping=parse_mapping(mapping))
    return _end(context, import_availability(context.store, rows, report), as_json, "muster roster solve")


@import_.command(help="import.help.leave")
@_options(_FILE, _MAP, _JSON)
@pass_cli
def leave(context: CliContext, file: Path, mapping: tuple[str, ...], as_json: bool) -> int:
    from bot.imports.leave import read_leave
    from bot.usecases.import_data import import_leave

    rows, report = read_leave(file.read_bytes(), source=file.name, mapping=parse_mapping(mapping))
    return _end(context, import_leave(context.store, rows, report), as_json, "muster roster solve")


@import_.command(help="import.help.events")
@_options(_FILE, _MAP, _JSON)
@pass_cli
def events(context: CliContext, file: Path, mapping: tuple[str, ...], as_json: bool) -> int:
    from bot.imports.events import read_events
    from bot.usecases.queue_events import import_events

    rows, report = read_events(
        file.read_bytes(),
        source=file.name,
        settings=context.settings,
        by=context.operator,
        now=context.now(),
        mapping=parse_mapping(mapping),
    )
    return _end(context, import_events(context.store, rows, report), as_json, "muster forecast")


@import_.command(help="import.help.roster")
@_options(_FILE, _ZONE, _MAP, _JSON)
@pass_cli
def roster(context: CliContext, file: Path, zone: str | None, mapping: tuple[str, ...], as_json: bool) -> int:
    from bot.imports.roster import read_roster
    from bot.usecases.import_data import import_roster

    rows, report = read_roster(
        file.read_bytes(),
        source=file.name,
        settings=context.settings,
        zone=zone,
        mapping=parse_mapping(mapping),
    )
    done = import_roster(context.store, context.settings, rows, report, now=context.now())
    return _end(context, done, as_json, "muster roster show", "muster roster certify")


@import_.command(help="import.help.surveys")
@_options(_FILE, _ZONE, _MAP, _JSON)
@pass_cli
def surveys(
    context: CliContext, file: Path, zone: str | None, mapping: tuple[str, ...], as_json: bool
) -> int:
    from bot.imports.surveys import read_surveys
    from bot.usecases.import_surveys import import_surveys

    rows, report = read_surveys(
        file.read_bytes(),
        source=file.name,
        settings=context.settings,
        zone=zone,
        mapping=parse_mapping(mapping),
    )
    return _end(context, import_surveys(context.store, rows, report), as_json, "muster kpi csat")


@import_.command(help="import.help.skills")
@_options(_FILE, _MAP, _JSON)
@pass_cli
def skills(context: CliContext, file: Path, mapping: tuple[str, ...], as_json: bool) -> int:
    from zoneinfo import ZoneInfo

    from bot.imports.skills import read_skills
    from bot.usecases.import_skills import import_skills

    now = context.now()
    rows, report = read_skills(
        file.read_bytes(),
        source=file.name,
        today=now.astimezone(ZoneInfo(context.settings.zone)).date(),
        mapping=parse_mapping(mapping),
    )
    done = import_skills(context.store, rows, report, by=context.operator, now=now)
    return _end(context, done, as_json, "muster training list")


def _records(
    context: CliContext,
    file: Path,
    form: RecordTable,
    *,
    queue: str | None,
    zone: str | None,
    live: bool,
    as_json: bool,
) -> int:
    """A table of records (`bot.core.record_tables`), recognised by its headings."""
    from bot.imports.record_forms import read_records
    from bot.usecases.import_records import import_records

    rows, report = read_records(
        file.read_bytes(),
        form,
        source=file.name,
        settings=context.settings,
        now=context.now(),
        queue=queue,
        zone=zone,
    )
    done = import_records(
        context.store,
        context.settings,
        form,
        rows,
        report,
        live=live,
        by=context.operator,
        now=context.now(),
    )
    return _end(context, done, as_json, "muster forecast")


def _end(context: CliContext, report: ImportReport, as_json: bool, *following: str) -> int:
    """Print the report; 3 where rows were refused, 1 where none was taken."""
    from bot.imports.report import report_json, report_lines

    if as_json:
        echo_json(report_json(report))
    else:
        for line in report_lines(report, context.t):
            click.echo(line)
    if not report.counts.total:
        return ExitCode.REFUSED
    context.next(*following)
    return ExitCode.PARTIAL if report.refused else ExitCode.DONE
