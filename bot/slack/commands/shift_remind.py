"""/shift remind: be told of the next day's shift the evening before, or no more (SCENARIOS A1)."""

from __future__ import annotations

import re
from datetime import time
from typing import Final

from bot.core.errors import RefusedError
from bot.slack.blocks.kit import Content, code, context, message, section
from bot.slack.commands.command import Asked
from bot.slack.commands.swap import own
from bot.usecases import remind_shifts

__all__ = ["shift_remind"]

_OFF: Final = frozenset({"off", "stop", "no", "关闭", "停止", "取消"})
_ON: Final = frozenset({"on", "yes", "开启"})
_CLOCK: Final = re.compile(r"(\d{1,2})[:：](\d{2})|(\d{1,2})点?")


def shift_remind(asked: Asked) -> Content:
    """With a time or ``on``: from now on; ``off``: no more; alone: how it stands."""
    agent = own(asked)
    text = asked.argument.strip().casefold()
    if text in _OFF:
        ended = remind_shifts.stop(asked.desk.store, agent.agent)
        return message([section(asked.t.text("remind.ended" if ended else "remind.none"))])
    if not text:
        with asked.desk.store.read() as uow:
            held = uow.shift_reminders.of(agent.agent)
        if held is None:
            usage = code(f"/shift remind {remind_shifts.USUAL:%H:%M}")
            return message([section(asked.t.text("remind.not_yet", command=usage))])
        return _stands(asked, held, agent.zone)
    at = remind_shifts.USUAL if text in _ON else _clock(text)
    remind_shifts.keep(asked.desk.store, agent.agent, at, now=asked.now)
    return _stands(asked, at, agent.zone)


def _stands(asked: Asked, at: time, zone: str) -> Content:
    title = asked.t.text("remind.stands", at=f"{at:%H:%M}", zone=zone)
    return message([section(title), context(asked.t.text("remind.end", command=code("/shift remind off")))])


def _clock(text: str) -> time:
    found = _CLOCK.fullmatch(text)
    hour, minute = (found[1] or found[3], found[2] or "0") if found else ("", "")
    if found is None or int(hour) > 23 or int(minute) > 59:
        raise RefusedError(
            "remind_time", "That is no time of day; nothing was changed. Write /shift remind 19:00, or off."
        )
    return time(int(hour), int(minute))
