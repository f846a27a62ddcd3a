"""/muster wish and fair: wishes and how often they were kept, and counts beside the team's (A15, A16)."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from bot.core.errors import RefusedError
from bot.core.permissions import Action
from bot.core.wishes import StandingWish, read_wish
from bot.slack.blocks.kit import Content, code, context, lines, message, section
from bot.slack.commands.command import Asked, Subcommand
from bot.slack.commands.named import colleague, without_mentions
from bot.slack.commands.swap import own
from bot.usecases import agent_wishes
from bot.usecases.agent_wishes import Granted

__all__ = ["WISH_COMMANDS"]

_DROP: Final = frozenset({"drop", "remove", "withdraw", "delete", "撤回", "删除"})


def wish(asked: Asked) -> Content:
    """Without words the list; ``drop NUMBER`` takes one back; anything else is a wish."""
    agent = own(asked)
    word, _, rest = asked.argument.strip().partition(" ")
    if not word:
        return _list(asked)
    if word.casefold() in _DROP:
        number = rest.strip().lstrip("#")
        if not number.isdigit() or len(number) > 15:
            raise RefusedError("no_wish", "that is no number of a wish; nothing was changed.", number=0)
        agent_wishes.withdraw(asked.desk.store, agent.agent, int(number), now=asked.now)
        return message([section(asked.t.text("wish.dropped", number=number))])
    other = colleague(asked, asked.argument)
    made = read_wish(
        without_mentions(asked.argument),
        colleague=None if other is None else other.agent,
        today=asked.f.local_day(asked.now),
    )
    if other is not None and other.agent == agent.agent:
        raise RefusedError("wish_not_understood", "that is yourself; nothing was kept.")
    held = agent_wishes.add(asked.desk.store, asked.desk.settings, agent, made, now=asked.now)
    text = asked.t.text("wish.kept", wish=_words(asked, held.wish), number=held.number)
    return message([section(text), context(asked.t.text("wish.hint"))])


def _list(asked: Asked) -> Content:
    agent = own(asked)
    found = agent_wishes.granted(asked.desk.store, asked.desk.settings, [agent], now=asked.now)
    if not found:
        return message([section(asked.t.text("wish.none")), context(asked.t.text("wish.examples"))])
    rows = [_row(asked, one) for one in found]
    title = asked.t.plural("wish.list", len(rows))
    return message([section(title), section(lines(rows)), context(asked.t.text("wish.hint"))])


def _row(asked: Asked, one: Granted) -> str:
    key = "wish.row_new" if not one.times else "wish.row"
    return asked.t.text(
        key,
        number=code(str(one.standing.number)),
        wish=_words(asked, one.standing.wish),
        kept=asked.f.number(one.kept),
        times=asked.f.number(one.times),
    )


def _words(asked: Asked, wish: StandingWish) -> str:
    """A wish as people say it."""
    if wish.day is not None:
        days = asked.f.day(wish.day)
    else:
        today = asked.f.local_day(asked.now)
        monday = today - timedelta(days=today.weekday())
        names = [asked.f.weekday(monday + timedelta(days=n)) for n in sorted(wish.weekdays)]
        days = asked.f.join(names)
    key = f"wish.kind.{wish.kind.value}"
    if wish.kind.value == "with":
        key += "_days" if days else ""
        return asked.t.text(key, days=days, person=asked.voice.person(wish.colleague or ""))
    return asked.t.text(key, days=days)


def fair(asked: Asked) -> Content:
    """The person's own counts beside the team's range; nobody else's."""
    agent = own(asked)
    found = agent_wishes.fairness(asked.desk.store, asked.desk.settings, agent, now=asked.now)
    counts = found.own.get(agent.agent)
    if counts is None or not found.ranges:
        return message([section(asked.t.text("fair.nothing"))])
    rows = []
    for name, held in found.ranges.items():
        rows.append(
            asked.t.text(
                f"fair.{name}",
                own=asked.f.number(getattr(counts, name)),
                least=asked.f.number(held.least),
                median=asked.f.number(held.median, decimals=1),
                most=asked.f.number(held.most),
            )
        )
    title = asked.t.plural("fair.title", found.weeks)
    return message([section(title), section(lines(rows)), context(asked.t.text("fair.note"))])


WISH_COMMANDS = (
    Subcommand(
        name="wish",
        answer=wish,
        aliases=("wishes", "愿望", "意愿"),
        usage="[WISH | drop NUMBER]",
        group="shifts",
        action=Action.OWN_SHIFTS,
    ),
    Subcommand(
        name="fair", answer=fair, aliases=("fairness", "公平"), group="shifts", action=Action.OWN_SHIFTS
    ),
)
"""Subcommands of /muster."""
