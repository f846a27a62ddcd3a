"""/muster surge: what helps today against too many contacts, the most helpful first (CA12, CA14)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from slack_sdk.models.blocks import Block

from bot.core.errors import RefusedError
from bot.core.ids import QueueId
from bot.core.permissions import Action
from bot.core.surge import Lever, LeverEffect
from bot.slack.blocks import breaks, outlook
from bot.slack.blocks.kit import Content, actions, button, context, message, section
from bot.slack.commands.command import Asked, Subcommand
from bot.slack.commands.divert import ON
from bot.slack.commands.hours import hours
from bot.slack.commands.sla import team_of
from bot.usecases import surge as usecase
from bot.usecases.offer_hours import OfferKind
from bot.usecases.workloads import KINDS
from scheduler.queueing.targets import WorkKind

__all__ = ["BUTTONS", "SURGE"]

OVERTIME: Final = "surge.overtime"


def surge(asked: Asked) -> Content:
    """The ladder of a queue; without a name that of the team's only queue with a line."""
    settings, t, voice = asked.desk.settings, asked.t, asked.voice
    team = team_of(asked)
    asked.need(Action.SHIFTS_MEND, team=team)
    queue = QueueId(asked.argument.strip())
    if not queue:
        live = [
            q.queue
            for q in settings.queues.values()
            if q.team == team and KINDS[q.channel] is not WorkKind.DEFERRABLE
        ]
        if len(live) != 1:
            known = ", ".join(live)
            raise RefusedError(
                "surge_which", f"Say which queue, of: {known}; nothing was reckoned.", known=known
            )
        queue = live[0]
    elif queue in settings.queues:
        asked.need(Action.SHIFTS_MEND, team=settings.queues[queue].team)
    found = usecase.look(asked.desk.store, settings, queue, now=asked.now)
    head = t.text(
        "surge.title",
        queue=voice.queue(queue),
        until=voice.moment(found.until),
        contacts=voice.f.number(found.contacts),
        scale=voice.f.percent(found.scale),
        share=voice.f.percent(found.share),
        within=voice.length(found.within_seconds),
    )
    if found.waiting:
        head += " " + t.plural("surge.waiting", found.waiting)
    rows = [f"{n}. {_line(asked, effect, found.diverted)}" for n, effect in enumerate(found.levers, start=1)]
    blocks: list[Block] = [section(head), section("\n".join(rows))]
    presses = breaks.move_buttons(queue, found.moves, voice)
    if any(e.lever is Lever.OVERTIME for e in found.levers):
        presses.append(button(t.text("surge.button.overtime"), action=OVERTIME, value="today"))
    if asked.desk.diverts:
        presses.append(button(t.text("surge.button.divert"), action=ON, value=queue))
    if presses:
        blocks.append(actions("surge", *presses))
    blocks.append(section(t.text("surge.notice")))
    blocks.append(context(t.text("surge.how")))
    return message(blocks)


def _line(asked: Asked, effect: LeverEffect, part: float) -> str:
    f = asked.f
    return asked.t.text(
        f"surge.lever.{effect.lever.value}",
        share=f.percent(effect.share),
        gain=f"{100 * effect.gain:+.0f}",
        people=effect.people,
        minutes=f.number(effect.minutes),
        part=f.percent(part),
    )


def overtime(asked: Asked) -> Content:
    """Whom today's overtime could be offered to."""
    asked.need(Action.SHIFTS_MEND, team=team_of(asked))
    return hours(OfferKind.OVERTIME, replace(asked, argument=""))


BUTTONS: Final[Mapping[str, Callable[[Asked], Content]]] = {outlook.SURGE: surge, OVERTIME: overtime}

SURGE = Subcommand(
    name="surge",
    answer=surge,
    aliases=("高峰", "激增"),
    usage="[QUEUE]",
    action=Action.SHIFTS_MEND,
    group="alerts",
)
"""Subcommand of /muster."""
