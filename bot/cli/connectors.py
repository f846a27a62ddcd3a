"""`muster connectors`: which helpdesks are connected, and what a payload of theirs would become."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.context import CliContext, ExitCode, pass_cli
from bot.cli.planning import echo_json
from bot.connectors.registry import CONNECTORS, connector, secret_variable
from bot.core.connector_settings import ConnectorSettings
from bot.core.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.core.contacts import ContactEvent
    from bot.store.sources import Source

__all__ = ["connectors"]


@click.group("connectors", invoke_without_command=True, help="connectors.help.group")
@click.pass_context
def connectors(ctx: click.Context) -> int | None:
    if ctx.invoked_subcommand is not None:
        return None
    outcome: int = ctx.invoke(list_)
    return outcome


@connectors.command("list", help="connectors.help.list")
@click.option("--json", "as_json", is_flag=True, help="connectors.help.json")
@pass_cli
def list_(context: CliContext, as_json: bool = False) -> int:
    with context.store.read() as uow:
        heard = {source.name: source for source in uow.sources.all()}
    rows = [_row(context, name, heard) for name in CONNECTORS]
    if as_json:
        echo_json(rows)
        return ExitCode.DONE
    t = context.t
    for row in rows:
        state = t.text(f"connectors.state.{row['state']}")
        secret = t.text("connectors.secret.set" if row["secret_set"] else "connectors.secret.missing")
        last = row["last_heard"]
        spoken = t.text("connectors.heard", at=last) if last else t.text("connectors.never_heard")
        click.echo(f"{row['name']:<10} {state} · {secret} · {spoken}")
        if row["state"] == "on" and not row["secret_set"]:
            click.echo(f"    → {t.text('connectors.set_secret', variable=secret_variable(str(row['name'])))}")
    others = [source for name, source in sorted(heard.items()) if name not in CONNECTORS]
    for source in others:
        context.say("connectors.other_source", name=source.name, at=_local(context, source))
    if all(row["state"] == "absent" for row in rows):
        context.say("connectors.none")
    wanting = any(row["state"] == "on" and not row["secret_set"] for row in rows)
    return ExitCode.PARTIAL if wanting else ExitCode.DONE


@connectors.command("try", help="connectors.help.try")
@click.argument("name", type=click.Choice(list(CONNECTORS)))
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--json", "as_json", is_flag=True, help="connectors.help.json")
@pass_cli
def try_(context: CliContext, name: str, file: Path, as_json: bool) -> int:
    from bot.connectors.connector import PayloadError
    from bot.usecases.hear_helpdesk import agents_by_address

    try:
        payload = json.loads(file.read_bytes())
    except (ValueError, RecursionError):
        raise RefusedError(
            "connector_not_json", f"{file.name} is not JSON; nothing was read.", file=file.name
        ) from None
    settings = context.settings.connectors.get(name, ConnectorSettings())
    try:
        reading = connector(name).events(payload, settings, agents_by_address(context.store))
    except PayloadError as error:
        raise RefusedError(
            "connector_payload",
            f"{file.name} is not of the form {connector(name).TITLE} documents: {error}",
            file=file.name,
            vendor=connector(name).TITLE,
            places=str(error),
        ) from None
    if as_json:
        shown = {
            "events": [_told(event) for event in reading.events],
            "left_out": [reason.value for reason in reading.left_out],
        }
        echo_json(shown)
    else:
        for event in reading.events:
            told = _told(event)
            head = f"{told.pop('ref')} {told.pop('kind')} {told.pop('at')}"
            click.echo(" ".join([head, *(f"{key}={value}" for key, value in told.items())]))
        for reason in reading.left_out:
            context.say(f"connectors.left_out.{reason.value}")
        context.say("connectors.tried")
    return ExitCode.DONE if reading.events else ExitCode.PARTIAL


def _row(context: CliContext, name: str, heard: Mapping[str, Source]) -> dict[str, object]:
    chosen = context.settings.connectors.get(name)
    state = "absent" if chosen is None else "on" if chosen.enabled else "off"
    return {
        "name": name,
        "state": state,
        "secret_set": name in context.environment.connector_secrets,
        "last_heard": _local(context, heard[name]) if name in heard else None,
        "documentation": connector(name).DOCUMENTATION,
    }


def _local(context: CliContext, source: Source) -> str:
    from zoneinfo import ZoneInfo

    return source.heard_at.astimezone(ZoneInfo(context.settings.zone)).strftime("%Y-%m-%d %H:%M:%S")


def _told(event: ContactEvent) -> dict[str, str]:
    """What is known of an event, in the words of `POST /v1/contact-events`."""
    known = {
        "ref": event.ref,
        "kind": event.kind.value,
        "at": event.at.isoformat(),
        "queue": event.queue,
        "channel": None if event.channel is None else event.channel.value,
        "type": None if event.type is None else event.type.value,
        "priority": None if event.priority is None else event.priority.value,
        "tier": event.tier,
        "agent": event.agent,
        "waiting_for": None if event.waiting_for is None else event.waiting_for.value,
        "event_id": event.source_event_id,
    }
    return {key: str(value) for key, value in known.items() if value}
