"""`muster import`: files in, with every refused row named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from bot.cli.context import CliContext, ExitCode, pass_cli
from bot.cli.planning import echo_json, parse_mapping

if TYPE_CHECKING:
    from bot.core.import_report import ImportReport

F = TypeVar("F", bound=Callable[..., Any])

_FILE = click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
_MAP = click.option("--map", "mapping", multiple=True, metavar="COLUMN=HEADER", help="import.help.map")
_JSON = click.option("--json", "as_json", is_flag=True, help="import.help.json")
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
@_options(_FILE, _QUEUE, _ZONE, _MAP, _JSON)
@pass_cli
def contacts(
    context: CliContext,
    file: Path,
    queue: str | None,
    zone: str | None,
    mapping: tuple[str, ...],
    as_json: bool,
) -> int:
    from bot.imports.contacts import read_contacts
    from bot.usecases.import_data import import_contacts

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
    done = import_agents(context.store, rows, report)
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
