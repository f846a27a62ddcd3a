"""Ideas and kudos: their messages, and their lines in the digest."""

from __future__ import annotations

from typing import Final

from slack_sdk.models.blocks import Block

from bot.core.idea_messages import IdeaAnswered, IdeaLine, IdeaMade, IdeaMessage, KudosGiven, KudosLine
from bot.core.ideas import LONGEST
from bot.slack.blocks.kit import actions, button, context, escape, section
from bot.slack.blocks.voice import Voice

__all__ = ["ADOPT", "DECLINE", "SHOW", "blocks", "buttons", "idea_line", "kudos_line"]

ADOPT: Final = "idea.adopt"
DECLINE: Final = "idea.decline"
"""Values: the idea's number; both open the form for the answer."""
SHOW: Final = "kudos.show"


def blocks(kind: IdeaMessage, voice: Voice) -> list[Block]:
    t = voice.t
    match kind:
        case IdeaMade():
            return [section(t.text("idea.made", idea=idea_line(kind.line, voice))), buttons(kind.line, voice)]
        case IdeaAnswered():
            said = t.text(
                f"idea.answered.{kind.state}",
                person=voice.person(kind.by),
                number=kind.line.idea,
                words=escape(kind.line.words, LONGEST),
            )
            if kind.answer:
                said += "\n" + t.text("idea.answer", answer=escape(kind.answer, LONGEST))
            return [section(said)]
        case KudosGiven():
            words = escape(kind.line.words, LONGEST)
            head = section(t.text("kudos.given", person=voice.person(kind.line.by), words=words))
            if kind.shown:
                return [head, context(t.text("kudos.will_show"))]
            press = button(t.text("kudos.button.show"), action=SHOW, value=str(kind.kudos))
            return [head, actions(f"kudos-{kind.kudos}", press), context(t.text("kudos.yours"))]


def buttons(line: IdeaLine, voice: Voice) -> Block:
    return actions(
        f"idea-{line.idea}",
        button(voice.t.text("idea.button.adopt"), action=ADOPT, value=str(line.idea), style="primary"),
        button(voice.t.text("idea.button.decline"), action=DECLINE, value=str(line.idea)),
    )


def idea_line(line: IdeaLine, voice: Voice) -> str:
    """``#3 words · by whom · to be answered by``."""
    key = "idea.line_late" if line.due_at <= voice.now else "idea.line"
    return voice.t.text(
        key,
        number=line.idea,
        words=escape(line.words, LONGEST),
        person=voice.person(line.by),
        at=voice.moment(line.due_at),
    )


def kudos_line(line: KudosLine, voice: Voice) -> str:
    words = escape(line.words, LONGEST)
    return voice.t.text("kudos.line", whom=voice.person(line.whom), person=voice.person(line.by), words=words)
