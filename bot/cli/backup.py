"""`muster backup` and `muster restore`: a copy that was tested, and back from it (P14)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.context import CliContext, pass_cli

if TYPE_CHECKING:
    from bot.store.backups import Tested

__all__ = ["backup", "restore"]

_FOLDER = "backups"
"""Beside the database, unless another is named."""


@click.command(help="backup.help.backup")
@click.option("--to", "folder", type=click.Path(path_type=Path, file_okay=False), help="backup.help.to")
@click.option("--keep", type=click.IntRange(1, 1000), default=7, show_default=True, help="backup.help.keep")
@pass_cli
def backup(context: CliContext, folder: Path | None, keep: int) -> None:
    from bot.core.permissions import Action
    from bot.store import backups

    context.need(Action.PURGE)
    database = backups.database_file(context.database_url)
    place = database.parent / _FOLDER if folder is None else folder
    made = backups.back_up(database, place, now=context.now(), keep=keep)
    context.say("backup.done", file=str(made.file), size=_size(made.size))
    _tested(context, made)
    context.next(f"muster restore --check {made.file}")


@click.command(help="backup.help.restore")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@click.option("--check", "only_check", is_flag=True, help="backup.help.check")
@pass_cli
def restore(context: CliContext, file: Path | None, only_check: bool) -> None:
    from bot.core.errors import NotFoundError
    from bot.core.permissions import Action
    from bot.store import backups

    context.need(Action.PURGE)
    database = backups.database_file(context.database_url)
    if file is None:
        folder = database.parent / _FOLDER
        if not only_check:
            raise click.UsageError(context.t.text("backup.name_it"))
        file = backups.last_good(folder)
        if file is None:
            raise NotFoundError(
                "backup_none", f"There is no backup in {folder}; nothing was tested.", folder=str(folder)
            )
    if only_check:
        _tested(context, backups.check(file))
        return
    done, kept = backups.restore(file, database, now=context.now())
    context.say("backup.restored", file=str(file), database=str(database))
    _tested(context, done)
    if kept is not None:
        context.say("backup.kept", file=str(kept))
    with context.store.unit() as uow:
        uow.audit.add(context.operator, "database.restored", "database", {"file": file.name}, context.now())
        uow.commit()
    context.next("muster doctor", "muster run")


def _tested(context: CliContext, tested: Tested) -> None:
    context.say("backup.tested", file=tested.file.name, revision=tested.revision, **tested.rows)


def _size(size: int) -> str:
    return f"{size / 1_048_576:.1f} MiB"
