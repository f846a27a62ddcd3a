"""`muster db`: bring the database to this version's schema, or say where it stands."""

from __future__ import annotations

from contextlib import closing

import click

from bot.cli.context import CliContext, ExitCode, pass_cli
from bot.store.migrations import REVISIONS
from bot.store.schema import HEAD, Schema


@click.group(help="config.help.db")
def db() -> None:
    pass


@db.command(help="config.help.db_upgrade")
@pass_cli
def upgrade(context: CliContext) -> None:
    with closing(Schema(context.database_url)) as schema:
        before, after = schema.upgrade()
    if before is None:
        context.say("config.db.created", revision=after)
    elif before == after:
        context.say("config.db.current", revision=after)
    else:
        context.say("config.db.upgraded", before=before, after=after)
    context.next("muster doctor")


@db.command(help="config.help.db_check")
@pass_cli
def check(context: CliContext) -> None:
    with closing(Schema(context.database_url)) as schema:
        revision = schema.revision() if schema.exists() else None
    if revision == HEAD:
        context.say("config.db.current", revision=revision)
        return
    if revision is None:
        context.say("config.db.empty", revision=HEAD)
    elif revision not in REVISIONS:
        context.say("error.database_newer", found=revision, known=HEAD)
        click.get_current_context().exit(ExitCode.REFUSED)
    else:
        context.say("config.db.differs", found=revision, needed=HEAD)
    context.next("muster db upgrade")
    click.get_current_context().exit(ExitCode.REFUSED)
