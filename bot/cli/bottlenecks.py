"""`muster bottlenecks`: where in the week response targets fail, and how many people were on (FP10)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import click

from bot.cli.context import CliContext, ExitCode, pass_cli
from bot.cli.forecast_text import JSON, QUEUES, queue_ids
from bot.cli.planning import echo_json, table

if TYPE_CHECKING:
    from bot.core.bottlenecks import Bottleneck
    from bot.i18n.formats import Formats

__all__ = ["bottlenecks"]

SHOWN = 12


@click.command(help="bottlenecks.help")
@QUEUES
@click.option("--weeks", type=click.IntRange(1, 53), default=8, show_default=True, help="bottlenecks.weeks")
@JSON
@pass_cli
def bottlenecks(context: CliContext, queues: tuple[str, ...], weeks: int, as_json: bool) -> int:
    from bot.core.bottlenecks import concentration, worst_first
    from bot.i18n.formats import Formats
    from bot.usecases import find_bottlenecks

    found = find_bottlenecks.bottlenecks(
        context.store, context.settings, queues=queue_ids(queues), weeks=weeks, now=context.now()
    )
    if as_json:
        echo_json([_row(one) for one in found])
        return ExitCode.DONE
    t, f = context.t, Formats(context.t.locale, context.settings.zone)
    judged, broken = sum(h.judged for h in found), sum(h.broken for h in found)
    if not judged:
        context.say("bottlenecks.nothing_judged", weeks=weeks)
        return ExitCode.DONE
    share = f.percent(broken / judged, decimals=1)
    click.echo(
        t.text(
            "bottlenecks.title", weeks=weeks, broken=f.number(broken), judged=f.number(judged), share=share
        )
    )
    worst = worst_first(found)
    if not worst:
        context.say("bottlenecks.no_hour")
        return ExitCode.DONE
    few, of = concentration(found)
    click.echo(t.text("bottlenecks.concentration", hours=few, of=of))
    names = ("hour", "queue", "broken", "contacts", "needed", "rostered", "short")
    heads = [t.text(f"bottlenecks.column.{name}") for name in names]
    for line in table(heads, [_cells(f, one) for one in worst[:SHOWN]]):
        click.echo(line)
    if len(worst) > SHOWN:
        click.echo(t.text("bottlenecks.more", more=len(worst) - SHOWN))
    click.echo(t.text(_advice(worst[:SHOWN])))
    context.next("muster staffing", "muster roster solve")
    return ExitCode.DONE


def _advice(worst: list[Bottleneck]) -> str:
    """What most of the broken promises in the hours shown have in common."""
    short = sum(one.broken for one in worst if one.short is not None and one.short >= 0.5)
    enough = sum(one.broken for one in worst if one.short is not None and one.short < 0.5)
    unknown = sum(one.broken for one in worst if one.short is None)
    if unknown >= max(short, enough):
        return "bottlenecks.advice.unknown"
    return "bottlenecks.advice.short" if short >= enough else "bottlenecks.advice.enough"


def _hour(f: Formats, one: Bottleneck) -> str:
    # Any week has the same names of days; this one begins with a Monday.
    return f"{f.weekday(date(2026, 11, 23 + one.slot.weekday))} {one.slot.hour:02}:00"


def _cells(f: Formats, one: Bottleneck) -> list[str]:
    def number(value: float | None, decimals: int = 1) -> str:
        return "–" if value is None else f.number(value, decimals=decimals)

    return [
        _hour(f, one),
        one.slot.queue,
        f"{one.broken}/{one.judged} ({f.percent(one.share)})",
        number(one.contacts),
        number(one.needed),
        number(one.rostered),
        number(one.short),
    ]


def _row(one: Bottleneck) -> dict[str, Any]:
    return {
        "queue": one.slot.queue,
        "weekday": one.slot.weekday + 1,
        "hour": one.slot.hour,
        "judged": one.judged,
        "broken": one.broken,
        "excused": one.excused,
        "excess": round(one.excess, 2),
        "contacts": None if one.contacts is None else round(one.contacts, 2),
        "needed": None if one.needed is None else round(one.needed, 2),
        "rostered": None if one.rostered is None else round(one.rostered, 2),
        "short": None if one.short is None else round(one.short, 2),
    }
