"""/muster idea and kudos: what could be better, answered by a day; thanks, seen where wanted (TI4, TI6)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Final

from slack_sdk.models.blocks import Block

from bot.core.errors import RefusedError
from bot.core.idea_messages import IdeaLine
from bot.core.ideas import LONGEST, Idea
from bot.core.ids import IdeaId, KudosId
from bot.core.permissions import Action, permits
from bot.slack.blocks import ideas as look
from bot.slack.blocks.form import Form, as_text, text_field
from bot.slack.blocks.kit import Content, code, message, section
from bot.slack.commands.command import Asked, Subcommand
from bot.slack.commands.named import mentioned, without_mentions
from bot.slack.commands.sla import team_of
from bot.slack.commands.swap import own
from bot.usecases import ideas

__all__ = ["BUTTONS", "FORMS", "IDEA_COMMANDS"]

CALLBACK: Final = "idea.form"
_ADOPT: Final = frozenset({"adopt", "yes", "采纳"})
_NOT: Final = frozenset({"no", "not", "不采纳"})
_ON: Final = frozenset({"on", "开启"})
_OFF: Final = frozenset({"off", "关闭"})
_FOR: Final = re.compile(r"^(?:for\b|因为|：|:)\s*", re.IGNORECASE)
_SHOWN: Final = 15


def idea(asked: Asked) -> Content:
    """Alone what waits for an answer; words note one; ``NUMBER adopt`` and ``NUMBER no WHY`` for leads."""
    text = asked.argument.strip()
    if not text:
        return _listed(asked)
    number, _, rest = text.partition(" ")
    doing, _, why = rest.strip().partition(" ")
    plain = number.lstrip("#")
    if plain.isascii() and plain.isdigit() and len(plain) < 15 and doing.casefold() in _ADOPT | _NOT:
        return _answered(asked, _idea(asked, plain), adopt=doing.casefold() in _ADOPT, why=why)
    made = ideas.note(asked.desk.store, asked.desk.settings, text, by=own(asked), now=asked.now)
    asked.desk.nudge()
    at = asked.voice.moment(made.due_at)
    return message([section(asked.t.text("idea.noted", number=made.idea, at=at))])


def kudos(asked: Asked) -> Content:
    """``@who for WHAT``; ``on`` and ``off``: whether those for oneself always stand in the digest."""
    word = asked.argument.strip().casefold()
    if word in _ON | _OFF:
        ideas.choose(asked.desk.store, own(asked), word in _ON, now=asked.now)
        return message([section(asked.t.text("kudos.on" if word in _ON else "kudos.off"))])
    whom = mentioned(asked, asked.argument, "/muster kudos @name for WHAT")
    words = _FOR.sub("", without_mentions(asked.argument).strip())
    ideas.thank(asked.desk.store, words, whom=whom, by=own(asked), now=asked.now)
    asked.desk.nudge()
    return message([section(asked.t.text("kudos.sent", person=asked.voice.person(whom.agent)))])


def answer_form(asked: Asked, adopt: bool) -> Form:
    """The form for the answer; a reason is needed where it is not adopted."""
    found = _idea(asked, asked.argument)
    t = asked.t
    return Form(
        callback=CALLBACK,
        title=t.text("idea.form.title"),
        submit=t.text("idea.button.adopt" if adopt else "idea.button.decline"),
        close=t.text("form.close"),
        blocks=[
            section(look.idea_line(IdeaLine.of(found), asked.voice)),
            text_field("why", t.text("idea.form.why"), optional=adopt, longest=LONGEST),
        ],
        metadata=json.dumps({"idea": found.idea, "adopt": adopt}),
    )


def submitted(asked: Asked) -> Content:
    data = json.loads(asked.metadata)
    why = as_text(asked.fields.get("why"))
    return _answered(asked, _idea(asked, str(data["idea"])), adopt=bool(data["adopt"]), why=why)


def shown(asked: Asked) -> Content:
    """Whoever is thanked wants it seen."""
    number = KudosId(int(asked.argument) if asked.argument.isdigit() else 0)
    ideas.show(asked.desk.store, number, own(asked), now=asked.now)
    return message([section(asked.t.text("kudos.will_show"))])


def _listed(asked: Asked) -> Content:
    team = team_of(asked)
    asked.need(Action.ITEM_KEEP, team=team)
    found = ideas.open_ideas(asked.desk.store, team)
    blocks: list[Block] = [section(asked.t.plural("idea.open", len(found)))]
    decides = permits(Action.IDEA_ANSWER, asked.person.rights, team=team)
    for one in found[:_SHOWN]:
        line = IdeaLine.of(one)
        blocks.append(section(look.idea_line(line, asked.voice)))
        if decides:
            blocks.append(look.buttons(line, asked.voice))
    blocks.append(section(asked.t.text("idea.hint", command=code("/muster idea WORDS"))))
    return message(blocks, shortened=asked.t.text("message.shortened"))


def _answered(asked: Asked, found: Idea, *, adopt: bool, why: str) -> Content:
    ideas.answer(asked.desk.store, found, adopt=adopt, why=why, by=asked.person.actor, now=asked.now)
    asked.desk.nudge()
    key = "idea.adopted" if adopt else "idea.declined"
    return message([section(asked.t.text(key, number=found.idea))])


def _idea(asked: Asked, number: str) -> Idea:
    """An open idea of a team whose leads the person is one of."""
    if not number.isdigit():
        raise RefusedError("idea_usage", "Name the number of an idea; nothing was changed.")
    found = ideas.held(asked.desk.store, IdeaId(int(number)))
    asked.need(Action.IDEA_ANSWER, team=found.team)
    return found


BUTTONS: Final[Mapping[str, Callable[[Asked], Content | Form | None]]] = {
    look.ADOPT: lambda asked: answer_form(asked, True),
    look.DECLINE: lambda asked: answer_form(asked, False),
    look.SHOW: shown,
}
FORMS: Final[Mapping[str, Callable[[Asked], Content | Form | None]]] = {CALLBACK: submitted}

IDEA_COMMANDS: Final = (
    Subcommand(
        name="idea",
        answer=idea,
        aliases=("ideas", "点子", "合理化建议"),
        usage="[WORDS]",
        lead_usage="[WORDS | NUMBER adopt | NUMBER no WHY]",
        action=Action.ITEM_KEEP,
        group="cases",
    ),
    Subcommand(
        name="kudos",
        answer=kudos,
        aliases=("thanks", "点赞", "表扬"),
        usage="[@name for WHAT | on | off]",
        action=Action.ITEM_KEEP,
        group="cases",
    ),
)
"""Subcommands of /muster."""
