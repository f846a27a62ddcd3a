"""/muster say and guide: agreed words, steps to follow, a check of one's own words and phrases (A4, KN6)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from bot.core.errors import NotFoundError, RefusedError
from bot.core.knowledge import Snippet, SnippetKind, find, nearest
from bot.core.knowledge_proposals import served
from bot.core.permissions import Action
from bot.imports.knowledge import read_folder, shipped
from bot.slack.blocks import snippets as look
from bot.slack.blocks.kit import Content, code, context, message, section
from bot.slack.blocks.promises import warnings
from bot.slack.commands.command import Asked, Subcommand
from bot.slack.commands.swap import own
from bot.usecases import propose_knowledge

__all__ = ["KNOWLEDGE_COMMANDS", "known_snippets"]

_MINE: Final = frozenset({"--mine", "mine", "我的"})
_ADD: Final = frozenset({"add", "添加", "新增"})
_REMOVE: Final = frozenset({"remove", "delete", "删除"})
_CHECK: Final = frozenset({"check", "检查"})
_LANGUAGES: Final = {"en": "en", "english": "en", "英文": "en", "zh": "zh-Hans", "中文": "zh-Hans"}


def say(asked: Asked) -> Content:
    """Without words the list; a key, title or word; ``check`` and one's own words."""
    word, _, rest = asked.argument.strip().partition(" ")
    if word.casefold() in _CHECK:
        return _checked(asked, rest)
    if word.casefold() in _MINE:
        return _mine(asked, rest)
    return _shown(asked, SnippetKind.PHRASE)


def guide(asked: Asked) -> Content:
    """The steps for a kind of request."""
    return _shown(asked, SnippetKind.GUIDE)


def _shown(asked: Asked, kind: SnippetKind) -> Content:
    known = known_snippets(asked)
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


def known_snippets(asked: Asked) -> tuple[Snippet, ...]:
    """The pack of files, with what keepers accepted since."""
    settings = asked.desk.settings
    folder = settings.knowledge.folder
    files = shipped() if folder is None else read_folder(Path(folder))
    return served(files.snippets, propose_knowledge.accepted(asked.desk.store), settings.zone)


def _mine(asked: Asked, text: str) -> Content:
    """KN6: one's own phrases, seen by nobody else; ``add KEY TEXT`` and ``remove KEY``."""
    agent = own(asked)
    doing, _, rest = text.strip().partition(" ")
    key, _, words = rest.strip().partition(" ")
    store = asked.desk.store
    if doing.casefold() in _ADD:
        name = propose_knowledge.keep_phrase(
            store, asked.desk.settings, agent.agent, key, words, now=asked.now
        )
        return message([section(asked.t.text("say.mine.kept", key=code(name)))])
    if doing.casefold() in _REMOVE:
        propose_knowledge.remove_phrase(store, agent.agent, rest)
        return message([section(asked.t.text("say.mine.removed", key=code(rest.strip())))])
    with store.read() as uow:
        held = uow.own_phrases.of(agent.agent)
    wanted = {k: v for k, v in held.items() if k == text.strip().casefold()} if text.strip() else held
    if text.strip() and not wanted:
        raise NotFoundError("phrase_gone", "You have no phrase of that name; nothing was changed.")
    hint = context(asked.t.text("say.mine.hint"))
    if not wanted:
        return message([section(asked.t.text("say.mine.none")), hint])
    head = section(asked.t.plural("say.mine.list", len(held)))
    return message(
        [head, *(look.phrase(k, v) for k, v in wanted.items()), hint],
        shortened=asked.t.text("message.shortened"),
    )


KNOWLEDGE_COMMANDS: Final = (
    Subcommand(
        name="say",
        answer=say,
        aliases=("phrase", "话术", "怎么说"),
        usage="[KEY [en | zh] | check WORDS | --mine [add KEY TEXT | remove KEY]]",
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
