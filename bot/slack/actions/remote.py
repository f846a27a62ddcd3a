"""Presses on a remote stand-up: the form, its answer, an action for what is in the way (SR13)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from bot.core.errors import NotFoundError
from bot.core.ids import AnswerId
from bot.core.permissions import Action
from bot.core.remote_stand_up import LONGEST
from bot.slack.blocks import remote as look
from bot.slack.blocks.form import Form, as_text, text_field
from bot.slack.blocks.kit import Content, message, section
from bot.slack.commands import action
from bot.slack.commands.command import Asked
from bot.slack.commands.swap import own
from bot.usecases import remote_stand_up

__all__ = ["BUTTONS", "FORMS"]

CALLBACK: Final = "remote.form"


def asked_form(asked: Asked) -> Form:
    """Done, next, blocked."""
    own(asked)
    t = asked.t
    return Form(
        callback=CALLBACK,
        title=t.text("remote.form.title"),
        submit=t.text("remote.form.send"),
        close=t.text("form.close"),
        blocks=[
            text_field(name, t.text(f"remote.field.{name}"), long=True, longest=LONGEST)
            for name in ("done", "next", "blocked")
        ],
        metadata=json.dumps({"day": asked.argument}),
    )


def submitted(asked: Asked) -> Content:
    """What stands in the form."""
    done, following, blocked = (as_text(asked.fields.get(n)) for n in ("done", "next", "blocked"))
    remote_stand_up.answer(
        asked.desk.store,
        asked.desk.settings,
        own(asked),
        date.fromisoformat(json.loads(asked.metadata)["day"]),
        done=done,
        following=following,
        blocked=blocked,
        now=asked.now,
    )
    asked.desk.nudge()
    return message([section(asked.t.text("remote.kept"))])


def item(asked: Asked) -> Form:
    """The form of an action, begun with what is in the way."""
    if not asked.argument.isdigit():
        raise NotFoundError("remote_gone", "That answer is gone; nothing was changed.")
    found = remote_stand_up.held(asked.desk.store, AnswerId(int(asked.argument)))
    asked.need(Action.ITEM_KEEP, team=found.team)
    return action.begun(asked, found.blocked)


def off(asked: Asked) -> Content:
    remote_stand_up.choose(asked.desk.store, own(asked), False, now=asked.now)
    return message([section(asked.t.text("remote.off"))])


BUTTONS: Final[Mapping[str, Callable[[Asked], Content | Form | None]]] = {
    look.ANSWER: asked_form,
    look.ITEM: item,
    look.OFF: off,
}
FORMS: Final[Mapping[str, Callable[[Asked], Content | Form | None]]] = {CALLBACK: submitted}
