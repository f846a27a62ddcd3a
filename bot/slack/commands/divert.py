"""/muster divert: contacts of a queue to self-service and back, by the system that leads them (CA13)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from bot.core.errors import RefusedError
from bot.core.ids import QueueId
from bot.core.permissions import Action
from bot.slack.blocks.kit import Content, message, section
from bot.slack.commands.command import Asked, Subcommand
from bot.slack.commands.sla import team_of
from bot.usecases import divert as usecase

__all__ = ["BUTTONS", "DIVERT", "ON"]

ON: Final = "divert.on"
"""Value: the queue."""
_WORDS: Final = {"on": True, "开": True, "开启": True, "off": False, "关": False, "关闭": False}


def divert(asked: Asked) -> Content:
    """Which queues are diverted; ``QUEUE on`` and ``QUEUE off``."""
    asked.need(Action.SHIFTS_MEND, team=team_of(asked))
    queue, _, word = asked.argument.strip().partition(" ")
    if not queue:
        return _standing(asked)
    if word.strip().casefold() not in _WORDS:
        raise RefusedError("divert_usage", "Write /muster divert chat on, or off; nothing was changed.")
    return _switched(asked, QueueId(queue), on=_WORDS[word.strip().casefold()])


def on(asked: Asked) -> Content:
    return _switched(asked, QueueId(asked.argument), on=True)


def _switched(asked: Asked, queue: QueueId, *, on: bool) -> Content:
    if not asked.desk.diverts:
        raise RefusedError(
            "divert_nowhere",
            "Muster does not know which system diverts contacts; nothing was changed. Ask your admin to set "
            "MUSTER_DIVERSION_URL.",
        )
    known = asked.desk.settings.queues.get(queue)
    asked.need(Action.SHIFTS_MEND, team=team_of(asked) if known is None else known.team)
    usecase.switch(asked.desk.store, asked.desk.settings, queue, on=on, by=asked.person.actor, now=asked.now)
    asked.desk.nudge("diversions")
    return message(
        [section(asked.t.text("divert.on" if on else "divert.off", queue=asked.voice.queue(queue)))]
    )


def _standing(asked: Asked) -> Content:
    with asked.desk.store.read() as uow:
        found = uow.diversions.all()
    voice = asked.voice
    rows = [
        asked.t.text(
            f"divert.line.{'on' if one.on else 'off'}.{'told' if one.told_at else 'untold'}",
            queue=voice.queue(one.queue),
            since=voice.moment(one.changed_at),
            person=voice.person(one.changed_by),
        )
        for one in found
    ]
    return message([section("\n".join(rows) if rows else asked.t.text("divert.none"))])


BUTTONS: Final[Mapping[str, Callable[[Asked], Content]]] = {ON: on}

DIVERT = Subcommand(
    name="divert",
    answer=divert,
    aliases=("分流",),
    usage="[QUEUE on | QUEUE off]",
    action=Action.SHIFTS_MEND,
    group="alerts",
)
"""Subcommand of /muster."""
