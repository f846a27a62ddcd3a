"""`muster run`: the service, until it is told to stop."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
from typing import TYPE_CHECKING

import click

from bot.cli.context import CliContext, pass_cli

if TYPE_CHECKING:
    from bot.app import Application

__all__ = ["run"]


@click.command(help="cli.run.help")
@click.option("--dry", is_flag=True, help="cli.run.help_dry")
@pass_cli
def run(context: CliContext, dry: bool) -> None:
    from bot.logs import configure_logs

    if dry:
        # Nothing happens, so there is no news to log: it would say that messages were sent.
        configure_logs(level="WARNING")
        _rehearse(context)
        return
    from bot.app import Application

    settings, environment = context.settings, context.environment
    application = Application(
        settings=settings, environment=environment, store=context.store, clock=context.now
    )
    configure_logs()
    if environment.intake_token is None:
        click.echo(context.t.text("run.intake_off"), err=True)
    clean = asyncio.run(_serve(application, context))
    click.echo(context.t.text("run.stopped"), err=True)
    if not clean:
        # A call that hangs would keep the process; what it was doing is safe in the database.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


async def _serve(application: Application, context: CliContext) -> bool:
    from bot.slack.connection import ConnectionState

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    starting = asyncio.create_task(application.start())
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait({starting, stopped}, return_when=asyncio.FIRST_COMPLETED)
    if not starting.done():
        starting.cancel()
        await asyncio.wait({starting})
        return False  # whatever was being asked of Slack may still hang
    stopped.cancel()
    status = starting.result()
    # What was imported stays: each look through it would stop every answer for a fifth of a second.
    gc.collect()
    gc.freeze()
    click.echo(context.t.text("run.connecting", address=application.http_url), err=True)
    if status.state is ConnectionState.CONNECTED:
        mode = context.environment.slack_mode.value
        click.echo(context.t.text("run.connected", mode=mode), err=True)
    else:
        click.echo(context.t.text("run.unreachable", detail=status.detail or status.state.value), err=True)
    await stop.wait()
    return await application.stop()


def _rehearse(context: CliContext) -> None:
    """K11: print what would be posted where; nothing is sent and nothing is kept."""
    from bot.app import rehearse

    shown = rehearse(context.settings, context.store, context.now)
    context.say("run.dry")
    if not shown:
        context.say("run.dry_nothing")
    for message in shown:
        click.echo()
        context.say("run.dry_edits" if message.edits else "run.dry_to", where=message.where)
        click.echo("\n".join(f"  {line}" for line in message.text.split("\n")))
    context.next("muster run")
