"""/muster adherence: one's own, for who chose it; a lead sees those of the team who did (PS11)."""

from __future__ import annotations

from typing import Final

from bot.core.errors import RefusedError
from bot.core.permissions import Action
from bot.slack.blocks.kit import Content, context, lines, message, section
from bot.slack.commands.command import Asked, Subcommand
from bot.slack.commands.named import colleague
from bot.slack.commands.swap import own
from bot.usecases import own_adherence

__all__ = ["ADHERENCE"]

_ON: Final = frozenset({"on", "开启"})
_OFF: Final = frozenset({"off", "关闭"})
USUAL: Final = 7
LONGEST: Final = 56
_SHOWN: Final = 14


def adherence(asked: Asked) -> Content:
    """``on`` and ``off`` choose; a number of days, alone or after a colleague's name, says how far back."""
    words = asked.argument.strip().casefold()
    if words in _ON:
        own_adherence.begin(asked.desk.store, own(asked).agent, now=asked.now)
        return message([section(asked.t.text("adherence.on")), context(asked.t.text("adherence.how"))])
    if words in _OFF:
        ended = own_adherence.end(asked.desk.store, own(asked).agent, now=asked.now)
        return message([section(asked.t.text("adherence.off" if ended else "adherence.none"))])
    other = colleague(asked, asked.argument)
    agent = own(asked) if other is None else other
    asked.need(Action.PERSONAL_FIGURES, person=agent)
    seen = own_adherence.seen(asked.desk.store, agent, days=_days(asked), now=asked.now)
    if seen is None:
        key = "adherence.none" if other is None else "adherence.not_chosen"
        return message([section(asked.t.text(key, person=asked.voice.person(agent.agent)))])
    t, f, found = asked.t, asked.f, seen.found
    if found.share is None:
        head = t.text("adherence.nothing", since=f.day(f.local_day(seen.since)))
        return message([section(head), context(t.text("adherence.how"))])
    head = t.plural(
        "adherence.share",
        len(found.days),
        person=asked.voice.person(agent.agent),
        share=f.percent(found.share),
        since=f.day(f.local_day(seen.since)),
    )
    rows = [
        t.text(
            "adherence.day",
            day=f.day(one.day),
            share=f.percent(one.kept / one.counted),
            kept=f.duration(one.kept.total_seconds()),
            counted=f.duration(one.counted.total_seconds()),
        )
        for one in found.days[-_SHOWN:]
    ]
    notes = [t.text("adherence.how")]
    if found.silent:
        notes.append(t.plural("adherence.silent", found.silent))
    return message([section(head), section(lines(rows)), context(*notes)])


def _days(asked: Asked) -> int:
    words = [w for w in asked.argument.split() if not w.startswith("<@")]
    if not words:
        return USUAL
    if len(words) == 1 and words[0].isascii() and words[0].isdigit() and 0 < int(words[0][:9]) <= LONGEST:
        return int(words[0])
    raise RefusedError(
        "adherence_usage",
        f"Write /muster adherence on, off, or a number of days up to {LONGEST}; nothing was changed.",
        longest=LONGEST,
    )


ADHERENCE = Subcommand(
    name="adherence",
    answer=adherence,
    aliases=("遵时", "遵守率"),
    usage="[on | off | DAYS]",
    lead_usage="[on | off | [@name] DAYS]",
    action=Action.OWN_SHIFTS,
    group="shifts",
)
"""Subcommand of /muster."""
