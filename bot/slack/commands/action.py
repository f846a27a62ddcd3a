"""/muster action: what the team has agreed to do, who does it and by when (SR3, L4)."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Final

from slack_sdk.models.blocks import Block

from bot.core.action_items import LONGEST, ActionItem
from bot.core.errors import RefusedError
from bot.core.ids import ActionItemId, ContactRef, TeamId
from bot.core.item_messages import ItemLine
from bot.core.people import Agent
from bot.core.permissions import Action
from bot.core.time_phrases import read_time
from bot.slack.blocks import items as look
from bot.slack.blocks.form import Form, as_moment, as_text, moment_field, person_field, text_field
from bot.slack.blocks.kit import Content, actions, context, message, section
from bot.slack.commands.command import Asked, Subcommand
from bot.slack.commands.named import colleague, user_in, without_mentions
from bot.slack.commands.sla import team_of
from bot.usecases import assign_items

__all__ = ["ACTION", "CALLBACK", "about", "begun", "done", "give", "new", "submitted"]

CALLBACK: Final = "item.form"
_ADD: Final = frozenset({"add", "new", "新增", "添加"})
_DONE: Final = frozenset({"done", "finished", "完成", "已完成"})
_DROP: Final = frozenset({"drop", "cancel", "取消", "放弃"})
_SHOWN: Final = 20


def action(asked: Asked) -> Content | Form:
    """The list; ``add WHAT [@owner TIME]``; ``NUMBER`` with ``done``, ``drop WHY`` or ``@owner [TIME]``."""
    word, _, rest = asked.argument.strip().partition(" ")
    if not word:
        return listed(asked)
    if word.casefold() in _ADD:
        return _added(asked, rest)
    number = word.lstrip("#")
    if not (number.isascii() and number.isdigit()) or len(number) > 15:
        raise RefusedError(
            "item_usage",
            'Write /muster action add "WHAT" @owner TIME, or /muster action 3 done; nothing was changed.',
        )
    item = _item(asked, number)
    doing, _, more = rest.strip().partition(" ")
    if doing.casefold() in _DONE:
        return _finished(asked, item)
    if doing.casefold() in _DROP:
        _own_or_lead(asked, item)
        assign_items.drop(
            asked.desk.store,
            asked.desk.settings,
            item.item,
            because=more,
            by=asked.person.actor,
            now=asked.now,
        )
        asked.desk.nudge()
        return message([section(asked.t.text("item.dropped", number=item.item))])
    if user_in(rest) is not None:
        owner = colleague(asked, rest)
        assert owner is not None
        return _given(asked, item, owner, _time(asked, without_mentions(rest)))
    return _form(asked, item=item)


def listed(asked: Asked) -> Content:
    """What the team has still to do, with the press that comes next for each."""
    team = team_of(asked)
    asked.need(Action.ITEM_KEEP, team=team)
    found = assign_items.open_items(asked.desk.store, team)
    press = actions("items", look.new_button(asked.voice))
    if not found:
        hint = context(asked.t.text("item.hint"))
        return message([section(asked.t.text("item.none")), press, hint])
    unowned = sum(i.owner is None for i in found)
    head = asked.t.plural("item.list", len(found))
    if unowned:
        head += "\n" + asked.t.plural("item.list_unowned", unowned)
    lines = tuple(ItemLine.of(item) for item in found[:_SHOWN])
    blocks: list[Block] = [section(head), *look.sections(lines, len(found), asked.voice), press]
    return message(blocks, shortened=asked.t.text("message.shortened"))


def new(asked: Asked) -> Form:
    """The form for something to be done."""
    asked.need(Action.ITEM_KEEP, team=team_of(asked))
    return _form(asked)


def about(asked: Asked) -> Form:
    """The form for what is to be done about a case, begun with words for it."""
    ref = ContactRef(asked.argument)
    asked.need(Action.ITEM_KEEP, team=team_of(asked))
    asked.need(Action.CASE_SEE, ref=ref)
    with asked.desk.store.read() as uow:
        block = next((b for b in uow.case_work.blocked_now() if b.ref == ref), None)
    if block is None:
        return _form(asked, about=ref, what=asked.t.text("item.prefill.overdue", ref=ref))
    known = asked.desk.settings.departments.get(block.department)
    department = block.department if known is None else known.name
    return _form(asked, about=ref, what=asked.t.text("item.prefill.blocked", ref=ref, department=department))


def begun(asked: Asked, what: str) -> Form:
    """The form, begun with these words."""
    return _form(asked, what=what)


def give(asked: Asked) -> Form:
    """The form that names an owner."""
    item = _item(asked, asked.argument)
    return _form(asked, item=item)


def done(asked: Asked) -> Content:
    return _finished(asked, _item(asked, asked.argument))


def submitted(asked: Asked) -> Content:
    """What stands in the form."""
    data = json.loads(asked.metadata or "{}")
    user = as_text(asked.fields.get("owner"))
    owner = colleague(asked, f"<@{user}>") if user else None
    due_at = as_moment(asked.fields.get("due"))
    if "item" in data:
        item = _item(asked, str(data["item"]))
        if owner is None:
            raise RefusedError("item_nobody", "Name somebody; nothing was changed.")
        return _given(asked, item, owner, due_at)
    ref = data.get("about")
    return _noted(
        asked,
        as_text(asked.fields.get("what")),
        owner,
        due_at,
        about=None if ref is None else ContactRef(ref),
    )


def _form(
    asked: Asked, *, item: ActionItem | None = None, about: ContactRef | None = None, what: str = ""
) -> Form:
    t = asked.t
    fields: list[Block] = []
    if item is None:
        fields.append(
            text_field("what", t.text("item.form.what"), value=what, optional=False, longest=LONGEST)
        )
    else:
        fields.append(section(look.line(ItemLine.of(item), asked.voice)))
    fields += [
        person_field("owner", t.text("item.form.owner"), optional=item is None),
        moment_field("due", t.text("item.form.due"), at=None if item is None else _ahead(item, asked.now)),
    ]
    data = {"about": about} if item is None else {"item": item.item}
    return Form(
        callback=CALLBACK,
        title=t.text("item.form.title"),
        submit=t.text("item.form.save"),
        close=t.text("form.close"),
        blocks=fields,
        metadata=json.dumps({key: value for key, value in data.items() if value is not None}),
    )


def _ahead(item: ActionItem, now: datetime) -> datetime | None:
    return item.due_at if item.due_at is not None and item.due_at > now else None


def _added(asked: Asked, text: str) -> Content | Form:
    if not text.strip():
        return new(asked)
    owner = colleague(asked, text)
    what, due_at = text, None
    if owner is not None:
        # The words before the name are what is to be done, those after it the time.
        at = text.index("<@")
        what, due_at = text[:at], _time(asked, without_mentions(text[at:]))
    return _noted(asked, what.strip().strip("\"'“”「」"), owner, due_at)


def _noted(
    asked: Asked, what: str, owner: Agent | None, due_at: datetime | None, about: ContactRef | None = None
) -> Content:
    team = team_of(asked)
    asked.need(Action.ITEM_KEEP, team=team)
    if owner is not None and owner.agent != asked.person.actor:
        asked.need(Action.ITEM_GIVE, team=team)
    item = assign_items.add(
        asked.desk.store,
        asked.desk.settings,
        team=team,
        what=what,
        about=about,
        owner=owner,
        due_at=due_at,
        by=asked.person.actor,
        now=asked.now,
    )
    asked.desk.nudge()
    key = "item.noted_unowned" if owner is None else "item.noted"
    return message([section(asked.t.text(key, item=look.line(ItemLine.of(item), asked.voice)))])


def _given(asked: Asked, item: ActionItem, owner: Agent, due_at: datetime | None) -> Content:
    if owner.agent != asked.person.actor:
        asked.need(Action.ITEM_GIVE, team=item.team)
    after = assign_items.give(
        asked.desk.store,
        asked.desk.settings,
        item.item,
        owner=owner,
        due_at=due_at,
        by=asked.person.actor,
        now=asked.now,
    )
    asked.desk.nudge()
    return message([section(asked.t.text("item.given", item=look.line(ItemLine.of(after), asked.voice)))])


def _finished(asked: Asked, item: ActionItem) -> Content:
    _own_or_lead(asked, item)
    assign_items.finish(
        asked.desk.store, asked.desk.settings, item.item, by=asked.person.actor, now=asked.now
    )
    asked.desk.nudge()
    return message([section(asked.t.text("item.finished", number=item.item))])


def _item(asked: Asked, number: str) -> ActionItem:
    """The item, of one's own team."""
    item = assign_items.held(asked.desk.store, ActionItemId(int(number)))
    asked.need(Action.ITEM_KEEP, team=item.team)
    return item


def _own_or_lead(asked: Asked, item: ActionItem) -> None:
    """What somebody else owns, leads end; what nobody owns, anybody of the team."""
    if item.owner is not None and item.owner != asked.person.actor:
        asked.need(Action.ITEM_GIVE, team=item.team)


def _time(asked: Asked, words: str) -> datetime | None:
    """Read on the team's wall; None for no words."""
    if not words.strip():
        return None
    settings = asked.desk.settings
    team = settings.teams[TeamId(team_of(asked))]
    return read_time(words, calendar=settings.calendars[team.calendar], now=asked.now, zone=team.zone).at


ACTION = Subcommand(
    name="action",
    answer=action,
    aliases=("actions", "todo", "行动", "行动项", "待办"),
    usage='[add "WHAT" @owner TIME | NUMBER done]',
    action=Action.ITEM_KEEP,
    group="cases",
)
"""Subcommand of /muster."""
