"""`muster promise`: what is owed to customers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bot.cli.context import CliContext, pass_cli

if TYPE_CHECKING:
    from bot.core.promises import Promise

__all__ = ["promise"]

_LIMIT = 10_000


@click.group(help="promise.cli.help")
def promise() -> None:
    pass


@promise.command("list", help="promise.cli.help_list")
@click.option("--json", "as_json", is_flag=True, help="promise.cli.help_json")
@pass_cli
def list_(context: CliContext, as_json: bool) -> None:
    from bot.cli.planning import echo_json, table
    from bot.core.promises import PromiseState, soonest
    from bot.i18n.formats import Formats

    with context.store.read() as uow:
        owed = soonest(uow.promises.owed(_LIMIT))
    if as_json:
        echo_json([_row(one) for one in owed])
        return
    t, f = context.t, Formats(context.t.locale, context.settings.zone)
    if not owed:
        context.say("promise.cli.none")
        return
    names = ("number", "case", "kind", "owner", "due", "state")
    rows = [
        [
            str(one.promise),
            one.ref,
            t.text(f"promise.kind.{one.kind.value}"),
            one.owner,
            f.moment(one.due_at),
            t.text("promise.cli.broken" if one.state is PromiseState.BROKEN else "promise.state.open"),
        ]
        for one in owed
    ]
    for line in table([t.text(f"promise.cli.{name}") for name in names], rows):
        click.echo(line)


def _row(one: Promise) -> dict[str, Any]:
    """Without what was promised in words: that is for the people who keep it."""
    return {
        "promise": one.promise,
        "case": one.ref,
        "kind": one.kind.value,
        "owner": one.owner,
        "due_at": one.due_at.isoformat(),
        "made_at": one.made_at.isoformat(),
        "made_by": one.made_by,
        "state": one.state.value,
    }
