"""/muster announce: a rule has changed, and who has read what it says now (CA8, CP12)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from slack_sdk.models.blocks import Block

from bot.core.announcements import LONGEST_PART
from bot.core.errors import FieldProblem, InvalidFormError, RefusedError
from bot.core.ids import AgentId, AnnouncementId
from bot.core.permissions import Action
from bot.slack.blocks import campaigns as look
from bot.slack.blocks.form import Form, as_text, text_field
from bot.slack.blocks.kit import Content, code, escape, message, section
from bot.slack.commands.command import Asked, Subcommand
from bot.slack.commands.sla import team_of
from bot.usecases import announce as usecase
from bot.usecases.announce import AnnouncementEntry

__all__ = ["ANNOUNCE", "BUTTONS", "FORMS"]

CALLBACK: Final = "announcement.form"
_STATUS: Final = frozenset({"status", "状态"})
_PARTS: Final = ("what", "reason", "content", "effect")
_SHOWN: Final = 30


def announce(asked: Asked) -> Content | Form:
    """The form; ``status``: who has not read what."""
    word = asked.argument.strip()
    team = team_of(asked)
    asked.need(Action.CAMPAIGN_RUN, team=team)
    if word.casefold() in _STATUS:
        return status(asked)
    t = asked.t
    blocks: list[Block] = [
        text_field(
            part,
            t.text(f"announcement.form.{part}"),
            value=word if part == "what" else "",
            long=part != "what",
            optional=False,
            longest=LONGEST_PART,
        )
        for part in _PARTS
    ]
    return Form(
        callback=CALLBACK,
        title=t.text("announcement.form.title"),
        submit=t.text("announcement.form.send"),
        close=t.text("form.close"),
        blocks=blocks,
    )


def status(asked: Asked) -> Content:
    found = usecase.standing(asked.desk.store, team_of(asked))
    t, voice = asked.t, asked.voice
    if not found:
        return message([section(t.text("announcement.none", command=code("/muster announce")))])
    blocks: list[Block] = []
    for one in found:
        made, unread = one.announcement, one.unread
        head = t.text(
            "announcement.status",
            number=made.number,
            what=escape(made.what, LONGEST_PART),
            at=voice.moment(made.made_at),
            read=len(one.read),
            total=len(one.read) + len(unread),
        )
        if unread:
            names = voice.f.join([voice.person(r.agent) for r in unread[:_SHOWN]])
            if len(unread) > _SHOWN:
                names += t.plural("campaign.more", len(unread) - _SHOWN)
            head += "\n" + t.text("announcement.unread", people=names)
        blocks.append(section(head))
    return message(blocks, shortened=t.text("message.shortened"))


def submitted(asked: Asked) -> Content:
    team = team_of(asked)
    asked.need(Action.CAMPAIGN_RUN, team=team)
    entry = AnnouncementEntry(**{part: as_text(asked.fields.get(part)) for part in _PARTS})
    try:
        made = usecase.announce(
            asked.desk.store, asked.desk.settings, team, entry, by=asked.person.actor, now=asked.now
        )
    except RefusedError as error:
        if error.kind != "announcement_part":
            raise
        field = str(error.data["variant"])
        raise InvalidFormError([FieldProblem(name=field, kind=error.kind, data=error.data)]) from error
    asked.desk.nudge()
    text = asked.t.plural("announcement.sent", len(made.unread), command=code("/muster announce status"))
    return message([section(text)])


def read(asked: Asked) -> Content:
    """I have read it."""
    if asked.person.agent is None or not asked.argument.isdigit():
        raise RefusedError("announcement_not_asked", "You were not asked to read this; nothing was changed.")
    agent = AgentId(asked.person.agent.agent)
    done = usecase.read(asked.desk.store, AnnouncementId(int(asked.argument)), agent, now=asked.now)
    return message([section(asked.t.text("announcement.read" if done else "announcement.read_before"))])


BUTTONS: Final[Mapping[str, Callable[[Asked], Content | Form | None]]] = {look.READ: read}
FORMS: Final[Mapping[str, Callable[[Asked], Content | Form | None]]] = {CALLBACK: submitted}

ANNOUNCE = Subcommand(
    name="announce",
    answer=announce,
    aliases=("公告", "通知"),
    usage="[WHAT | status]",
    action=Action.CAMPAIGN_RUN,
    group="figures",
)
"""Subcommand of /muster."""
