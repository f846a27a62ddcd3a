"""`muster roster wishes` and `fair`: what people wish, how often it was kept, how evenly weekends fall."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bot.cli.context import CliContext, ExitCode, pass_cli
from bot.cli.planning import echo_json, table

if TYPE_CHECKING:
    from bot.core.wishes import StandingWish
    from bot.usecases.agent_wishes import Granted

__all__ = ["fair", "wishes"]

_JSON = click.option("--json", "as_json", is_flag=True, help="plan.help.json")


@click.command(help="people.help.wishes")
@_JSON
@pass_cli
def wishes(context: CliContext, as_json: bool) -> int:
    from bot.core.permissions import Action
    from bot.usecases.agent_wishes import granted

    context.need(Action.ROSTER_PLAN)
    with context.store.read() as uow:
        people = uow.people.all()
    found = granted(context.store, context.settings, people, now=context.now())
    if as_json:
        echo_json([_wish_json(one) for one in found])
        return ExitCode.DONE
    if not found:
        context.say("people.no_wishes")
        return ExitCode.DONE
    t = context.t
    head = [t.text(f"people.column.{name}") for name in ("agent", "wish", "kept")]
    rows = [
        [one.standing.agent, _words(context, one.standing.wish), f"{one.kept}/{one.times}"] for one in found
    ]
    for line in table(head, rows):
        click.echo(line)
    return ExitCode.DONE


@click.command(help="people.help.fair")
@_JSON
@pass_cli
def fair(context: CliContext, as_json: bool) -> int:
    from bot.i18n.formats import Formats
    from bot.usecases.agent_wishes import fairness

    found = fairness(context.store, context.settings, None, now=context.now())
    if as_json:
        ranges = {
            name: {"least": r.least, "median": r.median, "most": r.most} for name, r in found.ranges.items()
        }
        echo_json({"weeks": found.weeks, "agents": len(found.own), "ranges": ranges})
        return ExitCode.DONE
    t, f = context.t, Formats(context.locale, context.settings.zone)
    click.echo(t.plural("people.fair", len(found.own), weeks=found.weeks))
    for name, held in found.ranges.items():
        values = {
            "least": f.number(held.least),
            "median": f.number(held.median, decimals=1),
            "most": f.number(held.most),
        }
        click.echo("  " + t.text(f"people.range.{name}", **values))
    return ExitCode.DONE


def _words(context: CliContext, wish: StandingWish) -> str:
    from datetime import timedelta

    from bot.i18n.formats import Formats

    t, f = context.t, Formats(context.locale, context.settings.zone)
    if wish.day is not None:
        days = f.day(wish.day, year=True)
    else:
        today = f.local_day(context.now())
        monday = today - timedelta(days=today.weekday())
        days = f.join([f.weekday(monday + timedelta(days=n)) for n in sorted(wish.weekdays)])
    key = f"wish.kind.{wish.kind.value}"
    if wish.colleague is not None:
        return t.text(f"{key}_days" if days else key, days=days, person=wish.colleague)
    return t.text(key, days=days)


def _wish_json(one: Granted) -> dict[str, Any]:
    wish = one.standing.wish
    return {
        "number": one.standing.number,
        "agent": one.standing.agent,
        "kind": wish.kind.value,
        "weekdays": sorted(wish.weekdays),
        "day": None if wish.day is None else wish.day.isoformat(),
        "with": wish.colleague,
        "kept": one.kept,
        "times": one.times,
    }
