"""Action items: their lines, their buttons, and what is told of them."""

from __future__ import annotations

from typing import Final

from slack_sdk.models.blocks import Block, ButtonElement

from bot.core.action_items import LONGEST
from bot.core.item_messages import ItemDue, ItemGiven, ItemLine, ItemMessage, ItemNews, StandUpClosed
from bot.slack.blocks.kit import actions, button, context, escape, section
from bot.slack.blocks.voice import Voice

__all__ = [
    "ABOUT",
    "DONE",
    "GIVE",
    "NEW",
    "about_button",
    "blocks",
    "line",
    "new_button",
    "sections",
]

NEW: Final = "item.new"
ABOUT: Final = "item.about"
"""Opens the form for what is to be done about a case; its value is the case."""
GIVE: Final = "item.give"
DONE: Final = "item.done"
"""Values: the item's number."""
_REFERENCE: Final = 64


def blocks(kind: ItemMessage, voice: Voice) -> list[Block]:
    match kind:
        case ItemNews():
            return [section(_news(kind, voice))]
        case ItemGiven():
            head = voice.t.text("item.given_to_you", person=voice.person(kind.by))
            return [section(f"{head}\n{line(kind.line, voice, owner=False)}"), _buttons(kind.line, voice)]
        case ItemDue():
            head = voice.t.text("item.due_now")
            return [section(f"{head}\n{line(kind.line, voice, owner=False)}"), _buttons(kind.line, voice)]
        case StandUpClosed():
            return _closed(kind, voice)


def line(item: ItemLine, voice: Voice, *, owner: bool = True, ended: bool = False) -> str:
    """``#3 Ask finance about GD1 · @F · by 12:00 · open for 2 days``; once ended without its times."""
    t = voice.t
    parts = [t.text("item.what", number=item.item, what=escape(item.what, LONGEST))]
    if item.about is not None and item.about not in item.what:
        parts.append(voice.ref(item.about))
    if owner:
        parts.append(t.text("item.no_owner") if item.owner is None else voice.person(item.owner))
    if ended:
        return " · ".join(parts)
    if item.due_at is not None:
        late = item.due_at <= voice.now
        parts.append(t.text("item.was_due" if late else "item.due", at=voice.moment(item.due_at)))
    days = (voice.f.local_day(voice.now) - voice.f.local_day(item.made_at)).days
    if days > 0:
        parts.append(t.plural("item.open_for", days))
    return " · ".join(parts)


def _standing(item: ItemLine, voice: Voice) -> Block:
    """One item with the one press that comes next: an owner where it has none, else done."""
    if item.owner is None:
        press = button(voice.t.text("item.button.assign"), action=GIVE, value=str(item.item), style="primary")
    else:
        press = button(voice.t.text("item.button.done"), action=DONE, value=str(item.item))
    return section(line(item, voice), button=press)


def sections(items: tuple[ItemLine, ...], total: int, voice: Voice) -> list[Block]:
    """Items that stand, in their order, and how many more there are."""
    shown: list[Block] = [_standing(item, voice) for item in items]
    if total > len(items):
        shown.append(context(voice.t.plural("item.more", total - len(items))))
    return shown


def about_button(ref: str, voice: Voice) -> ButtonElement | None:
    """Assigns what is to be done about a case; None for what cannot be the reference of one."""
    if len(ref) > _REFERENCE:
        return None
    return button(voice.t.text("item.button.assign"), action=ABOUT, value=ref)


def new_button(voice: Voice) -> ButtonElement:
    return button(voice.t.text("item.button.new"), action=NEW, value="new")


def _buttons(item: ItemLine, voice: Voice) -> Block:
    return actions(
        f"item-{item.item}",
        button(voice.t.text("item.button.done"), action=DONE, value=str(item.item), style="primary"),
        button(voice.t.text("item.button.pass"), action=GIVE, value=str(item.item)),
    )


def _news(kind: ItemNews, voice: Voice) -> str:
    ended = kind.news in ("done", "dropped")
    return voice.t.text(
        f"item.news.{kind.news}",
        item=line(kind.line, voice, owner=not ended, ended=ended),
        person=voice.person(kind.by),
        because=escape(kind.because or "", LONGEST),
    )


def _closed(kind: StandUpClosed, voice: Voice) -> list[Block]:
    t = voice.t
    total = t.plural("item.actions", kind.total)
    head = t.text("item.closed", actions=total, owners=t.plural("item.owners", kind.owners))
    if kind.unowned:
        head += "\n" + t.plural("item.unowned", kind.unowned)
    return [section(head), *sections(kind.lines, kind.total, voice)]
