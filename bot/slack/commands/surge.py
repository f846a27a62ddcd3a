"""/muster surge: what helps today against too many contacts, the most helpful first (CA12, CA14)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from slack_sdk.models.blocks import Block

from bot.core.errors import RefusedError
from bot.core.ids import AgentId, QueueId
from bot.core.permissions import Action
from bot.core.surge import Lever, LeverEffect
from bot.slack.blocks import breaks, outlook
from bot.slack.blocks.kit import Content, actions, button, context, escape, message, section
from bot.slack.commands.command import Asked, Subcommand
from bot.slack.commands.divert import ON
from bot.slack.commands.hours import hours
from bot.slack.commands.sla import team_of
from bot.usecases import put_off_session
from bot.usecases import surge as usecase
from bot.usecases.offer_hours import OfferKind
from bot.usecases.put_off_session import Session
from bot.usecases.workloads import KINDS
from scheduler.queueing.targets import WorkKind

__all__ = ["BUTTONS", "SURGE"]

OVERTIME: Final = "surge.overtime"
PUT_OFF: Final = ("surge.put_off.1", "surge.put_off.2")
PUT_OFF_NOW: Final = "surge.put_off_now"


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
    presses += [
        button(
            t.text("surge.button.put_off", agent=escape(s.agent, 24), at=voice.f.time(s.start)),
            action=action,
            value=_value(queue, s),
        )
        for action, s in zip(PUT_OFF, found.sessions, strict=False)
    ]
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


def look_at_session(asked: Asked) -> Content:
    """What putting it off would change, and the press that does it."""
    queue, agent, start = _meant(asked)
    session = put_off_session.look(asked.desk.store, queue, agent, start, now=asked.now)
    press = button(
        asked.t.text("surge.button.put_off_now"),
        action=PUT_OFF_NOW,
        value=_value(queue, session),
        style="primary",
    )
    return message(
        [section(_session_text("surge.put_off", asked, queue, session)), actions("put-off", press)]
    )


def put_off(asked: Asked) -> Content:
    """It is put off, and whose it was is told."""
    queue, agent, start = _meant(asked)
    session = put_off_session.look(asked.desk.store, queue, agent, start, now=asked.now)
    put_off_session.put_off(
        asked.desk.store,
        asked.desk.settings,
        queue,
        agent,
        start,
        by=asked.person.actor,
        now=asked.now,
    )
    asked.desk.nudge()
    return message([section(_session_text("surge.put_off_done", asked, queue, session))])


def _session_text(key: str, asked: Asked, queue: QueueId, session: Session) -> str:
    return asked.t.text(
        key,
        agent=escape(session.agent),
        activity=asked.voice.label("activity", session.activity),
        period=asked.f.period(session.start, session.end),
        queue=asked.voice.queue(queue),
    )


def _value(queue: str, session: Session) -> str:
    return "|".join((queue, session.agent, str(int(session.start.timestamp()))))


def _meant(asked: Asked) -> tuple[QueueId, AgentId, datetime]:
    """Queue, agent and time of a button.  Raises RefusedError, NotAllowedError for others than leads."""
    try:
        queue, agent, start = asked.argument.split("|")
        at = datetime.fromtimestamp(int(start), UTC)
    except (ValueError, OverflowError, OSError):
        raise RefusedError("session_gone", "This button names no session; nothing was changed.") from None
    with asked.desk.store.read() as uow:
        person = uow.people.get(AgentId(agent))
    asked.need(Action.SHIFTS_MEND, team=None if person is None else person.team)
    return QueueId(queue), AgentId(agent), at


def overtime(asked: Asked) -> Content:
    """Whom today's overtime could be offered to."""
    asked.need(Action.SHIFTS_MEND, team=team_of(asked))
    return hours(OfferKind.OVERTIME, replace(asked, argument=""))


BUTTONS: Final[Mapping[str, Callable[[Asked], Content]]] = {
    outlook.SURGE: surge,
    OVERTIME: overtime,
    **dict.fromkeys(PUT_OFF, look_at_session),
    PUT_OFF_NOW: put_off,
}

SURGE = Subcommand(
    name="surge",
    answer=surge,
    aliases=("高峰", "激增"),
    usage="[QUEUE]",
    action=Action.SHIFTS_MEND,
    group="alerts",
)
"""Subcommand of /muster."""
