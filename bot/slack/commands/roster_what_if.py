"""`/roster what-if minus @name, target chat=45s, +35%`: a roster as it would be (SCENARIOS P6).

Answered at once with the cover; the chances of the peaks are for the command line.  To follow a certificate
in one message takes rows of a run and of the outbox, and a what-if writes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from bot.core.errors import RefusedError
from bot.core.ids import AgentId
from bot.core.people import Agent
from bot.core.permissions import Action
from bot.core.rosters import RosterStatus
from bot.core.what_if import Question, read_campaign, read_target, read_volume
from bot.core.what_if_phrases import Part, Sort, parts
from bot.reports.what_if_text import as_command, assumed, gap, notes, pair
from bot.slack.blocks.certificates import week_of
from bot.slack.blocks.kit import Content, code, context, escape, lines, message, section
from bot.slack.commands.command import Asked, Subcommand
from bot.slack.commands.named import colleague
from bot.slack.commands.roster_publish import meant
from bot.usecases.what_if import WhatIf, person_named, work_out

__all__ = ["WHAT_IF"]

_SHOWN: Final = 6
_NAME_WORDS: Final = 4
_ROSTER: Final = re.compile(r"(\d+|\d{4}-W\d{1,2})(?=[\s,，]|$)(?!\s*[%％])[\s,，]*", re.IGNORECASE)
_USAGE: Final = "/roster what-if minus @name, target chat=45s, +35%"


def what_if(asked: Asked) -> Content:
    """Of the roster or week named first, else of the newest draft, else of the live roster."""
    typed = asked.argument.strip()
    named = _ROSTER.match(typed)
    wanted = typed if named is None else typed[named.end() :]
    asked_for = parts(wanted)
    if not asked_for:
        raise RefusedError("what_if_usage", f"Write {_USAGE}; nothing was worked out.", usage=_USAGE)
    version = meant(asked, prefer=RosterStatus.DRAFT, typed="" if named is None else named[1])
    period = version.roster.period
    today = asked.f.local_day(asked.now)
    texts = {sort: [part.text for part in asked_for if part.sort is sort] for sort in Sort}
    question = Question(
        minus=_people(asked, [part for part in asked_for if part.sort is Sort.MINUS]),
        targets=tuple(read_target(text) for text in texts[Sort.TARGET]),
        volumes=tuple(read_volume(text, today, since=period.first) for text in texts[Sort.VOLUME]),
        campaigns=tuple(read_campaign(text) for text in texts[Sort.CAMPAIGN]),
    )
    found = work_out(asked.desk.store, asked.desk.settings, version.roster_id, question)
    t, f = asked.t, asked.f
    head = t.text(
        "what_if.title", roster=version.roster_id, week=week_of(period.first, period.days, asked.voice)
    )
    said = assumed(found, t, f, person=asked.desk.names, shown=escape)
    zone = asked.voice.zone_note([e.queue for e in found.effects])
    small = [
        *notes(found, t, f, escape),
        t.text("what_if.note.certify", command=code(as_command(found), limit=300)),
        *([] if zone is None else [zone]),
    ]
    blocks = [
        section(lines([head, *(f"• {line}" for line in said)])),
        section(lines(_cover(asked, found))),
        context(*small),
    ]
    return message(blocks, shortened=t.text("message.shortened"))


def _cover(asked: Asked, found: WhatIf) -> list[str]:
    t, f = asked.t, asked.f
    if not found.required_known:
        return [t.text("planner.diff.no_requirement")]
    rows = []
    for one in found.effects:
        key = "what_if.row_needed" if one.remade else "planner.diff.cover"
        rows.append(
            t.text(
                key,
                queue=escape(one.queue),
                missing=pair(one.before, one.after, "missing", f),
                **({"needed": pair(one.before, one.after, "needed", f)} if one.remade else {}),
            )
        )
    rows += ["• " + gap(opened, t, f, escape) for opened in found.opened[:_SHOWN]]
    if len(found.opened) > _SHOWN:
        rows.append(t.text("planner.more", more=len(found.opened) - _SHOWN))
    return rows if found.opened else [*rows, t.text("what_if.none_opened")]


def _people(asked: Asked, named: Sequence[Part]) -> tuple[AgentId, ...]:
    """Whom the words name: mentions, ids, and names of several words, the longest that fits first."""
    if not named:
        return ()
    with asked.desk.store.read() as uow:
        people = uow.people.all()
    found: list[AgentId] = []
    for part in named:
        words = list(part.words)
        while words:
            mentioned = colleague(asked, words[0])
            if mentioned is not None:
                found.append(mentioned.agent)
                del words[0]
                continue
            person, used = _longest(people, words)
            found.append(person.agent)
            del words[:used]
    return tuple(dict.fromkeys(found))


def _longest(people: Sequence[Agent], words: Sequence[str]) -> tuple[Agent, int]:
    """Raises RefusedError with the first word where nothing that begins with it is a name."""
    for count in range(min(len(words), _NAME_WORDS), 1, -1):
        try:
            return person_named(people, " ".join(words[:count])), count
        except RefusedError:
            continue
    return person_named(people, words[0]), 1


WHAT_IF = Subcommand(
    name="what-if",
    answer=what_if,
    aliases=("whatif", "假设", "如果"),
    usage="minus @NAME, target QUEUE=45s, +35%",
    action=Action.ROSTER_PLAN,
)
