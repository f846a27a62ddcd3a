"""/muster review: one's own weekly self-review; for leads how many are back, and a colleague's (SR8, L14)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Final

from slack_sdk.models.blocks import Block

from bot.core.errors import RefusedError
from bot.core.ids import ReviewId
from bot.core.knowledge import SnippetKind, find
from bot.core.own_figures import FIGURES
from bot.core.permissions import Action
from bot.slack.blocks import proposals, snippets
from bot.slack.blocks import reviews as look
from bot.slack.blocks.form import Form, as_text, as_words
from bot.slack.blocks.kit import Content, actions, button, code, context, lines, message, section
from bot.slack.commands.command import Asked, Subcommand
from bot.slack.commands.named import colleague
from bot.slack.commands.say import known_snippets
from bot.slack.commands.sla import team_of
from bot.slack.commands.swap import own
from bot.usecases import shift_review, weekly_review
from bot.usecases.weekly_review import OpenReview

__all__ = ["BUTTONS", "CALLBACK", "REVIEW", "submitted"]

CALLBACK: Final = "review.form"
_ON: Final = frozenset({"on", "开启"})
_OFF: Final = frozenset({"off", "关闭"})
_TEAM: Final = frozenset({"team", "团队"})
_FORM: Final = frozenset({"form", "填写"})
_SHOWN: Final = 60


def review(asked: Asked) -> Content | Form:
    """Alone: the form while it is not back, then what stands in it; ``form`` opens it again.

    ``on`` and ``off`` choose; ``team`` or a colleague's name for leads.
    """
    typed = asked.argument.strip().casefold()
    if typed in _ON | _OFF:
        return chosen(asked, typed in _ON)
    if typed.startswith("shift ") and typed.split()[1] in _ON | _OFF:
        return shift_chosen(asked, typed.split()[1] in _ON)
    if typed in _TEAM:
        return team(asked)
    other = colleague(asked, asked.argument)
    if other is not None:
        asked.need(Action.PERSONAL_FIGURES, person=other)
        found = weekly_review.newest(asked.desk.store, other.agent)
        person = asked.voice.person(other.agent)
        if found is None or found.review.filled is None:
            return message([section(asked.t.text("review.not_back", person=person))])
        return _shown(asked, found, asked.t.text("review.of", person=person, day=_day(asked, found)))
    if typed and typed not in _FORM:
        raise RefusedError(
            "review_usage", "Write /muster review, review form, review on or review off; nothing was changed."
        )
    agent = own(asked)
    found = weekly_review.newest(asked.desk.store, agent.agent)
    if found is None:
        return message([section(asked.t.text("review.none_yet"))])
    if found.review.filled is None or typed in _FORM:
        return _form(asked, found)
    return _shown(asked, found, asked.t.text("review.own", day=_day(asked, found)), again=True)


def opened(asked: Asked) -> Form:
    """A press on the message: its form."""
    number = ReviewId(int(asked.argument)) if asked.argument.isdigit() else None
    found = weekly_review.newest(asked.desk.store, own(asked).agent, number)
    assert found is not None
    return _form(asked, found)


def chosen(asked: Asked, wanted: bool) -> Content:
    """Switched on or off, by the person alone (PS11)."""
    weekly_review.choose(asked.desk.store, own(asked).agent, wanted, now=asked.now)
    key = "review.on" if wanted else "review.off"
    return message([section(asked.t.text(key, command=code("/muster review on")))])


def team(asked: Asked) -> Content:
    """How many are back, and whose: figures are seen one by one, by a colleague's name."""
    name = team_of(asked)
    asked.need(Action.REVIEWS_COUNT, team=name)
    week = weekly_review.week_back(asked.desk.store, name)
    if week.day is None:
        return message([section(asked.t.text("review.team_none"))])
    back = week.back
    head = asked.t.text("review.back", day=asked.f.day(week.day), sent=len(week.reviews), back=len(back))
    blocks: list[Block] = [section(head)]
    if back:
        names = [f"• {asked.voice.person(r.agent)}" for r in back[:_SHOWN]]
        blocks.append(section(lines([asked.t.text("review.back_whose"), *names])))
    blocks.append(context(asked.t.text("review.back_how")))
    return message(blocks, shortened=asked.t.text("message.shortened"))


def words(asked: Asked) -> Content:
    """The agreed words and steps for a type of contact, with the press that proposes better ones (SR5)."""
    kind = asked.argument
    label = asked.voice.label("type", kind)
    known, locale = known_snippets(asked), asked.t.locale.replace("Hant", "Hans")
    found = [
        one
        for sort in SnippetKind
        if (one := find(known, kind, locale, sort) or find(known, label, locale, sort)) is not None
    ]
    today = asked.f.local_day(asked.now)
    blocks: list[Block] = [
        block for one in found for block in snippets.snippet(one, asked.voice, today=today)
    ]
    if not found:
        blocks = [section(asked.t.text("review.no_words", type=label))]
    begin = found[0].key if found else kind.replace("_", "-")
    propose = button(asked.t.text("kb.button.propose"), action=proposals.PROPOSE, value=begin)
    return message([*blocks, actions("review-words", propose)], shortened=asked.t.text("message.shortened"))


def shift_chosen(asked: Asked, wanted: bool) -> Content:
    """What each shift was about: switched on or off, by the person alone."""
    shift_review.choose(asked.desk.store, own(asked).agent, wanted, now=asked.now)
    key = "review.shift_on" if wanted else "review.shift_off"
    return message([section(asked.t.text(key, command=code("/muster review shift on")))])


def submitted(asked: Asked) -> Content:
    """What stands in the form."""
    number = ReviewId(int(json.loads(asked.metadata)["review"]))
    found = weekly_review.send_back(
        asked.desk.store,
        asked.desk.settings,
        number,
        agent=own(asked).agent,
        figures={name: as_text(asked.fields.get(name)) for name in FIGURES},
        points=as_words(asked.fields.get("points")),
        goal=as_text(asked.fields.get("goal")),
        now=asked.now,
    )
    asked.desk.nudge()
    return _shown(asked, found, asked.t.text("review.saved"))


def _form(asked: Asked, found: OpenReview) -> Form:
    t = asked.t
    return Form(
        callback=CALLBACK,
        title=t.text("review.form.title"),
        submit=t.text("review.form.save"),
        close=t.text("form.close"),
        blocks=look.fields(found.review, found.outcomes, asked.voice),
        metadata=json.dumps({"review": found.review.review}),
    )


def _shown(asked: Asked, found: OpenReview, head: str, *, again: bool = False) -> Content:
    blocks = look.filled(found.review, found.outcomes, asked.voice, head=head)
    if again:
        change = button(
            asked.t.text("review.button.change"), action=look.OPEN, value=str(found.review.review)
        )
        blocks.append(actions("review-own", change))
    blocks.append(context(asked.t.text("review.who_sees")))
    return message(blocks, shortened=asked.t.text("message.shortened"))


def _day(asked: Asked, found: OpenReview) -> str:
    return asked.f.day(found.review.day)


BUTTONS: Final[Mapping[str, Callable[[Asked], Content | Form | None]]] = {
    look.OPEN: opened,
    look.OFF: lambda asked: chosen(asked, False),
    look.WORDS: words,
    look.SHIFT_OFF: lambda asked: shift_chosen(asked, False),
}

REVIEW: Final = Subcommand(
    name="review",
    answer=review,
    aliases=("selfreview", "自评", "周自评"),
    usage="[form | on | off | shift on | shift off]",
    lead_usage="[form | on | off | shift on | shift off | team | @name]",
    action=Action.OWN_SHIFTS,
    group="shifts",
)
"""Subcommand of /muster."""
