"""`muster event`: what the forecast should know of single days: campaigns, outages, deflection (FP5, FP8)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from bot.cli.context import CliContext, ExitCode, pass_cli
from bot.cli.planning import echo_json, table

if TYPE_CHECKING:
    from bot.core.queue_events import QueueEvent
    from bot.i18n.formats import Formats

__all__ = ["event"]

_DAY = click.DateTime(["%Y-%m-%d"])
_NATURES = ("campaign", "deadline", "outage", "deflection")


@click.group(help="event.help.group")
def event() -> None:
    pass


@event.command(help="event.help.add")
@click.argument("kind")
@click.argument("day", type=_DAY)
@click.option("--until", type=_DAY, help="event.help.until")
@click.option("--queue", help="event.help.queue")
@click.option("--name", default="", help="event.help.name")
@click.option("--lift", help="event.help.lift")
@click.option("--size", type=click.FloatRange(min=0, min_open=True), default=1.0, help="event.help.size")
@click.option("--nature", type=click.Choice(_NATURES), help="event.help.nature")
@click.option("--lead", type=click.IntRange(0, 60), default=0, help="event.help.lead")
@click.option("--tail", type=click.IntRange(0, 60), default=0, help="event.help.tail")
@pass_cli
def add(
    context: CliContext,
    kind: str,
    day: datetime,
    until: datetime | None,
    queue: str | None,
    name: str,
    lift: str | None,
    size: float,
    nature: str | None,
    lead: int,
    tail: int,
) -> int:
    from bot.core.changes import Change
    from bot.core.errors import RefusedError
    from bot.core.ids import QueueId
    from bot.core.permissions import Action
    from bot.core.queue_events import QueueEvent, read_lift
    from bot.usecases import queue_events
    from forecasting.events import OPEN_END, DatedEvent, EventNature, nature_of_kind

    context.need(Action.ROSTER_PLAN)
    entered = None if lift is None else read_lift(lift)
    if lift is not None and entered is None:
        raise RefusedError(
            "event_lift",
            f"--lift {lift}: write what is added in per cent, as a range: 10%..30%, or -20%..-10%. "
            "Nothing was added.",
            value=lift[:40],
        )
    of = nature_of_kind(kind) if nature is None else EventNature(nature)
    without_end = OPEN_END if of is EventNature.DEFLECTION else day.date()
    last = without_end if until is None else until.date()
    if last < day.date():
        raise RefusedError(
            "event_days",
            f"The event would end {last} before it begins {day.date()}. Nothing was added.",
            first=day.date().isoformat(),
            last=last.isoformat(),
        )
    held, change = queue_events.add(
        context.store,
        context.settings,
        QueueEvent(
            queue=None if queue is None else QueueId(queue),
            event=DatedEvent(
                kind=kind,
                first_day=day.date(),
                last_day=last,
                name=name.strip(),
                size=size,
                nature=of,
                lift=entered,
                lead_days=lead,
                tail_days=tail,
            ),
            added_by=context.operator,
            added_at=context.now(),
        ),
    )
    context.say(f"event.{change.value}", number=held.number, what=_sentence(context, held))
    if change is Change.UNCHANGED:
        return ExitCode.DONE
    context.say("event.by_hand" if entered is not None else f"event.learned_{of.value}")
    if entered is not None and entered.low == entered.high:
        context.say("event.no_range")
    context.next("muster forecast", "muster forecast backtest")
    return ExitCode.DONE


@event.command("list", help="event.help.list")
@click.option("--queue", help="event.help.queue")
@click.option("--all", "everything", is_flag=True, help="event.help.all")
@click.option("--json", "as_json", is_flag=True, help="event.help.json")
@pass_cli
def list_(context: CliContext, queue: str | None, everything: bool, as_json: bool) -> int:
    from datetime import timedelta

    from bot.core.ids import QueueId
    from bot.usecases.forecast import chosen_queues

    wanted = None if queue is None else chosen_queues(context.settings, [QueueId(queue)])[0]
    with context.store.read() as uow:
        found = uow.queue_events.all()
    held = [e for e in found if wanted is None or e.queue in (None, wanted)]
    since = context.now().date() - timedelta(days=60)
    shown = held if everything else [e for e in held if e.event.last_day >= since]
    if as_json:
        echo_json([_row(e) for e in shown])
        return ExitCode.DONE
    t = context.t
    if shown:
        f = _formats(context)
        names = ("number", "queue", "kind", "days", "effect", "name")
        for line in table(
            [t.text(f"event.column.{n}") for n in names], [_cells(context, f, e) for e in shown]
        ):
            click.echo(line)
    else:
        context.say("event.none")
    if len(shown) < len(held):
        context.say("event.older", count=len(held) - len(shown))
    return ExitCode.DONE


@event.command(help="event.help.remove")
@click.argument("number", type=int)
@pass_cli
def remove(context: CliContext, number: int) -> int:
    from bot.core.ids import EventId
    from bot.core.permissions import Action
    from bot.usecases import queue_events

    context.need(Action.ROSTER_PLAN)
    gone = queue_events.remove(context.store, EventId(number), by=context.operator, now=context.now())
    context.say("event.removed", number=number, what=_sentence(context, gone))
    context.next("muster forecast")
    return ExitCode.DONE


def _formats(context: CliContext) -> Formats:
    from bot.i18n.formats import Formats

    return Formats(context.t.locale, context.settings.zone)


def _days(context: CliContext, f: Formats, held: QueueEvent) -> str:
    from forecasting.events import OPEN_END

    one = held.event
    first = f.day(one.first_day, year=True)
    if one.last_day == one.first_day:
        return first
    if one.last_day >= OPEN_END:
        return context.t.text("event.from", day=first)
    return f"{first} – {f.day(one.last_day, year=True)}"


def _effect(context: CliContext, held: QueueEvent) -> str:
    one, t = held.event, context.t
    if one.lift is not None:
        low, high = f"{100 * (one.lift.low - 1):+.0f}%", f"{100 * (one.lift.high - 1):+.0f}%"
        return low if low == high else t.text("event.range", low=low, high=high)
    said = t.text(f"event.nature.{one.nature.value}")
    return said if one.size == 1 else t.text("event.sized", nature=said, size=f"{one.size:g}")


def _queue(context: CliContext, held: QueueEvent) -> str:
    return held.queue or context.t.text("event.every_queue")


def _cells(context: CliContext, f: Formats, held: QueueEvent) -> list[str]:
    return [
        str(held.number),
        _queue(context, held),
        held.event.kind,
        _days(context, f, held),
        _effect(context, held),
        held.event.name,
    ]


def _sentence(context: CliContext, held: QueueEvent) -> str:
    f = _formats(context)
    return context.t.text(
        "event.sentence",
        kind=held.event.kind,
        queue=_queue(context, held),
        days=_days(context, f, held),
        effect=_effect(context, held),
    )


def _row(held: QueueEvent) -> dict[str, Any]:
    from forecasting.events import OPEN_END

    one, lift = held.event, held.event.lift
    return {
        "event": held.number,
        "queue": held.queue,
        "kind": one.kind,
        "name": one.name,
        "first_day": one.first_day.isoformat(),
        "last_day": None if one.last_day >= OPEN_END else one.last_day.isoformat(),
        "nature": one.nature.value,
        "size": one.size,
        "lift": None if lift is None else {"low": lift.low, "mid": lift.mid, "high": lift.high},
        "lead_days": one.lead_days,
        "tail_days": one.tail_days,
        "added_by": held.added_by,
        "added_at": held.added_at.isoformat(),
    }
