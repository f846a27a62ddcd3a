"""/muster say and guide: words that were agreed on, and steps to follow; a check of one's own words (A4)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from bot.core.errors import NotFoundError, RefusedError
from bot.core.knowledge import SnippetKind, find, nearest
from bot.core.permissions import Action
from bot.imports.knowledge import Knowledge, read_folder, shipped
from bot.slack.blocks import snippets as look
from bot.slack.blocks.kit import Content, context, message, section
from bot.slack.blocks.promises import warnings
from bot.slack.commands.command import Asked, Subcommand

__all__ = ["KNOWLEDGE_COMMANDS"]

_CHECK: Final = frozenset({"check", "检查"})
_LANGUAGES: Final = {"en": "en", "english": "en", "英文": "en", "zh": "zh-Hans", "中文": "zh-Hans"}


def say(asked: Asked) -> Content:
    """Without words the list; a key, title or word; ``check`` and one's own words."""
    word, _, rest = asked.argument.strip().partition(" ")
    if word.casefold() in _CHECK:
        return _checked(asked, rest)
    return _shown(asked, SnippetKind.PHRASE)


def guide(asked: Asked) -> Content:
    """The steps for a kind of request."""
    return _shown(asked, SnippetKind.GUIDE)


def _shown(asked: Asked, kind: SnippetKind) -> Content:
    known = _knowledge(asked).snippets
    wanted, locale = _language(asked)
    if not wanted:
        hint = context(asked.t.text(f"say.hint.{kind.value}"))
        return message([*look.listed(known, kind, asked.voice), hint])
    found = find(known, wanted, locale, kind) or find(known, wanted, locale)
    if found is None:
        near = nearest(known, wanted)
        raise NotFoundError(
            "no_snippet_near" if near else "no_snippet",
            f"There is no text {wanted!r}; nothing was shown. See: /muster say",
            wanted=wanted,
            near=near or "",
        )
    today = asked.f.local_day(asked.now)
    return message(look.snippet(found, asked.voice, today=today), shortened=asked.t.text("message.shortened"))


def _language(asked: Asked) -> tuple[str, str]:
    """What is asked for, and in which language: the reader's, or the one named last."""
    words = asked.argument.split()
    if len(words) > 1 and words[-1].casefold() in _LANGUAGES:
        return " ".join(words[:-1]), _LANGUAGES[words[-1].casefold()]
    return " ".join(words), asked.t.locale.replace("Hant", "Hans")


def _checked(asked: Asked, text: str) -> Content:
    """CP10: what one's own words promise too much.  They are neither stored nor repeated."""
    if not text.strip():
        raise RefusedError("say_what", "Write /muster say check and your words; nothing was checked.")
    found = warnings(text, asked.voice)
    if not found:
        return message([section(asked.t.text("say.fine"))])
    return message([section(asked.t.plural("say.found", len(found))), *(section(one) for one in found)])


def _knowledge(asked: Asked) -> Knowledge:
    folder = asked.desk.settings.knowledge.folder
    return shipped() if folder is None else read_folder(Path(folder))


KNOWLEDGE_COMMANDS: Final = (
    Subcommand(
        name="say",
        answer=say,
        aliases=("phrase", "话术", "怎么说"),
        usage="[KEY [en | zh] | check WORDS]",
        action=Action.OWN_SHIFTS,
        group="cases",
    ),
    Subcommand(
        name="guide",
        answer=guide,
        aliases=("guides", "指南", "流程"),
        usage="[KEY]",
        action=Action.OWN_SHIFTS,
        group="cases",
    ),
)
"""Subcommands of /muster."""
