"""The buttons that move a break: first what it would do, then done (SCENARIOS L7)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final

from bot.core.break_moves import BreakMove
from bot.core.errors import RefusedError
from bot.core.ids import AgentId, QueueId
from bot.core.permissions import Action
from bot.slack.blocks import breaks as show
from bot.slack.blocks.kit import Content, message
from bot.slack.commands.command import Asked
from bot.usecases import move_break
from bot.usecases.move_break import Hindrance
from scheduler.roster.shifts import BREAK, LUNCH

__all__ = ["BUTTONS"]


def preview(asked: Asked) -> Content:
    """What the move would do, and the press that does it; or why not, and the next best."""
    queue, move = _meant(asked)
    found = move_break.look(asked.desk.store, asked.desk.settings, queue, move, now=asked.now)
    if isinstance(found, Hindrance):
        return message(show.hindered(found, queue, asked.voice))
    return message(show.preview(found, queue, asked.voice))


def confirm(asked: Asked) -> Content:
    """The break moves, and whose it is gets told."""
    queue, move = _meant(asked)
    found = move_break.confirm(
        asked.desk.store, asked.desk.settings, queue, move, by=asked.person.actor, now=asked.now
    )
    if isinstance(found, Hindrance):
        return message(show.hindered(found, queue, asked.voice))
    asked.desk.nudge()
    return message(show.done(move, asked.voice))


BUTTONS: Final[Mapping[str, Callable[[Asked], Content]]] = {
    **dict.fromkeys(show.PREVIEW, preview),
    show.CONFIRM: confirm,
}


def _meant(asked: Asked) -> tuple[QueueId, BreakMove]:
    """Queue and move of a button; for leads of the agent's team.  Raises RefusedError, NotAllowedError."""
    parts = asked.argument.split("|")
    try:
        queue, agent, activity, start, to, minutes = parts
        move = BreakMove(
            agent=agent,
            activity=activity,
            start=datetime.fromtimestamp(int(start), UTC),
            to=datetime.fromtimestamp(int(to), UTC),
            minutes=int(minutes),
        )
    except (ValueError, OverflowError, OSError):
        raise _forged() from None
    if QueueId(queue) not in asked.desk.settings.queues or activity not in (BREAK, LUNCH):
        raise _forged()
    with asked.desk.store.read() as uow:
        person = uow.people.get(AgentId(agent))
    asked.need(Action.SHIFTS_MEND, team=None if person is None else person.team)
    return QueueId(queue), move


def _forged() -> RefusedError:
    return RefusedError("break_button", "This button names no break; nothing was changed. See /muster board.")
