"""Snippets as they are read in Slack: words to copy, steps to follow, their version and date."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Final

from slack_sdk.models.blocks import Block

from bot.core.knowledge import Snippet, SnippetKind
from bot.slack.blocks.kit import as_written, context, escape, lines, section
from bot.slack.blocks.voice import Voice

__all__ = ["listed", "phrase", "snippet", "words"]

_HEADING: Final = re.compile(r"^#{1,6}\s+(.*)$")
_TEXT: Final = 2_600
_SHOWN: Final = 40


def snippet(found: Snippet, voice: Voice, *, today: date) -> list[Block]:
    """Title, the text, and from when it is; says where it is in another language or old."""
    t = voice.t
    if found.kind is SnippetKind.PHRASE:
        # A fence copies whole, without the signs of markup.
        body = section(f"```{as_written(found.text[:_TEXT].replace('```', ''))}```")
    else:
        body = section(_mrkdwn(found.text))
    head = t.text("say.title", title=escape(found.title))
    if found.minutes is not None:
        head += t.plural("say.takes", found.minutes)
    notes = [t.text("say.version", version=escape(found.version), day=voice.f.day(found.dated, year=True))]
    if found.locale != t.locale.replace("Hant", "Hans"):
        notes.append(t.text("say.other_language"))
    if found.is_stale(today, voice.settings.knowledge.stale_after):
        notes.append(t.text("say.stale"))
    return [section(head), body, context(*notes)]


def words(text: str) -> Block:
    """Words as they are, to copy."""
    return section(f"```{as_written(text[:_TEXT].replace('```', ''))}```")


def phrase(key: str, text: str) -> Block:
    """One's own phrase, to copy."""
    return section(f"*{escape(key)}*\n```{as_written(text.replace('```', ''))}```")


def listed(snippets: Sequence[Snippet], kind: SnippetKind, voice: Voice) -> list[Block]:
    """One line for each key, in the reader's language where there is one."""
    t, own = voice.t, voice.t.locale.replace("Hant", "Hans")
    by_key: dict[str, Snippet] = {}
    for one in snippets:
        if one.kind is kind and (one.key not in by_key or one.locale == own):
            by_key[one.key] = one
    rows = [
        t.text("say.row", key=escape(key), title=escape(one.title)) for key, one in sorted(by_key.items())
    ]
    head = t.plural(f"say.list.{kind.value}", len(rows))
    if not rows:
        return [section(head)]
    return [section(head), section(lines(rows[:_SHOWN]))]


def _mrkdwn(text: str) -> str:
    """Markdown as Slack has it: headings in bold; the rest reads the same in both."""
    rows = []
    for row in text[:_TEXT].splitlines():
        heading = _HEADING.match(row)
        rows.append(as_written(row) if heading is None else f"*{escape(heading[1], 200)}*")
    return "\n".join(rows).replace("**", "*")
